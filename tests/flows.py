"""Fills in the forms of a flow as a user does, and misses no text that the user would miss."""

import itertools
import json
from pathlib import Path
import re
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, section
from homeassistant.helpers.selector import SelectSelector
from pytest_homeassistant_custom_component.common import MockConfigEntry

import custom_components.alexa_doorbell as integration
from custom_components.alexa_doorbell.const import DOMAIN

# Where Home Assistant takes the answers to its repairs.
REPAIRS = "/api/repairs/issues/fix"
TEXTS: dict[str, Any] = json.loads(
    (Path(integration.__file__).parent / "translations" / "en.json").read_text()
)
# What the form of a closed home does not ask.
OF_OPEN_HOMES = {"camera", "talk"}
DOORBELL_TEXTS = TEXTS["config_subentries"]["doorbell"]
ACCOUNT_TEXTS = TEXTS["config_subentries"]["account"]


async def submit(hass: HomeAssistant, form: Any, fields: dict[str, Any] | None = None) -> Any:
    """Fill in a form of a config flow, and return what comes next."""
    result = await hass.config_entries.flow.async_configure(form["flow_id"], fields or {})
    return checked(result, TEXTS["config"])


async def open_doorbell(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    """Begin to add a doorbell."""
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "doorbell"), context={"source": SOURCE_USER}
    )
    return checked(result, DOORBELL_TEXTS)


async def submit_doorbell(hass: HomeAssistant, form: Any, **fields: Any) -> Any:
    """Fill in a form of a doorbell's flow, and return what comes next.

    What is within a section may be given beside the rest, of a form that was looked at.
    """
    for name, within in sections(form.get("data_schema")).items():
        inner = {key.schema for key in within}
        fields[name] = {key: fields.pop(key) for key in inner & fields.keys()}
    result = await hass.config_entries.subentries.async_configure(form["flow_id"], fields)
    return checked(result, DOORBELL_TEXTS)


async def open_account(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    """Begin to add an account."""
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "account"), context={"source": SOURCE_USER}
    )
    return checked(result, ACCOUNT_TEXTS)


async def next_of_account(hass: HomeAssistant, window: Any) -> Any:
    """What the window of an account shows next, once it was told that there is something."""
    result = await hass.config_entries.subentries.async_configure(window["flow_id"])
    return checked(result, ACCOUNT_TEXTS)


async def open_repair(client: TestClient[Any, Any], issue_id: str) -> Any:
    """Open the repair of an issue, and return what it asks."""
    body = {"handler": DOMAIN, "issue_id": issue_id}
    return await (await client.post(REPAIRS, json=body)).json()


async def submit_repair(client: TestClient[Any, Any], flow_id: str, data: dict[str, Any]) -> Any:
    """Choose or submit in a repair, and return what comes next."""
    response = await client.post(f"{REPAIRS}/{flow_id}", json=data)
    assert response.status == 200
    return await response.json()


def shown(form: Any) -> dict[str, Any]:
    """What the fields of a form are filled in with, those within sections beside the rest."""
    values = {}
    schema = form["data_schema"]
    for key in [*schema.schema, *itertools.chain(*sections(schema).values())]:
        if key.description:
            values[key.schema] = key.description["suggested_value"]
        elif callable(key.default):
            values[key.schema] = key.default()
    return values


def sections(schema: Any) -> dict[str, dict[Any, Any]]:
    """The sections of a form, each with its fields."""
    fields = schema.schema if schema else {}
    return {
        key.schema: within.schema.schema
        for key, within in fields.items()
        if isinstance(within, section)
    }


def checked(result: Any, texts: dict[str, Any]) -> Any:
    """Return the result, once every text that it needs is found."""
    if result["type"] is FlowResultType.ABORT and not result.get("translation_domain"):
        assert result["reason"] in texts["abort"]
    if result["type"] is FlowResultType.MENU:
        options = texts["step"][result["step_id"]]["menu_options"]
        assert sorted(options) == sorted(result["menu_options"])
    if result["type"] is FlowResultType.SHOW_PROGRESS:
        needed = set(re.findall(r"{(\w+)}", texts["progress"][result["progress_action"]]))
        assert needed == set(result["description_placeholders"])
    if result["type"] is FlowResultType.FORM:
        _check_form(result, texts)
    return result


def _check_form(form: Any, texts: dict[str, Any]) -> None:
    step = texts["step"][form["step_id"]]
    inner = sections(form["data_schema"])
    fields = {key.schema: value for key, value in form["data_schema"].schema.items()}
    _check_fields({key: value for key, value in fields.items() if key not in inner}, step)
    assert step.get("sections", {}).keys() == inner.keys()
    for name, within in inner.items():
        assert step["sections"][name]["name"]
        _check_fields({key.schema: value for key, value in within.items()}, step["sections"][name])
    errors = [texts["error"][error] for error in (form["errors"] or {}).values()]
    needed = set(re.findall(r"{(\w+)}", json.dumps([step, errors])))
    assert needed <= set(form["description_placeholders"] or ())


def _check_fields(fields: dict[str, Any], texts: dict[str, Any]) -> None:
    for kind in ("data", "data_description"):
        told = [key for key in texts.get(kind, {}) if key in fields or key not in OF_OPEN_HOMES]
        assert told == sorted(fields)
    for selector in fields.values():
        if isinstance(selector, SelectSelector) and "translation_key" in selector.config:
            options = TEXTS["selector"][selector.config["translation_key"]]["options"]
            assert set(map(str, selector.config["options"])) == set(options)
