"""What a loaded entry holds."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry

from .accounts.registry import Accounts
from .alexa.reports import EndpointReports
from .press.delivery import Delivery
from .press.warm_up import WarmUp
from .press.watch import DoorbellWatch


@dataclass(frozen=True, slots=True, kw_only=True)
class AlexaDoorbellData:
    """The accounts, the ways to them, and the doorbells by endpoint id."""

    accounts: Accounts
    delivery: Delivery
    reports: EndpointReports
    watches: dict[str, DoorbellWatch]
    warm_up: WarmUp


type AlexaDoorbellConfigEntry = ConfigEntry[AlexaDoorbellData]
