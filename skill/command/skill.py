"""The skill itself: found, made and mended step by step.

Amazon refuses an endpoint that Alexa may not call, and that permission names the skill; and
building a manifest resets the account linking.
"""

from collections.abc import Callable, Mapping
from typing import Any

from .causes import failure
from .errors import CommandError
from .package import function_arn, is_linked_as, manifest, merged
from .progress import Patience, Progress
from .settings import AWS_REGIONS, Settings
from .skills import check_serves_nothing_else, find_skill
from .smapi import BuildError, Credentials, SkillManagement

# Seconds for which Amazon may not know yet that Alexa may call a function.
PERMISSION_LIMIT = 90
TRIGGER = "event source type"


class Skill:
    """The skill of that name, or of that id; each step looks first, and changes what differs."""

    def __init__(
        self, settings: Settings, smapi: SkillManagement, progress: Progress, patience: Patience
    ) -> None:
        self._settings = settings
        self._smapi = smapi
        self._progress = progress
        self._patience = patience
        # Unknown in a dry run before the skill exists.
        self.id: str | None = settings.skill_id

    def find(self, vendor_id: str) -> None:
        """Look whether it is there."""
        self.id = self.id or find_skill(self._smapi, vendor_id, self._settings.name)

    def check_free(self, account: str, linking: Mapping[str, Any] | None) -> None:
        """Raise if it was made by hand and serves something else until now."""
        settings = self._settings
        if settings.skill_id and not settings.replace:
            ours = {function_arn(account, region, settings.resource) for region in AWS_REGIONS}
            check_serves_nothing_else(self._smapi, settings.skill_id, linking, ours)

    def ensure(self, vendor_id: str) -> None:
        """Make it, or mend its texts and its permission."""
        settings, progress = self._settings, self._progress
        if self.id is None:
            if progress.change(f'make the skill "{settings.name}"'):
                self.id = self._smapi.create(vendor_id, manifest(settings))
                progress.note(f"its id is {self.id}; Amazon builds it")
                self._build(self._smapi.wait_for_build)
            return
        progress.note(f"its id is {self.id}")
        try:
            self._update(self._wanted_manifest(), "texts and permission of the skill")
        except BuildError:
            progress.note("Amazon wants to see the function first")

    def ensure_linking(self, wanted: dict[str, Any], by: str, *, always: bool = False) -> None:
        """Say how accounts are linked; `always`, since Amazon tells nobody which secret it has."""
        if not always and self._is_linked_as(wanted):
            self._progress.left("account linking")
        elif self._progress.change(f"link accounts by {by}") and self.id:
            self._smapi.set_account_linking(self.id, wanted)

    def restore_linking(self, wanted: dict[str, Any], by: str) -> None:
        """Say so again, if building the skill has reset it."""
        if self._progress.dry_run or self.id is None or self._is_linked_as(wanted):
            return
        if self._progress.change(f"link accounts by {by}"):
            self._smapi.set_account_linking(self.id, wanted)
            self._progress.note("(building the skill had reset it)")

    def ensure_endpoints(self, account: str) -> None:
        """Point it to the functions, once Amazon sees that Alexa may call them."""
        settings = self._settings
        functions = {
            region: function_arn(account, region, settings.resource) for region in settings.regions
        }
        if self.id is None:
            self._progress.change("point the skill to the function")
            return
        wanted, problem = self._wanted_manifest(functions), ""
        for _ in self._patience.pauses(PERMISSION_LIMIT):
            try:
                self._update(wanted, "endpoints of the skill")
            except BuildError as error:
                problem = str(error)
                self._progress.note("Amazon does not see Alexa's permission yet; waiting")
            else:
                return
        raise failure("trigger_unseen", said=problem)

    def credentials(self) -> Credentials | None:
        """Its messaging pair; None in a dry run that would make it."""
        if self.id is None:
            return None
        credentials = self._smapi.credentials(self.id)
        self._progress.report.hide(credentials.client_id, credentials.client_secret)
        return credentials

    def ensure_enablement(self) -> bool:
        """Whether it is enabled; the app can do it as well, so nothing here is a failure."""
        progress = self._progress
        try:
            if self.id and self._smapi.is_enabled(self.id):
                progress.left("enablement")
                return True
            if not progress.change("enable the skill") or self.id is None:
                return False
            refused = self._smapi.enable(self.id)
        except CommandError as error:
            refused = str(error)
        if refused:
            progress.note(f"Amazon leaves that to the Alexa app: {refused}")
        return not refused

    def _is_linked_as(self, wanted: Mapping[str, Any]) -> bool:
        there = self._smapi.account_linking(self.id) if self.id else None
        return is_linked_as(there, wanted)

    def _wanted_manifest(self, functions: dict[str, str] | None = None) -> dict[str, Any]:
        wanted = manifest(self._settings, functions)
        if self._settings.skill_id:
            # Made by hand: it keeps its texts, and is not ours to destroy.
            del wanted["publishingInformation"]
        return wanted

    def _update(self, wanted: dict[str, Any], what: str) -> None:
        """Bring the manifest to what is wanted, and wait for the build."""
        assert self.id is not None  # noqa: S101 - For mypy: the callers look.
        # An earlier run may have been stopped while Amazon was at work.
        self._smapi.settle(self.id)
        found = self._smapi.manifest(self.id)
        if found is None:
            raise failure("no_skill", skill=self.id)
        there, version = found
        target = merged(there, wanted)
        if target == there:
            self._progress.left(what)
        elif self._progress.change(f"mend {what}; Amazon builds it"):
            self._build(lambda skill_id: self._smapi.update_manifest(skill_id, target, version))

    def _build(self, build: Callable[[str], None]) -> None:
        """BuildError when it is the function that Amazon does not take."""
        assert self.id is not None  # noqa: S101 - As above.
        try:
            build(self.id)
        except BuildError as error:
            if TRIGGER in str(error):
                raise
            raise failure("build_failed", said=str(error)) from None
