"""The pieces of scripts/benchmark; nothing here looks at a clock."""

import asyncio
import contextlib
import errno
from functools import partial
import importlib.util
import os
from pathlib import Path
import socket
import ssl
from types import ModuleType
from xml.etree import ElementTree as ET

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from benchmarks import network, plot, report, router
from benchmarks.certificates import write_certificates
from benchmarks.figures import Figures, Goal, Pair, difference
from benchmarks.forgotten import Forgotten, Tries
from benchmarks.home import Home
from benchmarks.measurement import Measurement
from benchmarks.presses import Presses
from benchmarks.processor import Unrelated
from benchmarks.remote import Place, Remote, RemoteError
from benchmarks.setup_cost import SetupCost
from benchmarks.shown import Shown
from benchmarks.way import count_way

STEPS = """
async def press(writer):
    first()
    await second(writer)


def first():
    return [step for step in range(3)]


async def second(writer):
    writer.write(b"press")
    after_the_write()


def after_the_write():
    pass
"""


def of(*values: float) -> Figures:
    return Figures(values)


def presses(situation: str, *, ours: float, own: float) -> Presses:
    pair = Pair(of(ours), of(own))
    return Presses(situation, pair, pair)


def measurement(*, missing: str = "") -> Measurement:
    """A whole run, made up."""
    trip = network.ROUND_TRIP
    found = Measurement(machine="on a machine", missing=missing)
    unrelated = Unrelated(500, of(1e-6, 2e-6, 3e-6), of(1e-6, 2e-6, 3e-6))
    found.unrelated = {500: (unrelated, unrelated)}
    found.setups = [
        SetupCost(doorbells, doorbells / 1000, of(doorbells / 2000), doorbells * 2**20)
        for doorbells in (1, 100, 500)
    ]
    if not missing:
        found.presses = {name: presses(name, ours=trip, own=3 * trip) for name in report.SITUATIONS}
        found.forgotten = [
            Forgotten(connections, Tries([3.0, 3.1, 3.2], 0), Tries([], 3))
            for connections in (1, 3)
        ]
    return found


def test_of_a_hundred_values_the_99th_percentile_leaves_the_highest_out() -> None:
    assert Figures(range(1, 101)).percentile99 == 99
    assert Figures(range(1, 101)).median == 50.5


def test_of_few_values_the_99th_percentile_is_the_highest() -> None:
    assert of(3, 1, 2).percentile99 == 3


def test_a_ratio_is_ours_to_their_own() -> None:
    assert Pair(of(1, 2, 9), of(4, 4, 4)).ratio == 0.5


@pytest.mark.parametrize(("figure", "met"), [(1.004, True), (1.006, False)])
def test_a_goal_is_judged_as_it_is_printed(figure: float, *, met: bool) -> None:
    assert Goal("press", figure, 1).met is met


def test_a_difference_is_known_more_surely_than_the_noise_it_is_in() -> None:
    noise = [(number * 7 % 10) / 10 for number in range(40)]
    more, error = difference([2 + each for each in noise], [1.0] * 40)
    assert more == pytest.approx(1.45, abs=0.1)
    assert more > error


def test_a_few_spoilt_batches_decide_nothing() -> None:
    quiet = difference([1.1, 0.9] * 20, [1.0] * 40)
    spoilt = difference([1.1, 0.9] * 18 + [50.0] * 4, [1.0] * 40)
    assert abs(quiet[0]) < quiet[1]
    assert spoilt == pytest.approx(quiet, abs=0.15)


def test_the_report_has_every_situation_and_every_goal() -> None:
    found = measurement()
    text = report.markdown(found)
    assert all(f"| {name}: answered | 80.0 |" in text for name in report.SITUATIONS)
    assert all(f"| {goal.name} |" in text for goal in found.goals)
    assert "| after an idle hour, foretold: ratio | 0.33 | ≤ 0.4 | met |" in text


def test_a_goal_that_is_missed_stands_out() -> None:
    found = measurement()
    found.presses["warm"] = presses("warm", ours=2, own=1)
    assert "| press to wire, warm: ratio | 2.00 | ≤ 1 | **not met** |" in report.markdown(found)


def test_the_report_tells_presses_that_never_arrived_from_slow_ones() -> None:
    found = measurement()
    text = report.markdown(found)
    assert "| it forgot 3 | 3.10 | 3.20 | 0 | never |  | 3 | 3 |" in text
    assert "| the press after a router forgot 3: slowest | 3.20 s | ≤ 3.5 s | met |" in text
    assert "| the press after a router forgot 3: lost | 0.00 | ≤ 0 | met |" in text


def test_the_report_tells_how_soon_a_door_is_shown_and_how_much_of_it_is_ours() -> None:
    found = measurement()
    found.shown = Shown(of(0.51, 0.53), of(0.7, 0.9), of(0.5, 0.5))
    text = report.markdown(found)
    assert "| answered | 520 | 530 | 2 |" in text
    assert "| the first picture is decoded | 800 | 900 | 2 |" in text
    assert "answered later than by the bare camera | 20.00 ms | ≤ 20 ms | met |" in text


def test_a_press_that_is_lost_after_a_router_forgot_misses_both_goals() -> None:
    found = measurement()
    found.forgotten = [Forgotten(1, Tries([], 2), Tries([0.1, 0.1], 0))]
    text = report.markdown(found)
    assert "| the press after a router forgot 1: slowest | inf s | ≤ 3.5 s | **not met** |" in text
    assert "| the press after a router forgot 1: lost | 2.00 | ≤ 0 | **not met** |" in text


def test_without_a_network_the_report_says_why_rows_are_missing() -> None:
    text = report.markdown(measurement(missing="no such device"))
    assert "No row that needs the network could be measured: no such device." in text
    assert "A press" not in text


def test_the_report_replaces_the_one_before_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"# Title\n{report.BEGIN}\nold figures\n{report.END}\n## Below\n")
    report.write(measurement(), page)
    report.write(measurement(), page)
    text = page.read_text()
    assert text.startswith(f"# Title\n{report.BEGIN}\nMeasured on a machine.")
    assert text.endswith(f"{report.END}\n## Below\n")
    assert "old figures" not in text
    assert text.count(report.BEGIN) == text.count("### Goals") == 1


def test_the_plot_draws_a_bar_for_each_situation_of_both(tmp_path: Path) -> None:
    picture = tmp_path / "images" / "performance.svg"
    plot.write(measurement(), picture)
    bars = ET.parse(picture).getroot().findall("{http://www.w3.org/2000/svg}rect")
    widths = [float(bar.attrib["width"]) for bar in bars]
    # The background and the legend's two are drawn with it.
    assert len(widths) == 2 * len(report.SITUATIONS) + 3
    assert widths[2] == pytest.approx(widths[1] * 3, abs=0.2)


@pytest.fixture
def steps(tmp_path: Path) -> ModuleType:
    """A package whose way to the socket is known."""
    file = tmp_path / "steps.py"
    file.write_text(STEPS)
    spec = importlib.util.spec_from_file_location("steps", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.usefixtures("socket_enabled")
async def test_the_way_is_counted_up_to_the_first_write(tmp_path: Path, steps: ModuleType) -> None:
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0) as here:
        _, writer = await asyncio.open_connection(*here.sockets[0].getsockname())
        with count_way(tmp_path) as way:
            await steps.press(writer)
        writer.close()
    assert way.functions == ["steps.press", "steps.first", "steps.second"]
    assert (way.coroutines, way.waits, way.arrived) == (2, 0, True)


async def test_a_wait_before_the_write_is_counted(tmp_path: Path) -> None:
    file = tmp_path / "steps.py"
    file.write_text("async def press(sleep):\n    await sleep(0)\n")
    namespace: dict[str, object] = {}
    exec(compile(file.read_text(), file, "exec"), namespace)
    with count_way(tmp_path) as way:
        await namespace["press"](asyncio.sleep)  # type: ignore[operator]
    assert (way.functions, way.waits, way.arrived) == (["steps.press"], 1, False)


@pytest.mark.parametrize(("name", "trusted"), [("api.amazon.com", True), ("example.com", False)])
def test_amazon_is_trusted_under_its_own_names_alone(
    tmp_path: Path, name: str, *, trusted: bool
) -> None:
    authority, server = tmp_path / "authority.pem", tmp_path / "server.pem"
    write_certificates(network.HOST_NAMES, authority, server)
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    theirs.load_cert_chain(server)
    ours = ssl.create_default_context(cafile=str(authority))
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        ours.wrap_bio(to_client, to_server, server_hostname=name),
        theirs.wrap_bio(to_server, to_client, server_side=True),
    )

    def shake_hands() -> None:
        for _ in range(3):
            for end in ends:
                with contextlib.suppress(ssl.SSLWantReadError):
                    end.do_handshake()

    if trusted:
        shake_hands()
        assert ends[0].getpeercert()
    else:
        with pytest.raises(ssl.SSLCertVerificationError):
            shake_hands()


@pytest.mark.usefixtures("socket_enabled")
def test_a_router_that_forgot_a_connection_leaves_what_it_carries_without_a_word() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as before,
        server.accept()[0] as forgotten,
    ):
        router.forget(forgotten)
        before.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 500)
        before.sendall(b"press")
        before.settimeout(20)
        with pytest.raises(TimeoutError) as gone:
            before.recv(1)
        # The kernel gave up, not this test: nobody acknowledged it.
        assert gone.value.errno == errno.ETIMEDOUT
        with pytest.raises(BlockingIOError):
            forgotten.recv(1, socket.MSG_DONTWAIT)
        with socket.create_connection(server.getsockname()) as after, server.accept()[0] as known:
            after.sendall(b"press")
            assert known.recv(5) == b"press"


async def test_each_unrelated_change_is_one(hass: HomeAssistant, tmp_path: Path) -> None:
    home = Home(tmp_path, 0, 1, ("id", "secret"))
    home.hass = hass
    for entities in (6, 9):
        home.add_entities(entities)
        changes = async_capture_events(hass, EVENT_STATE_CHANGED)
        for _ in range(2):
            await home.change_unrelated(8)
        assert len(changes) == 16


def test_without_root_there_is_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(network.UnavailableError, match="only root"):
        network.Network()


def test_an_object_elsewhere_answers_and_tells_what_went_wrong(tmp_path: Path) -> None:
    with Remote(partial(list, "abc"), Place(log=tmp_path / "log")) as letters:
        assert letters.call("index", "c") == 2
        with pytest.raises(RemoteError, match="ValueError"):
            letters.call("index", "z")
        letters.call("append", "z")
        assert letters.call("index", "z") == 3
