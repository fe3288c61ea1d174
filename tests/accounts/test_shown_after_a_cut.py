"""After a power cut the page and the file of tokens agree, whichever was written last."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntries, ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import storage
from homeassistant.util.file import write_utf8_file_atomic
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, flush_store

from custom_components.alexa_doorbell.const import DOMAIN
from demo.amazon.account import Account
from demo.amazon.simulation import SimulatedAmazon
from demo.amazon.skill import Skill

from ..home import link, set_up
from .people import delete, linked, people, rename, shown, stored

pytestmark = pytest.mark.usefixtures("without_reports")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What is in the file of the page, and in that of the tokens; None: there is no such file."""

    page: str | None
    tokens: str | None


@dataclass(slots=True, kw_only=True)
class Files:
    """The two files of a Home Assistant that runs, and that a power cut may meet at any time."""

    hass: HomeAssistant
    page: Path
    tokens: Path
    entry_id: str
    # Each text of the file of tokens, one after the other.
    history: list[str] = field(default_factory=list)

    @property
    def entry(self) -> ConfigEntry:
        """The skill, of the Home Assistant that was started last."""
        return self.hass.config_entries.async_get_known_entry(self.entry_id)

    async def written(self) -> Written:
        """Let everything be written, and read it."""
        await self.hass.async_block_till_done(wait_background_tasks=True)
        await flush_store(self.hass.config_entries._store)
        return Written(page=_text(self.page), tokens=_text(self.tokens))

    async def start_from(self, *, page: str | None, tokens: str | None) -> list[str]:
        """Start from such files with nothing in memory; who is on the page, linked and stored."""
        await self.hass.config_entries.async_unload(self.entry_id)
        await self.written()
        self.hass.data[DOMAIN].skills.clear()
        for path, text in ((self.page, page), (self.tokens, tokens)):
            path.unlink(missing_ok=True)
            if text is not None:
                path.write_text(text)
        self.hass.config_entries = ConfigEntries(self.hass, {})
        await self.hass.config_entries.async_initialize()
        assert await self.hass.config_entries.async_setup(self.entry_id)
        await self.hass.async_block_till_done(wait_background_tasks=True)
        assert self.entry.state is ConfigEntryState.LOADED
        on_page = shown(self.entry)
        assert on_page == linked(self.entry) == stored(self.tokens.parent, self.entry)
        return on_page


def _text(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


@pytest.fixture
async def files(
    hass: HomeAssistant,
    storage_folder: Path,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> Files:
    """The files of a skill that nobody linked yet."""
    await set_up(hass, entry)
    files = Files(
        hass=hass,
        page=storage_folder / "core.config_entries",
        tokens=storage_folder / f"{DOMAIN}.{entry.entry_id}",
        entry_id=entry.entry_id,
    )

    def write(path: str, text: str, *args: Any, **options: Any) -> None:
        write_utf8_file_atomic(path, text, *args, **options)
        if Path(path) == files.tokens:
            files.history.append(files.tokens.read_text())

    monkeypatch.setattr(storage, "write_utf8_file_atomic", write)
    return files


@pytest.fixture
async def ada(files: Files, amazon: SimulatedAmazon, skill: Skill) -> Account:
    """An account that is linked, and on the page."""
    return await link(amazon, skill)


@pytest.fixture
async def bob(ada: Account, amazon: SimulatedAmazon, skill: Skill) -> Account:
    """Another one."""
    return await link(amazon, skill, "Bob")


@pytest.fixture(autouse=True)
def _no_secret_is_on_the_page(files: Files) -> Iterator[None]:
    """The page's file is what people paste when they ask for help."""
    yield
    assert "Atz" not in (_text(files.page) or "")


async def test_who_links_is_on_the_page_whenever_the_cut_came(
    files: Files, amazon: SimulatedAmazon, skill: Skill
) -> None:
    before = await files.written()
    await link(amazon, skill)
    after = await files.written()
    texts = list(files.history)
    assert len(set(texts)) > 1
    for tokens in texts:
        assert await files.start_from(page=before.page, tokens=tokens) == ["Ada"]
        assert await files.start_from(page=after.page, tokens=tokens) == ["Ada"]


async def test_who_links_again_after_a_deletion_is_on_the_page(
    hass: HomeAssistant, files: Files, skill: Skill, bob: Account, ada: Account
) -> None:
    delete(hass, files.entry, "Ada")
    before = await files.written()
    files.history.clear()
    assert await skill.link(ada)
    after = await files.written()
    for tokens in list(files.history):
        assert await files.start_from(page=before.page, tokens=tokens) == ["Ada", "Bob"]
        assert await files.start_from(page=after.page, tokens=tokens) == ["Ada", "Bob"]


@pytest.mark.usefixtures("bob")
async def test_who_was_deleted_is_forgotten_if_the_tokens_were_still_on_the_disk(
    hass: HomeAssistant, files: Files
) -> None:
    before = await files.written()
    delete(hass, files.entry, "Ada")
    after = await files.written()
    assert await files.start_from(page=after.page, tokens=before.tokens) == ["Bob"]


@pytest.mark.usefixtures("ada")
async def test_the_only_one_who_was_deleted_is_forgotten_if_the_tokens_were_still_on_the_disk(
    hass: HomeAssistant, files: Files
) -> None:
    before = await files.written()
    delete(hass, files.entry, "Ada")
    after = await files.written()
    assert await files.start_from(page=after.page, tokens=before.tokens) == []


@pytest.mark.usefixtures("bob")
async def test_who_was_deleted_is_not_on_the_page_if_only_the_tokens_were_deleted(
    hass: HomeAssistant, files: Files
) -> None:
    before = await files.written()
    delete(hass, files.entry, "Ada")
    after = await files.written()
    assert await files.start_from(page=before.page, tokens=after.tokens) == ["Bob"]


@pytest.mark.usefixtures("bob")
async def test_a_deletion_of_which_nothing_was_written_has_not_happened(
    hass: HomeAssistant, files: Files
) -> None:
    before = await files.written()
    delete(hass, files.entry, "Ada")
    await files.written()
    assert await files.start_from(page=before.page, tokens=before.tokens) == ["Ada", "Bob"]


@pytest.mark.usefixtures("bob")
async def test_a_forgetting_that_was_cut_off_again_is_made_good_at_the_next_start(
    hass: HomeAssistant, files: Files
) -> None:
    before = await files.written()
    delete(hass, files.entry, "Ada")
    after = await files.written()
    await files.start_from(page=after.page, tokens=before.tokens)
    page = (await files.written()).page
    assert await files.start_from(page=page, tokens=before.tokens) == ["Bob"]


@pytest.mark.usefixtures("bob")
async def test_who_was_forgotten_elsewhere_is_not_on_the_page(files: Files, ada: Account) -> None:
    before = await files.written()
    await files.entry.runtime_data.accounts.async_forget(f"amazon.{ada.user_id}")
    after = await files.written()
    assert await files.start_from(page=before.page, tokens=after.tokens) == ["Bob"]


@pytest.mark.usefixtures("ada")
async def test_a_name_that_the_user_gave_is_kept_if_half_of_it_was_written(
    hass: HomeAssistant, files: Files
) -> None:
    before = await files.written()
    rename(hass, files.entry, "Ada", "Kitchen")
    after = await files.written()
    assert await files.start_from(page=before.page, tokens=after.tokens) == ["Kitchen"]
    assert await files.start_from(page=after.page, tokens=before.tokens) == ["Kitchen"]


async def test_the_page_keeps_its_ids_over_a_start(files: Files, bob: Account) -> None:
    before = [each.subentry_id for each in people(files.entry)]
    now = await files.written()
    await files.start_from(page=now.page, tokens=now.tokens)
    assert [each.subentry_id for each in people(files.entry)] == before


async def test_a_page_without_tokens_shows_nobody(files: Files, bob: Account) -> None:
    now = await files.written()
    assert await files.start_from(page=now.page, tokens=None) == []


@pytest.mark.freeze_time("2026-03-20 12:00:00")
async def test_who_links_after_the_clock_was_set_back_is_on_the_page(
    files: Files, amazon: SimulatedAmazon, skill: Skill, freezer: FrozenDateTimeFactory
) -> None:
    before = await files.written()
    await files.start_from(page=before.page, tokens=before.tokens)
    freezer.tick(timedelta(hours=-1))
    await link(amazon, skill)
    after = await files.written()
    assert await files.start_from(page=before.page, tokens=after.tokens) == ["Ada"]


@pytest.mark.freeze_time("2026-03-20 12:00:00")
async def test_who_is_deleted_after_the_clock_was_set_back_is_forgotten(
    hass: HomeAssistant, files: Files, ada: Account, freezer: FrozenDateTimeFactory
) -> None:
    await files.written()
    freezer.tick(timedelta(hours=-1))
    delete(hass, files.entry, "Ada")
    after = await files.written()
    assert await files.start_from(page=after.page, tokens=after.tokens) == []
