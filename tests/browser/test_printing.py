"""The widget on paper: the comments are loaded, and no sheet is empty for them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.widget import Embedded, Widget

pytestmark = [
    pytest.mark.sampled(12, of="file"),
    pytest.mark.chromium_only("BiDi neither shows a page as on paper nor tells how it is printed"),
]

FAR = "addEventListener('DOMContentLoaded', () => { document.querySelector('h1').style.height = '3000px'; });"


def sheets(widget: Widget) -> int:
    return len(re.findall(rb"/Type /Page\b", widget.page.pdf()))


@pytest.fixture
def far(context: BrowserContext, at: Embedded, request: pytest.FixtureRequest) -> Widget:
    """The widget of a page that is so long that nothing was loaded yet."""
    article = request.node.name
    at.reader().comment(article, "On paper.", name="Bo")
    widget = Widget(context, at)
    widget.page.add_init_script(FAR)
    widget.open(article)
    widget.page.wait_for_load_state("networkidle")
    assert widget.asked_of_service() == ["/embed.js"]
    return widget


@pytest.mark.soak
def test_printing_loads_the_comments(far: Widget) -> None:
    far.page.pdf()

    expect(far.comment("Bo")).to_contain_text("On paper.")


def test_who_looks_at_it_as_on_paper_sees_the_comments(far: Widget) -> None:
    far.page.emulate_media(media="print")

    expect(far.comment("Bo")).to_contain_text("On paper.")


def test_printing_twice_asks_once(far: Widget) -> None:
    for _ in range(2):
        far.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(far.comment("Bo")).to_be_visible()

    far.page.pdf()

    assert far.asked_of_service() == ["/embed.js", "/thread/fragment"]


def test_an_element_without_an_article_prints_the_link(widget: Widget) -> None:
    widget.open("")

    widget.page.pdf()

    assert "/thread/fragment" not in widget.asked_of_service()
    assert widget.complaints == [said for said in widget.complaints if "article" in said]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_comments_that_did_not_come_leave_no_empty_sheet(
    context: BrowserContext, at: Embedded, theme: str, scheme: str
) -> None:
    widget = Widget(context, at)
    widget.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    widget.page.route("**/thread/fragment?*", lambda _route: None)
    widget.open("away", theme=theme)
    expect(widget.page.locator("comment-thread:state(waiting)")).to_have_count(1)

    assert sheets(widget) == 1
    widget.page.emulate_media(media="print", color_scheme=scheme)  # type: ignore[arg-type]
    paper, ink = widget.page.locator("comment-thread").evaluate(
        "(e) => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]"
    )
    assert paper in ("rgba(0, 0, 0, 0)", "rgb(255, 255, 255)")
    assert ink in ("rgb(0, 0, 0)", "rgb(29, 35, 39)")
