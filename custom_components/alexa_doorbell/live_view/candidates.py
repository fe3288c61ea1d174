"""ICE candidates: where the camera can be reached, in the lines of an SDP (RFC 8839)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
import re

# An Echo has no use for more, and nobody knows how many it reads.
MOST = 32
IPV4 = 4
# Addresses of a home, its provider's own network, or this very machine.
HOME_NETWORKS = tuple(
    map(
        ip_network,
        (
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.168.0.0/16",
        ),
    )
)
_CANDIDATE = re.compile(
    r"(?:a=)?candidate:(?P<foundation>[A-Za-z0-9+/]{1,32}) (?P<component>[0-9]{1,3})"
    r" (?P<transport>udp|tcp) (?P<priority>[0-9]{1,10})"
    r" (?P<address>[0-9a-f.:]{2,45}) (?P<port>[0-9]{1,5}) typ (?P<kind>host|srflx|prflx|relay)"
    r"(?P<more>(?: [!-~]+ [!-~]+)*)",
    re.ASCII | re.IGNORECASE,
)
# What follows the type and is known to all; a ufrag stands in the section already.
_KNOWN_EXTENSIONS = ("raddr", "rport", "tcptype")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One way to the camera, and in which section of the SDP it belongs, if that was said."""

    line: str = field(repr=False)
    kind: str
    address: IPv4Address | IPv6Address = field(repr=False)
    mid: str | None = None
    index: int | None = None

    @property
    def leads_out(self) -> bool:
        """Whether Alexa's servers, which have no IPv6, can come this way into the home."""
        if self.address.version != IPV4:
            return False
        return self.kind != "host" or not any(self.address in each for each in HOME_NETWORKS)


def read_candidate(
    text: str, *, mid: str | None = None, index: int | None = None
) -> Candidate | None:
    """Read a line, or what follows its `a=`; None: no candidate that Alexa could use."""
    found = _CANDIDATE.fullmatch(text.strip())
    if found is None:
        return None
    try:
        address = ip_address(found["address"])
    except ValueError:
        return None
    port = int(found["port"])
    if address.is_unspecified or address.is_multicast or not 0 < port < 2**16:
        return None
    words = found["more"].split()
    pairs = zip(words[::2], words[1::2], strict=True)
    more = "".join(f" {key} {value}" for key, value in pairs if key in _KNOWN_EXTENSIONS)
    start = found.start("foundation"), found.start("more")
    line = f"a=candidate:{found.string[slice(*start)]}{more}"
    return Candidate(line=line, kind=found["kind"].lower(), address=address, mid=mid, index=index)


def usable(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return each once, those that lead out first; IPv6, which Alexa lacks, only if need be."""
    each_once = {(each.line, each.mid, each.index): each for each in candidates}.values()
    known = [each for each in each_once if each.address.version == IPV4]
    return sorted(known or each_once, key=lambda each: not each.leads_out)[:MOST]
