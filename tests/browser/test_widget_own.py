"""One's own comments in the widget: edited, deleted, regretted, and seen while they wait."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from tests.browser.widget import Embedded, Widget, embedded


def posted(widget: Widget, article: str, text: str = "First thoughts.") -> Widget:
    widget.open(article)
    widget.write(text)
    widget.send()
    expect(widget.comment("Ada Sample")).to_be_focused()
    return widget


def test_it_is_edited_in_place_and_a_draft_comes_back_afterwards(widget: Widget, at: Embedded) -> None:
    posted(widget, "edited", "First *thoughts*.")
    widget.text.fill("Something else meanwhile")

    widget.button("Edit").click()
    expect(widget.text).to_be_focused()
    expect(widget.text).to_have_value("First *thoughts*.")
    expect(widget.page.get_by_role("form", name="Edit your comment")).to_be_visible()
    expect(widget.field("Email")).to_have_count(0)
    widget.text.fill("Second thoughts.")
    widget.button("Save").click()

    expect(widget.comment("Ada Sample")).to_contain_text("Second thoughts.")
    expect(widget.comment("Ada Sample")).to_contain_text("edited")
    expect(widget.comment("Ada Sample")).to_be_focused()
    expect(widget.text).to_have_value("Something else meanwhile")
    assert at.reader().texts("edited") == ["Second thoughts."]


def test_neither_edit_nor_reply_disturbs_a_comment_on_its_way(widget: Widget, at: Embedded) -> None:
    posted(widget, "on its way")
    held: list[Route] = []
    widget.page.route("**/api/v1/comments", lambda route: held.append(route))
    widget.write("Second thoughts.", name="Ada Again")
    with widget.page.expect_request("**/api/v1/comments"):
        widget.send()

    widget.reply_to("Ada Sample").click()
    expect(widget.page.get_by_role("form", name="Leave a reply")).to_be_visible()
    widget.button("Edit").click()
    expect(widget.text).to_have_value("Second thoughts.")
    held[0].continue_()

    expect(widget.comment("Ada Again")).to_be_focused()
    expect(widget.text).to_have_value("")
    widget.comment("Ada Again").get_by_role("button", name="Edit").click()
    expect(widget.text).to_have_value("Second thoughts.")
    widget.button("Cancel").click()
    widget.page.reload()
    expect(widget.button("Edit")).to_have_count(2)
    expect(widget.text).to_have_value("")


@pytest.mark.soak
def test_what_comes_late_of_one_article_is_not_shown_under_the_next(widget: Widget, at: Embedded) -> None:
    at.reader().comment("next", name="Bo")
    posted(widget, "left behind")
    late: list[Route] = []
    widget.page.route("**/thread/own?*", lambda route: late.append(route))
    widget.page.route("**/api/v1/comments/*", lambda route: late.append(route))
    widget.button("Edit").click()
    widget.text.fill("Second thoughts.")
    with widget.page.expect_request("**/api/v1/comments/*"):
        widget.button("Save").click()

    widget.page.evaluate("document.querySelector('comment-thread').article = 'next'")
    expect(widget.comment("Bo")).to_be_visible()
    late[0].continue_()
    widget.wait_until("JSON.stringify({ ...localStorage }).includes('Second thoughts.')")

    expect(widget.page.locator("form")).to_have_count(1)
    expect(widget.page.get_by_role("article")).to_have_count(1)
    widget.page.evaluate("document.querySelector('comment-thread').article = 'left behind'")
    expect(widget.comment("Ada Sample")).to_contain_text("Second thoughts.")


@pytest.mark.soak
def test_a_held_comment_that_comes_late_is_not_shown_under_the_next_article(
    context: BrowserContext, tmp_path: Path
) -> None:
    with embedded(tmp_path, MODERATION="all") as at:
        widget = Widget(context, at)
        widget.open("held behind")
        widget.write("It waits.")
        widget.send()
        expect(widget.comment("Ada Sample")).to_be_visible()
        late: list[Route] = []
        widget.page.route("**/thread/own?*", lambda route: late.append(route))
        with widget.page.expect_request("**/thread/own?*"):
            widget.page.reload()

        widget.page.evaluate("document.querySelector('comment-thread').article = 'next'")
        expect(widget.page.get_by_text("No comments yet.")).to_be_visible()
        with widget.page.expect_response("**/thread/own?*"):
            late[0].continue_()
        widget.page.wait_for_timeout(200)

        expect(widget.page.get_by_role("article")).to_have_count(0)


@pytest.mark.soak
def test_edit_pressed_again_keeps_what_was_typed(widget: Widget) -> None:
    posted(widget, "edit pressed again")
    widget.button("Edit").click()
    widget.text.fill("Second thoughts.")

    widget.button("Edit").click()

    expect(widget.text).to_be_focused()
    expect(widget.text).to_have_value("Second thoughts.")


@pytest.mark.soak
def test_an_edit_that_is_left_changes_nothing_and_gives_the_focus_back(widget: Widget, at: Embedded) -> None:
    posted(widget, "left")
    widget.button("Edit").click()
    widget.text.fill("Never mind.")

    widget.page.keyboard.press("Escape")

    expect(widget.button("Edit")).to_be_focused()
    expect(widget.text).to_have_value("")
    assert at.reader().texts("left") == ["First thoughts."]


@pytest.mark.soak
def test_an_edit_that_is_refused_says_why_and_keeps_the_words(widget: Widget) -> None:
    posted(widget, "refused")
    widget.button("Edit").click()
    widget.text.fill(" ")

    widget.button("Save").click()

    expect(widget.page.get_by_text("Please write a comment.")).to_be_visible()
    expect(widget.text).to_be_focused()


@pytest.mark.soak
def test_after_a_reload_it_can_still_be_edited(widget: Widget) -> None:
    posted(widget, "reloaded")

    widget.open("reloaded")
    widget.button("Edit").click()

    expect(widget.text).to_have_value("First thoughts.")


@pytest.mark.soak
def test_on_a_later_page_it_can_still_be_edited_after_a_reload(widget: Widget, at: Embedded) -> None:
    at.reader().comment("later", name="Bo")
    posted(widget, "later")

    widget.open("later", page_size="1")
    widget.show_more()
    widget.button("Edit").click()

    expect(widget.text).to_have_value("First thoughts.")


@pytest.fixture
def second_page(widget: Widget, at: Embedded, request: pytest.FixtureRequest) -> Iterator[Callable[[], None]]:
    """One's own comment stands below the first page, though it is of the second, which comes when that is called."""
    article = request.node.name
    for name in ("Bo", "Cy"):
        at.reader().comment(article, name=name)
    posted(widget, article)
    at.reader().comment(article, name="Di")
    widget.open(article, page_size="2")
    expect(widget.button("Edit")).to_be_visible()
    waiting: list[Route] = []
    widget.page.route("**/thread/fragment?*cursor=*", lambda route: waiting.append(route))
    with widget.page.expect_request("**/thread/fragment?*cursor=*"):
        widget.show_more()

    def comes() -> None:
        waiting[0].continue_()
        expect(widget.page.get_by_role("link", name="Show more comments")).to_have_count(0)

    yield comes

    authors = widget.page.locator("comment-thread .author")
    expect(authors).to_have_text(["Bo", "Cy", "Ada Sample", "Di"])


@pytest.mark.soak
def test_an_edit_goes_on_while_its_page_comes(widget: Widget, second_page: Callable[[], None]) -> None:
    widget.button("Edit").click()
    widget.text.fill("Second thoughts.")

    second_page()

    expect(widget.text).to_have_value("Second thoughts.")
    expect(widget.text).to_be_focused()
    widget.button("Save").click()
    expect(widget.comment("Ada Sample")).to_contain_text("Second thoughts.")


@pytest.mark.soak
def test_a_reply_to_oneself_goes_on_while_its_page_comes(
    widget: Widget, second_page: Callable[[], None]
) -> None:
    widget.answer("Ada Sample")
    widget.text.fill("And another thing.")

    second_page()

    expect(widget.text).to_have_value("And another thing.")
    expect(widget.text).to_be_focused()
    expect(widget.page.get_by_role("form", name="Reply to Ada Sample")).to_be_visible()


@pytest.mark.soak
def test_a_deletion_can_be_undone_after_its_page_came(
    widget: Widget, second_page: Callable[[], None]
) -> None:
    widget.button("Delete").click()

    second_page()

    expect(widget.comment("Ada Sample")).to_have_count(0)
    widget.button("Undo").click()
    expect(widget.comment("Ada Sample")).to_be_visible()


@pytest.mark.soak
def test_it_is_deleted_when_nobody_regrets_it_for_ten_seconds(widget: Widget, at: Embedded) -> None:
    posted(widget, "deleted")
    widget.page.clock.install()
    widget.button("Delete").click()
    expect(widget.comment("Ada Sample")).to_have_count(0)
    assert at.reader().texts("deleted") == ["First thoughts."]

    widget.page.clock.fast_forward(10_100)

    expect(widget.button("Undo")).to_have_count(0)
    expect(widget.page.get_by_text("Your comment is deleted.")).to_be_focused()
    expect(widget.page.locator(".count")).to_be_hidden()
    assert at.reader().thread("deleted")["count"] == 0
    widget.page.reload()
    expect(widget.page.get_by_text("No comments yet.")).to_be_visible()


@pytest.mark.soak
def test_it_stays_hidden_while_its_deletion_is_on_its_way(widget: Widget, at: Embedded) -> None:
    at.reader().comment("on its way out", name="Bo")
    posted(widget, "on its way out")
    widget.page.reload()
    held: list[Route] = []
    widget.page.route(
        "**/api/v1/comments/*",
        lambda route: held.append(route) if route.request.method == "DELETE" else route.continue_(),
    )
    widget.page.clock.install()
    widget.button("Delete").click()
    with widget.page.expect_request("**/api/v1/comments/*"):
        widget.page.clock.fast_forward(10_100)

    widget.page.get_by_role("link", name="Newest first").click()
    expect(widget.page.get_by_role("link", name="Newest first")).to_have_attribute("aria-current", "true")
    widget.button("Undo").click()
    expect(widget.comment("Ada Sample")).to_have_count(0)
    held[0].continue_()

    expect(widget.button("Undo")).to_have_count(0)
    expect(widget.page.get_by_text("Your comment is deleted.")).to_be_visible()
    assert at.reader().thread("on its way out")["count"] == 1


@pytest.mark.soak
def test_of_two_deleted_within_ten_seconds_both_are_and_nothing_moves(widget: Widget, at: Embedded) -> None:
    posted(widget, "two deleted")
    first = at.reader().thread("two deleted")["comments"][0]["id"]
    at.reader().comment("two deleted", "An answer.", name="Cleo", parent=first)
    widget.write("Second thoughts.", name="Ada Again")
    widget.send()
    expect(widget.comment("Ada Again")).to_be_focused()
    widget.page.reload()
    expect(widget.button("Delete")).to_have_count(2)
    widget.page.clock.install()

    widget.comment("Ada Sample").get_by_role("button", name="Delete").click()
    widget.page.clock.fast_forward(5_000)
    widget.comment("Ada Again").get_by_role("button", name="Delete").click()
    with widget.page.expect_response(lambda answer: answer.request.method == "DELETE"):
        widget.page.clock.fast_forward(5_100)

    expect(widget.button("Undo")).to_have_count(1)
    expect(widget.button("Undo")).to_be_focused()
    expect(widget.page.get_by_text("Your comment is deleted.")).to_have_count(2)
    expect(widget.comment("Ada Again")).to_be_hidden()
    expect(widget.button("Hide 1 reply")).to_be_visible()
    widget.page.get_by_role(
        "link", name="Newest first"
    ).click()  # which shows the thread as the service has it
    expect(widget.page.get_by_text("This comment was removed.")).to_be_visible()
    expect(widget.button("Undo")).to_have_count(1)
    widget.button("Undo").click()
    expect(widget.comment("Ada Again")).to_be_visible()
    widget.page.clock.fast_forward(20_000)
    assert at.reader().thread("two deleted")["count"] == 2


def test_a_deletion_can_be_undone(widget: Widget, at: Embedded) -> None:
    posted(widget, "regretted")
    widget.page.clock.install()
    widget.button("Delete").click()
    expect(widget.button("Undo")).to_be_focused()

    widget.button("Undo").click()
    widget.page.clock.fast_forward(20_000)

    expect(widget.comment("Ada Sample")).to_be_visible()
    expect(widget.button("Delete")).to_be_focused()
    assert at.reader().texts("regretted") == ["First thoughts."]


@pytest.mark.soak
def test_who_leaves_the_page_meant_the_deletion(widget: Widget, at: Embedded) -> None:
    posted(widget, "gone")
    widget.button("Delete").click()

    widget.page.goto(at.site.page("another"))

    until = time.monotonic() + 5
    while at.reader().thread("gone")["count"] and time.monotonic() < until:
        time.sleep(0.05)
    assert at.reader().thread("gone")["count"] == 0


def test_one_that_waits_is_shown_to_its_author_alone_after_a_reload_too(
    context: BrowserContext, tmp_path: Path
) -> None:
    with embedded(tmp_path, MODERATION="all") as at:
        widget = posted(Widget(context, at), "waits")
        widget.open("waits")

        expect(widget.comment("Ada Sample")).to_contain_text("Your comment is awaiting moderation.")
        expect(widget.comment("Ada Sample")).to_contain_text("First thoughts.")
        assert at.reader().thread("waits")["comments"] == []
        moderator = at.live.moderator()
        moderator.decide("approve", moderator.queue(state="pending")[0]["id"])
        widget.open("waits")
        expect(widget.comment("Ada Sample")).to_have_count(1)
        expect(widget.comment("Ada Sample")).not_to_contain_text("awaiting")


@pytest.mark.soak
def test_an_edit_of_one_that_waits_goes_on_when_new_comments_are_shown(widget: Widget, at: Embedded) -> None:
    at.live.moderator().block("word", "quarantine", "hold")
    posted(widget, "edited while others write", "From quarantine.")
    widget.button("Edit").click()
    widget.text.fill("From quarantine, still.")
    widget.page.clock.install()
    at.reader().comment("edited while others write", name="Bo")

    widget.page.clock.fast_forward(61_000)
    widget.button("1 new comment").click()

    expect(widget.comment("Bo")).to_be_visible()
    item = widget.page.locator("comment-thread li").filter(has=widget.comment("Ada Sample"))
    expect(item.get_by_role("form", name="Edit your comment")).to_be_visible()
    expect(widget.text).to_have_value("From quarantine, still.")
    widget.button("Save").click()
    expect(widget.comment("Ada Sample")).to_contain_text("still")


@pytest.mark.soak
def test_the_keyboard_sends_and_leaves(widget: Widget, at: Embedded) -> None:
    at.reader().comment("keys", name="Bo")
    widget.open("keys")
    widget.reply_to("Bo").press("Enter")
    expect(widget.text).to_be_focused()
    widget.page.keyboard.type("Half a thou")
    widget.page.keyboard.press("Escape")
    expect(widget.reply_to("Bo")).to_be_focused()
    widget.reply_to("Bo").press("Enter")
    expect(widget.text).to_have_value("Half a thou")

    widget.write("A whole thought.")
    widget.text.press("Control+Enter")

    expect(widget.comment("Ada Sample")).to_contain_text("A whole thought.")


@pytest.mark.soak
def test_near_the_limit_the_length_is_shown(context: BrowserContext, tmp_path: Path) -> None:
    with embedded(tmp_path, MAX_TEXT="100") as at:
        widget = Widget(context, at).open("length")
        length = widget.page.locator("comment-thread .length")
        widget.text.fill("a" * 80)
        expect(length).to_have_text("")
        widget.text.fill("a" * 90 + "🙂")
        expect(length).to_have_text("91 / 100")


@pytest.mark.soak
def test_what_is_written_is_sent_when_the_rest_of_the_script_comes_late_or_at_the_second_try(
    widget: Widget, at: Embedded
) -> None:
    widget.page.route(re.compile("/write-"), lambda route: route.abort())
    widget.open("late")
    widget.write("It came late.")
    widget.send()
    expect(widget.status).to_contain_text("could not be loaded")
    expect(widget.text).to_have_value("It came late.")
    widget.page.unroute(re.compile("/write-"))

    widget.send()

    expect(widget.comment("Ada Sample")).to_contain_text("It came late.")


@pytest.mark.soak
def test_an_edit_key_is_kept_for_half_a_year(widget: Widget, at: Embedded) -> None:
    posted(widget, "expired")
    now = datetime.now(UTC)

    widget.page.clock.set_fixed_time(now + timedelta(days=180))
    widget.open("expired")

    expect(widget.comment("Ada Sample")).to_be_visible()
    widget.text.click()
    expect(widget.button("Edit")).to_have_count(0)
    assert "edits" in widget.kept()
    widget.page.clock.set_fixed_time(now + timedelta(days=190))
    widget.open("expired elsewhere")
    widget.wait_until("Object.keys(localStorage).length === 0")


@pytest.mark.soak
def test_its_author_is_told_why_a_comment_was_removed(
    widget: Widget, at: Embedded, context: BrowserContext
) -> None:
    posted(widget, "removed")
    (comment,) = at.reader().thread("removed")["comments"]
    at.reader().comment("removed", "A reply.", name="Bo", parent=comment["id"])
    at.live.moderator().decide("spam", comment["id"], reason="It sells something.")

    widget.open("removed")

    own = widget.comment("Ada Sample")
    expect(own).to_contain_text("Your comment is awaiting moderation.")
    item = widget.page.locator("comment-thread li").filter(has=own)
    expect(item).to_contain_text("It sells something.")
    with context.expect_page() as opened:
        item.get_by_role("link", name="Object to this decision").click()
    page = opened.value
    page.get_by_role("textbox", name="Your objection").fill("It is a review.")
    page.get_by_role("button", name="Object to this decision").click()
    expect(page.get_by_text("We received your objection, and a moderator will read it.")).to_be_visible()
    assert [one["id"] for one in at.live.moderator().queue(state="pending", article="removed")] == [
        comment["id"]
    ]


@pytest.mark.soak
@pytest.mark.chromium_only("BiDi tells no body of a request, so it cannot be sent on")
def test_a_comment_stands_in_its_own_thread_alone(widget: Widget, at: Embedded) -> None:
    def answer_late(route: Route) -> None:
        answer = route.fetch()
        widget.page.locator("comment-thread").evaluate("e => { e.article = 'the next'; }")
        expect(widget.comment("Bo")).to_be_visible()
        route.fulfill(response=answer)

    at.reader().comment("the next", name="Bo")
    widget.open("the first")
    widget.write("For the first.")
    widget.page.route("**/api/v1/comments", answer_late)
    widget.send()

    expect(widget.comment("Bo")).to_be_visible()
    widget.wait_until("events.some(([name]) => name === 'comments:posted')")
    widget.page.wait_for_load_state("networkidle")
    expect(widget.page.get_by_role("article")).to_have_count(1)
    assert at.reader().texts("the first") == ["For the first."]
