"""What the user wants."""

from dataclasses import dataclass, field
import re

AWS_REGIONS = {"na": "us-east-1", "eu": "eu-west-1", "fe": "us-west-2"}
DEFAULT_NAME = "Home Assistant Doorbell"


@dataclass(frozen=True, slots=True, kw_only=True)
class AmazonLinking:
    """Account linking by Login with Amazon, with a security profile of the user's."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """The way into the home; `linking` is Home Assistant's address, or Amazon's pair.

    `login_host`: where Alexa's app comes from when somebody logs in.
    """

    url: str = field(repr=False)
    shared_secret: str = field(repr=False)
    linking: str | AmazonLinking
    login_host: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that `create` needs; without a webhook, the home is closed.

    The first region is that of the user's own Amazon account. `replace`: also a skill that serves
    other devices by now. `take_over`: also a function that serves another webhook, or another
    skill, or this one in the other way.
    """

    name: str
    regions: tuple[str, ...]
    webhook: Webhook | None
    skill_id: str | None = None
    replace: bool = False
    take_over: bool = False

    @property
    def resource(self) -> str:
        """What role, function and table are called in AWS."""
        return resource_name(self.name)


def resource_name(name: str) -> str:
    """The name of a skill in the letters that AWS allows."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:56] or "doorbell"
