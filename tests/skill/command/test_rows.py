"""What the command writes into the table, whoever else does so and whatever the clock says."""

import io
import time
from typing import Any

import pytest

from skill.command.aws import Aws
from skill.command.errors import CommandError
from skill.command.progress import Progress
from skill.command.report import Report
from skill.command.rows import Row, Rows
from skill.command.smapi import Credentials
from skill.command.table import Table

from ..world import CREDENTIALS, NAME, NoPatience, World

ASKED_FOR: tuple[Any, ...] = (Credentials(*CREDENTIALS), "M2ABCDEFGHIJKL", "Doorbell")


@pytest.fixture(name="report")
def report_fixture() -> Report:
    """A report that knows how far this computer's clock is off."""
    return Report()


@pytest.fixture(name="rows")
def rows_fixture(world: World, report: Report, monkeypatch: pytest.MonkeyPatch) -> Rows:
    """The rows of a new table."""
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    aws, progress = Aws(None, report), Progress(report=report, out=io.StringIO())
    Table(aws, "eu", NAME, progress, patience=NoPatience()).ensure(None)
    return Rows(aws, "eu", NAME, progress)


def look_before(monkeypatch: pytest.MonkeyPatch, *before: Row | None) -> None:
    """Let the first looks see what was there before somebody else wrote."""
    looks, look = list(before), Rows._config

    def _config(rows: Rows) -> Row | None:
        return looks.pop(0) if looks else look(rows)

    monkeypatch.setattr(Rows, "_config", _config)


def test_two_runs_at_once_make_up_one_client(
    rows: Rows, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = rows.ensure_config(*ASKED_FOR)
    look_before(monkeypatch, None)

    assert rows.ensure_config(*ASKED_FOR) == first
    assert world.config["link_client_id"] == first.client_id


def test_what_somebody_else_mended_meanwhile_is_not_undone(
    rows: Rows, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows.ensure_config(*ASKED_FOR)
    before = world.config
    rows._write({"key": "config", "signing_key": "a2V5" * 16}, before)
    look_before(monkeypatch, before)

    rows.ensure_config(Credentials("another", "pair"), "M2ABCDEFGHIJKL", "Doorbell")

    assert world.config["signing_key"] == "a2V5" * 16
    assert world.config["client_id"] == "another"


def test_a_run_that_never_gets_its_turn_ends(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    rows.ensure_config(*ASKED_FOR)
    look_before(monkeypatch, None, None, None)

    with pytest.raises(CommandError, match="Somebody else is changing"):
        rows.ensure_config(*ASKED_FOR)


def test_a_line_is_good_for_a_quarter_of_an_hour_by_awss_clock(
    rows: Rows, world: World, report: Report
) -> None:
    report.ahead = 3600

    rows.new_enrolment()

    (row,) = world.rows()
    assert abs(int(row["ttl"]) - (time.time() - 3600 + 900)) < 10
