"""What somebody typed is theirs: in another form of the page, in another tab, and after a router's Back."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Locator, Route, expect

from tests.browser.widget import Embedded, Widget


def texts(widget: Widget) -> Locator:
    return widget.page.get_by_role("textbox", name="Comment")


def twice(widget: Widget, at: Embedded, article: str) -> None:
    thread = f"<comment-thread article='{article}' loading=eager></comment-thread>"
    widget.page.goto(at.site.given(f"<script src='{at.live.base_url}/embed.js'></script>{thread}{thread}"))
    expect(texts(widget)).to_have_count(2)


@pytest.mark.soak
def test_two_forms_of_one_article_keep_a_draft_each(widget: Widget, at: Embedded) -> None:
    twice(widget, at, "twice")
    texts(widget).first.fill("Above.")
    texts(widget).last.fill("Below.")
    texts(widget).first.press_sequentially(" More above.", delay=1)
    expect(texts(widget).last).to_have_value("Below.")

    twice(widget, at, "twice")

    expect(texts(widget).first).to_have_value("Above. More above.")
    expect(texts(widget).last).to_have_value("Below.")


@pytest.mark.soak
def test_what_is_sent_by_one_form_leaves_the_draft_of_the_other(widget: Widget, at: Embedded) -> None:
    twice(widget, at, "one of two")
    texts(widget).last.fill("Not yet.")
    texts(widget).first.fill("Sent.")
    widget.field("Name").first.fill("Ada Sample")
    widget.field("Email").first.fill("ada@paper.example")
    widget.button("Post comment").first.click()
    expect(widget.page.get_by_text("Your comment is posted.")).to_be_visible()
    expect(texts(widget).last).to_have_value("Not yet.")

    twice(widget, at, "one of two")

    expect(texts(widget).first).to_have_value("")
    expect(texts(widget).last).to_have_value("Not yet.")


@pytest.mark.soak
def test_a_draft_goes_on_in_whichever_tab_one_comes_to(
    context: BrowserContext, widget: Widget, at: Embedded
) -> None:
    other = Widget(context, at)
    for tab in (widget, other):
        tab.open("tabs")
        expect(tab.text).to_be_visible()

    widget.text.press_sequentially("Begun here,", delay=1)
    widget.wait_until("JSON.stringify({ ...localStorage }).includes('Begun here,')")
    other.text.focus()
    expect(other.text).to_have_value("Begun here,")
    other.text.press("End")
    other.text.press_sequentially(" and gone on with there.", delay=1)
    other.wait_until("JSON.stringify({ ...localStorage }).includes('with there.')")
    widget.page.bring_to_front()
    widget.button("Preview").focus()

    expect(widget.text).to_have_value("Begun here, and gone on with there.")


@pytest.mark.soak
def test_reply_pressed_in_an_older_tab_goes_on_with_the_draft_of_the_newer(
    context: BrowserContext, widget: Widget, at: Embedded
) -> None:
    at.reader().comment("older tab", name="Bo")
    other = Widget(context, at)
    for tab in (widget, other):
        tab.open("older tab")
        tab.text.focus()
        expect(tab.page.get_by_role("form", name="Leave a reply")).to_be_visible()
    other.text.press_sequentially("Written elsewhere.", delay=1)
    other.wait_until("JSON.stringify({ ...localStorage }).includes('elsewhere.')")

    widget.page.bring_to_front()
    widget.answer("Bo")

    expect(widget.page.get_by_role("form", name="Reply to Bo")).to_be_visible()
    expect(widget.text).to_have_value("Written elsewhere.")
    other.page.reload()
    expect(other.page.get_by_role("form", name="Reply to Bo")).to_be_visible()
    expect(other.text).to_have_value("Written elsewhere.")


@pytest.mark.soak
def test_what_another_tab_went_on_with_stays_when_the_first_is_sent(
    context: BrowserContext, widget: Widget, at: Embedded
) -> None:
    other = Widget(context, at)
    for tab in (widget, other):
        tab.open("tabs that send")
        expect(tab.text).to_be_visible()
    widget.write("The first version.")
    held: list[Route] = []
    widget.page.route("**/api/v1/comments", lambda route: held.append(route))
    with widget.page.expect_request("**/api/v1/comments"):
        widget.send()
    other.text.focus()
    expect(other.text).to_have_value("The first version.")
    other.text.fill("Something else meanwhile.")
    held[0].continue_()

    expect(widget.comment("Ada Sample")).to_contain_text("The first version.")
    expect(widget.text).to_have_value("Something else meanwhile.")


@pytest.mark.soak
def test_a_reply_is_posted_as_one_though_its_comment_is_not_on_the_page_that_is_shown(
    widget: Widget, at: Embedded
) -> None:
    first, *_ = [at.reader().comment("other order", name=f"Reader {number}") for number in range(3)]
    widget.open("other order", page_size="2")
    widget.answer("Reader 0")
    widget.write("You are right.")

    widget.page.get_by_role("link", name="Newest first").click()
    expect(widget.comment("Reader 0")).to_have_count(0)
    expect(widget.page.get_by_role("form", name="Reply to Reader 0")).to_be_visible()
    widget.send()

    expect(widget.comment("Ada Sample")).to_be_visible()
    assert at.reader().thread("other order")["comments"][1]["parent"] == first


@pytest.mark.soak
def test_a_reply_waits_after_a_reload_until_its_comment_is_shown_again(widget: Widget, at: Embedded) -> None:
    for number in range(3):
        at.reader().comment("later page", name=f"Reader {number}")
    widget.open("later page", page_size="2")
    widget.show_more()
    widget.answer("Reader 2")
    widget.text.fill("Half a thou")

    widget.page.reload()
    reply = widget.page.get_by_role("form", name="Reply to Reader 2")
    expect(reply).to_be_visible()
    widget.show_more()

    item = widget.page.locator("comment-thread li").filter(has=widget.comment("Reader 2"))
    expect(item.get_by_role("form", name="Reply to Reader 2")).to_be_visible()
    expect(widget.text).to_have_value("Half a thou")


@pytest.mark.soak
def test_a_reply_to_what_is_not_shown_can_be_cancelled(widget: Widget, at: Embedded) -> None:
    for number in range(2):
        at.reader().comment("cancelled", name=f"Reader {number}")
    widget.open("cancelled", page_size="1")
    widget.answer("Reader 0")
    widget.text.fill("Half a thou")
    widget.page.get_by_role("link", name="Newest first").click()
    expect(widget.comment("Reader 0")).to_have_count(0)

    widget.page.get_by_role("link", name="Cancel reply").click()

    expect(widget.page.get_by_role("form", name="Leave a reply")).to_be_visible()
    expect(widget.text).to_be_focused()
    expect(widget.text).to_have_value("Half a thou")


BACK = """async () => {
    const old = document.querySelector('comment-thread');
    const again = old.cloneNode(true);
    old.remove();
    await new Promise((resume) => setTimeout(resume));
    document.body.append(again);
}"""


def test_after_a_routers_back_all_that_was_typed_is_there(widget: Widget, at: Embedded) -> None:
    widget.open("back")
    widget.write("Half a tex", name="Ada Sam")
    widget.field("Website").fill("https://ada")

    widget.page.evaluate(BACK)

    expect(widget.text).to_have_value("Half a tex")
    expect(widget.field("Name")).to_have_value("Ada Sam")
    expect(widget.field("Email")).to_have_value("ada@paper.example")
    expect(widget.field("Website")).to_have_value("https://ada")
    assert set(widget.kept()) == {'draft ["","back"]'}  # of who did not wish to be remembered, nothing else
    assert "ada@" not in str(widget.kept())


@pytest.mark.soak
def test_a_name_without_a_text_is_there_too(widget: Widget, at: Embedded) -> None:
    widget.open("back without a text")
    widget.field("Name").fill("Ada Sam")

    widget.page.evaluate(BACK)

    expect(widget.field("Name")).to_have_value("Ada Sam")
    assert widget.kept() == {}


@pytest.mark.soak
def test_each_article_has_what_was_typed_under_it(widget: Widget, at: Embedded) -> None:
    widget.open("here")
    widget.write("Of the first.", name="Ada Here")
    thread = widget.page.locator("comment-thread")

    thread.evaluate("(e) => { e.article = 'there'; }")
    expect(widget.text).to_have_value("")
    expect(widget.field("Name")).to_have_value("")
    thread.evaluate("(e) => { e.article = 'here'; }")

    expect(widget.text).to_have_value("Of the first.")
    expect(widget.field("Name")).to_have_value("Ada Here")


@pytest.mark.soak
def test_who_posted_is_a_stranger_again(widget: Widget, at: Embedded) -> None:
    widget.open("stranger")
    widget.write("Once.")
    widget.send()
    expect(widget.comment("Ada Sample")).to_be_visible()

    widget.page.evaluate(BACK)

    expect(widget.comment("Ada Sample")).to_be_visible()
    widget.text.focus()
    expect(widget.field("Name")).to_have_value("")
    expect(widget.field("Email")).to_have_value("")


@pytest.mark.soak
def test_a_reload_forgets_who_did_not_wish_to_be_remembered(widget: Widget, at: Embedded) -> None:
    widget.open("reload")
    widget.write("A draft.")
    widget.wait_until("JSON.stringify({ ...localStorage }).includes('A draft.')")

    widget.open("reload")

    expect(widget.text).to_have_value("A draft.")
    expect(widget.field("Name")).to_have_value("")
