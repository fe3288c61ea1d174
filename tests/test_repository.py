"""Guards of what no tool checks: the package's imports and its texts."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
import inspect
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util.yaml import parse_yaml
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alexa_doorbell.account_flow import AccountSubentryFlow
from custom_components.alexa_doorbell.accounts.account import Health
from custom_components.alexa_doorbell.config_flow import AlexaDoorbellConfigFlow
from custom_components.alexa_doorbell.const import DOMAIN
from custom_components.alexa_doorbell.doorbells.cameras import Hindrance
from custom_components.alexa_doorbell.doorbells.form import DoorbellSubentryFlow
from custom_components.alexa_doorbell.issues import ISSUE_OF
from custom_components.alexa_doorbell.repairs import AccountRepairFlow, EventTypesRepairFlow

from .home import set_up

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "custom_components" / DOMAIN
TREES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts): ast.parse(path.read_text())
    for path in sorted(PACKAGE.rglob("*.py"))
}
TEXTS: dict[str, Any] = json.loads((PACKAGE / "translations" / "en.json").read_text())
ICONS: dict[str, Any] = json.loads((PACKAGE / "icons.json").read_text())
ACTIONS: Any = parse_yaml((PACKAGE / "services.yaml").read_text())
# What sources.source_error returns.
SOURCE_ERRORS = ["entity_not_found", "unsupported_entity"]
ERROR_KEY = re.compile(r"[a-z]+(_[a-z]+)+|unknown")


def nodes[T: ast.AST](kind: type[T]) -> Iterator[T]:
    """Every such node of the package."""
    for tree in TREES.values():
        yield from (node for node in ast.walk(tree) if isinstance(node, kind))


def imported_by(module: str) -> set[str]:
    """The modules of the package that a module imports, wherever in it."""
    folder = module.split(".")[:-1]
    found = set()
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = [*folder[: len(folder) + 1 - node.level], *(node.module or "").split(".")]
            for name in node.names:
                inner = ".".join([*filter(None, base), name.name])
                found.add(inner if inner in TREES else ".".join(filter(None, base)) or "__init__")
    return found


def placeholders(text: str) -> set[str]:
    """The names in braces."""
    return set(re.findall(r"{(\w+)}", text))


def keywords(call: ast.Call) -> dict[str | None, ast.expr]:
    """The keyword arguments of a call."""
    return {keyword.arg: keyword.value for keyword in call.keywords}


def steps(flow: type) -> set[str]:
    """The steps of a flow."""
    members = inspect.getmembers(flow, inspect.isfunction)
    return {
        name.removeprefix("async_step_")
        for name, function in members
        if name.startswith("async_step_") and function.__module__.startswith("custom_components.")
    }


def test_no_module_imports_itself_by_way_of_others() -> None:
    order = TopologicalSorter({module: imported_by(module) for module in TREES}).static_order()

    assert set(order) <= TREES.keys(), "raises CycleError, which names the circle"


def test_the_import_graph_is_read_rightly() -> None:
    assert {"accounts.account", "client.lwa", "const"} <= set().union(*map(imported_by, TREES))
    assert imported_by("client.lwa") == {
        "client.documents",
        "client.exceptions",
        "client.transport",
    }


def test_nothing_is_imported_for_types_alone() -> None:
    assert "TYPE_CHECKING" not in {name.id for name in nodes(ast.Name)}
    assert "TYPE_CHECKING" not in {alias.name for alias in nodes(ast.alias)}


def test_every_exception_that_a_user_sees_has_its_text() -> None:
    raised = {}
    for call in nodes(ast.Call):
        given = keywords(call)
        key = given.get("translation_key")
        if "translation_domain" in given and isinstance(key, ast.Constant):
            filled = given.get("translation_placeholders")
            names = filled.keys if isinstance(filled, ast.Dict) else []
            raised[key.value] = {name.value for name in names if isinstance(name, ast.Constant)}

        if isinstance(call.func, ast.Name) and call.func.id == "_invalid":
            key = call.args[0]
            keys = [key.value] if isinstance(key, ast.Constant) else SOURCE_ERRORS
            raised |= {key: {str(name) for name in given} for key in keys}

    assert raised == {
        key: placeholders(text["message"]) for key, text in TEXTS["exceptions"].items()
    }


def test_every_repair_issue_has_its_text() -> None:
    fixable = {ISSUE_OF.get(health, health) for health in Health} - {Health.LINKED}
    issues = TEXTS["issues"]

    no_live_view = {f"no_live_view_{each}" for each in Hindrance}

    assert issues.keys() == fixable | no_live_view | {
        "clock_off",
        "event_types_gone",
        "function_gone",
        "function_refuses",
        "login_ended",
        "login_ends",
        "no_external_url",
        "not_linked",
        "not_linked_closed",
        "same_user_twice",
        "source_missing",
    }
    flows = dict.fromkeys(fixable, AccountRepairFlow) | {"event_types_gone": EventTypesRepairFlow}
    for key, texts in issues.items():
        assert texts.keys() == {"title", "fix_flow" if key in flows else "description"}
        if key in flows:
            assert texts["fix_flow"]["step"].keys() == steps(flows[key]) - {"init"} | (
                {"init"} if key in fixable else set()
            )


def test_every_error_in_a_form_has_its_text() -> None:
    functions: list[ast.FunctionDef | ast.AsyncFunctionDef]
    functions = [*nodes(ast.FunctionDef), *nodes(ast.AsyncFunctionDef)]
    errors = {
        value.value
        for function in functions
        if function.name.endswith("_error")
        for node in ast.walk(function)
        if isinstance(node, ast.Return)
        for value in ast.walk(node)
        if isinstance(value, ast.Constant)
    }
    for module in ("alexa.enrolment", "config_flow", "doorbells.form", "repairs"):
        for node in ast.walk(TREES[module]):
            if isinstance(node, ast.Dict):
                errors |= {value.value for value in node.values if isinstance(value, ast.Constant)}

    known = set()
    for texts in (TEXTS["config"], TEXTS["config_subentries"]["doorbell"]):
        known |= texts["error"].keys()
    for texts in TEXTS["issues"].values():
        known |= texts.get("fix_flow", {}).get("error", {}).keys()
    assert {error for error in errors if ERROR_KEY.fullmatch(str(error))} == known


@pytest.mark.parametrize(
    ("flow", "texts", "silent"),
    [
        pytest.param(
            AlexaDoorbellConfigFlow,
            TEXTS["config"],
            {"reauth", "skill_created"},
            id="skill",
        ),
        pytest.param(
            DoorbellSubentryFlow, TEXTS["config_subentries"]["doorbell"], set(), id="doorbell"
        ),
        pytest.param(
            AccountSubentryFlow, TEXTS["config_subentries"]["account"], {"linked"}, id="account"
        ),
    ],
)
def test_every_step_of_a_form_has_its_texts(
    flow: type, texts: dict[str, Any], silent: set[str]
) -> None:
    assert texts["step"].keys() == steps(flow) - silent
    for step in texts["step"].values():
        assert step.get("data", {}).keys() == step.get("data_description", {}).keys()


async def test_every_kind_of_subentry_has_its_texts(entry: MockConfigEntry) -> None:
    kinds = AlexaDoorbellConfigFlow.async_get_supported_subentry_types(entry)

    assert TEXTS["config_subentries"].keys() == kinds.keys()
    for kind, flow in kinds.items():
        texts = TEXTS["config_subentries"][kind]
        assert texts["entry_type"]
        assert texts["initiate_flow"].keys() == steps(flow) & {"user", "reconfigure"}


async def test_every_entity_has_its_name_and_icon(
    hass: HomeAssistant, entry: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    await set_up(hass, entry)

    entities: dict[str, set[str]] = {}
    for entity in er.async_entries_for_config_entry(entity_registry, entry.entry_id):
        entities.setdefault(entity.domain, set()).add(str(entity.translation_key))

    assert {domain: set(keys) for domain, keys in TEXTS["entity"].items()} == entities
    assert {domain: set(keys) for domain, keys in ICONS["entity"].items()} == entities


async def test_every_action_has_its_texts_fields_and_icon(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await set_up(hass, entry)
    registered = hass.services.async_services_for_domain(DOMAIN)

    assert registered.keys() == ACTIONS.keys()
    assert registered.keys() == TEXTS["services"].keys() == ICONS["services"].keys()
    for name, action in registered.items():
        schema = {str(field) for field in getattr(action.schema, "schema", ())}
        assert ACTIONS[name]["fields"].keys() == schema
        texts = TEXTS["services"][name]
        assert texts.keys() == {"name", "description", "fields"}
        assert texts["fields"].keys() == schema
        assert all(field.keys() == {"name", "description"} for field in texts["fields"].values())
