"""Real pictures and voices on loopback: a camera's door, a stand-in for go2rtc, an Echo Show."""
