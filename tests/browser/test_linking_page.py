"""The page on which a person links an account, on a phone without scripts and cookies."""

from collections.abc import AsyncIterator
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, Request, expect
import pytest

from demo.amazon.simulation import SimulatedAmazon
from demo.developer.aws import SimulatedAws

from ..skill.closed_home.parts import REDIRECT_URI, AlexaApp, ClosedSkill, Home, deployed
from .phone import WIDTH, Scheme, phone


@pytest.fixture
async def skill(aws: SimulatedAws, amazon: SimulatedAmazon) -> AsyncIterator[ClosedSkill]:
    async with deployed(aws, amazon) as skill:
        yield skill


@pytest.fixture
async def home(skill: ClosedSkill) -> Home:
    return await skill.enrolled()


async def open_page(context: BrowserContext, alexa: AlexaApp) -> tuple[Page, list[Request]]:
    """Open the page as Alexa does; the requests that it makes."""
    page = await context.new_page()
    requests: list[Request] = []

    def note(request: Request) -> None:
        requests.append(request)

    page.on("request", note)
    query = "&".join(f"{name}={value}" for name, value in alexa.asked().items())
    await page.goto(f"{alexa.skill.url}/authorize?{query}")
    return page, requests


async def test_a_person_links_with_a_code_and_without_script_or_cookie(
    browser: Browser, proxy: str, skill: ClosedSkill, home: Home, tmp_path: Path
) -> None:
    alexa = AlexaApp(skill)
    context = await phone(browser, proxy, "en-GB")
    page, requests = await open_page(context, alexa)

    await page.get_by_label("Code from Home Assistant").fill("bcdfg-hjklm")
    await page.get_by_role("button", name="Link").tap()
    await expect(page.get_by_role("alert")).to_contain_text("does not fit")
    await expect(page.get_by_label("Code from Home Assistant")).to_have_value("bcdfg-hjklm")
    await page.screenshot(path=tmp_path / "linking_wrong_code.png", full_page=True)
    code = await home.new_pairing()
    await page.get_by_label("Code from Home Assistant").fill(f"{code[:5]} {code[5:]}".lower())
    # The page's policy lets the browser follow; the page there is Amazon's.
    async with page.expect_request(lambda request: "amazon" in request.url) as sent:
        await page.get_by_role("button", name="Link").tap()

    address, _, query = (await sent.value).url.partition("?")
    assert address == REDIRECT_URI
    answer = dict(part.split("=") for part in query.split("&"))
    assert answer["state"] == alexa.state
    assert (await alexa.trade(answer["code"])).status == 200
    assert await context.cookies() == []
    # Neither picture nor style nor letters come from anywhere else.
    assert {request.resource_type for request in requests} == {"document"}
    await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-US", "de-DE", "ar-SA"])
async def test_the_page_fits_a_phone_in_its_language_and_colours(
    browser: Browser,
    proxy: str,
    skill: ClosedSkill,
    locale: str,
    scheme: Scheme,
    tmp_path: Path,
) -> None:
    context = await phone(browser, proxy, locale, scheme)
    page, _ = await open_page(context, AlexaApp(skill))
    await page.screenshot(path=tmp_path / f"linking_{locale}_{scheme}.png", full_page=True)

    # Only what reads the page runs here, no script of its own.
    shown = await page.locator("html").evaluate(
        """html => ({
            language: html.lang, direction: html.dir, width: html.scrollWidth,
            back: getComputedStyle(html.querySelector('body')).backgroundColor,
            button: html.querySelector('button').getBoundingClientRect().height,
        })"""
    )
    assert shown["language"] == locale[:2]
    assert shown["direction"] == ("rtl" if locale == "ar-SA" else "ltr")
    assert shown["width"] <= WIDTH
    assert shown["back"] == ("rgb(16, 21, 26)" if scheme == "dark" else "rgb(243, 245, 247)")
    assert shown["button"] >= 44
    await context.close()
