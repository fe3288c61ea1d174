"""Offers and answers (SDP, RFC 8866): what they must have, and who may send what.

Nothing here knows Home Assistant, and nothing of an SDP ever gets into the text of an exception.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
import re
from typing import Self

from ..doorbells.cameras import Hindrance
from .candidates import Candidate, read_candidate, usable
from .exceptions import CameraError, InvalidOfferError, NoVoiceError

# In bytes.
LONGEST_OFFER = 32_000
AUDIO, VIDEO, APPLICATION = "audio", "video", "application"
H264 = "H264"
# These need no rtpmap, and Alexa writes none.
STATIC_CODECS = {"0": "PCMU", "8": "PCMA", "9": "G722"}
END = ("a=end-of-candidates",)
# What is left of a direction when nothing may go from the Echo to the camera.
_ONLY_TO_ECHO_OFFERED = {"sendrecv": "recvonly", "sendonly": "inactive"}
_ONLY_TO_ECHO_ANSWERED = {"sendrecv": "sendonly", "recvonly": "inactive"}
_LINE = re.compile(r"[a-z]=[^\x00]*")
# Some readers take the word alone for a direction, whatever follows it.
_DIRECTION = re.compile(r"a=\s*(sendrecv|sendonly|recvonly|inactive)(?![^\s:])", re.IGNORECASE)
_RTPMAP = re.compile(r"a=rtpmap:([0-9]{1,3}) ([A-Za-z0-9_.\-]{1,20})/[0-9].*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """One section of an SDP: a picture, a voice, or something else."""

    lines: tuple[str, ...] = field(repr=False)
    session_direction: str = "sendrecv"

    @property
    def kind(self) -> str:
        """What it carries, as the m-line says it."""
        return (self.lines[0][2:].split() or [""])[0].lower()

    @property
    def formats(self) -> list[str]:
        """The payload types, the one that is meant first."""
        return self.lines[0].split()[3:]

    @property
    def direction(self) -> str:
        """Who sends, from the side of whoever wrote it."""
        return _direction(self.lines) or self.session_direction

    @property
    def is_refused(self) -> bool:
        """Whether the other side wants nothing of it, by RFC 3264's sign."""
        return self.lines[0].split()[1:2] in ([], ["0"])

    @property
    def is_wanted(self) -> bool:
        """Whether who offers it would receive it; one that comes along has no port (RFC 9143)."""
        is_offered = not self.is_refused or "a=bundle-only" in self.lines
        return is_offered and self.direction in {"sendrecv", "recvonly"}

    @property
    def is_taken(self) -> bool:
        """Whether it was accepted, and something may be sent."""
        return not self.is_refused and self.direction != "inactive"

    @property
    def codecs(self) -> list[str]:
        """The names of the codecs, by payload type, in capitals."""
        named = dict(STATIC_CODECS)
        named |= {found[1]: found[2].upper() for found in map(_RTPMAP.match, self.lines) if found}
        return [named[each] for each in self.formats if each in named]

    def value(self, attribute: str) -> str | None:
        """Return what follows `a=attribute:`."""
        start = f"a={attribute}:"
        return next((each[len(start) :] for each in self.lines if each.startswith(start)), None)

    def directed(self, direction: str) -> Self:
        """Return it with this direction, said once."""
        rest = [line for line in self.lines if _direction([line]) is None]
        return replace(self, lines=(*rest, f"a={direction}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """An SDP, taken apart."""

    session: tuple[str, ...] = field(repr=False)
    media: tuple[Media, ...]

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Read an SDP with any ends of lines; None: it is none."""
        # At every character that any reader takes for the end of a line.
        lines = [line for line in text.splitlines() if line]
        if lines[:1] != ["v=0"] or not all(map(_LINE.fullmatch, lines)):
            return None
        starts = [n for n, line in enumerate(lines) if line.startswith("m=")]
        session = tuple(lines[: starts[0]]) if starts else tuple(lines)
        direction = _direction(session) or "sendrecv"
        sections = [
            Media(lines=tuple(lines[start:end]), session_direction=direction)
            for start, end in pairwise([*starts, len(lines)])
        ]
        return cls(session=session, media=tuple(sections))

    @property
    def text(self) -> str:
        """The SDP, with the ends of lines that the standard wants."""
        lines = [*self.session, *(line for media in self.media for line in media.lines)]
        return "".join(f"{line}\r\n" for line in lines)

    @property
    def codecs(self) -> list[str]:
        """Which codec is meant for each section that was accepted."""
        return [media.codecs[0] for media in self.media if media.is_taken and media.codecs]

    @property
    def kinds(self) -> dict[str, int]:
        """How many candidates of each kind are in it."""
        return dict(Counter(each.kind for each in self.candidates))

    @property
    def is_complete(self) -> bool:
        """Whether nothing more has to be waited for: it says so, or leads out already."""
        return any(END[0] in media.lines for media in self.media) or any(
            each.leads_out for each in self.candidates
        )

    @property
    def candidates(self) -> list[Candidate]:
        """The candidates in it."""
        read = [
            read_candidate(line, index=index)
            for index, media in enumerate(self.media)
            for line in media.lines
            if line.startswith("a=candidate:")
        ]
        return [each for each in read if each is not None]

    def has(self, attribute: str) -> bool:
        """Whether an attribute stands above all sections, or in each that was accepted."""
        if any(line.startswith(f"a={attribute}:") for line in self.session):
            return True
        return all(media.value(attribute) for media in self.media if media.is_taken)

    def all_of(self, kind: str) -> list[Media]:
        """Return the sections of a kind."""
        return [media for media in self.media if media.kind == kind]

    @property
    def pictures(self) -> list[Media]:
        """The pictures that an offer asks for; none where a voice alone is asked for."""
        wanted = [each for each in self.media if each.is_wanted]
        return [each for each in wanted or self.media if each.kind == VIDEO]


def _direction(lines: Iterable[str]) -> str | None:
    """Return the first direction that is said, also by those who write it carelessly."""
    return next((found[1].lower() for found in map(_DIRECTION.match, lines) if found), None)


def read_offer(sdp: str, *, talk: bool) -> Description:
    """Read what Alexa offers, or raise InvalidOfferError or NoVoiceError."""
    if len(sdp.encode(errors="replace")) > LONGEST_OFFER:
        raise InvalidOfferError(f"The offer is longer than {LONGEST_OFFER} bytes.")
    offer = Description.read(sdp)
    if offer is None:
        raise InvalidOfferError("The offer is no SDP.")
    if not offer.media:
        raise InvalidOfferError("The offer has no media.")
    if not offer.pictures:
        if not offer.all_of(AUDIO):
            raise InvalidOfferError("The offer has neither picture nor voice.")
        if not talk:
            raise NoVoiceError("This doorbell does not talk.")
    elif not any(H264 in media.codecs for media in offer.pictures):
        raise InvalidOfferError("The offer has no H.264.")
    return offer


def only_to_echo(offer: Description, *, talk: bool) -> Description:
    """Return an offer by which nothing goes to the camera, but a voice if it may talk."""
    return _narrowed(offer, _ONLY_TO_ECHO_OFFERED, talk=talk)


def read_answer(sdp: str, *, offer: Description, talk: bool) -> Description:
    """Read what a camera answered, or raise CameraError if an Echo could show nothing of it.

    Whatever the camera says, the Echo sends it no voice unless it may talk.
    """
    said = Description.read(sdp)
    if said is None or [each.kind for each in said.media] != [each.kind for each in offer.media]:
        raise CameraError(Hindrance.FAILED, "The camera's answer does not fit the offer.")
    answer = _narrowed(said, _ONLY_TO_ECHO_ANSWERED, talk=talk)
    if offer.pictures:
        shown = [each for each in answer.all_of(VIDEO) if each.is_taken]
        if not any(H264 in each.codecs for each in shown):
            raise CameraError(Hindrance.NO_H264, "The camera sends no H.264.")
    elif not any(each.is_taken for each in answer.all_of(AUDIO)):
        raise CameraError(Hindrance.FAILED, "The camera sends no voice.")
    for attribute in ("fingerprint", "ice-ufrag", "ice-pwd"):
        if not answer.has(attribute):
            raise CameraError(Hindrance.FAILED, f"The camera's answer has no {attribute}.")
    return answer


def complete_answer(sdp: str, candidates: Iterable[Candidate]) -> str:
    """Return an answer with every candidate in it, and their end marked: Alexa hears no more.

    Raises CameraError if there is none.
    """
    answer = Description.read(sdp)
    ways = usable([*answer.candidates, *candidates]) if answer else []
    if answer is None or not ways or not any(media.is_taken for media in answer.media):
        raise CameraError(Hindrance.FAILED, "The camera's answer has no address.")
    return _with_candidates(answer, ways).text


def _narrowed(description: Description, left: Mapping[str, str], *, talk: bool) -> Description:
    """Say each direction once, where it counts, and no more than what may be."""

    def direction(media: Media) -> str:
        both_ways = talk and media.kind == AUDIO
        return media.direction if both_ways else left.get(media.direction, media.direction)

    session = tuple(line for line in description.session if _direction([line]) is None)
    media = [
        each if each.kind == APPLICATION else each.directed(direction(each))
        for each in description.media
    ]
    return replace(description, session=session, media=tuple(media))


def _with_candidates(answer: Description, candidates: Sequence[Candidate]) -> Description:
    """Put each candidate where it belongs; by default into the first section, which leads.

    It leads the others also if nothing is sent in it, but not if it was refused (RFC 8843).
    """
    mids = [media.value("mid") for media in answer.media]
    open_ones = [n for n, media in enumerate(answer.media) if not media.is_refused]
    lines: list[list[str]] = [[] for _ in answer.media]
    for each in candidates:
        named = mids.index(each.mid) if each.mid and each.mid in mids else each.index
        place = lines[named if named in open_ones else open_ones[0]]
        if each.line not in place:
            place.append(each.line)
    media = [
        replace(section, lines=(*_without_candidates(section.lines), *said, *END[: bool(said)]))
        for section, said in zip(answer.media, lines, strict=True)
    ]
    return replace(answer, session=_without_candidates(answer.session), media=tuple(media))


def _without_candidates(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(line for line in lines if not line.startswith("a=candidate:") and line not in END)
