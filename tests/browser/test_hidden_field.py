"""The field for bots: people neither see it nor come to it, and what fills it in seems to wait."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.widget import Embedded, Widget
from tests.running_service import Live

HIDDEN = "#field-subject"


def test_nobody_sees_or_hears_of_it_in_the_widget(widget: Widget) -> None:
    widget.open("hidden")
    expect(widget.text).to_be_visible()

    expect(widget.page.locator(HIDDEN)).to_be_hidden()
    names = [box.get_attribute("name") for box in widget.page.get_by_role("textbox").all()]
    assert names == ["text", "name", "email", "url"]
    assert "Leave this field empty" not in widget.page.locator("comment-thread").aria_snapshot()


@pytest.mark.soak
def test_what_fills_it_in_in_the_widget_seems_to_wait(widget: Widget, at: Embedded) -> None:
    widget.open("filled in")
    widget.write("Good day, from a bot.")
    widget.page.locator(HIDDEN).evaluate("(field) => { field.value = 'https://watches.example/' }")
    widget.send()

    expect(widget.status).to_have_text("Your comment is awaiting moderation.")
    (queued,) = at.live.moderator().queue(article="filled in")
    assert (queued["state"], queued["findings"][0]["check"]) == ("spam", "honeypot")


@pytest.mark.soak
def test_the_form_is_empty_again_after_it_was_sent(widget: Widget, at: Embedded) -> None:
    widget.open("sent twice")
    widget.write("Good day, once.")
    widget.page.locator(HIDDEN).evaluate("(field) => { field.value = 'x' }")
    widget.send()
    expect(widget.status).to_have_text("Your comment is awaiting moderation.")

    widget.write("Good day, twice.")
    widget.send()

    expect(widget.status).to_have_text("Your comment is posted.")


@pytest.mark.soak
def test_on_the_page_it_is_the_same(live: Live, page: Page) -> None:
    page.goto(f"{live.base_url}/thread?article=hidden")
    expect(page.locator(HIDDEN)).to_be_hidden()
    page.get_by_role("textbox", name="Comment").fill("Good day, from another bot.")
    page.get_by_label("Name").fill("Ada Sample")
    page.get_by_label("Email").fill("ada@paper.example")
    page.locator(HIDDEN).evaluate("(field) => { field.value = 'x' }")

    page.get_by_role("button", name="Post comment").click()

    expect(page.get_by_text("Your comment is awaiting moderation.")).to_be_visible()
    (queued,) = live.moderator().queue(article="hidden")
    assert queued["state"] == "spam"
