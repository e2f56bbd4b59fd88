"""Pages that nobody looks at: background tabs, frames far down, and what an ancestor hides."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.test_weight import long_thread
from tests.browser.widget import Embedded, Widget

pytestmark = pytest.mark.sampled(9, of="file")

MANY = 40
HIDE = """Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));"""
NO_FRAMES = "window.requestAnimationFrame = () => 0;"


@pytest.fixture(scope="module", autouse=True)
def long(at: Embedded) -> None:
    long_thread(at, "long", MANY)


def articles(widget: Widget) -> Locator:
    return widget.page.locator("comment-thread article")


@pytest.mark.soak
@pytest.mark.parametrize("script", [HIDE, NO_FRAMES], ids=["hidden", "without frames"])
def test_a_page_that_nobody_sees_has_all_of_a_thread(widget: Widget, script: str) -> None:
    widget.page.add_init_script(script)
    widget.open("long", loading="eager")

    expect(articles(widget)).to_have_count(MANY)
    expect(widget.page.get_by_role("heading", name="Leave a reply")).to_be_visible()


@pytest.mark.soak
def test_a_tab_that_is_hidden_while_a_thread_is_drawn_draws_the_rest(widget: Widget) -> None:
    widget.page.add_init_script(f"""
        let frames = 0;
        const real = requestAnimationFrame;
        window.requestAnimationFrame = (draw) => {{
            if (++frames <= 3) return real(draw);
            {HIDE}
            return 0; // it would come when the tab is seen again
        }};
    """)
    widget.open("long", loading="eager")

    expect(articles(widget)).to_have_count(MANY)
    assert widget.page.evaluate("document.hidden")


def test_a_hidden_tab_has_what_one_presses_for_too(widget: Widget) -> None:
    widget.page.add_init_script(NO_FRAMES)
    widget.open("long", loading="eager", page_size="20")
    expect(articles(widget)).to_have_count(20)

    widget.show_more()

    expect(articles(widget)).to_have_count(MANY)


@pytest.mark.parametrize(
    ("style", "seen", "pressed", "reached"),
    [
        ("visibility: hidden", "hidden", False, False),
        ("visibility: collapse", "collapse", False, False),
        ("opacity: 0; pointer-events: none", "visible", False, True),
        pytest.param(
            "interactivity: inert",
            "visible",
            False,
            False,
            marks=pytest.mark.chromium_only("Firefox 153 knows no `interactivity`"),
        ),
        ("position: relative", "visible", True, True),
    ],
)
def test_what_an_ancestor_hides_stays_hidden(
    widget: Widget, style: str, seen: str, pressed: bool, reached: bool
) -> None:
    widget.open("in a panel", loading="eager")
    button = widget.page.locator("comment-thread .send")
    expect(button).to_be_visible()
    widget.page.evaluate(
        """(style) => {
            for (const [name, value] of style) document.body.style.setProperty(name, value);
            window.inRoot = (where) => document.querySelector('comment-thread').shadowRoot[where];
        }""",
        [part.split(": ") for part in style.split("; ")],
    )

    assert button.evaluate("(e) => getComputedStyle(e).visibility") == seen
    assert (
        button.evaluate(
            """(e) => {
                e.scrollIntoView();
                const { x, y, width, height } = e.getBoundingClientRect();
                return e.getRootNode().elementFromPoint(x + width / 2, y + height / 2) === e;
            }"""
        )
        is pressed
    )
    widget.page.locator("comment-thread textarea").evaluate("(e) => e.focus()")
    assert widget.page.evaluate("Boolean(inRoot('activeElement'))") is reached


def test_a_cursor_that_the_page_shows_is_shown_on_the_text(widget: Widget) -> None:
    widget.open("cursor", loading="eager")
    widget.page.evaluate("document.body.style.setProperty('cursor', 'wait')")

    expect(widget.page.locator("comment-thread .heading")).to_have_css("cursor", "wait")
    expect(widget.page.locator("comment-thread .send")).to_have_css("cursor", "pointer")
