"""WCAG 2.2 AA, by axe-core, in every state, light and dark, on small and large screens."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import states
from tests.browser.states import PageState, WidgetState
from tests.browser.widget import Embedded, Widget
from tests.chromium import PATIENCE_MS
from tests.running_service import Live, serving

pytestmark = pytest.mark.sampled(16)

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NOT_OURS = ["landmark-one-main", "region"]  # of the stranger's page around it
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "320 px": {"width": 320},
    "forced colours": {"forced_colors": "active"},
}


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-GB", timezone_id="UTC", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("demo") / "data", command="demo") as live:
        yield live


@cache
def axe() -> str:
    return AXE.read_text()


def wear(page: Page, *, color_scheme: Any = "light", forced_colors: Any = "none", width: int = 1280) -> None:
    page.emulate_media(color_scheme=color_scheme, forced_colors=forced_colors)
    page.set_viewport_size({"width": width, "height": 640})


def found_by_axe(page: Page, part: str | None = None) -> list[str]:
    """What axe finds in the page, or in that part of a page that is not ours; and whether it is too wide."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe())
    options: dict[str, Any] = {"runOnly": RULES}
    if part:
        options["rules"] = {rule: {"enabled": False} for rule in NOT_OURS}
    results = page.evaluate(
        "([part, options]) => axe.run(part ?? document, { resultTypes: ['violations'], ...options })",
        [part, options],
    )
    found = [f"{one['id']}: {node['html']}" for one in results["violations"] for node in one["nodes"]]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("wider than the screen")
    return found


@pytest.mark.parametrize("state", states.WIDGET, ids=lambda state: state.__name__)
def test_axe_finds_nothing_in_the_widget(widget: Widget, at: Embedded, state: WidgetState) -> None:
    state(widget, at)

    found = {}
    for look, worn in LOOKS.items():
        wear(widget.page, **worn)
        # A stranger's page is light, so this one must be told.
        theme = worn.get("color_scheme", "auto")
        widget.page.locator("comment-thread").evaluate(
            "(element, theme) => { element.theme = theme; }", theme
        )
        found[look] = found_by_axe(widget.page, "comment-thread")

    assert found == {look: [] for look in LOOKS}


@pytest.mark.soak
@pytest.mark.parametrize("state", states.PAGE, ids=lambda state: state.__name__)
def test_axe_finds_nothing_on_the_whole_page(page: Page, live: Live, state: PageState) -> None:
    state(page, live)

    assert in_all_looks(page) == {look: [] for look in LOOKS}


SLIVER = pytest.mark.chromium_only(
    "Firefox leaves 0.00003 px of a button beside the menu, too small a target"
)
IN_DEMO = [
    pytest.param(state, id=state.__name__, marks=[SLIVER] if state is states.queue_below_the_menu else [])
    for state in states.DEMO
]


@pytest.mark.soak
@pytest.mark.parametrize("state", IN_DEMO)
def test_axe_finds_nothing_in_the_demo_and_on_its_desk(page: Page, demo: Live, state: PageState) -> None:
    state(page, demo)

    assert in_all_looks(page) == {look: [] for look in LOOKS}


def in_all_looks(page: Page) -> dict[str, list[str]]:
    found = {}
    for look, worn in LOOKS.items():
        wear(page, **worn)
        found[look] = found_by_axe(page)
    return found
