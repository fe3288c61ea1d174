"""Real pictures and voices, from a camera of Home Assistant's to an Echo Show."""
