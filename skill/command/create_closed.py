"""Makes the skill of a home into which nothing leads, or mends it.

The function answers Alexa from a table, and is the place where accounts are linked: so table,
function and address come before the account linking. The table's rows outlive the function: where
the table is, there the address stays.
"""

from typing import Any

from .answers import Answers
from .aws import Aws
from .errors import CommandError
from .function_url import FunctionUrl
from .functions import Functions, Place
from .package import closed_account_linking
from .progress import Patience, Progress
from .reach import DENIED
from .rows import LIFETIME, Client, Rows
from .settings import AWS_REGIONS, Settings
from .skill import Skill
from .skills import VendorId, choose_vendor
from .smapi import SkillManagement
from .table import Table
from .wanted import Wanted

# What says of a region that no table of ours is there, or none that this login could use.
NONE_OF_OURS = {*DENIED, "aws_region_off", "not_ours", "table_of_another_shape"}
BY = "a page of the function's own"
ENROLMENT = """
Paste this line into the window of Home Assistant. It is good for {minutes} minutes, and for one
Home Assistant; treat it like a password until then:

{address}/#{code}
"""
WHAT_IS_LEFT = """\
What is left for you:
- In Home Assistant: paste the line, and choose the doorbell. Then add your Amazon account: Home
  Assistant shows a code.
- In the Alexa app: More > Skills & Games > Your Skills > Dev > "{name}":
  {enable} A page asks for the code.
- In the Alexa app: open the doorbell, and switch on its announcements.
Then ring."""
NOT_ENABLED = "enable it."
# Enabling links nobody.
ENABLED = "link your account. If it does not ask, disable and enable it."


class ClosedCreation:
    """One run of `create --closed`."""

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
        self._skill = Skill(settings, smapi, progress, patience)
        self._functions = Functions(settings, aws, progress, patience)
        self._answers = Answers(progress, patience)
        self._progress = progress
        self._patience = patience

    def run(self, vendor: VendorId) -> None:
        """Do all of it."""
        progress, skill = self._progress, self._skill
        progress.step("Look whether everything is at hand")
        account = self._aws.account()
        progress.note(f"AWS account {account}")
        vendor_id = choose_vendor(self._smapi, vendor)
        progress.report.hide(vendor_id)
        progress.note(f"Amazon developer account {vendor_id}")
        skill.find(vendor_id)
        region = self._region_of_the_table()
        rows, url = self._in(region)
        skill.check_free(account, self._linking_there(rows, url))
        if not self._settings.take_over:
            self._functions.check_free(self._smapi, skill.id)

        progress.step("The skill, with the permission to send events")
        skill.ensure(vendor_id)

        progress.step("The table")
        self._table(region).ensure(skill.id)
        client = self._ensure_config(rows, vendor_id)

        progress.step("The Lambda function and its address")
        place = self._place(account, region)
        wanted = self._functions.ensure(skill.id, place)
        address = url.ensure()

        progress.step("Look whether the function answers")
        self._look(place, wanted, address, client)

        progress.step("Account linking")
        linking = self._ensure_linking(address, client)

        progress.step("The skill's endpoints")
        skill.ensure_endpoints(account)
        if linking is not None:
            skill.restore_linking(linking, BY)

        progress.step("Enable the skill for your own account")
        is_enabled = skill.ensure_enablement()
        progress.finish()
        if address is not None and not progress.dry_run:
            self._let_in(rows, address, is_enabled=is_enabled)
        self._functions.say_what_is_left_behind(skill.id, place)

    def _region_of_the_table(self) -> str:
        """Where it is, else the first one that was asked for."""
        wanted = self._settings.regions
        for region in (*wanted, *(AWS_REGIONS.keys() - set(wanted))):
            try:
                if self._table(region).is_there():
                    return region
            except CommandError as error:
                # A second table, made since nobody answered for the first, would unlink everybody.
                if region in wanted or error.cause not in NONE_OF_OURS:
                    raise
        return wanted[0]

    def _table(self, region: str) -> Table:
        name = self._settings.resource
        return Table(self._aws, region, name, self._progress, patience=self._patience)

    def _in(self, region: str) -> tuple[Rows, FunctionUrl]:
        name = self._settings.resource
        rows = Rows(self._aws, region, name, self._progress)
        return rows, FunctionUrl(self._aws, region, name, self._progress)

    def _linking_there(self, rows: Rows, url: FunctionUrl) -> dict[str, Any] | None:
        """The account linking of an earlier run; None when there was none."""
        client, address = rows.client(), url.find()
        if client is None or address is None:
            return None
        return closed_account_linking(address, client.client_id, client.client_secret)

    def _ensure_config(self, rows: Rows, vendor_id: str) -> Client | None:
        """None in a dry run before there is a skill."""
        credentials = self._skill.credentials()
        if credentials is None:
            self._progress.change("tell the function what it has to know")
            return None
        return rows.ensure_config(credentials, vendor_id, self._settings.name)

    def _place(self, account: str, region: str) -> Place:
        aws_region, name = AWS_REGIONS[region], self._settings.resource
        return Place(
            # Home Assistant and Alexa's pages ask at the table's address.
            regions=tuple(dict.fromkeys((*self._settings.regions, region))),
            environment={"TABLE": name, "TABLE_REGION": aws_region},
            table=f"arn:aws:dynamodb:{aws_region}:{account}:table/{name}",
        )

    def _look(
        self, place: Place, wanted: Wanted, address: str | None, client: Client | None
    ) -> None:
        progress = self._progress
        if client is None or address is None or progress.dry_run:
            progress.note("(not in a dry run)")
            return
        progress.report.hide(address.partition("//")[2])
        for one in place.regions:
            self._answers.of_function(self._functions.in_region(one), wanted)
        self._answers.of_address(address, client)

    def _ensure_linking(self, address: str | None, client: Client | None) -> dict[str, Any] | None:
        if address is None or client is None:
            self._progress.change(f"link accounts by {BY}")
            return None
        linking = closed_account_linking(address, client.client_id, client.client_secret)
        self._skill.ensure_linking(linking, BY)
        return linking

    def _let_in(self, rows: Rows, address: str, *, is_enabled: bool) -> None:
        """Print the line, and what is left."""
        enable = ENABLED if is_enabled else NOT_ENABLED
        say = self._progress.say
        code = rows.new_enrolment()
        say(ENROLMENT.format(minutes=LIFETIME // 60, address=address, code=code))
        say(WHAT_IS_LEFT.format(name=self._settings.name, enable=enable))
