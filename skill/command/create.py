"""Makes the skill whose function hands on to Home Assistant's webhook, or mends it.

The order matters: skill.py says why. What can be done in the app as well comes last: it may be
refused.
"""

from .aws import Aws
from .functions import Functions, Place
from .home_assistant import checked_address
from .package import account_linking
from .progress import Patience, Progress
from .reach import Reach
from .settings import AmazonLinking, Settings
from .skill import Skill
from .skills import VendorId, choose_vendor
from .smapi import SkillManagement

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
    """One run of `create --webhook-url`."""

    def __init__(
        self,
        settings: Settings,
        smapi: SkillManagement,
        aws: Aws,
        progress: Progress,
        patience: Patience,
    ) -> None:
        webhook = settings.webhook
        assert webhook is not None  # noqa: S101 - For mypy: whoever calls this looks.
        self._settings = settings
        self._webhook = webhook
        self._smapi = smapi
        self._aws = aws
        self._skill = Skill(settings, smapi, progress, patience)
        self._functions = Functions(settings, aws, progress, patience)
        self._progress = progress
        self._linking = account_linking(webhook, settings.regions[0])
        self._is_amazons = isinstance(webhook.linking, AmazonLinking)
        config = checked_address(webhook.url, webhook.shared_secret)
        self._reach = Reach(config, progress, patience)

    def run(self, vendor: VendorId) -> None:
        """Do all of it."""
        progress, skill = self._progress, self._skill
        progress.step("Look whether everything is at hand")
        account = self._aws.account()
        progress.note(f"AWS account {account}")
        vendor_id = choose_vendor(self._smapi, vendor)
        progress.report.hide(vendor_id)
        progress.note(f"Amazon developer account {vendor_id}")
        self._reach.look_from_here()
        skill.find(vendor_id)
        skill.check_free(account, self._linking)
        if not self._settings.take_over:
            self._functions.check_free(self._smapi, skill.id)

        progress.step("The skill, with the permission to send events")
        skill.ensure(vendor_id)

        progress.step("Account linking")
        by = "Login with Amazon" if self._is_amazons else "Home Assistant's login"
        self._say_who_is_let_in()
        # Amazon never tells a secret, so one that was given is given again.
        skill.ensure_linking(self._linking, by, always=self._is_amazons)

        progress.step("The Lambda function")
        place = Place.of_webhook(self._webhook, self._settings.regions)
        wanted = self._functions.ensure(skill.id, place)
        self._functions.close_addresses()

        progress.step("Look whether the function reaches Home Assistant")
        if progress.dry_run:
            progress.note("(not in a dry run)")
        else:
            self._functions.look_for_home_assistant(self._reach, wanted)

        progress.step("The skill's endpoints")
        skill.ensure_endpoints(account)
        skill.restore_linking(self._linking, by)

        progress.step("Hand the skill's credentials to Home Assistant")
        self._hand_over()

        progress.step("Enable the skill for your own account")
        is_enabled = skill.ensure_enablement()
        progress.finish()
        if not progress.dry_run:
            enable = ENABLED if is_enabled else NOT_ENABLED
            progress.say(WHAT_IS_LEFT.format(name=self._settings.name, enable=enable))
        self._functions.say_what_is_left_behind(skill.id, place)

    def _say_who_is_let_in(self) -> None:
        if len(self._settings.regions) > 1 and not self._is_amazons:
            host = self._linking["clientId"]
            self._progress.note(
                f"Home Assistant lets in only those whose Alexa app comes from {host}"
            )

    def _hand_over(self) -> None:
        progress = self._progress
        if self._skill.id is None or progress.dry_run:
            progress.change("hand over the skill's messaging credentials")
            return
        credentials = self._skill.credentials()
        if credentials and self._reach.hand_over(self._skill.id, credentials):
            progress.change("have handed them over: Home Assistant goes on by itself")
        else:
            progress.note("Home Assistant is not waiting for them: fine, if it has them already")
