"""Sets the integration up as a user would in the browser: step by step, over HTTP."""

import asyncio
from dataclasses import dataclass
from typing import Any

from ..amazon.simulation import SimulatedAmazon
from .client import HomeAssistantClient
from .configuration import DOORBELL

FRIENDLY_NAME = "Front door"


class MissingError(Exception):
    """Something that the demo needs did not happen; the text says what, in plain words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SkillSettings:
    """What the last step of the config flow shows for the skill's Lambda function."""

    webhook_url: str
    shared_secret: str


async def add_skill(
    client: HomeAssistantClient, amazon: SimulatedAmazon
) -> tuple[SkillSettings, str]:
    """Add the integration; what it shows for the skill, and the flow that adds a doorbell."""
    step = await client.start_flow("alexa_doorbell")
    if step["type"] == "menu":
        step = await client.continue_flow(step["flow_id"], {"next_step_id": "credentials"})
    credentials = {
        "client_id": amazon.client_id,
        "client_secret": amazon.client_secret,
        "region": "custom",
    }
    step = await client.continue_flow(step["flow_id"], credentials)
    _expect(step, "endpoints")
    endpoints = {"lwa_url": amazon.lwa_url, "gateway_url": amazon.gateway_url()}
    step = await client.continue_flow(step["flow_id"], endpoints)
    _expect(step, "skill")
    shown = step["description_placeholders"]
    settings = SkillSettings(webhook_url=shown["webhook_url"], shared_secret=shown["shared_secret"])
    entry = await client.continue_flow(step["flow_id"], {})
    if entry["type"] != "create_entry":
        raise MissingError(f"Home Assistant did not add the integration: {_said(entry)}")
    if entry.get("next_flow"):
        return settings, str(entry["next_flow"][1])
    flow = await client.start_subentry_flow(entry["result"]["entry_id"], "doorbell")
    return settings, str(flow["flow_id"])


async def add_closed_skill(client: HomeAssistantClient, line: str) -> tuple[str, str]:
    """Add the integration with the command's last line; the entry, and the doorbell's flow."""
    step = await client.start_flow("alexa_doorbell")
    for choice in ("create_skill", "create_closed"):
        step = await client.continue_flow(step["flow_id"], {"next_step_id": choice})
    _expect(step, "create_closed")
    entry = await client.continue_flow(step["flow_id"], {"enrolment": line})
    if entry["type"] != "create_entry":
        raise MissingError(f"Home Assistant did not add the integration: {_said(entry)}")
    return str(entry["result"]["entry_id"]), str(entry["next_flow"][1])


async def open_account_window(client: HomeAssistantClient, entry_id: str) -> tuple[str, str]:
    """Begin to add an account; the flow, and the code that it shows."""
    step = await client.start_subentry_flow(entry_id, "account")
    if step["type"] != "progress":
        raise MissingError(f"Home Assistant did not wait for an account: {_said(step)}")
    return str(step["flow_id"]), str(step["description_placeholders"]["code"])


async def wait_for_account(client: HomeAssistantClient, flow_id: str) -> None:
    """Look at the window until it has become the account that linked."""
    async with asyncio.timeout(30):
        step = await client.subentry_flow(flow_id)
        while step["type"] == "progress":
            await asyncio.sleep(0.2)
            step = await client.subentry_flow(flow_id)
    if step["type"] != "create_entry":
        raise MissingError(f"Home Assistant did not add the account: {_said(step)}")


async def add_doorbell(
    client: HomeAssistantClient, flow_id: str, camera: str | None = None
) -> None:
    """Make the template binary sensor a doorbell, with the camera if there is one."""
    doorbell = {"entity_id": DOORBELL, "friendly_name": FRIENDLY_NAME}
    if camera is not None:
        doorbell["camera"] = camera
    step = await client.continue_subentry_flow(flow_id, doorbell)
    if step["type"] != "create_entry":
        raise MissingError(f"Home Assistant did not add the doorbell: {_said(step)}")


def _expect(step: dict[str, Any], step_id: str) -> None:
    if step["type"] != "form" or step["step_id"] != step_id:
        raise MissingError(f"The config flow did not come to its step {step_id}: {_said(step)}")


def _said(step: dict[str, Any]) -> str:
    """Where a flow stands and what it complains about."""
    if step["type"] == "abort":
        return f"aborted, {step['reason']}"
    return f"step {step.get('step_id')}, errors {step.get('errors') or 'none'}"
