"""A phone as Alexa's app is on it: pages run no script there, and only loopback is reached."""

from typing import Literal

from playwright.async_api import Browser, BrowserContext

WIDTH, HEIGHT = 390, 844

type Scheme = Literal["light", "dark"]


async def phone(
    browser: Browser, proxy: str, locale: str, scheme: Scheme = "light"
) -> BrowserContext:
    """A phone on which pages may run no script."""
    return await browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
        java_script_enabled=False,
        color_scheme=scheme,
        locale=locale,
        proxy={"server": proxy, "bypass": "127.0.0.1"},
    )
