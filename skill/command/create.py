"""Makes the skill, or mends it: each step looks first, and changes only what differs.

The order matters. Amazon refuses an endpoint that Alexa may not call, and that permission names
the skill; and building a manifest resets the account linking.
"""

from collections.abc import Callable

from .aws import Aws
from .errors import CommandError
from .function import Function, Wanted
from .home_assistant import check, checked_address, hand_over
from .package import (
    account_linking,
    code,
    function_arn,
    is_linked_as,
    is_ours,
    manifest,
    merged,
)
from .progress import Patience, Progress
from .role import Role
from .settings import AmazonLinking, Settings
from .smapi import BuildError, SkillManagement

# Seconds for which Amazon may not know yet that Alexa may call a function.
PERMISSION_LIMIT = 90
TRIGGER = "event source type"
WHAT_IS_LEFT = """\
What is left for you:
- In Home Assistant: choose the doorbell.
- In the Alexa app: More > Skills & Games > Your Skills > Dev: enable "{name}", and log in.
- In the Alexa app: open the doorbell, and switch on its announcements.
Then ring."""


class Creation:
    """One run of `create`."""

    def __init__(
        self,
        settings: Settings,
        smapi: SkillManagement,
        aws: Aws,
        progress: Progress,
        patience: Patience,
    ) -> None:
        self._settings = settings
        self._smapi = smapi
        self._aws = aws
        self._progress = progress
        self._patience = patience
        # Unknown in a dry run before the skill exists.
        self._skill_id: str | None = None

    def run(self, vendor_id: str | None) -> None:
        """Do all of it."""
        settings, progress = self._settings, self._progress
        progress.step("Look whether everything is at hand")
        address = checked_address(settings.webhook_url, settings.shared_secret)
        check(address)
        progress.note("Home Assistant listens")
        account = self._aws.account()
        progress.note(f"AWS account {account}")
        vendor_id = choose_vendor(self._smapi, vendor_id)
        progress.note(f"Amazon developer account {vendor_id}")
        if not settings.take_over:
            for region in settings.regions:
                self._function(region).check_serves(settings.webhook_url)

        progress.step("The skill, with the permission to send events")
        self._ensure_skill(vendor_id)

        progress.step("Account linking")
        self._ensure_linking(always=isinstance(settings.linking, AmazonLinking))

        progress.step("The Lambda function")
        self._ensure_functions()

        progress.step("The skill's endpoints")
        self._ensure_endpoints(account)
        if self._ensure_linking(again=True):
            progress.note("(building the skill had reset it)")

        progress.step("Enable the skill for your own account")
        self._ensure_enablement()

        progress.step("Hand the skill's credentials to Home Assistant")
        if self._skill_id is None or progress.dry_run:
            progress.change("hand over the skill's messaging credentials")
        elif hand_over(address, self._skill_id, self._smapi.credentials(self._skill_id)):
            progress.change("have handed them over: Home Assistant goes on by itself")
        else:
            progress.note("Home Assistant is not waiting for them: fine, if it has them already")
        progress.finish()
        if not progress.dry_run:
            progress.say(WHAT_IS_LEFT.format(name=settings.name))

    def _ensure_skill(self, vendor_id: str) -> None:
        settings, progress = self._settings, self._progress
        wanted = manifest(settings)
        self._skill_id = settings.skill_id or find_skill(self._smapi, vendor_id, settings.name)
        if self._skill_id is None:
            if progress.change(f'make the skill "{settings.name}"'):
                self._skill_id = self._smapi.create(vendor_id, wanted)
                progress.note(f"its id is {self._skill_id}; Amazon builds it")
                self._build(self._smapi.wait_for_build)
            return
        progress.note(f"its id is {self._skill_id}")
        if settings.skill_id:
            # Made by hand: it keeps its texts, and is not ours to destroy.
            del wanted["publishingInformation"]
        self._update(wanted, "texts and permission of the skill")

    def _update(self, wanted: dict[str, object], what: str) -> None:
        """Bring the manifest to what is wanted, and wait for the build."""
        assert self._skill_id is not None  # noqa: S101 - For mypy: the callers look.
        # An earlier run may have been stopped while Amazon was at work.
        self._smapi.settle(self._skill_id)
        found = self._smapi.manifest(self._skill_id)
        if found is None:
            raise CommandError(
                f"There is no skill {self._skill_id}.", "Look for its id in the developer console."
            )
        there, version = found
        target = merged(there, wanted)
        if target == there:
            self._progress.left(what)
        elif self._progress.change(f"mend {what}; Amazon builds it"):
            self._build(lambda skill_id: self._smapi.update_manifest(skill_id, target, version))

    def _build(self, build: Callable[[str], None]) -> None:
        assert self._skill_id is not None  # noqa: S101 - As above.
        try:
            build(self._skill_id)
        except BuildError as error:
            if TRIGGER in str(error):
                raise
            raise CommandError(
                f"Amazon could not build the skill: {error}",
                "docs/skill.md explains what Amazon means. Then run the command again.",
            ) from None

    def _ensure_linking(self, *, always: bool = False, again: bool = False) -> bool:
        """Whether something had to be changed."""
        wanted = account_linking(self._settings)
        there = self._smapi.account_linking(self._skill_id) if self._skill_id else None
        # Amazon never tells a secret, so one that was given is given again.
        if is_linked_as(there, wanted) and not always:
            if not again:
                self._progress.left("account linking")
            return False
        if again and self._progress.dry_run:
            return False
        by = (
            "Login with Amazon"
            if isinstance(self._settings.linking, AmazonLinking)
            else ("Home Assistant's login")
        )
        if self._progress.change(f"link accounts by {by}") and self._skill_id:
            self._smapi.set_account_linking(self._skill_id, wanted)
        return True

    def _ensure_functions(self) -> None:
        settings = self._settings
        role = Role(self._aws, settings.resource, self._progress).ensure()
        environment = {
            "WEBHOOK_URL": settings.webhook_url,
            "SHARED_SECRET": settings.shared_secret,
        }
        wanted = Wanted(role=role, code=code(), environment=environment, skill_id=self._skill_id)
        for region in settings.regions:
            self._function(region).ensure(wanted)

    def _function(self, region: str) -> Function:
        return Function(
            self._aws, region, self._settings.resource, self._progress, patience=self._patience
        )

    def _ensure_endpoints(self, account: str) -> None:
        settings = self._settings
        functions = {
            region: function_arn(account, region, settings.resource) for region in settings.regions
        }
        wanted = {"apis": manifest(settings, functions)["apis"]}
        if self._skill_id is None:
            self._progress.change("point the skill to the function")
            return
        problem: BuildError | None = None
        for _ in self._patience.pauses(PERMISSION_LIMIT):
            try:
                self._update(wanted, "endpoints of the skill")
            except BuildError as error:
                problem = error
                self._progress.note("Amazon does not see Alexa's permission yet; waiting")
            else:
                return
        raise CommandError(
            f"Amazon does not take the function: {problem}",
            "Run the command again in a few minutes.",
        )

    def _ensure_enablement(self) -> None:
        if self._skill_id and self._smapi.is_enabled(self._skill_id):
            self._progress.left("enablement")
        elif self._progress.change("enable the skill") and self._skill_id:
            self._smapi.enable(self._skill_id)


def choose_vendor(smapi: SkillManagement, wanted: str | None) -> str:
    """The developer account to use."""
    vendor_ids = smapi.vendor_ids()
    if wanted in vendor_ids:
        return str(wanted)
    if not vendor_ids:
        raise CommandError(
            "This Amazon account is no developer's yet.",
            "Open https://developer.amazon.com once, log in and accept the terms: it is free.",
        )
    if wanted is None and len(vendor_ids) == 1:
        return vendor_ids[0]
    raise CommandError(
        f"It is not clear which developer account to use: {', '.join(vendor_ids)}.",
        "Say which with --vendor-id.",
    )


def find_skill(smapi: SkillManagement, vendor_id: str, name: str) -> str | None:
    """The skill of that name that this command has made; None when there is no skill of it."""
    for summary in smapi.skills(vendor_id):
        if name not in (summary.get("nameByLocale") or {}).values():
            continue
        skill_id = str(summary["skillId"])
        smapi.settle(skill_id)
        found = smapi.manifest(skill_id)
        if found is not None and is_ours(found[0]):
            return skill_id
        raise CommandError(
            f'There is a skill "{name}" already ({skill_id}) that this command has not made.',
            f"Use it with --skill-id {skill_id}, or choose another name with --name.",
        )
    return None
