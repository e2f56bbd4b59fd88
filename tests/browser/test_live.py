"""An open thread is told of what others do to it, while somebody looks at it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.browser.widget import Embedded, Widget
from tests.browsers import BROWSER

EVENTS = "**/api/v1/thread/events*"
NEXT_LOOK = 61_000  # ms
CLOSED = (
    "requestfinished" if BROWSER == "firefox" else "requestfailed"
)  # what is said of a stream that a page closed


HIDE = """(hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
    dispatchEvent(new Event('visibilitychange'));
}"""


def listening(widget: Widget, article: str) -> None:
    """Open the thread, and stay until it is listened to."""
    with widget.page.expect_response(EVENTS):
        widget.open(article)


def test_what_others_post_edit_and_delete_is_seen_without_a_reload(widget: Widget, at: Embedded) -> None:
    at.reader().comment("live", name="Ann")
    listening(widget, "live")
    widget.text.fill("Half a thou")

    bo = at.reader()
    posted = bo.posted("live", "First words.", name="Bo")
    comment, key = posted["comment"]["id"], posted["edit_key"]
    expect(widget.comment("Bo")).to_contain_text("First words.")
    expect(widget.status).to_have_text("1 new comment")
    expect(widget.page.get_by_role("heading", name="Comments (2)")).to_be_visible()
    at.reader().comment("live", name="Cy")
    expect(widget.status).to_have_text("2 new comments")
    bo.edit(comment, key, "Second thoughts.")
    expect(widget.comment("Bo")).to_contain_text("Second thoughts.")
    bo.delete(comment, key)
    expect(widget.comment("Bo")).to_have_count(0)

    expect(widget.comment("Ann")).to_be_visible()
    expect(widget.text).to_have_value("Half a thou")
    expect(widget.text).to_be_focused()


@pytest.mark.soak
def test_a_reply_comes_in_its_place_and_stays_hidden_where_one_folded(widget: Widget, at: Embedded) -> None:
    reader = at.reader()
    root = reader.comment("in place", name="Ann")
    reader.comment("in place", name="Bo", parent=root)
    reader.comment("in place", name="Cy")
    listening(widget, "in place")
    widget.button("Hide 1 reply").click()

    reader.comment("in place", name="Di", parent=root)

    button = widget.button("Show 2 replies")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(widget.comment("Di")).to_have_count(0)
    button.click()
    names = widget.page.locator("article .author")
    expect(names).to_have_text(["Ann", "Bo", "Di", "Cy"], use_inner_text=True)  # what is hidden has none


@pytest.mark.soak
def test_nobody_listens_behind_a_tab_that_is_not_looked_at(widget: Widget, at: Embedded) -> None:
    at.reader().comment("turned away", name="Ann")
    listening(widget, "turned away")

    with widget.page.expect_event(CLOSED, lambda request: "/thread/events" in request.url):
        widget.page.evaluate(HIDE, True)
    at.reader().comment("turned away", name="Bo")
    with widget.page.expect_response(EVENTS):
        widget.page.evaluate(HIDE, False)

    expect(widget.button("1 new comment")).to_be_visible()


@pytest.mark.soak
def test_a_thread_that_was_away_listens_as_before(widget: Widget, at: Embedded) -> None:
    at.reader().comment("away", name="Ann")
    listening(widget, "away")
    widget.page.evaluate(
        "() => { window.thread = document.querySelector('comment-thread'); thread.remove(); }"
    )
    widget.page.wait_for_timeout(1_500)  # from a second on it counts as removed
    with widget.page.expect_response(EVENTS):
        widget.page.evaluate("document.body.append(thread)")

    with widget.page.expect_event(CLOSED, lambda request: "/thread/events" in request.url):
        widget.page.evaluate(HIDE, True)
    at.reader().comment("away", name="Bo")
    with widget.page.expect_response(EVENTS):
        widget.page.evaluate(HIDE, False)

    expect(widget.button("1 new comment")).to_be_visible()


@pytest.mark.soak
def test_who_is_refused_looks_once_a_minute(widget: Widget, at: Embedded) -> None:
    at.reader().comment("refused", name="Ann")
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.fulfill(status=503, headers={"Access-Control-Allow-Origin": "*"})

    widget.page.route(EVENTS, refuse)
    widget.page.clock.install()
    widget.open("refused")
    expect(widget.comment("Ann")).to_be_visible()
    with widget.page.expect_response(EVENTS):
        widget.page.clock.fast_forward(2_500)
    at.reader().comment("refused", name="Bo")

    widget.page.clock.fast_forward(NEXT_LOOK)

    expect(widget.button("1 new comment")).to_be_visible()
    assert len(refused) == 1
    with widget.page.expect_response(EVENTS):  # later, and later still, it is tried again
        widget.page.clock.fast_forward(200_000)


@pytest.mark.soak
def test_a_browser_has_one_stream_for_the_thread_that_was_first(widget: Widget, at: Embedded) -> None:
    at.reader().comment("first", name="Ann")
    listening(widget, "first")
    second = Widget(widget.context, at)
    asked: list[str] = []
    second.page.on("request", lambda request: asked.append(request.url))

    with second.page.expect_response("**/api/v1/counts*"):
        second.open("first")
    at.reader().comment("first", name="Bo")
    expect(widget.comment("Bo")).to_be_visible()
    assert not any("/thread/events" in url for url in asked)

    with second.page.expect_response(EVENTS):
        widget.page.close()
