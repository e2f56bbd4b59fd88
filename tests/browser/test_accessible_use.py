"""WCAG 2.2 AA where axe cannot look: large text, the keyboard, targets, movement, and what a screen reader is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser import states
from tests.browser.states import PageState, WidgetState
from tests.browser.widget import Embedded, Widget
from tests.chromium import PATIENCE_MS
from tests.running_service import Live

pytestmark = pytest.mark.sampled(8)


@contextmanager
def opened(browser: Browser, at: Embedded, **more: Any) -> Iterator[Widget]:
    """A reader whose browser is set up so."""
    context = browser.new_context(locale="en-GB", timezone_id="UTC", **more)
    context.set_default_timeout(PATIENCE_MS)
    yield Widget(context, at)
    context.close()


# 1.4.4, 1.4.10: text twice as large

# Whatever is cut: wider or higher inside than its box shows, other than what only a screen reader is meant to find.
CUT_OFF = """() => {
    const root = document.querySelector('comment-thread')?.shadowRoot ?? document;
    for (const article of root.querySelectorAll('article')) article.style.contentVisibility = 'visible'; // else Firefox has none of this width
    const found = [...root.querySelectorAll('.comments *')].filter((element) => {
        const style = getComputedStyle(element);
        if (style.clipPath !== 'none' || element.closest('svg, template, [hidden]')) return false;
        const hides = [style.overflowX, style.overflowY].some((way) => ['hidden', 'clip'].includes(way));
        const box = element.getBoundingClientRect();
        return (hides && (element.scrollWidth > element.clientWidth + 4 || element.scrollHeight > element.clientHeight + 4))
            || (box.width && (box.left < 0 || box.right > innerWidth));
    }).map((element) => element.outerHTML.slice(0, 120));
    if (document.documentElement.scrollWidth > innerWidth) found.push('wider than the screen');
    return found;
}"""
LARGE: dict[str, tuple[int, str]] = {
    "the page's text at 200 %": (1280, ":root { font-size: 200% }"),
    "the widget's text at 200 %": (1280, "comment-thread { --comments-size: 2em }"),
    "zoomed to 200 %": (640, ""),
    "zoomed to 400 %": (320, ""),
}
DRESS = """(css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [sheet];
    const { shadowRoot } = document.querySelector('comment-thread');
    return getComputedStyle(shadowRoot.querySelector('.comments')).fontSize;
}"""


@pytest.mark.parametrize(
    "state",
    [states.thread, states.replying, states.with_errors, states.editing],
    ids=lambda state: state.__name__,
)
def test_text_twice_as_large_is_neither_cut_off_nor_scrolled_sideways(
    browser: Browser, at: Embedded, state: WidgetState
) -> None:
    with opened(browser, at, device_scale_factor=2) as widget:
        state(widget, at)

        found = {}
        for large, (width, css) in LARGE.items():
            widget.page.set_viewport_size({"width": width, "height": 400})
            widget.wait_until(f"innerWidth === {width}")
            size = widget.page.evaluate(DRESS, css)
            assert size == ("32px" if css else "16px")
            found[large] = widget.page.evaluate(CUT_OFF)

        assert found == {large: [] for large in LARGE}


# 2.3.3: no movement for who wants none

MOVES = """() => {
    const parts = [document, document.querySelector('comment-thread').shadowRoot];
    const elements = parts.flatMap((part) => [...part.querySelectorAll('*')]).filter((one) => one.checkVisibility());
    return elements.flatMap((element) => [undefined, '::before', '::after'].map((part) => getComputedStyle(element, part)))
        .flatMap(({ transitionDuration, animationName, scrollBehavior }) => [
            ...(/[1-9]/.test(transitionDuration) ? ['transition'] : []),
            ...(animationName === 'none' ? [] : ['animation']),
            ...(scrollBehavior === 'auto' ? [] : ['smooth scrolling']),
        ]);
}"""


REDUCE = pytest.param("reduce", marks=pytest.mark.chromium_only("BiDi does not tell a page of this wish"))


@pytest.mark.soak
@pytest.mark.parametrize("wish", [REDUCE, "no-preference"])
def test_nothing_moves_for_who_wants_no_movement(browser: Browser, at: Embedded, wish: Any) -> None:
    with opened(browser, at, reduced_motion=wish) as widget:
        states.editing(widget, at)
        moves = widget.page.evaluate(MOVES)

        assert set(moves) == (set() if wish == "reduce" else {"transition"})


# 2.1.1, 2.1.2, 2.4.3, 2.4.7: the keyboard

OUTLINED = """() => [...document.querySelector('comment-thread').shadowRoot.querySelectorAll('.comments *')]
    .filter((element) => getComputedStyle(element).outlineStyle !== 'none').length"""
STOP = """() => {
    let on = document.activeElement;
    while (on?.shadowRoot?.activeElement) on = on.shadowRoot.activeElement;
    return on;
}"""


def stops(page: Page, *, most: int = 60) -> list[str]:
    """What Tab comes by from the beginning of the page to its end, each stop with a focus that can be seen."""
    found = []
    page.locator("h1").evaluate("heading => { heading.tabIndex = -1; heading.focus(); }")
    assert page.evaluate(OUTLINED) == 0
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate_handle(STOP)
        if stop.evaluate("stop => stop === document.body"):
            return found
        seen, name = stop.evaluate("""stop => {
            const outline = () => { const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(stop);
                return outlineStyle === 'none' ? '' : [outlineStyle, outlineWidth, outlineColor].join(' '); };
            const [focused, box] = [outline(), stop.getBoundingClientRect()];
            const shown = box.bottom > 0 && box.top < innerHeight;
            const label = stop.labels?.[0]?.textContent.replace('*', '') ?? stop.ariaLabel ?? stop.textContent;
            return [shown && focused !== '' , label.trim()];
        }""")
        assert seen, f"the focus on “{name}” cannot be seen"
        found.append(name)
    raise AssertionError(f"Tab does not come to an end: {found}")


FORM = ["Comment", "Name", "Email", "Website", "Remember me in this browser", "Post comment", "Preview"]


def test_tab_goes_through_thread_and_form_in_the_order_of_reading(widget: Widget, at: Embedded) -> None:
    reader = at.reader()
    root = reader.comment("tabs", "See https://link.example/ please.", name="Ann", url="https://ann.example/")
    reader.comment("tabs", name="Bo", parent=root)
    reader.comment("tabs", name="Cy")
    widget.open("tabs", page_size="2")
    expect(widget.comment("Bo")).to_be_visible()

    assert stops(widget.page) == [
        "Oldest first",
        "Newest first",
        *("Ann", "now", "https://link.example/", "Reply to Ann", "Hide 1 reply"),
        "Report the comment by Ann",
        *("now", "↳ in reply to Ann", "Reply to Bo", "Report the comment by Bo"),
        "Show more comments",
        *FORM,
    ]


@pytest.mark.soak
def test_the_comment_box_is_the_first_stop_of_a_reply_after_its_way_out(widget: Widget, at: Embedded) -> None:
    at.reader().comment("tabs in a reply", name="Ann")
    widget.open("tabs in a reply")
    widget.reply_to("Ann").press("Enter")
    expect(widget.text).to_be_focused()

    assert stops(widget.page) == ["now", "Reply to Ann", "Report the comment by Ann", "Cancel reply", *FORM]


@pytest.mark.soak
def test_the_keyboard_alone_folds_shows_more_answers_and_comes_back(widget: Widget, at: Embedded) -> None:
    reader = at.reader()
    root = reader.comment("by keyboard", name="Ann")
    reader.comment("by keyboard", name="Bo", parent=root)
    reader.comment("by keyboard", name="Cy")
    widget.open("by keyboard", page_size="2")
    press = widget.page.keyboard.press

    go_to(widget.page, widget.button("Hide 1 reply"))
    press("Enter")
    expect(widget.comment("Bo")).to_be_hidden()
    expect(widget.button("Show 1 reply")).to_be_focused()
    press("Space")
    expect(widget.comment("Bo")).to_be_visible()

    go_to(widget.page, widget.page.get_by_role("link", name="Show more comments"))
    press("Enter")
    expect(widget.comment("Cy")).to_be_focused()
    go_to(widget.page, widget.reply_to("Cy"))
    press("Enter")
    expect(widget.text).to_be_focused()
    press("Shift+Tab")
    expect(widget.page.get_by_role("link", name="Cancel reply")).to_be_focused()
    press("Tab")
    press("Escape")
    expect(widget.reply_to("Cy")).to_be_focused()


def go_to(page: Page, wanted: Locator) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if wanted.evaluate("wanted => wanted === wanted.getRootNode().activeElement"):
            return
    raise AssertionError(f"the keyboard does not reach {wanted}")


# 2.5.8: targets large enough for a finger

SMALL = """() => {
    const root = document.querySelector('comment-thread')?.shadowRoot ?? document;
    return [...root.querySelectorAll('a, button, input, textarea, select, summary')].filter((target) => {
        if (target.closest('.text, .notes, .whereabouts, .private') && target.matches('a')) return false; // among words
        const box = (target.type === 'checkbox' ? target.closest('label') : target).getBoundingClientRect();
        return box.width && getComputedStyle(target).clipPath === 'none' && (box.width < 24 || box.height < 24);
    }).map((target) => target.outerHTML.slice(0, 120));
}"""


@pytest.mark.parametrize(
    "state",
    [
        states.thread,
        states.replying,
        states.with_errors,
        states.held,
        states.editing,
        states.regretting,
        states.not_loaded,
    ],
    ids=lambda state: state.__name__,
)
def test_every_target_is_large_enough_for_a_finger(widget: Widget, at: Embedded, state: WidgetState) -> None:
    state(widget, at)

    assert too_small(widget.page) == []


@pytest.mark.soak
@pytest.mark.parametrize(
    "state",
    [states.page_with_a_thread, states.page_to_reply_on, states.page_to_edit_on, states.page_to_delete_on],
    ids=lambda state: state.__name__,
)
def test_every_target_of_the_whole_page_is_large_enough_too(page: Page, live: Live, state: PageState) -> None:
    state(page, live)
    page.wait_for_load_state()  # its styles are there

    assert too_small(page) == []


def too_small(page: Page) -> list[str]:
    found = []
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 640})
        found += [f"at {width} px: {target}" for target in page.evaluate(SMALL)]
    return found


# 1.3.1, 2.4.6: what the parts are


def headings(page: Page) -> list[tuple[str, str]]:
    found = page.get_by_role("heading").all()
    return [(one.evaluate("heading => heading.tagName"), one.inner_text().strip()) for one in found]


@pytest.mark.soak
def test_headings_and_landmarks_of_the_widget_are_in_order(widget: Widget, at: Embedded) -> None:
    states.thread(widget, at)

    assert headings(widget.page) == [
        ("H1", "A stranger's article"),
        ("H2", "Comments 4"),
        ("H3", "Leave a reply"),
    ]
    region = widget.page.get_by_role("region", name="Comments (4)")
    expect(region.get_by_role("navigation", name="Order of the comments")).to_be_visible()
    expect(region.get_by_role("form", name="Leave a reply")).to_be_visible()


@pytest.mark.soak
def test_headings_and_landmarks_of_the_whole_page_are_in_order(page: Page, live: Live) -> None:
    states.page_with_a_thread(page, live)

    assert headings(page) == [("H1", "A sample article"), ("H2", "Comments 4"), ("H3", "Leave a reply")]
    region = page.get_by_role("main").get_by_role("region", name="Comments (4)")
    expect(region.get_by_role("navigation", name="Order of the comments")).to_be_visible()
    expect(region.get_by_role("form", name="Leave a reply")).to_be_visible()


@pytest.mark.soak
@pytest.mark.chromium_only("reads the tree by Chromium's own protocol")
def test_a_screen_reader_learns_the_level_the_author_and_whom_a_comment_answers(
    context: BrowserContext, widget: Widget, at: Embedded
) -> None:
    states.thread(widget, at)
    tree = context.new_cdp_session(widget.page).send("Accessibility.getFullAXTree")["nodes"]
    nodes = {node["nodeId"]: node for node in tree}

    def told(node: dict[str, Any], what: str) -> Any:
        return node.get(what, {}).get("value")

    def level(article: dict[str, Any]) -> int | None:
        node = article
        while told(node, "role") != "listitem":
            node = nodes[node["parentId"]]
        return next((one["value"]["value"] for one in node["properties"] if one["name"] == "level"), None)

    articles = [node for node in tree if told(node, "role") == "article"]
    assert [(level(one), told(one, "name"), told(one, "description") or "") for one in articles] == [
        (1, "Ann", ""),
        (2, "Bo", "in reply to Ann"),
        (3, "Cy", "in reply to Bo"),
        (2, "", ""),
        (3, "Ed", ""),
    ]


# 4.1.3: what happens is said once

LISTEN = """() => {
    const said = window.said = [];
    const { shadowRoot } = document.querySelector('comment-thread');
    const live = (node) => (node.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest?.('[role=status], [role=alert]');
    const hear = (region) => {
        const text = region && !region.hidden && region.isConnected && region.textContent.trim();
        if (text) said.push(text.replace(/\\s+/g, ' '));
    };
    new MutationObserver((changes) => {
        const regions = new Set();
        for (const { type, target, addedNodes } of changes) {
            if (type !== 'childList' || live(target)) regions.add(live(target));
            for (const added of addedNodes) {
                if (!(added instanceof Element)) continue;
                if (added.matches('[role=status], [role=alert]')) regions.add(added);
                for (const region of added.querySelectorAll('[role=status], [role=alert]')) regions.add(region);
            }
        }
        regions.forEach(hear);
    }).observe(shadowRoot, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ['hidden'] });
}"""


def listening(widget: Widget) -> None:
    widget.page.evaluate(LISTEN)


def said(widget: Widget) -> list[str]:
    heard: list[str] = widget.page.evaluate("window.said")
    return heard


@pytest.mark.soak
def test_a_post_is_told_once(widget: Widget) -> None:
    widget.open("told")
    widget.write("Hello.")
    listening(widget)
    widget.send()
    expect(widget.comment("Ada Sample")).to_be_focused()

    assert said(widget) == ["Your comment is posted."]


@pytest.mark.soak
def test_a_reply_is_told_once(widget: Widget, at: Embedded) -> None:
    at.reader().comment("told in a reply", name="Bo")
    widget.open("told in a reply")
    widget.answer("Bo")
    widget.write("Hello.")
    listening(widget)
    widget.send()
    expect(widget.comment("Ada Sample")).to_be_focused()

    assert said(widget) == ["Your comment is posted."]


@pytest.mark.soak
def test_that_a_comment_waits_is_told_once(widget: Widget, at: Embedded) -> None:
    at.live.moderator().block("word", "quarantine", "hold")
    widget.open("told to wait")
    widget.write("From quarantine.")
    listening(widget)
    widget.send()
    expect(widget.comment("Ada Sample")).to_be_focused()

    assert said(widget) == ["Your comment is awaiting moderation."]


@pytest.mark.soak
def test_an_error_above_the_button_is_told_once_at_each_press(widget: Widget, at: Embedded) -> None:
    states.too_many(widget, at)
    listening(widget)
    with widget.page.expect_response("**/api/v1/comments"):
        widget.send()
    expect(widget.button("Post comment")).to_be_enabled()

    assert said(widget) == [
        "Too many posts in a short time. Your text is saved; please try again in 47 seconds."
    ]


@pytest.mark.soak
def test_errors_beside_their_fields_are_told_by_the_field_that_is_focused(widget: Widget) -> None:
    widget.open("told of errors")
    widget.write("Hello.", name="", email="")
    listening(widget)
    widget.send()

    expect(widget.field("Name")).to_be_focused()
    expect(widget.field("Name")).to_have_accessible_description("Please tell us your name.")
    assert said(widget) == []


@pytest.mark.soak
def test_a_deletion_is_told_once_and_its_undoing_by_the_focus(widget: Widget, at: Embedded) -> None:
    states.own(widget, at)
    listening(widget)
    widget.button("Delete").click()
    expect(widget.button("Undo")).to_be_focused()
    assert said(widget) == ["Your comment is deleted. Undo"]

    widget.button("Undo").click()
    expect(widget.button("Delete")).to_be_focused()
    assert said(widget) == ["Your comment is deleted. Undo"]


@pytest.mark.soak
def test_a_thread_that_does_not_come_is_told_once(widget: Widget) -> None:
    widget.page.route("**/thread/fragment?*", lambda route: route.abort())
    widget.page.add_init_script(f"addEventListener('DOMContentLoaded', {LISTEN_EARLY})")
    widget.open("told of nothing")
    expect(widget.button("Try again")).to_be_visible()

    assert said(widget) == ["The comments could not be loaded. Try again"]


LISTEN_EARLY = f"() => customElements.whenDefined('comment-thread').then({LISTEN})"
