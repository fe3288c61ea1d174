"""The story of somebody new, from the login to a doorbell that speaks, and beyond a trouble."""

from homeassistant.const import MAJOR_VERSION, MINOR_VERSION
import pytest

from demo.amazon.simulation import SimulatedAmazon
from demo.home_assistant.process import HomeAssistant

from .alexa import AlexaApp, Echos
from .frontend import Frontend
from .pictures import Pictures

SENTENCE = "Someone is at the Front door"
RELINK = "The Amazon account Ada must be linked again"


@pytest.mark.skipif(
    (MAJOR_VERSION, MINOR_VERSION) < (2026, 10),
    reason="Older frontends have other buttons; the newest is what the pictures show",
)
@pytest.mark.timeout(900)
async def test_a_newcomer_hears_the_doorbell_and_links_a_lost_account_again(  # noqa: PLR0915
    amazon: SimulatedAmazon,
    home: HomeAssistant,
    frontend: Frontend,
    alexa_app: AlexaApp,
    echos: Echos,
    pictures: Pictures,
) -> None:
    # I log in and add the integration.
    await frontend.log_in()
    await frontend.open_integrations()
    await frontend.find_integration("Alexa Doorbell")
    await frontend.expect_title("Do you have an Alexa skill for your doorbells?")
    await pictures.dialog("menu", frontend.page, frontend.dialog)

    # Amazon does not reach this machine: I am told before I do anything in vain.
    await frontend.choose("No, make one for me")
    await frontend.expect_title("Who shall answer Alexa?")
    await frontend.choose("Let Home Assistant answer")
    await frontend.expect_words("Amazon cannot reach this Home Assistant at http://127.0.0.1")
    await pictures.dialog("unreachable", frontend.page, frontend.dialog)
    await frontend.close()

    # At an address of the internet, I look at how a skill would be made; but I have one.
    await home.client.command("config/core/update", external_url="https://home.example.com")
    await frontend.find_integration("Alexa Doorbell")
    await frontend.choose("No, make one for me")
    await frontend.choose("Let Home Assistant answer")
    await frontend.expect_words("it goes on by itself as soon as the skill is there.")
    await pictures.dialog("create_skill", frontend.page, frontend.dialog)
    await frontend.close()
    await home.client.command("config/core/update", external_url=home.url)
    await frontend.find_integration("Alexa Doorbell")
    await frontend.choose("Yes, I have a skill")

    # I enter what Amazon's console shows of my skill.
    await frontend.expect_title("Connect your Alexa skill")
    await frontend.fill("Alexa client ID", amazon.client_id)
    await frontend.fill("Alexa client secret", amazon.client_secret)
    await pictures.dialog("credentials", frontend.page, frontend.dialog)
    await frontend.choose("Another server (for tests)")
    await frontend.click("Next")
    await frontend.expect_title("Other servers in place of Amazon's")
    await frontend.fill("Login with Amazon", amazon.lwa_url)
    await frontend.fill("Event gateway", amazon.gateway_url())
    await frontend.click("Next")

    # I copy the webhook's address and the shared secret over to my skill.
    await frontend.expect_title("Connect the skill")
    await pictures.dialog("skill", frontend.page, frontend.dialog)
    await alexa_app.open()
    webhook_url = await frontend.copy(0)
    await alexa_app.paste("Webhook address")
    shared_secret = await frontend.copy(1)
    await alexa_app.paste("Shared secret")
    await alexa_app.expect_field("Webhook address", webhook_url)
    await alexa_app.expect_field("Shared secret", shared_secret)
    await frontend.click("Submit")

    # My doorbell is proposed already; I shall press it more often than visitors do.
    await frontend.expect_title("Add a doorbell")
    await frontend.expect_entity("Front door")
    await pictures.dialog("add_doorbell", frontend.page, frontend.dialog)
    await frontend.expand("More settings")
    await frontend.fill_number("Quiet time after a press", 0)
    await frontend.click("Submit")
    await frontend.expect_title("Success")
    await frontend.finish()

    # In the settings I am told that an Amazon account is still missing, so I link mine.
    await frontend.open_settings()
    await frontend.expect_repair("No Amazon account is linked with Alexa Doorbell yet")
    await alexa_app.add_account("Ada")
    await alexa_app.tap("Link")
    await alexa_app.expect_notice("Alexa Doorbell has been successfully linked.")
    await alexa_app.tap("Discover devices")
    await alexa_app.expect_notice("Devices found: Front door.")
    await pictures.page("alexa_app", alexa_app.page)
    await frontend.expect_no_repairs()

    # I press Ring, and my Echo speaks.
    await echos.listen()
    await frontend.open_integrations()
    await frontend.open_integration("Alexa Doorbell")
    await pictures.page("integration", frontend.page, height=720)
    await frontend.open_device("Doorbell")
    await frontend.ring()
    await echos.expect_announcements(SENTENCE)
    await pictures.page("echo", echos.page)
    await frontend.expect_row("Announcement", "Announced")
    await frontend.expect_activity("announced in")
    await pictures.page("doorbell", frontend.page)

    # Somebody disables the skill: the next press is not announced, and I am told why.
    await alexa_app.tap("Unlink")
    await alexa_app.expect_notice("Alexa Doorbell has been disabled.")
    await frontend.ring()
    await frontend.expect_row("Announcement", "Not announced")
    await frontend.open_settings()
    await frontend.expect_repair(RELINK)
    await pictures.page("repairs", frontend.page, height=545)

    # I do what the repair says, though not at once.
    await frontend.open_repair(RELINK)
    await frontend.expect_words("Amazon has ended the link with the account Ada")
    await pictures.dialog("repair", frontend.page, frontend.dialog)
    await frontend.choose("Link it again")
    await frontend.expect_words("Enable it, and sign in when asked.")
    await pictures.dialog("link_again", frontend.page, frontend.dialog)
    await frontend.click("Submit")
    await frontend.expect_words("Amazon has not linked this account again yet.")
    await alexa_app.tap("Link")
    await alexa_app.expect_notice("Alexa Doorbell has been successfully linked.")
    await frontend.click("Submit")
    await frontend.expect_words("The issue is repaired!")
    await frontend.finish()
    await frontend.expect_no_repairs()

    # Somebody rings at the door.
    await alexa_app.tap("Discover devices")
    await alexa_app.expect_notice("Devices found: Front door.")
    await frontend.open_dashboard()
    await frontend.press_the_bell()
    await echos.expect_announcements(SENTENCE, SENTENCE)
    await pictures.page("dashboard", frontend.page, height=340)
