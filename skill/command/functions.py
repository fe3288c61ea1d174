"""The skill's functions, one a region, with the role that they run as."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from .aws import Aws
from .causes import failure
from .errors import CommandError
from .function import Function
from .function_url import FunctionUrl
from .package import code
from .progress import Patience, Progress
from .reach import Reach
from .role import Role
from .settings import AWS_REGIONS, Settings, Webhook
from .smapi import SkillManagement
from .wanted import Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where functions are wanted, and what they are told; `table` is the ARN of theirs, if any."""

    regions: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    table: str | None = None

    @classmethod
    def of_webhook(cls, webhook: Webhook, regions: tuple[str, ...]) -> Self:
        """Of those that hand on to a webhook."""
        environment = {"WEBHOOK_URL": webhook.url, "SHARED_SECRET": webhook.shared_secret}
        return cls(regions=regions, environment=environment)


class Functions:
    """Those of one skill: in the regions that are asked for, and what is left in the others."""

    def __init__(
        self, settings: Settings, aws: Aws, progress: Progress, patience: Patience
    ) -> None:
        self._settings = settings
        self._aws = aws
        self._progress = progress
        self._patience = patience
        # By region, as they are asked for: making a client of AWS's takes its time.
        self._known: dict[str, Function] = {}

    def check_free(self, smapi: SkillManagement, skill_id: str | None) -> None:
        """Raise if one serves another skill, another webhook, or this skill in the other way.

        Names that differ in capitals only are one name in AWS.
        """
        settings = self._settings
        for region in AWS_REGIONS:
            function = self.in_region(region)
            try:
                owner = function.owner()
            except CommandError:
                if region in settings.regions:
                    raise
                continue
            if owner not in {None, skill_id} and smapi.exists(str(owner)):
                raise failure("names_alike", where=function.where, skill=str(owner))
            if region in settings.regions:
                function.check_serves(settings.webhook)

    def ensure(self, skill_id: str | None, place: Place) -> Wanted:
        """Make or mend them."""
        role = Role(self._aws, self._settings.resource, self._progress)
        wanted = Wanted(
            role=role.ensure(skill_id, place.table),
            code=code(),
            environment=place.environment,
            skill_id=skill_id,
        )
        for region in place.regions:
            self.in_region(region).ensure(wanted)
        return wanted

    def close_addresses(self) -> None:
        """Take away what only a closed home needs."""
        settings = self._settings
        for region in settings.regions:
            FunctionUrl(self._aws, region, settings.resource, self._progress).remove()

    def look_for_home_assistant(self, reach: Reach, wanted: Wanted) -> None:
        """Raise what keeps one of them from Home Assistant."""
        for region in self._settings.regions:
            reach.look_from_aws(self.in_region(region), wanted)

    def say_what_is_left_behind(self, skill_id: str | None, place: Place) -> None:
        """Those in regions that are not asked for any more: Alexa does not call them."""
        for region, aws_region in AWS_REGIONS.items():
            function = self.in_region(region)
            if region in place.regions or not _serves(function, skill_id):
                continue
            self._progress.say(
                f"\nThe {function.where} is left behind: Alexa calls it no more, and it costs "
                f"nothing. Delete it in the AWS console (Lambda, region {aws_region}) if you like; "
                "`destroy` takes it away with the rest."
            )

    def in_region(self, region: str) -> Function:
        """The one there, whether it exists or not."""
        if region not in self._known:
            name, progress = self._settings.resource, self._progress
            self._known[region] = Function(
                self._aws, region, name, progress, patience=self._patience
            )
        return self._known[region]


def _serves(function: Function, skill_id: str | None) -> bool:
    try:
        return skill_id is not None and function.owner() == skill_id
    except CommandError:
        # Nobody needs that region: what AWS refuses there is of no matter.
        return False
