"""Makes the skill, or mends it: each step looks first, and changes only what differs.

The order matters. Amazon refuses an endpoint that Alexa may not call, and that permission names
the skill; and building a manifest resets the account linking. What can be done in the app as well
comes last: it may be refused.
"""

from collections.abc import Callable

from .aws import Aws
from .causes import failure
from .errors import CommandError
from .functions import Functions
from .home_assistant import checked_address
from .package import account_linking, function_arn, is_linked_as, manifest, merged
from .progress import Patience, Progress
from .reach import Reach
from .settings import AWS_REGIONS, AmazonLinking, Settings
from .skills import VendorId, check_serves_nothing_else, choose_vendor, find_skill
from .smapi import BuildError, SkillManagement

# Seconds for which Amazon may not know yet that Alexa may call a function.
PERMISSION_LIMIT = 90
TRIGGER = "event source type"
WHAT_IS_LEFT = """\
What is left for you:
- In Home Assistant: choose the doorbell.
- In the Alexa app: More > Skills & Games > Your Skills > Dev > "{name}": {enable}
  (If Home Assistant says "Invalid redirect URI" there: run this again with --login-host.)
- In the Alexa app: open the doorbell, and switch on its announcements.
Then ring."""
NOT_ENABLED = "Enable to use, then log in and allow it."
# Enabling links nobody.
ENABLED = "link your account: log in, and allow it. If it does not ask, disable and enable it."


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
        self._functions = Functions(settings, aws, progress, patience)
        self._progress = progress
        self._patience = patience
        config = checked_address(settings.webhook_url, settings.shared_secret)
        self._reach = Reach(config, progress, patience)
        # Unknown in a dry run before the skill exists.
        self._skill_id: str | None = None

    def run(self, vendor: VendorId) -> None:
        """Do all of it."""
        progress = self._progress
        progress.step("Look whether everything is at hand")
        account = self._aws.account()
        progress.note(f"AWS account {account}")
        vendor_id = choose_vendor(self._smapi, vendor)
        progress.report.hide(vendor_id)
        progress.note(f"Amazon developer account {vendor_id}")
        self._reach.look_from_here()
        self._look_for_the_skill(vendor_id, account)
        if not self._settings.take_over:
            self._functions.check_free(self._smapi, self._skill_id)

        progress.step("The skill, with the permission to send events")
        self._ensure_skill(vendor_id)

        progress.step("Account linking")
        self._ensure_linking(always=isinstance(self._settings.linking, AmazonLinking))

        progress.step("The Lambda function")
        wanted = self._functions.ensure(self._skill_id)

        progress.step("Look whether the function reaches Home Assistant")
        if progress.dry_run:
            progress.note("(not in a dry run)")
        else:
            self._functions.look_for_home_assistant(self._reach, wanted)

        progress.step("The skill's endpoints")
        self._ensure_endpoints(account)
        if self._ensure_linking(again=True):
            progress.note("(building the skill had reset it)")

        progress.step("Hand the skill's credentials to Home Assistant")
        self._hand_over()

        progress.step("Enable the skill for your own account")
        is_enabled = self._ensure_enablement()
        progress.finish()
        if not progress.dry_run:
            enable = ENABLED if is_enabled else NOT_ENABLED
            progress.say(WHAT_IS_LEFT.format(name=self._settings.name, enable=enable))
        self._functions.say_what_is_left_behind(self._skill_id)

    def _look_for_the_skill(self, vendor_id: str, account: str) -> None:
        settings = self._settings
        self._skill_id = settings.skill_id or find_skill(self._smapi, vendor_id, settings.name)
        if settings.skill_id and not settings.replace:
            ours = {function_arn(account, region, settings.resource) for region in AWS_REGIONS}
            linking = account_linking(settings)
            check_serves_nothing_else(self._smapi, settings.skill_id, linking, ours)

    def _ensure_skill(self, vendor_id: str) -> None:
        settings, progress = self._settings, self._progress
        if self._skill_id is None:
            if progress.change(f'make the skill "{settings.name}"'):
                self._skill_id = self._smapi.create(vendor_id, manifest(settings))
                progress.note(f"its id is {self._skill_id}; Amazon builds it")
                self._build(self._smapi.wait_for_build)
            return
        progress.note(f"its id is {self._skill_id}")
        try:
            self._update(self._wanted_manifest(), "texts and permission of the skill")
        except BuildError:
            progress.note("Amazon wants to see the function first")

    def _wanted_manifest(self, functions: dict[str, str] | None = None) -> dict[str, object]:
        wanted = manifest(self._settings, functions)
        if self._settings.skill_id:
            # Made by hand: it keeps its texts, and is not ours to destroy.
            del wanted["publishingInformation"]
        return wanted

    def _update(self, wanted: dict[str, object], what: str) -> None:
        """Bring the manifest to what is wanted, and wait for the build."""
        assert self._skill_id is not None  # noqa: S101 - For mypy: the callers look.
        # An earlier run may have been stopped while Amazon was at work.
        self._smapi.settle(self._skill_id)
        found = self._smapi.manifest(self._skill_id)
        if found is None:
            raise failure("no_skill", skill=self._skill_id)
        there, version = found
        target = merged(there, wanted)
        if target == there:
            self._progress.left(what)
        elif self._progress.change(f"mend {what}; Amazon builds it"):
            self._build(lambda skill_id: self._smapi.update_manifest(skill_id, target, version))

    def _build(self, build: Callable[[str], None]) -> None:
        """BuildError when it is the function that Amazon does not take."""
        assert self._skill_id is not None  # noqa: S101 - As above.
        try:
            build(self._skill_id)
        except BuildError as error:
            if TRIGGER in str(error):
                raise
            raise failure("build_failed", said=str(error)) from None

    def _ensure_linking(self, *, always: bool = False, again: bool = False) -> bool:
        """Whether something had to be changed."""
        settings, progress = self._settings, self._progress
        wanted = account_linking(settings)
        there = self._smapi.account_linking(self._skill_id) if self._skill_id else None
        is_amazon = isinstance(settings.linking, AmazonLinking)
        if len(settings.regions) > 1 and not is_amazon and not again:
            host = wanted["clientId"]
            progress.note(f"Home Assistant lets in only those whose Alexa app comes from {host}")
        # Amazon never tells a secret, so one that was given is given again.
        if is_linked_as(there, wanted) and not always:
            if not again:
                progress.left("account linking")
            return False
        if again and progress.dry_run:
            return False
        by = "Login with Amazon" if is_amazon else "Home Assistant's login"
        if progress.change(f"link accounts by {by}") and self._skill_id:
            self._smapi.set_account_linking(self._skill_id, wanted)
        return True

    def _ensure_endpoints(self, account: str) -> None:
        settings = self._settings
        functions = {
            region: function_arn(account, region, settings.resource) for region in settings.regions
        }
        if self._skill_id is None:
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

    def _hand_over(self) -> None:
        progress = self._progress
        if self._skill_id is None or progress.dry_run:
            progress.change("hand over the skill's messaging credentials")
            return
        credentials = self._smapi.credentials(self._skill_id)
        progress.report.hide(credentials.client_id, credentials.client_secret)
        if self._reach.hand_over(self._skill_id, credentials):
            progress.change("have handed them over: Home Assistant goes on by itself")
        else:
            progress.note("Home Assistant is not waiting for them: fine, if it has them already")

    def _ensure_enablement(self) -> bool:
        """Whether it is enabled; the app can do it as well, so nothing here is a failure."""
        progress, skill_id = self._progress, self._skill_id
        try:
            if skill_id and self._smapi.is_enabled(skill_id):
                progress.left("enablement")
                return True
            if not progress.change("enable the skill") or skill_id is None:
                return False
            refused = self._smapi.enable(skill_id)
        except CommandError as error:
            refused = str(error)
        if refused:
            progress.note(f"Amazon leaves that to the Alexa app: {refused}")
        return not refused
