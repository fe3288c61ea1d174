"""The whole way, through the Function URL and the deployed archive."""

from demo.amazon import messages
from demo.amazon.simulation import SimulatedAmazon

from .parts import FRONT_DOOR, PUSH, STATE, AlexaApp, ClosedSkill


async def test_a_home_that_only_calls_out_is_linked_discovered_and_asked(
    skill: ClosedSkill, amazon: SimulatedAmazon
) -> None:
    home = await skill.enrolled()
    assert (await home.say(PUSH)).json == {"pushed": {"taken": True}}
    pairing = await home.new_pairing(identity="ada")
    assert (await home.say({"grants": {}})).json == {"grants": [], "paired": False}

    alexa = AlexaApp(skill)
    await alexa.link(f"{pairing[:5].lower()}-{pairing[5:]} ")
    assert (await home.say({"grants": {}})).json == {"grants": [], "paired": True}
    granted = await alexa.grant(amazon.login.new_code(amazon.add_account("Ada")))
    assert messages.is_accept_grant_response(granted)

    (grant,) = await home.grants()
    assert grant["identity"] == "ada"
    assert grant["aws_region"] == "eu-west-1"
    assert amazon.login.access_token(grant["tokens"]["access_token"])
    assert (await home.say({"acknowledge": {"grants": [grant["id"]]}})).status == 200
    assert await home.grants() == []

    discovered = await alexa.discover()
    assert messages.discovered(discovered) == {"front-door": FRONT_DOOR}
    report = await alexa.report_state()
    (connectivity,) = report["context"]["properties"]
    assert connectivity["value"] == {"value": "OK"}
    assert connectivity["timeOfSample"] == STATE["time"]
    assert (await alexa.refresh()).json["access_token"]
    assert skill.log == ""
