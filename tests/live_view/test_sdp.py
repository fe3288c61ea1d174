"""Tests of offers and answers: who may send what, and what has to be in them."""

import re
from typing import Any

import pytest

from custom_components.alexa_doorbell.doorbells.cameras import Hindrance
from custom_components.alexa_doorbell.live_view.candidates import Candidate, read_candidate
from custom_components.alexa_doorbell.live_view.exceptions import (
    CameraError,
    InvalidOfferError,
    NoVoiceError,
)
from custom_components.alexa_doorbell.live_view.sdp import (
    LONGEST_OFFER,
    Description,
    complete_answer,
    only_to_echo,
    read_answer,
    read_offer,
)

from .shapes import (
    ANSWER,
    AUDIO_ANSWERED,
    AUDIO_OFFERED,
    AUDIO_ONLY,
    BOTH,
    DATA_CHANNEL,
    H265_ONLY,
    HOST,
    IPV6_HOST,
    OFFER,
    REFLEXIVE,
    RELAYED,
    SESSION_ANSWERED,
    SESSION_OFFERED,
    TCP_HOST,
    VIDEO_ANSWERED,
    VIDEO_OFFERED,
    VOICE_ONLY_ANSWER,
    crlf,
)

DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
END = "a=end-of-candidates"


def parsed(sdp: str) -> Description:
    """An SDP that is one."""
    description = Description.read(sdp)
    assert description is not None
    return description


def candidate(text: str, **place: Any) -> Candidate:
    """A candidate that can be used."""
    read = read_candidate(text, **place)
    assert read is not None
    return read


def directions(sdp: Description) -> dict[str, str]:
    """The direction of each section."""
    return {media.kind: media.direction for media in sdp.media}


def sections(sdp: str) -> list[list[str]]:
    """The lines of each section, those above the first one left out."""
    return [section.split("\r\n") for section in sdp.removesuffix("\r\n").split("\r\nm=")[1:]]


@pytest.mark.parametrize(
    "offer",
    [
        pytest.param(OFFER, id="CRLF"),
        pytest.param(OFFER.replace("\r\n", "\n"), id="LF"),
        pytest.param(OFFER.replace("\r\n", "\r"), id="CR"),
        pytest.param(crlf(SESSION_OFFERED + VIDEO_OFFERED + AUDIO_OFFERED), id="video first"),
    ],
)
def test_an_offer_of_alexa_reaches_the_camera_with_nothing_but_its_directions_changed(
    offer: str,
) -> None:
    asked = only_to_echo(read_offer(offer, talk=False), talk=False)

    assert directions(asked) == {"audio": "recvonly", "video": "recvonly"}
    unchanged = crlf(offer.replace("\r\n", "\n").replace("\r", "\n")).splitlines()
    left, kept = asked.text.splitlines(), [each for each in unchanged if each != "a=sendrecv"]
    assert [each for each in left if each != "a=recvonly"] == kept
    assert asked.text.endswith("\r\n")


def test_with_talk_only_the_picture_goes_one_way() -> None:
    asked = only_to_echo(read_offer(OFFER, talk=True), talk=True)

    assert directions(asked) == {"audio": "sendrecv", "video": "recvonly"}


@pytest.mark.parametrize("said", DIRECTIONS)
@pytest.mark.parametrize("place", ["in the section", "above all", "carelessly"])
def test_no_way_of_saying_it_lets_the_microphone_reach_the_camera(said: str, place: str) -> None:
    offer = OFFER.replace("a=sendrecv\r\n", "")
    if place == "above all":
        offer = offer.replace("s=a 2 z\r\n", f"s=a 2 z\r\na={said}\r\n")
    else:
        line = f"a= {said.upper()} " if place == "carelessly" else f"a={said}"
        offer = offer.replace("a=rtcp-mux", f"{line}\r\na=rtcp-mux")

    asked = only_to_echo(read_offer(offer, talk=False), talk=False)

    gets = "recvonly" if said in {"sendrecv", "recvonly"} else "inactive"
    assert directions(asked) == {"audio": gets, "video": gets}
    assert [f"a={gets}" in section for section in sections(asked.text)] == [True, True]
    assert "SEND" not in asked.text


@pytest.mark.parametrize(
    "way",
    [
        pytest.param("a=sendrecv:1", id="with a value"),
        pytest.param("a=SENDRECV 1", id="with more behind it"),
        pytest.param("a=\tSendRecv:", id="carelessly with a value"),
        pytest.param("a=note:1\x0ba=sendrecv", id="behind a vertical tab"),
        pytest.param("a=note:1\u2028a=sendrecv", id="behind a line separator"),
    ],
)
@pytest.mark.parametrize("place", ["c=IN", "s=a 2 z"], ids=["in the sections", "above all"])
def test_no_reader_finds_a_direction_for_the_microphone(way: str, place: str) -> None:
    offer = OFFER.replace(place, f"{way}\r\n{place}")

    asked = only_to_echo(read_offer(offer, talk=False), talk=False)

    assert not re.search(r"a=\s*send", asked.text, re.IGNORECASE)
    assert directions(asked) == {"audio": "recvonly", "video": "recvonly"}


def test_each_of_several_voices_is_kept_from_the_camera() -> None:
    bundle_only = (
        AUDIO_OFFERED.replace("audio0", "audio1")
        .replace("audio 40001", "audio 0")
        .replace("a=sendrecv", "a=bundle-only")
    )
    offer = OFFER + crlf(bundle_only)

    asked = only_to_echo(read_offer(offer, talk=False), talk=False)

    assert [each.direction for each in asked.media] == ["recvonly"] * 3
    assert "a=send" not in asked.text


def test_of_several_directions_in_one_section_only_one_is_left() -> None:
    offer = OFFER.replace("a=sendrecv", "a=recvonly\r\na=sendrecv\r\na=sendonly")

    asked = only_to_echo(read_offer(offer, talk=False), talk=False)

    assert asked.text.count("a=recvonly") == 2
    assert "a=send" not in asked.text


def test_a_section_without_a_direction_offers_both_ways() -> None:
    asked = only_to_echo(read_offer(OFFER.replace("a=sendrecv\r\n", ""), talk=False), talk=False)

    assert directions(asked) == {"audio": "recvonly", "video": "recvonly"}
    assert asked.text.count("a=recvonly") == 2


def test_a_data_channel_stays_as_it_is() -> None:
    offer = read_offer(OFFER + crlf(DATA_CHANNEL), talk=False)

    assert only_to_echo(offer, talk=False).text.endswith(crlf(DATA_CHANNEL))


@pytest.mark.parametrize(
    "offer",
    [
        pytest.param("", id="empty"),
        pytest.param("hello", id="no SDP"),
        pytest.param(crlf(SESSION_OFFERED), id="no m-line"),
        pytest.param(crlf(SESSION_OFFERED + DATA_CHANNEL), id="only a data channel"),
        pytest.param(OFFER.replace("v=0", "v=1"), id="another version"),
        pytest.param(OFFER.replace("a=mid", "\x00a=mid"), id="NULs"),
        pytest.param(OFFER.replace("a 2 z", "a\x002 z"), id="NULs within lines"),
        pytest.param(OFFER + "and so on", id="a line that is none"),
        pytest.param(OFFER.replace("a=sendrecv", "A=sendrecv"), id="a line of no known type"),
        pytest.param(H265_ONLY, id="H.265 only"),
        pytest.param(OFFER + "a=" + "x" * LONGEST_OFFER, id="too long"),
    ],
)
def test_what_is_no_offer_that_can_be_shown_is_refused(offer: str) -> None:
    with pytest.raises(InvalidOfferError):
        read_offer(offer, talk=True)


def test_an_offer_may_have_32_kb_and_no_byte_more() -> None:
    room = LONGEST_OFFER - len(OFFER) - len("a=\r\n")
    longest = f"{OFFER}a={'x' * room}\r\n"

    assert len(read_offer(longest, talk=False).media) == 2
    with pytest.raises(InvalidOfferError):
        read_offer(longest.replace("xx", "xxx", 1), talk=False)
    with pytest.raises(InvalidOfferError):
        read_offer(longest.replace("x", "é", 1), talk=False)


def test_an_offer_of_a_voice_alone_needs_talk() -> None:
    assert len(read_offer(AUDIO_ONLY, talk=True).media) == 1
    with pytest.raises(NoVoiceError):
        read_offer(AUDIO_ONLY, talk=False)


REFUSED = VIDEO_OFFERED.replace("m=video 40001", "m=video 0")


@pytest.mark.parametrize(
    "video",
    [
        pytest.param(REFUSED, id="refused"),
        pytest.param(VIDEO_OFFERED.replace("sendrecv", "inactive"), id="inactive"),
        pytest.param(VIDEO_OFFERED.replace("sendrecv", "sendonly"), id="only to be sent"),
    ],
)
def test_a_picture_that_nobody_wants_is_none(video: str) -> None:
    offered = crlf(SESSION_OFFERED + AUDIO_OFFERED + video)
    answered = crlf(
        SESSION_ANSWERED + AUDIO_ANSWERED + VIDEO_ANSWERED.replace("sendonly", "inactive")
    )

    with pytest.raises(NoVoiceError):
        read_offer(offered, talk=False)
    offer = read_offer(offered, talk=True)
    assert read_answer(answered, offer=offer, talk=True).codecs == ["OPUS"]


def test_a_picture_that_comes_along_with_a_voice_has_no_port() -> None:
    offer = crlf(SESSION_OFFERED + BOTH + AUDIO_OFFERED + REFUSED + "a=bundle-only\n")

    assert read_offer(offer, talk=False).pictures


def test_an_answer_is_read_with_its_codecs() -> None:
    answer = read_answer(ANSWER, offer=parsed(OFFER), talk=False)

    assert answer.codecs == ["OPUS", "H264"]
    assert not answer.is_complete


def test_a_codec_that_needs_no_rtpmap_is_known() -> None:
    answer = ANSWER.replace("SAVPF 96", "SAVPF 0").replace("a=rtpmap:96 opus/48000/2\r\n", "")

    assert read_answer(answer, offer=parsed(OFFER), talk=False).codecs == ["PCMU", "H264"]


@pytest.mark.parametrize(
    ("said", "talk", "heard"),
    [
        ("sendrecv", False, "sendonly"),
        ("recvonly", False, "inactive"),
        ("sendonly", False, "sendonly"),
        ("sendrecv", True, "sendrecv"),
    ],
)
def test_an_echo_is_told_to_send_a_voice_only_with_talk(said: str, talk: bool, heard: str) -> None:
    answer = ANSWER.replace("a=sendonly", f"a={said}", 1)

    read = read_answer(answer, offer=parsed(OFFER), talk=talk)

    assert directions(read) == {"audio": heard, "video": "sendonly"}


@pytest.mark.parametrize(
    ("answer", "hindrance"),
    [
        pytest.param("hello", Hindrance.FAILED, id="no SDP"),
        pytest.param(VOICE_ONLY_ANSWER, Hindrance.FAILED, id="fewer sections"),
        pytest.param(ANSWER + crlf(DATA_CHANNEL), Hindrance.FAILED, id="more sections"),
        pytest.param(
            ANSWER.replace("a=fingerprint", "a=print"), Hindrance.FAILED, id="no fingerprint"
        ),
        pytest.param(ANSWER.replace("a=ice-ufrag", "a=u"), Hindrance.FAILED, id="no ufrag"),
        pytest.param(ANSWER.replace("a=ice-pwd", "a=p"), Hindrance.FAILED, id="no password"),
        pytest.param(ANSWER.replace("m=video 9", "m=video 0"), Hindrance.NO_H264, id="refused"),
        pytest.param(ANSWER.replace("sendonly", "inactive"), Hindrance.NO_H264, id="inactive"),
        pytest.param(ANSWER.replace("sendonly", "recvonly"), Hindrance.NO_H264, id="only taking"),
        pytest.param(ANSWER.replace("H264", "H265"), Hindrance.NO_H264, id="H.265"),
        pytest.param(ANSWER.replace("a=rtpmap:99", "a=rtpmap:98"), Hindrance.NO_H264, id="no map"),
        pytest.param(re.sub("m=video.*", "m=video", ANSWER), Hindrance.NO_H264, id="half"),
    ],
)
def test_an_answer_that_shows_nothing_is_a_failure_with_a_reason(
    answer: str, hindrance: Hindrance
) -> None:
    with pytest.raises(CameraError) as error:
        read_answer(answer, offer=parsed(OFFER), talk=False)

    assert error.value.hindrance is hindrance


def test_an_answer_to_a_voice_alone_needs_a_voice() -> None:
    offer = parsed(AUDIO_ONLY)
    assert read_answer(VOICE_ONLY_ANSWER, offer=offer, talk=True).codecs == ["OPUS"]
    with pytest.raises(CameraError):
        read_answer(VOICE_ONLY_ANSWER.replace("audio 9", "audio 0"), offer=offer, talk=True)


def test_a_whole_answer_has_its_candidates_in_the_first_section_and_their_end() -> None:
    whole = complete_answer(ANSWER, [candidate(HOST), candidate(TCP_HOST), candidate(REFLEXIVE)])

    audio, video = sections(whole)
    assert audio[-4:] == [
        "a=candidate:13 1 udp 1694498815 192.0.2.7 50007 typ srflx raddr 0.0.0.0 rport 50007",
        "a=candidate:10 1 udp 2130706431 127.0.0.5 8555 typ host",
        "a=candidate:11 1 tcp 1671430143 127.0.0.5 18555 typ host tcptype passive",
        END,
    ]
    assert not [line for line in video if "candidate" in line]
    without = [line for line in whole.split("\r\n") if "candidate" not in line]
    assert without == ANSWER.split("\r\n")


def test_a_whole_answer_stays_as_it_is() -> None:
    whole = complete_answer(ANSWER, [candidate(HOST), candidate(RELAYED, index=1)])

    assert complete_answer(whole, []) == whole
    assert parsed(whole).is_complete
    assert parsed(whole).kinds == {"host": 1, "relay": 1}


@pytest.mark.parametrize(
    ("place", "section"),
    [
        pytest.param({}, 0, id="nothing said"),
        pytest.param({"index": 1}, 1, id="an index"),
        pytest.param({"mid": "video0"}, 1, id="a mid"),
        pytest.param({"mid": "video0", "index": 0}, 1, id="a mid goes first"),
        pytest.param({"mid": "other", "index": 1}, 1, id="an unknown mid"),
        pytest.param({"index": 7}, 0, id="an index of nothing"),
    ],
)
def test_a_candidate_goes_into_the_section_that_it_names(
    place: dict[str, Any], section: int
) -> None:
    whole = sections(complete_answer(ANSWER, [candidate(HOST, **place)]))

    assert [END in lines for lines in whole] == [n == section for n in range(2)]


def test_a_section_needs_no_name_to_get_its_candidate() -> None:
    nameless = "".join(f"{line}\r\n" for line in ANSWER.split("\r\n") if line[:6] != "a=mid:")

    audio, video = sections(complete_answer(nameless, [candidate(HOST, index=1)]))

    assert END in video
    assert END not in audio


def test_a_silent_section_that_leads_the_others_has_their_candidates() -> None:
    answer = ANSWER.replace("a=sendonly", "a=inactive", 1)

    audio, video = sections(complete_answer(answer, [candidate(HOST)]))

    assert "a=inactive" in audio
    assert END in audio
    assert END not in video


def test_no_candidate_goes_into_a_section_that_was_refused() -> None:
    answer = ANSWER.replace("m=audio 9", "m=audio 0")

    audio, video = sections(complete_answer(answer, [candidate(HOST, index=0)]))

    assert END in video
    assert END not in audio


def test_a_candidate_is_in_the_answer_once() -> None:
    twice = [candidate(HOST), candidate("a=" + HOST.removesuffix(" ufrag cam"))]

    assert complete_answer(ANSWER, twice).count("a=candidate:") == 1


def test_ipv6_is_left_out_where_there_is_anything_else() -> None:
    assert "2001:db8::5" not in complete_answer(ANSWER, [candidate(IPV6_HOST), candidate(HOST)])
    assert "2001:db8::5" in complete_answer(ANSWER, [candidate(IPV6_HOST)])


def test_of_a_thousand_candidates_those_that_lead_out_are_kept() -> None:
    many = [candidate(HOST.replace("8555", str(10_000 + n))) for n in range(1000)]

    whole = parsed(complete_answer(ANSWER, [*many, candidate(REFLEXIVE)]))

    assert whole.kinds == {"srflx": 1, "host": 31}


def test_the_end_of_candidates_is_after_the_last_one_wherever_it_was() -> None:
    early = ANSWER.replace("a=mid:audio0", f"{END}\r\na={HOST}\r\na=mid:audio0")

    audio, _ = sections(complete_answer(early, []))

    assert audio.count(END) == 1
    assert audio[-1] == END


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(ANSWER, id="no candidate"),
        pytest.param("hello", id="no SDP"),
        pytest.param(
            ANSWER.replace("UDP/TLS", "0").replace("sendonly", f"inactive\r\na={HOST}"),
            id="nothing that was taken",
        ),
    ],
)
def test_an_answer_that_cannot_be_reached_is_a_failure(answer: str) -> None:
    with pytest.raises(CameraError):
        complete_answer(answer, [])


def test_nothing_of_an_sdp_shows_where_it_is_printed() -> None:
    answer = read_answer(ANSWER, offer=parsed(OFFER), talk=False)
    shown = f"{answer!r} {parsed(OFFER)!r} {candidate(REFLEXIVE)!r}"

    assert "192.0.2" not in shown
    assert "echo" not in shown
    assert "iceice" not in shown
