"""Tests of ICE candidates: which can be used, and which lead out of the home."""

import pytest

from custom_components.alexa_doorbell.live_view.candidates import Candidate, read_candidate

from .shapes import HOST, IPV6_HOST, REFLEXIVE, RELAYED, TCP_HOST


def read(text: str) -> Candidate:
    """A candidate that can be used."""
    candidate = read_candidate(text)
    assert candidate is not None
    return candidate


@pytest.mark.parametrize("text", [HOST, f"a={HOST}", f" a={HOST}\r\n"], ids=["bare", "a=", "line"])
def test_a_candidate_is_a_line_however_it_is_said(text: str) -> None:
    assert read(text).line == "a=candidate:10 1 udp 2130706431 127.0.0.5 8555 typ host"


def test_what_alexa_does_not_know_is_left_out() -> None:
    said = f"{REFLEXIVE} generation 0 network-id 3"

    assert read(said).line == f"a={REFLEXIVE.removesuffix(' ufrag cam')}"


@pytest.mark.parametrize(
    ("text", "kind", "leads_out"),
    [
        pytest.param(HOST, "host", False, id="host"),
        pytest.param(TCP_HOST, "host", False, id="TCP"),
        pytest.param(HOST.replace("127.0.0.5", "192.0.2.9"), "host", True, id="public host"),
        pytest.param(IPV6_HOST, "host", False, id="IPv6, which Alexa lacks"),
        pytest.param(
            REFLEXIVE.replace("192.0.2.7", "2001:db8::7"), "srflx", False, id="IPv6 from outside"
        ),
        pytest.param(REFLEXIVE, "srflx", True, id="server-reflexive"),
        pytest.param(REFLEXIVE.replace("srflx", "SRFLX"), "srflx", True, id="capitals"),
        pytest.param(RELAYED, "relay", True, id="relay"),
    ],
)
def test_a_candidate_leads_out_unless_it_ends_at_home(
    text: str, kind: str, leads_out: bool
) -> None:
    candidate = read(text)

    assert (candidate.kind, candidate.leads_out) == (kind, leads_out)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("hello", id="something else"),
        pytest.param(HOST.replace("127.0.0.5", "0c6d2e.local"), id="a name of mDNS"),
        pytest.param(HOST.replace("127.0.0.5", "0.0.0.0"), id="no address"),
        pytest.param(HOST.replace("127.0.0.5", "127.0.0.500"), id="not quite an address"),
        pytest.param(HOST.replace("127.0.0.5", "ff02::1"), id="multicast"),
        pytest.param(HOST.replace(" 8555 ", " 0 "), id="no port"),
        pytest.param(HOST.replace(" 8555 ", " 70000 "), id="a port too high"),
        pytest.param(HOST.replace("typ host", "typ other"), id="another type"),
        pytest.param(HOST + " half", id="half a pair"),
        pytest.param(HOST.replace(" ufrag", "\r\na=x ufrag"), id="two lines"),
        pytest.param(HOST.replace("udp", "sctp"), id="another transport"),
    ],
)
def test_what_cannot_be_used_is_no_candidate(text: str) -> None:
    assert read_candidate(text) is None
