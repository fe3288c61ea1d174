"""Pictures of what a person sees, small enough for a repository."""

import io
from pathlib import Path

from PIL import Image
from playwright.async_api import FloatRect, Locator, Page

# Beyond every dialog, so that none has to be scrolled.
TALL = 1400

# Nothing moves, loads or pops up any more. Home Assistant's elements are within each other's
# shadow roots.
_SETTLED = """() => {
  const all = (root) => [...root.querySelectorAll("*")].flatMap(
    (element) => element.shadowRoot ? [element, ...all(element.shadowRoot)] : [element]);
  const moves = (animation) =>
    animation.playState === "running" && animation.effect.getTiming().iterations !== Infinity;
  const busy = (element) =>
    element.id === "ha-launch-screen"
    || element.localName === "ha-toast" && element.getBoundingClientRect().height > 0
    || element.localName === "img" && element.checkVisibility() && !element.complete
    || element.getAnimations().some(moves);
  return document.fonts.status === "loaded" && !all(document).some(busy);
}"""

# A reader's Home Assistant is not on this machine; what is there is shown again afterwards.
_ELSEWHERE = """(there) => {
  const texts = (root) => [...root.childNodes].flatMap((node) =>
    node.nodeType === Node.TEXT_NODE
      ? [node] : [...texts(node), ...(node.shadowRoot ? texts(node.shadowRoot) : [])]);
  for (const text of texts(document.body))
    text.data = there
      ? text.data.replace(/http:\\/\\/127\\.0\\.0\\.1:(\\d+)(?=\\/api)/, (here, port) => {
          window.hiddenPort = port;
          return "https://home.example.com";
        })
      : window.hiddenPort
        ? text.data.replace("https://home.example.com", `http://127.0.0.1:${window.hiddenPort}`)
        : text.data;
}"""


class Pictures:
    """Takes pictures into a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    async def page(self, name: str, page: Page, *, height: int = TALL) -> None:
        """A window, or as much of it from the top."""
        await settle(page)
        assert page.viewport_size is not None
        width = page.viewport_size["width"]
        height = min(height, page.viewport_size["height"])
        clip: FloatRect = {"x": 0, "y": 0, "width": width, "height": height}
        self._save(name, await page.screenshot(clip=clip))

    async def dialog(self, name: str, page: Page, dialog: Locator) -> None:
        """A dialog alone, and all of it."""
        size = page.viewport_size
        assert size is not None
        await page.set_viewport_size({"width": size["width"], "height": TALL})
        await page.evaluate(_ELSEWHERE, True)
        await settle(page)
        self._save(name, await dialog.screenshot())
        await page.evaluate(_ELSEWHERE, False)
        await page.set_viewport_size(size)

    def _save(self, name: str, shot: bytes) -> None:
        """With a palette a page of text needs a third of the space, and looks the same."""
        picture = Image.open(io.BytesIO(shot)).convert("RGB").quantize(256)
        picture.save(self._folder / f"{name}.png", optimize=True)


async def settle(page: Page) -> None:
    """Wait until the page stands still, with the mouse on nothing."""
    await page.mouse.move(0, 0)
    await page.wait_for_function(_SETTLED, polling=100)
