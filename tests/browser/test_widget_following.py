"""Finding one's way in a thread: folding, links to a comment, and news of others."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.widget import Embedded, Widget


def test_what_is_below_a_comment_folds_and_unfolds_as_it_was(widget: Widget, at: Embedded) -> None:
    reader = at.reader()
    root = reader.comment("folds", name="Ann")
    reply = reader.comment("folds", name="Bo", parent=root)
    reader.comment("folds", name="Cy", parent=reply)
    reader.comment("folds", name="Di", parent=root)
    reader.comment("folds", name="Ed")
    widget.open("folds")

    widget.button("Hide 1 reply").click()
    expect(widget.comment("Cy")).to_have_count(0)
    widget.button("Hide 3 replies").click()
    expect(widget.comment("Bo")).to_have_count(0)
    expect(widget.comment("Di")).to_have_count(0)
    expect(widget.comment("Ed")).to_be_visible()
    widget.button("Show 3 replies").click()

    expect(widget.comment("Bo")).to_be_visible()
    expect(widget.comment("Di")).to_be_visible()
    expect(widget.comment("Cy")).to_have_count(0)
    expect(widget.button("Show 1 reply")).to_have_attribute("aria-expanded", "false")


def test_a_link_to_a_comment_opens_the_page_of_the_thread_that_holds_it(widget: Widget, at: Embedded) -> None:
    reader = at.reader()
    ids = [reader.comment("linked", name=f"Reader {number}") for number in range(7)]

    widget.page.goto(at.site.page("linked", page_size="2") + f"#comment-{ids[4]}")
    expect(widget.comment("Reader 4")).to_be_focused()
    expect(widget.comment("Reader 4")).to_be_in_viewport()

    widget.page.evaluate(f"location.hash = 'comment-{ids[1]}'")
    expect(widget.comment("Reader 1")).to_be_focused()
    expect(widget.comment("Reader 1").locator("time")).to_be_visible()
    link = widget.comment("Reader 1").get_by_role("link").first
    assert link.get_attribute("href") == at.site.page("linked", page_size="2") + f"#comment-{ids[1]}"


def test_new_comments_are_announced_and_brought_when_one_asks(widget: Widget, at: Embedded) -> None:
    at.reader().comment("news", name="Ann")
    widget.page.clock.install()
    widget.open("news")
    expect(widget.comment("Ann")).to_be_visible()
    widget.text.fill("Half a thou")
    at.reader().comment("news", name="Bo")
    at.reader().comment("news", name="Cy")

    widget.page.clock.fast_forward(61_000)
    expect(widget.comment("Bo")).to_have_count(0)
    widget.button("2 new comments").click()

    expect(widget.comment("Bo")).to_be_focused()
    expect(widget.comment("Cy")).to_be_visible()
    expect(widget.text).to_have_value("Half a thou")
    expect(widget.page.get_by_role("heading", name="Comments (3)")).to_be_visible()


@pytest.mark.soak
def test_a_tab_that_nobody_looks_at_asks_for_nothing(widget: Widget, at: Embedded) -> None:
    at.reader().comment("away", name="Ann")
    widget.page.clock.install()
    widget.open("away")
    expect(widget.comment("Ann")).to_be_visible()
    widget.page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })")

    widget.page.clock.fast_forward(600_000)
    widget.page.wait_for_load_state("networkidle")

    assert "/api/v1/counts" not in widget.asked_of_service()


@pytest.mark.soak
def test_a_publisher_can_close_the_comments_of_one_page(widget: Widget, at: Embedded) -> None:
    at.reader().comment("closed here", name="Ann")

    widget.open("closed here", closed="closed")

    expect(widget.page.get_by_text("This discussion is closed.")).to_be_visible()
    expect(widget.comment("Ann")).to_be_visible()
    expect(widget.page.get_by_role("form")).to_have_count(0)
    expect(widget.reply_to("Ann")).to_have_count(0)


@pytest.mark.soak
def test_a_screen_reader_can_follow_the_levels(widget: Widget, at: Embedded) -> None:
    reader = at.reader()
    root = reader.comment("levels", name="Ann")
    reader.comment("levels", name="Bo", parent=root)
    reader.comment("levels", name="Cy", parent=root)
    widget.open("levels")

    items = widget.page.get_by_role("listitem")
    expect(items).to_have_count(3)
    assert [item.get_attribute("aria-level") for item in items.all()] == ["1", "2", "2"]
    expect(widget.comment("Cy")).to_have_accessible_description("in reply to Ann")


@pytest.mark.soak
def test_a_link_to_a_comment_costs_no_request_more(widget: Widget, at: Embedded) -> None:
    comment = at.reader().comment("two requests", name="Ann")
    for hash, focused in ((comment, True), ("gone", False)):
        widget.asked.clear()
        widget.page.goto("about:blank")
        widget.page.goto(at.site.page("two requests") + f"#comment-{hash}")
        expect(widget.comment("Ann")).to_be_visible()
        widget.page.wait_for_load_state("networkidle")
        if focused:
            expect(widget.comment("Ann")).to_be_focused()
        assert widget.asked_of_service() == ["/embed.js", "/thread/fragment"]


@pytest.mark.soak
def test_a_link_into_what_is_folded_unfolds_it(widget: Widget, at: Embedded) -> None:
    root = at.reader().comment("folded away", name="Ann")
    reply = at.reader().comment("folded away", name="Bo", parent=root)
    widget.open("folded away")
    widget.button("Hide 1 reply").click()
    expect(widget.comment("Bo")).to_have_count(0)

    widget.page.evaluate(f"location.hash = 'comment-{reply}'")

    expect(widget.comment("Bo")).to_be_focused()
    expect(widget.button("Hide 1 reply")).to_be_visible()


@pytest.mark.soak
def test_a_part_that_cannot_be_loaded_says_so_and_the_next_press_loads_it(
    widget: Widget, at: Embedded
) -> None:
    root = at.reader().comment("part lost", name="Ann")
    at.reader().comment("part lost", name="Bo", parent=root)
    follow = re.compile(r"/follow-\w+\.js")
    widget.page.route(follow, lambda route: route.abort())
    widget.open("part lost")
    widget.button("Hide 1 reply").click()
    expect(widget.status).to_have_text("This could not be loaded. Please try again.")

    widget.page.unroute(follow)
    widget.button("Hide 1 reply").click()

    expect(widget.comment("Bo")).to_have_count(0)


@pytest.mark.soak
def test_a_look_for_news_that_fails_troubles_nobody(widget: Widget, at: Embedded) -> None:
    at.reader().comment("no news", name="Ann")
    widget.page.route("**/api/v1/counts*", lambda route: route.abort())
    widget.page.clock.install()
    widget.open("no news")
    expect(widget.comment("Ann").locator("time")).to_have_text("now")

    with widget.page.expect_event("requestfailed"):
        widget.page.clock.fast_forward(61_000)

    expect(widget.comment("Ann").locator("time")).to_have_text("1 minute ago")
    expect(widget.status).to_have_text("")


@pytest.mark.chromium_only("counts what is left by Chromium's own protocol")
@pytest.mark.soak
def test_a_thousand_changes_of_the_article_leave_nothing_behind(widget: Widget, at: Embedded) -> None:
    at.reader().comment("many 0", name="Ann")
    widget.open("many 0")
    expect(widget.comment("Ann")).to_be_visible()
    devtools = widget.context.new_cdp_session(widget.page)
    devtools.send("Performance.enable")

    def held() -> dict[str, float]:
        devtools.send("HeapProfiler.collectGarbage")
        found = {one["name"]: one["value"] for one in devtools.send("Performance.getMetrics")["metrics"]}
        return {name: found[name] for name in ("Nodes", "JSEventListeners")}

    change = """async (times) => {
        const element = document.querySelector('comment-thread');
        for (let time = 0; time < times; time++) {
            element.article = `many ${time % 2}`;
            if (time % 5 === 0) { element.remove(); document.body.append(element); }
            if (time % 10 === 9) await new Promise((done) => element.addEventListener('comments:loaded', done, { once: true }));
            else await null;
        }
    }"""
    widget.page.evaluate(change, 100)
    before = held()

    widget.page.evaluate(change, 1000)

    after = held()
    assert after["JSEventListeners"] <= before["JSEventListeners"] + 20
    assert after["Nodes"] <= before["Nodes"] * 1.2
