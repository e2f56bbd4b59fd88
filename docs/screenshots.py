"""Make the pictures of the documentation: `make screenshots`."""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from docs.look.samples import Sample, samples, seed
from tests.browser.widget import Embedded, embedded
from tests.chromium import chromium
from tests.running_service import Live, serving

IMAGES = Path(__file__).parent / "images"
ARTICLE = "night-ferry"
# A frame around the first thing of each part, and its name: of large things at the margin, of neighbours below them.
NAME_PARTS = """() => {
  const root = document.querySelector("comment-thread").shadowRoot;
  const named = new Set();
  const begun = {};
  for (const element of root.querySelectorAll("[part]")) {
    const part = element.part[element.part.length - 1];
    const { left, right, top, bottom, width, height } = element.getBoundingClientRect();
    if (!height || named.has(part)) continue;
    named.add(part);
    const frame = document.body.appendChild(document.createElement("div"));
    const name = document.body.appendChild(document.createElement("code"));
    const large = height > 80 && part !== "textarea";
    frame.className = large ? "frame large" : "frame";
    frame.style.cssText = `left: ${left}px; top: ${top}px; width: ${width}px; height: ${height}px`;
    name.textContent = part;
    const put = (x, y) => { name.style.cssText = `left: ${x}px; top: ${y}px`; };
    if (large) put(735 + 70 * (begun[top] = (begun[top] ?? -1) + 1), top);
    else if (width > 300) put(right - 90, top + height / 2 - 8);
    else if (element.nextElementSibling?.part.length) put(left, bottom + 2);
    else put(right + 4, top + height / 2 - 8);
  }
}"""
PARTS_STYLE = """body { inline-size: 700px; margin: 0; padding: 20px 20px 40px; font: 16px/1.5 system-ui, sans-serif; }
h1 { display: none; }
.frame { position: absolute; outline: 1px solid #c2185b; }
.large { outline: 1px dashed #1565c0; }
.large + code { background: #1565c0; }
body > code { position: absolute; padding: 0 4px; border-radius: 3px; background: #c2185b; color: #fff; font: 11px/16px monospace; }"""


def main() -> None:
    """Take a picture of each thing that the documentation shows."""
    logging.disable()  # of the service that is filled in this process
    IMAGES.mkdir(exist_ok=True)
    with chromium() as browser:
        with running_demo() as live:
            show_article(browser, live)
            show_desk(browser, live)
        with running_samples() as at:
            for sample in samples():
                show_sample(browser, at, sample)
            show_parts(browser, at)


@contextmanager
def running_demo() -> Iterator[Live]:
    """Run the demo until the block ends."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder) / "data", command="demo", MODERATION="first") as live,
    ):
        yield live


@contextmanager
def running_samples() -> Iterator[Embedded]:
    """Run a service with the samples' discussions, and a site without a policy, until the block ends."""
    with tempfile.TemporaryDirectory() as folder:
        (data := Path(folder) / "data").mkdir()
        seed(data)
        with embedded(Path(folder), csp=None) as at:
            yield at


def show_article(browser: Browser, live: Live) -> None:
    page = new_page(browser, 1100, 1000)
    page.goto(f"{live.base_url}/demo/{ARTICLE}".replace("127.0.0.1", "localhost"))
    page.locator("comment-thread").scroll_into_view_if_needed()
    page.get_by_role("article").nth(4).wait_for()
    page.evaluate("scrollBy(0, document.querySelector('comment-thread').getBoundingClientRect().top - 220)")
    page.screenshot(path=IMAGES / "widget.png")


def show_desk(browser: Browser, live: Live) -> None:
    page = new_page(browser, 1100, 1000)
    said = re.search(r"Email: (\S+@\S+)\s+Password: (\S+)", live.log.read_text())
    assert said, "the demo prints an account"
    page.goto(f"{live.base_url}/moderation")
    page.get_by_label("Email").fill(said[1])
    page.get_by_label("Password").fill(said[2])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("navigation", name="States").wait_for()
    page.screenshot(path=IMAGES / "desk.png")


def show_sample(browser: Browser, at: Embedded, sample: Sample) -> None:
    page = new_page(browser, 1280, 1000)
    page.goto(at.site.whole(sample.page(at.live.base_url)))
    page.locator("comment-thread").get_by_role("article").first.wait_for()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 1000})
            page.screenshot(path=IMAGES / f"{sample.name}-{scheme}-{width}.png")


def show_parts(browser: Browser, at: Embedded) -> None:
    page = new_page(browser, 880, 1000)
    page.goto(at.site.page("replaying-a-log"))
    page.get_by_role("article").first.wait_for()
    page.add_style_tag(content=PARTS_STYLE)
    page.evaluate(NAME_PARTS)
    page.screenshot(path=IMAGES / "parts.png", full_page=True)


def new_page(browser: Browser, width: int, height: int) -> Page:
    return browser.new_page(
        viewport={"width": width, "height": height}, locale="en-GB", reduced_motion="reduce"
    )


if __name__ == "__main__":
    main()
