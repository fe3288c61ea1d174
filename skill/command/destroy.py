"""Takes away what `create` made, and nothing else; goes on past what it may not touch."""

from collections.abc import Callable

from .aws import Aws
from .causes import failure
from .errors import CommandError
from .function import Function
from .progress import Patience, Progress
from .reach import DENIED
from .role import Role
from .settings import AWS_REGIONS, resource_name
from .skills import VendorId, alike, choose_vendor, find_skill
from .smapi import SkillManagement
from .table import Table


class Destruction:
    """One run of `destroy`."""

    def __init__(self, smapi: SkillManagement, aws: Aws, progress: Progress) -> None:
        self._smapi = smapi
        self._aws = aws
        self._progress = progress
        self._skill_id: str | None = None
        self._stayed: list[str] = []
        self._had_a_table = False

    def run(self, name: str, vendor_id: VendorId, skill_id: str | None = None) -> None:
        """Delete skill, functions, logs, table and role of that name; CommandError if some stayed.

        With `skill_id`, of a skill that was made by hand: the skill itself stays.
        """
        progress = self._progress
        # First, so that nothing is deleted when AWS cannot be asked.
        self._aws.account()
        progress.step("The skill")
        if skill_id is not None:
            progress.note(f"{skill_id} was made by hand: it stays")
            self._skill_id = skill_id
        else:
            vendor = choose_vendor(self._smapi, vendor_id)
            self._go_on(f'skill "{name}"', lambda: self._remove_skill(vendor, name))
        progress.step("AWS")
        self._remove_functions(resource_name(name))
        progress.finish()
        if self._stayed:
            raise failure("stayed", what="; ".join(self._stayed))

    def _remove_skill(self, vendor_id: str, name: str) -> None:
        self._skill_id = find_skill(self._smapi, vendor_id, name)
        if self._skill_id is None:
            others = ", ".join(f'"{one}"' for one in alike(self._smapi, vendor_id, name))
            hint = f"; there is {others}" if others else ""
            self._progress.note(f'there is no skill "{name}"{hint}')
        elif self._progress.change(f'delete the skill "{name}" ({self._skill_id})'):
            self._smapi.delete(self._skill_id)

    def _remove_functions(self, resource: str) -> None:
        before = len(self._stayed)
        for region in AWS_REGIONS:
            function = Function(self._aws, region, resource, self._progress, patience=Patience())
            self._remove_if_ours(function.where, function)
        if len(self._stayed) > before:
            self._progress.note(f"the role {resource} stays with them")
            return
        self._remove_tables(resource)
        role = Role(self._aws, resource, self._progress)
        self._remove_if_ours(f"role {resource}", role)

    def _remove_tables(self, resource: str) -> None:
        for region in AWS_REGIONS:
            table = Table(self._aws, region, resource, self._progress, patience=Patience())
            try:
                is_there = table.is_there()
            except CommandError as error:
                # Whoever has a webhook may have a login that may do nothing with tables.
                if error.cause in DENIED and not self._had_a_table:
                    self._progress.note(
                        "this login may look for no table: there is one only for a closed home"
                    )
                    return
                is_there = True
            if is_there:
                self._remove_if_ours(table.where, table)

    def _remove_if_ours(self, what: str, thing: Function | Role | Table) -> None:
        """One whose skill is gone is what a run that was stopped has left."""

        def remove() -> None:
            owner = thing.owner()
            if owner not in {None, self._skill_id} and self._smapi.exists(str(owner)):
                raise failure("belongs_to_another", what=what, skill=str(owner))
            if isinstance(thing, Function):
                self._had_a_table |= thing.has_a_table()
            thing.remove()

        self._go_on(what, remove)

    def _go_on(self, what: str, remove: Callable[[], None]) -> None:
        try:
            remove()
        except CommandError as error:
            self._progress.note(f"the {what} stays: {error}")
            self._stayed.append(what)
