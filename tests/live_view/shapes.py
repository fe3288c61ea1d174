"""Offers and answers in the shapes that Alexa and cameras are known to send.

Their addresses are those of documentation and of this very machine.
"""

FINGERPRINT = "sha-256 " + ":".join(["A1"] * 32)
PASSWORD = "iceiceiceiceiceiceiceice"
ECHO_PASSWORD = "echoechoechoechoechoecho"


def crlf(text: str) -> str:
    """The text with the ends of lines that the standard wants."""
    return text.replace("\n", "\r\n")


_ECHO_LINES = f"""\
c=IN IP4 192.0.2.52
a=rtcp:9 IN IP4 0.0.0.0
a=candidate:1 1 UDP 2013266431 192.0.2.52 40001 typ host
a=candidate:2 1 TCP 1019216383 192.0.2.52 9 typ host tcptype active
a=candidate:3 2 UDP 2013266430 192.0.2.52 40002 typ host
a=candidate:4 1 TCP 1015022079 192.0.2.52 40003 typ host tcptype passive
a=setup:actpass
a=rtcp-mux
a=ice-ufrag:echo
a=ice-pwd:{ECHO_PASSWORD}
a=fingerprint:{FINGERPRINT}
a=sendrecv
"""
AUDIO_OFFERED = f"""\
m=audio 40001 UDP/TLS/RTP/SAVPF 96 0 8
{_ECHO_LINES}a=mid:audio0
a=rtpmap:96 opus/48000/2
a=ssrc:1 cname:echo
"""
VIDEO_OFFERED = f"""\
m=video 40001 UDP/TLS/RTP/SAVPF 99
b=AS:2500
{_ECHO_LINES}a=mid:video0
a=rtpmap:99 H264/90000
a=rtcp-fb:99 nack
a=rtcp-fb:99 nack pli
a=rtcp-fb:99 ccm fir
"""
SESSION_OFFERED = """\
v=0
o=- 3747 3747 IN IP4 0.0.0.0
s=a 2 z
c=IN IP4 0.0.0.0
t=0 0
"""
BOTH = "a=group:BUNDLE audio0 video0\n"
DATA_CHANNEL = "m=application 40001 UDP/DTLS/SCTP webrtc-datachannel\na=mid:data0\n"
OFFER = crlf(SESSION_OFFERED + BOTH + AUDIO_OFFERED + VIDEO_OFFERED)
AUDIO_ONLY = crlf(SESSION_OFFERED + "a=group:BUNDLE audio0\n" + AUDIO_OFFERED)
H265_ONLY = OFFER.replace("H264", "H265")

_CAMERA_LINES = f"""\
c=IN IP4 0.0.0.0
a=setup:active
a=ice-ufrag:cam
a=ice-pwd:{PASSWORD}
a=rtcp-mux
a=rtcp-rsize
"""
AUDIO_ANSWERED = f"""\
m=audio 9 UDP/TLS/RTP/SAVPF 96
{_CAMERA_LINES}a=mid:audio0
a=rtpmap:96 opus/48000/2
a=sendonly
"""
VIDEO_ANSWERED = f"""\
m=video 9 UDP/TLS/RTP/SAVPF 99
{_CAMERA_LINES}a=mid:video0
a=rtpmap:99 H264/90000
a=fmtp:99 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
a=sendonly
"""
SESSION_ANSWERED = f"""\
v=0
o=- 99 2 IN IP4 0.0.0.0
s=-
t=0 0
a=fingerprint:{FINGERPRINT}
a=group:BUNDLE audio0 video0
"""
# As go2rtc answers: no candidate, they follow one by one.
ANSWER = crlf(SESSION_ANSWERED + AUDIO_ANSWERED + VIDEO_ANSWERED)
VOICE_ONLY_ANSWER = crlf(SESSION_ANSWERED + AUDIO_ANSWERED.replace("sendonly", "sendrecv"))

HOST = "candidate:10 1 udp 2130706431 127.0.0.5 8555 typ host ufrag cam"
TCP_HOST = "candidate:11 1 tcp 1671430143 127.0.0.5 18555 typ host tcptype passive ufrag cam"
IPV6_HOST = "candidate:12 1 udp 2130706431 2001:db8::5 8555 typ host ufrag cam"
REFLEXIVE = (
    "candidate:13 1 udp 1694498815 192.0.2.7 50007 typ srflx raddr 0.0.0.0 rport 50007 ufrag cam"
)
RELAYED = "candidate:14 1 udp 16777215 192.0.2.8 50008 typ relay raddr 192.0.2.7 rport 50007"
