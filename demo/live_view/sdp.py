"""Offers as an Echo Show makes them, from what a WebRTC library or a browser says of itself.

Taken from offers that others have published: sound first, no more of H.264 than its name, nothing
of the codecs that every device knows by their number, and every candidate inside.
"""

from dataclasses import dataclass
import re

# What both ends of a loopback make of H.264, where an offer of Alexa's leaves it open.
H264 = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
SOUNDS = ("opus/48000/2", "PCMU/8000", "PCMA/8000")
# These numbers belong to G.711 for ever, so an Echo says nothing of them.
_STATIC = {"0": "PCMU/8000", "8": "PCMA/8000"}
_TOLD_LATER = ("a=candidate:", "a=end-of-candidates", "a=ice-options")
_HEAD = ("v=0", "o=- 3911343731 3911343731 IN IP4 0.0.0.0", "s=a 2 z", "c=IN IP4 0.0.0.0", "t=0 0")
_KEYS = re.compile(r"a=(?:ice-ufrag|ice-pwd|fingerprint:sha-256)[: ]", re.IGNORECASE)
_SOURCE = re.compile(r"a=ssrc:\d+ cname:")
# A browser hides its own address behind such a name. It is on this machine, as all of this is.
_HIDDEN = re.compile(r" [\w-]+\.local (?=\d+ typ )")


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One of the media that a description speaks of."""

    lines: list[str]

    @property
    def kind(self) -> str:
        """What it is: audio, video, application."""
        return self.lines[0].removeprefix("m=").partition(" ")[0]

    @property
    def mid(self) -> str:
        """What it is called."""
        return self.value("a=mid:")

    @property
    def names(self) -> dict[str, str]:
        """The codecs by their numbers."""
        return dict(_numbered("rtpmap", self.lines))

    @property
    def candidates(self) -> list[str]:
        """Where it can be reached."""
        return [line for line in self.lines if line.startswith("a=candidate:")]

    @property
    def direction(self) -> str:
        """Which way it goes; both, where nothing is said."""
        ways = ("a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive")
        return next((line[2:] for line in self.lines if line in ways), "sendrecv")

    def value(self, key: str) -> str:
        """What follows the first line's key."""
        return next((line[len(key) :] for line in self.lines if line.startswith(key)), "")


def parts(sdp: str) -> tuple[list[str], list[Part]]:
    """The lines that hold for all, and the media."""
    head, *media = re.split(r"^(?=m=)", sdp.replace("\r\n", "\n"), flags=re.MULTILINE)
    return head.splitlines(), [Part(lines=each.splitlines()) for each in media]


def text(lines: list[str]) -> str:
    """The lines as a description."""
    return "".join(f"{line}\r\n" for line in lines)


def as_alexa_offers(own: str, sounds: tuple[str, ...] = SOUNDS) -> str:
    """The offer that an Echo Show with the same keys, addresses and numbers would make."""
    media = parts(own)[1]
    group = " ".join(f"{part.kind}0" for part in media)
    shaped = [line for part in media for line in _shaped(part, sounds)]
    return text([*_HEAD, f"a=group:BUNDLE {group}", *shaped])


def _shaped(part: Part, sounds: tuple[str, ...]) -> list[str]:
    numbers = _sounds(part, sounds) if part.kind == "audio" else _pictures(part)
    return [
        f"m={part.kind} 1 UDP/TLS/RTP/SAVPF {' '.join(numbers)}",
        *(["b=AS:2500"] if part.kind == "video" else []),
        *(_HIDDEN.sub(" 127.0.0.1 ", line) for line in part.candidates),
        "a=setup:actpass",
        *(f"a=rtpmap:{each} {part.names[each]}" for each in numbers if each not in _STATIC),
        *_feedback(part, numbers),
        "a=rtcp:9 IN IP4 0.0.0.0",
        "a=rtcp-mux",
        "a=sendrecv",
        f"a=mid:{part.kind}0",
        *[line for line in part.lines if _SOURCE.match(line)][:1],
        *(line for line in part.lines if _KEYS.match(line)),
    ]


def _sounds(part: Part, sounds: tuple[str, ...]) -> list[str]:
    numbers = {name: number for number, name in part.names.items()}
    return [numbers[name] for name in sounds if name in numbers]


def _pictures(part: Part) -> list[str]:
    """One H.264, of the profile that each device can show."""
    details = dict(_numbered("fmtp", part.lines))
    for number, name in part.names.items():
        known = details.get(number, "")
        if name == "H264/90000" and "packetization-mode=1" in known and "42e01f" in known:
            return [number]
    raise ValueError("It cannot show H.264 of the constrained baseline profile")


def _feedback(part: Part, numbers: list[str]) -> list[str]:
    if part.kind == "audio":
        return []
    return [f"a=rtcp-fb:{numbers[0]} {each}" for each in ("nack", "nack pli", "ccm fir")]


def _numbered(key: str, lines: list[str]) -> list[tuple[str, str]]:
    pattern = re.compile(rf"a={key}:(\d+) (.+)")
    return [(found[1], found[2]) for line in lines if (found := pattern.fullmatch(line))]


def with_codecs_told(sdp: str) -> str:
    """Say what an offer of Alexa's leaves out: go2rtc needs no such words, aiortc does."""
    head, media = parts(sdp)
    for part in media:
        offered = part.lines[0].split()[3:]
        for number in _STATIC.keys() & set(offered) - part.names.keys():
            part.lines.append(f"a=rtpmap:{number} {_STATIC[number]}")
        told = dict(_numbered("fmtp", part.lines))
        for number, name in part.names.items():
            if name == "H264/90000" and number not in told:
                part.lines.append(f"a=fmtp:{number} {H264}")
    return text([*head, *(line for part in media for line in part.lines)])


def as_its_maker_takes(answer: str, own: str) -> str:
    """The answer to such an offer, in the names of the description that the offer was made of."""
    head, media = parts(with_codecs_told(answer))
    mids = {f"{part.kind}0": part.mid for part in parts(own)[1]}
    for part in media:
        part.lines[:] = [
            f"a=mid:{mids.get(part.mid, part.mid)}" if line.startswith("a=mid:") else line
            for line in part.lines
        ]
    grouped = [line for line in head if not line.startswith("a=group:BUNDLE")]
    group = " ".join(part.mid for part in media)
    lines = [line for part in media for line in part.lines]
    return text([*grouped, f"a=group:BUNDLE {group}", *lines])


def candidates_apart(answer: str) -> tuple[str, list[str]]:
    """The answer without candidates, and the candidates, each once and in go2rtc's words."""
    head, media = parts(answer)
    candidates = [
        f"{line.removeprefix('a=').strip()} ufrag {part.value('a=ice-ufrag:')}"
        for part in media
        for line in part.candidates
    ]
    lines = [line for part in media for line in _bare(part)]
    return text([*head, *lines]), list(dict.fromkeys(candidates))


def _bare(part: Part) -> list[str]:
    kind, _, *rest = part.lines[0].split()
    kept = [line for line in part.lines[1:] if not line.startswith((*_TOLD_LATER, "c=IN "))]
    return [" ".join([kind, "9", *rest]), "c=IN IP4 0.0.0.0", *kept]
