"""What is known of a live view afterwards; nothing of it says where anybody is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from ..doorbells.cameras import Hindrance
from .exceptions import CameraError
from .sdp import Description


@dataclass(frozen=True, slots=True, kw_only=True)
class LastView:
    """What became of a doorbell's last live view."""

    hindrance: Hindrance | None
    milliseconds: int
    talk: bool
    detail: str | None = None
    candidates: Mapping[str, int] = field(default_factory=dict)
    codecs: tuple[str, ...] = ()
    connected: bool = False
    """Whether the Echo said so, which not every one does."""

    @classmethod
    def failed(cls, error: CameraError, *, milliseconds: int, talk: bool) -> Self:
        """Return what is known of one that the camera gave no picture for."""
        return cls(
            hindrance=error.hindrance, detail=str(error), milliseconds=milliseconds, talk=talk
        )

    @classmethod
    def shown(cls, answer: Description, *, milliseconds: int, talk: bool) -> Self:
        """Return what is known of one that was answered."""
        leads_out = any(each.leads_out for each in answer.candidates)
        return cls(
            hindrance=None if leads_out else Hindrance.HOME_NETWORK,
            milliseconds=milliseconds,
            talk=talk,
            candidates=answer.kinds,
            codecs=tuple(answer.codecs),
        )
