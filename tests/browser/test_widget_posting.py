"""Posting in the widget."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from tests.browser.begun import Begun
from tests.browser.site import stranger_site
from tests.browser.widget import Embedded, Widget, embedded
from tests.running_service import free_port


def test_a_comment_appears_without_a_reload_under_a_strict_policy(widget: Widget, at: Embedded) -> None:
    widget.open("posting")
    widget.page.evaluate("window.mark = 'the same document'")
    widget.write("Written *in* the widget.")
    widget.send()

    comment = widget.comment("Ada Sample")
    expect(comment).to_contain_text("Written in the widget.")
    expect(comment).to_be_focused()
    expect(widget.status).to_have_text("Your comment is posted.")
    expect(widget.page.get_by_role("heading", name="Comments (1)")).to_be_visible()
    expect(widget.text).to_have_value("")
    assert widget.page.evaluate("window.mark") == "the same document"
    assert widget.complaints == []
    assert widget.page.evaluate("window.violations") == []
    posted = at.reader().thread("posting")["comments"][0]
    assert widget.events()[-1] == ["comments:posted", {"id": posted["id"], "state": "approved"}]


def test_a_reply_opens_in_place_and_esc_puts_it_away(widget: Widget, at: Embedded) -> None:
    reader = at.reader()
    reader.comment("replies", "A question.", name="Bo")
    reader.comment("replies", "Another.", name="Cy")
    widget.open("replies")
    widget.text.fill("Typed before.")

    widget.reply_to("Bo").click()
    expect(widget.page.get_by_role("form", name=re.compile("Reply to Bo"))).to_be_visible()
    expect(widget.text).to_be_focused()
    expect(widget.text).to_have_value("Typed before.")
    widget.page.keyboard.press("Escape")
    expect(widget.page.get_by_role("form", name="Leave a reply")).to_be_visible()
    expect(widget.reply_to("Bo")).to_be_focused()

    widget.reply_to("Bo").click()
    widget.page.get_by_role("link", name="Cancel reply").click()
    expect(widget.page.get_by_role("form", name="Leave a reply")).to_be_visible()
    widget.answer("Bo")
    widget.write("An answer.")
    widget.send()

    expect(widget.comment("Ada Sample")).to_be_focused()
    first, answer, _ = reader.thread("replies")["comments"]
    assert answer["parent"] == first["id"]
    expect(widget.page.get_by_role("form", name="Leave a reply")).to_be_visible()


@pytest.mark.soak
def test_a_reply_is_taken_home_when_it_is_held(context: BrowserContext, tmp_path: Path) -> None:
    with embedded(tmp_path, MODERATION="all") as at:
        reader, moderator = at.reader(), at.live.moderator()
        moderator.decide("approve", reader.comment("held", "A question.", name="Bo"))
        widget = Widget(context, at).open("held")
        widget.reply_to("Bo").click()
        expect(widget.text).to_be_focused()
        widget.write("Please wait for me.")
        widget.send()

        expect(widget.status).to_have_text("Your comment is awaiting moderation.")
        expect(widget.comment("Ada Sample")).to_be_focused()
        expect(widget.comment("Ada Sample")).to_be_in_viewport()
        expect(widget.text).to_have_value("")
        expect(widget.page.get_by_role("form", name="Leave a reply")).to_be_visible()
        expect(widget.comment("Ada Sample")).to_contain_text("Your comment is awaiting moderation.")
        assert widget.events()[-1][1]["state"] == "pending"  # type: ignore[index]


@pytest.mark.soak
def test_the_preview_is_what_posting_shows(widget: Widget, at: Embedded) -> None:
    text = "One **bold** line\nand `code`:\n\n> quoted\n\n1. https://paper.example/\n2. <b>raw</b>"
    widget.open("preview")
    widget.write(text)

    widget.button("Preview").click()
    preview = widget.page.get_by_role("region", name="Preview")
    expect(preview).to_contain_text("One bold line")
    shown = preview.locator(".text").inner_html().strip()
    widget.button("Preview").click()
    expect(preview).to_be_hidden()
    widget.send()
    expect(widget.comment("Ada Sample")).to_be_visible()

    assert shown == widget.comment("Ada Sample").locator(".text").inner_html().strip()
    assert widget.page.evaluate("window.violations") == []


@pytest.mark.soak
def test_a_preview_of_nothing_says_what_is_missing(widget: Widget) -> None:
    widget.open("preview of nothing")
    widget.button("Preview").click()

    expect(widget.text).to_have_accessible_description(re.compile("Please write a comment."))
    expect(widget.text).to_be_focused()


@pytest.mark.chromium_only("BiDi adds to what stands in a field for an address, and does not replace it")
def test_errors_stand_beside_their_fields(widget: Widget) -> None:
    widget.open("errors")
    widget.write("Some text.", name="", email="not an address")
    widget.send()

    name, email = widget.field("Name"), widget.field("Email")
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_have_accessible_description("Please tell us your name.")
    expect(name).to_be_focused()
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(widget.text).not_to_have_attribute("aria-invalid", "true")
    expect(widget.text).to_have_value("Some text.")
    expect(widget.alert).to_be_hidden()

    name.fill("Ada Sample")
    expect(name).not_to_have_attribute("aria-invalid", "true")
    email.fill("ada@paper.example")
    widget.send()
    expect(widget.comment("Ada Sample")).to_be_visible()


@pytest.mark.soak
def test_who_is_quicker_than_people_type_waits_without_noticing(
    context: BrowserContext, tmp_path: Path
) -> None:
    with embedded(tmp_path, FORM_MIN_SECONDS="2") as at:
        widget = Widget(context, at).open("quick")
        widget.write("Pasted at once.")
        widget.send()

        expect(widget.button("Posting…")).to_be_visible()
        expect(widget.comment("Ada Sample")).to_be_visible()
        expect(widget.alert).to_be_hidden()
        assert widget.asked_of_service().count("/api/v1/comments") == 1


def test_two_presses_make_one_comment(widget: Widget, at: Embedded) -> None:
    widget.open("twice")
    widget.write("Once is enough.")
    widget.button("Post comment").dblclick()

    expect(widget.comment("Ada Sample")).to_have_count(1)
    assert at.reader().thread("twice")["count"] == 1


@pytest.mark.soak
def test_who_went_on_elsewhere_in_the_page_keeps_the_focus(widget: Widget, at: Embedded) -> None:
    widget.open("elsewhere")
    widget.page.evaluate(
        "() => document.body.append(Object.assign(document.createElement('input'), { id: 'search' }))"
    )
    held: list[Route] = []
    widget.page.route("**/api/v1/comments", lambda route: held.append(route))
    widget.write("Posted slowly.")
    with widget.page.expect_request("**/api/v1/comments"):
        widget.send()
    search = widget.page.locator("#search")
    search.focus()
    held[0].continue_()

    expect(widget.comment("Ada Sample")).to_contain_text("Posted slowly.")
    expect(widget.status).to_have_text("Your comment is posted.")
    expect(search).to_be_focused()


@pytest.mark.soak
@pytest.mark.chromium_only("BiDi tells no body of a request")
def test_an_expired_token_is_renewed_without_a_word(widget: Widget, at: Embedded) -> None:
    sent = []

    def expire_first(route, request):  # type: ignore[no-untyped-def]
        sent.append(request.post_data_json["token"])
        if len(sent) > 1:
            return route.continue_()
        problem = '{"type": "https://x.example/problems/token-expired", "status": 422, "detail": "Too old."}'
        headers = {"Access-Control-Allow-Origin": "*"}
        return route.fulfill(
            status=422, content_type="application/problem+json", body=problem, headers=headers
        )

    widget.page.route("**/api/v1/comments", expire_first)
    widget.open("expired")
    widget.write("It lay open for hours.")
    widget.send()

    expect(widget.comment("Ada Sample")).to_be_visible()
    assert len(set(sent)) == 2


@pytest.mark.soak
def test_too_many_say_how_many_seconds_to_wait(context: BrowserContext, tmp_path: Path) -> None:
    with embedded(tmp_path, RATE_LIMIT_POST="1 per minute") as at:
        widget = Widget(context, at).open("many")
        widget.write("One.")
        widget.send()
        expect(widget.comment("Ada Sample")).to_be_visible()
        widget.write("Two.")
        widget.send()

        expect(widget.alert).to_have_text(re.compile(r"\d+ seconds"))
        expect(widget.text).to_have_value("Two.")
        assert widget.events()[-1] == ["comments:error", {"status": 429, "type": "rate-limited"}]


@pytest.mark.soak
def test_a_page_that_may_not_post_says_which_command_allows_it(context: BrowserContext, at: Embedded) -> None:
    with stranger_site(at.live.base_url, port=free_port()) as other:
        widget = Widget(context, Embedded(at.live, other)).open("elsewhere")
        widget.write("Not from here.")
        widget.send()

        expect(widget.alert).to_contain_text(f"commentsvc site set default --add-origin {other.url}")
        expect(widget.text).to_have_value("Not from here.")


@pytest.mark.soak
def test_a_closed_discussion_takes_no_reply(widget: Widget, at: Embedded) -> None:
    widget.open("closing")
    widget.write("Too late.")
    at.live.moderator().set_thread("closing", open=False)
    widget.send()

    expect(widget.alert).to_contain_text("This discussion is closed.")
    expect(widget.text).to_have_value("Too late.")
    widget.open("closing")
    expect(widget.page.get_by_text("This discussion is closed.")).to_be_visible()
    expect(widget.page.get_by_role("form")).to_have_count(0)


@pytest.mark.soak
def test_a_comment_of_a_later_page_stands_here_at_once_and_there_once_that_is_shown(
    widget: Widget, at: Embedded
) -> None:
    for number in range(4):
        at.reader().comment("pages", name=f"Reader {number}")
    widget.open("pages", page_size="2")
    widget.write("The fifth.")
    widget.send()
    expect(widget.comment("Ada Sample")).to_be_focused()

    widget.show_more()
    expect(widget.comment("Reader 3")).to_be_visible()
    widget.show_more()

    expect(widget.page.get_by_role("article").last).to_have_accessible_name("Ada Sample")
    expect(widget.page.get_by_role("article")).to_have_count(5)


@pytest.mark.soak
def test_the_words_are_posted_where_the_page_has_no_policy(context: BrowserContext, begun: Begun) -> None:
    widget = Widget(context, begun.free).open("no policy")
    widget.write("Hello.")
    widget.send()

    expect(widget.comment("Ada Sample")).to_contain_text("Hello.")
    assert widget.complaints == []
