"""A doorbell of a history, with what its switch says."""

from dataclasses import dataclass

from custom_components.alexa_doorbell.doorbells.doorbell import Doorbell


@dataclass(frozen=True, slots=True, kw_only=True)
class Bell(Doorbell):
    """A doorbell; without announcements its presses are noted, but not sent."""

    announcements: bool = True
