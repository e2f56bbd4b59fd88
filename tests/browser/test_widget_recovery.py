"""Connections get lost, typed words do not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from tests.browser.site import stranger_site
from tests.browser.widget import Embedded, Widget
from tests.running_service import free_port, serving

POST = "**/api/v1/comments"


def test_a_service_that_is_away_costs_no_word(context: BrowserContext, tmp_path: Path) -> None:
    port, site_port = free_port(), free_port()
    allowed = f"http://localhost:{site_port}"
    with stranger_site(f"http://127.0.0.1:{port}", port=site_port) as site:
        with serving(tmp_path / "data", port=port, ORIGINS=allowed) as live:
            widget = Widget(context, Embedded(live, site)).open("away")
            widget.write("A long and thoughtful text.")
        widget.send()
        expect(widget.alert).to_contain_text("The connection was lost.")
        expect(widget.text).to_have_value("A long and thoughtful text.")

        with serving(tmp_path / "data", port=port, ORIGINS=allowed) as live:
            widget.send()
            expect(widget.comment("Ada Sample")).to_contain_text("A long and thoughtful text.")
            assert live.reader().thread("away")["count"] == 1


def test_a_draft_outlives_a_reload_until_it_is_sent(widget: Widget, at: Embedded) -> None:
    widget.page.route(POST, lambda route: route.abort())
    widget.open("draft")
    widget.write("Not to be lost.")
    widget.send()
    expect(widget.alert).to_contain_text("The connection was lost.")

    widget.page.unroute(POST)
    widget.page.reload()
    expect(widget.text).to_have_value("Not to be lost.")
    widget.write("Not to be lost.")
    widget.send()

    expect(widget.comment("Ada Sample")).to_have_count(1)
    assert at.reader().thread("draft")["count"] == 1
    widget.page.reload()
    expect(widget.text).to_have_value("")


@pytest.mark.soak
def test_a_reply_is_a_reply_again_after_a_reload(widget: Widget, at: Embedded) -> None:
    at.reader().comment("reply draft", name="Bo")
    widget.open("reply draft")
    widget.answer("Bo")
    widget.text.fill("Half a sentence, and")

    widget.page.reload()

    expect(widget.page.get_by_text("Reply to Bo")).to_be_visible()
    expect(widget.text).to_have_value("Half a sentence, and")


def take_and_lose_the_answer(route: Route) -> None:
    route.fetch()
    route.abort()


@pytest.mark.chromium_only("BiDi tells no body of a request, so it cannot be sent on")
def test_a_lost_answer_makes_no_second_comment(widget: Widget, at: Embedded) -> None:
    widget.page.route(POST, take_and_lose_the_answer)
    widget.open("lost answer")
    widget.write("Only once.")
    widget.send()
    expect(widget.alert).to_contain_text("The connection was lost.")
    assert at.reader().thread("lost answer")["count"] == 1

    widget.page.unroute(POST)
    widget.send()

    expect(widget.comment("Ada Sample")).to_have_count(1)
    expect(widget.status).to_have_text("Your comment is posted.")
    assert at.reader().thread("lost answer")["count"] == 1


@pytest.mark.soak
@pytest.mark.chromium_only("BiDi tells no body of a request, so it cannot be sent on")
def test_a_lost_answer_makes_no_second_comment_after_a_reload_either(widget: Widget, at: Embedded) -> None:
    widget.page.route(POST, take_and_lose_the_answer)
    widget.open("lost and reloaded")
    widget.write("Only once.")
    widget.send()
    expect(widget.alert).to_contain_text("The connection was lost.")

    widget.page.unroute(POST)
    widget.page.reload()
    expect(widget.text).to_have_value("Only once.")
    widget.write("Only once.")
    widget.send()

    expect(widget.status).to_have_text("Your comment is posted.")
    assert at.reader().thread("lost and reloaded")["count"] == 1


@pytest.mark.soak
@pytest.mark.chromium_only("BiDi tells no body of a request, so it cannot be sent on")
def test_another_text_after_a_lost_answer_is_posted_at_the_next_press(widget: Widget, at: Embedded) -> None:
    widget.page.route(POST, take_and_lose_the_answer)
    widget.open("changed")
    widget.write("The first version.")
    widget.send()
    expect(widget.alert).to_contain_text("The connection was lost.")

    widget.page.unroute(POST)
    widget.text.fill("The second version.")
    widget.send()
    expect(widget.alert).to_contain_text("sent before with another content")
    widget.send()

    expect(widget.page.get_by_text("The second version.")).to_be_visible()
    assert at.reader().texts("changed") == ["The first version.", "The second version."]


@pytest.mark.soak
def test_a_broken_service_says_so_and_keeps_the_words(widget: Widget) -> None:
    page_of_a_proxy = {"status": 502, "body": "<h1>Bad gateway</h1>", "content_type": "text/html"}
    widget.page.route(
        POST, lambda route: route.fulfill(**page_of_a_proxy, headers={"Access-Control-Allow-Origin": "*"})
    )
    widget.open("broken")
    widget.write("Still here.")
    widget.send()

    expect(widget.alert).to_contain_text("The service could not take this.")
    expect(widget.text).to_have_value("Still here.")
    expect(widget.button("Post comment")).to_be_enabled()


@pytest.mark.soak
def test_what_nobody_foresaw_is_said_too_and_keeps_the_words(widget: Widget) -> None:
    headers = {"Access-Control-Allow-Origin": "*"}
    widget.page.route(POST, lambda route: route.fulfill(status=422, body='{"type": 5}', headers=headers))
    widget.open("unforeseen")
    widget.write("Still here.")
    widget.send()

    expect(widget.alert).to_contain_text("The service could not take this.")
    expect(widget.text).to_have_value("Still here.")
    assert "is not a function" in " ".join(widget.complaints)  # whoever mends it finds it in the console


@pytest.mark.soak
def test_nothing_but_draft_and_edit_key_is_kept_of_who_does_not_ask_for_it(
    widget: Widget, at: Embedded
) -> None:
    widget.open("stranger")
    widget.write("Hello.", email="secret@paper.example")
    assert list(widget.kept()) == ['draft ["","stranger"]']
    widget.send()
    expect(widget.comment("Ada Sample")).to_be_visible()

    kept = widget.kept()
    comment = at.reader().thread("stranger")["comments"][0]["id"]
    assert list(kept) == ["edits"]
    assert list(json.loads(kept["edits"])) == [comment]
    widget.page.reload()
    expect(widget.field("Name")).to_have_value("")


@pytest.mark.soak
@pytest.mark.chromium_only("BiDi tells no body of a request")
def test_who_ticks_the_box_is_known_again_until_it_is_unticked(widget: Widget, at: Embedded) -> None:
    remember = widget.page.get_by_label("Remember me in this browser")
    widget.open("remembered")
    widget.write("Hello.")
    remember.check()
    widget.send()
    expect(widget.comment("Ada Sample")).to_be_visible()
    expect(widget.field("Name")).to_have_value("Ada Sample")

    widget.open("another article")
    expect(widget.field("Email")).to_have_value("ada@paper.example")
    expect(remember).to_be_checked()
    with widget.page.expect_request(POST) as sent:
        widget.text.fill("It is me again.")
        widget.send()
    assert sent.value.post_data_json["author_key"]
    expect(widget.comment("Ada Sample")).to_be_visible()

    remember.uncheck()
    assert "person" not in widget.kept()
    remember.check()
    assert json.loads(widget.kept()["person"])["author_key"]  # a tick that was taken away by mistake


@pytest.mark.soak
def test_a_browser_that_forbids_storage_posts_all_the_same(widget: Widget) -> None:
    widget.page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })"
    )
    widget.open("no storage")
    widget.page.get_by_label("Remember me in this browser").check()
    widget.write("Hello.")
    widget.send()

    expect(widget.comment("Ada Sample")).to_contain_text("Hello.")
    assert widget.complaints == []
