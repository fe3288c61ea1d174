"""An Amazon account that enabled the skill, as it is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
import time
from typing import Any, Self

from ..client.lwa import Tokens

# Parts the identity from a number, where several accounts were linked under the same one.
_NUMBER = "#"


class Health(StrEnum):
    """Whether an account can be announced to, and if not, why."""

    LINKED = "linked"
    RELINK_REQUIRED = "relink_required"
    SKILL_DISABLED = "skill_disabled"
    SKILL_NOT_FOUND = "skill_not_found"
    MISSING_PERMISSION = "missing_permission"


@dataclass(frozen=True, slots=True, kw_only=True)
class Linker:
    """Who linked an account, and by what: a login in Home Assistant, or a code of a closed home."""

    account_id: str
    name: str
    login: str | None = field(repr=False, default=None)
    grant_id: str | None = None
    # Of the account that was to link again, where one was asked for.
    instead_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as it is stored; it was linked, and its access token ends, at a Unix time.

    The region was learnt while the entry's was `chosen_region`. `login` is the id of the refresh
    token in Home Assistant that Alexa comes with, if it linked by that. `grant_id` is what the
    skill's function called the grant, if it came from there. What Alexa was told of the doorbells,
    by endpoint id, is the digest of each endpoint, and the list of those that were reported
    unreachable. It is shown to the user since a state of the entry, as a Unix time.
    """

    account_id: str
    name: str
    region: str
    refresh_token: str = field(repr=False)
    access_token: str = field(repr=False)
    expires_at: float
    linked_at: float
    chosen_region: str | None = None
    login: str | None = field(repr=False, default=None)
    grant_id: str | None = None
    health: Health = Health.LINKED
    told_endpoints: Mapping[str, str] = field(default_factory=dict)
    told_unreachable: Sequence[str] = field(default_factory=list)
    shown_since: float | None = None

    @property
    def identity(self) -> str:
        """Who linked, as far as that is known."""
        return self.account_id.partition(_NUMBER)[0]

    @classmethod
    def linked(
        cls,
        *,
        linker: Linker,
        region: str,
        tokens: Tokens,
        chosen_region: str | None = None,
    ) -> Self:
        """Make the account of a grant that was exchanged."""
        return cls(
            account_id=linker.account_id,
            name=linker.name,
            region=region,
            chosen_region=chosen_region,
            login=linker.login,
            grant_id=linker.grant_id,
            refresh_token=tokens.refresh_token or "",
            access_token=tokens.access_token,
            expires_at=time.time() + tokens.expires_in,
            linked_at=time.time(),
        )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read an account; raise KeyError, TypeError or ValueError if it is none."""
        chosen_region, shown_since = data.get("chosen_region"), data.get("shown_since")
        login, grant_id = data.get("login"), data.get("grant_id")
        return cls(
            account_id=str(data["account_id"]),
            name=str(data["name"]),
            region=str(data["region"]),
            chosen_region=None if chosen_region is None else str(chosen_region),
            login=None if login is None else str(login),
            grant_id=None if grant_id is None else str(grant_id),
            refresh_token=str(data["refresh_token"]),
            access_token=str(data["access_token"]),
            expires_at=float(data["expires_at"]),
            linked_at=float(data["linked_at"]),
            health=Health(data["health"]),
            told_endpoints=dict(data["told_endpoints"]),
            told_unreachable=list(data["told_unreachable"]),
            shown_since=None if shown_since is None else float(shown_since),
        )


def numbered(identity: str, number: int) -> str:
    """Return the id of the first, second ... account that was linked under an identity."""
    return identity if number == 1 else f"{identity}{_NUMBER}{number}"
