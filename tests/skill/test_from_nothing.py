"""From nothing to the first announcement: the flow, the line as it is shown, and a press.

The computer has a shell and curl: neither uv nor Python, Git, Node.js or AWS's command line. It is
logged in to AWS as AWS CloudShell is.
"""

from typing import Any

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.alexa_doorbell.const import DOMAIN
from demo.amazon.account import Region
from demo.amazon.simulation import SimulatedAmazon
from demo.developer.lambda_runtime import DeployedSkill, LambdaRuntime

from .box import Box, Internet
from .developer import LOGIN
from .world import CREDENTIALS, World, arn

BELL = "binary_sensor.front_door"
REPOSITORY = "https://github.com/alexa-doorbell/alexa-doorbell"


@pytest.fixture
async def _amazon_itself(
    hass: HomeAssistant,
    hass_client_no_auth: ClientSessionGenerator,
    amazon: SimulatedAmazon,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The simulated Amazon in the real one's place, and Home Assistant where it can be reached."""
    amazon.login.client_id, amazon.login.client_secret = CREDENTIALS
    connection = "custom_components.alexa_doorbell.accounts.connection"
    monkeypatch.setattr(f"{connection}.LWA_URL", amazon.lwa_url)
    urls = {region.value: amazon.gateway_url(region) for region in Region}
    monkeypatch.setattr(f"{connection}.GATEWAY_URLS", urls)
    # Amazon could not reach loopback; the simulated one can.
    check = "custom_components.alexa_doorbell.config_flow.address_error"
    monkeypatch.setattr(check, lambda *_, **__: None)
    assert await async_setup_component(hass, "webhook", {})
    client = await hass_client_no_auth()
    await hass.config.async_update(external_url=str(client.make_url("")), country="DE")


async def go_on(hass: HomeAssistant, step: Any, fields: dict[str, Any] | None = None) -> Any:
    """Choose or submit in the config flow, or do what the browser does by itself."""
    await hass.async_block_till_done(wait_background_tasks=True)
    return await hass.config_entries.flow.async_configure(step["flow_id"], fields)


@pytest.mark.usefixtures("_amazon_itself")
async def test_a_skill_that_the_line_made_announces_a_press(
    hass: HomeAssistant, amazon: SimulatedAmazon, world: World, shell: Box, internet: Internet
) -> None:
    hass.states.async_set(BELL, "off")
    menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    waiting = await hass.config_entries.flow.async_configure(
        menu["flow_id"], {"next_step_id": "create_skill"}
    )
    waiting = await hass.config_entries.flow.async_configure(
        waiting["flow_id"], {"next_step_id": "create_webhook"}
    )
    shown = waiting["description_placeholders"]
    assert shown is not None
    assert "create --region eu " in shown["command"]
    assert f" {REPOSITORY}/archive/refs/tags/v" in shown["command"]
    line = shown["command"].replace(REPOSITORY, internet.url)
    secret = ("Shared secret:", shown["shared_secret"])

    made = await shell.run(line, secret, *LOGIN)
    assert made.status == 0, made.screen
    assert shown["shared_secret"] not in made.screen
    world.no_secret_in(made.screen)

    added = await go_on(hass, waiting)
    assert added["type"] is FlowResultType.CREATE_ENTRY
    _, doorbell_flow = added["next_flow"]
    await hass.config_entries.subentries.async_configure(
        doorbell_flow, {"entity_id": BELL, "friendly_name": "Front door"}
    )
    await hass.async_block_till_done()

    code, variables = world.aws.code(arn("eu")), world.aws.variables(arn("eu"))
    async with LambdaRuntime(code, variables) as function:
        skill = DeployedSkill(amazon, {Region.EU: function})
        account = amazon.add_account("Ada")
        assert await skill.link(account), account.notice
        (endpoint,) = await skill.discover(account)
        assert endpoint["friendlyName"] == "Front door"
        hass.states.async_set(BELL, "on")
        announcement = await amazon.wait_for_announcement()
        assert announcement.text == "Someone is at the Front door"
        assert function.log == ""

    again = await shell.run(line, secret)
    assert again.status == 0, again.screen
