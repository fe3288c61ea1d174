"""What a browser says of itself becomes an offer as Alexa makes it, and its answer goes back."""

import pytest

from demo.live_view.sdp import as_alexa_offers, as_its_maker_takes, parts, with_codecs_told

KEYS = (
    "a=ice-ufrag:abcd\na=ice-pwd:x\na=ice-options:trickle\n"
    "a=fingerprint:sha-256 00:11\na=fingerprint:sha-384 22:33\na=setup:actpass\n"
)
OWN = (
    "v=0\ns=-\nt=0 0\na=group:BUNDLE 0 1\na=extmap-allow-mixed\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 0 8\nc=IN IP4 0.0.0.0\n"
    "a=candidate:7 1 udp 2113937151 4aa2-b.local 40001 typ host generation 0\n"
    f"{KEYS}a=mid:0\na=sendrecv\na=rtcp-mux\na=rtpmap:111 opus/48000/2\n"
    "a=fmtp:111 minptime=10\na=rtpmap:63 red/48000/2\na=rtpmap:0 PCMU/8000\na=rtpmap:8 PCMA/8000\n"
    "a=ssrc:1 cname:x\na=ssrc:1 msid:- y\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96 102 106\nc=IN IP4 0.0.0.0\n"
    f"{KEYS}a=mid:1\na=recvonly\na=rtcp-mux\na=rtpmap:96 VP8/90000\na=rtpmap:102 H264/90000\n"
    "a=fmtp:102 packetization-mode=0;profile-level-id=42e01f\na=rtpmap:106 H264/90000\n"
    "a=fmtp:106 packetization-mode=1;profile-level-id=42e01f\n"
).replace("\n", "\r\n")


def test_an_offer_of_alexas_names_what_is_needed_and_nothing_else() -> None:
    head, (audio, video) = parts(as_alexa_offers(OWN))

    assert head[2:] == ["s=a 2 z", "c=IN IP4 0.0.0.0", "t=0 0", "a=group:BUNDLE audio0 video0"]
    assert audio.lines == [
        "m=audio 1 UDP/TLS/RTP/SAVPF 111 0 8",
        "a=candidate:7 1 udp 2113937151 127.0.0.1 40001 typ host generation 0",
        "a=setup:actpass",
        "a=rtpmap:111 opus/48000/2",
        "a=rtcp:9 IN IP4 0.0.0.0",
        "a=rtcp-mux",
        "a=sendrecv",
        "a=mid:audio0",
        "a=ssrc:1 cname:x",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:x",
        "a=fingerprint:sha-256 00:11",
    ]
    assert video.lines == [
        "m=video 1 UDP/TLS/RTP/SAVPF 106",
        "b=AS:2500",
        "a=setup:actpass",
        "a=rtpmap:106 H264/90000",
        "a=rtcp-fb:106 nack",
        "a=rtcp-fb:106 nack pli",
        "a=rtcp-fb:106 ccm fir",
        "a=rtcp:9 IN IP4 0.0.0.0",
        "a=rtcp-mux",
        "a=sendrecv",
        "a=mid:video0",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:x",
        "a=fingerprint:sha-256 00:11",
    ]


def test_what_cannot_show_h264_is_no_echo_show() -> None:
    with pytest.raises(ValueError, match=r"H\.264"):
        as_alexa_offers(OWN.replace("42e01f", "640c1f"))


def test_what_alexa_leaves_out_is_told_to_a_library_that_needs_it() -> None:
    _, (audio, video) = parts(with_codecs_told(as_alexa_offers(OWN)))

    assert audio.names == {"111": "opus/48000/2", "0": "PCMU/8000", "8": "PCMA/8000"}
    assert video.lines[-1] == (
        "a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
    )


def test_the_answer_comes_back_in_its_makers_names() -> None:
    answer = (
        "v=0\na=group:BUNDLE audio0 video0\nm=audio 9 UDP/TLS/RTP/SAVPF 0\na=mid:audio0\n"
        "m=video 9 UDP/TLS/RTP/SAVPF 106\na=mid:video0\na=rtpmap:106 H264/90000\n"
    )

    head, (audio, video) = parts(as_its_maker_takes(answer, OWN))

    assert head == ["v=0", "a=group:BUNDLE 0 1"]
    assert (audio.mid, video.mid) == ("0", "1")
    assert audio.names == {"0": "PCMU/8000"}
