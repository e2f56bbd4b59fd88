"""What is sent belongs to the thread on the screen, whatever the element's attributes name by then."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.widget import Embedded, Widget

pytestmark = pytest.mark.sampled(8)

ANOTHER = "**/thread/fragment?article=b+*"


@pytest.fixture
def held() -> list[Route]:
    """The requests for another thread, which are not answered yet."""
    return []


@pytest.fixture
def changing(widget: Widget, at: Embedded, held: list[Route], request: pytest.FixtureRequest) -> Widget:
    """“a NAME” is shown, with a comment of Ann's; “b NAME” is on its way, and does not come yet."""
    name = request.node.name
    at.reader().comment(f"a {name}", "In a.", name="Ann")
    at.reader().comment(f"b {name}", "In b.", name="Bo")
    at.reader().comment(f"b {name}", "In b too.", name="Cy")
    widget.open(f"a {name}")
    expect(widget.comment("Ann")).to_be_visible()
    widget.page.route(ANOTHER, lambda route: held.append(route))
    return widget


def change(widget: Widget, name: str) -> None:
    with widget.page.expect_request(ANOTHER):
        widget.page.locator("comment-thread").evaluate(
            "(e, article) => { e.article = article; }", f"b {name}"
        )


def let_come(widget: Widget, held: list[Route]) -> None:
    for route in held:
        route.continue_()
    expect(widget.comment("Bo")).to_be_visible()


def test_a_comment_is_stored_where_it_was_written(
    changing: Widget, at: Embedded, held: list[Route], request: pytest.FixtureRequest
) -> None:
    name = request.node.name
    change(changing, name)

    changing.write("Below a.")
    changing.send()

    expect(changing.comment("Ada Sample")).to_contain_text("Below a.")
    assert at.reader().texts(f"a {name}") == ["In a.", "Below a."]
    let_come(changing, held)
    assert at.reader().thread(f"b {name}")["count"] == 2
    expect(changing.page.get_by_role("article")).to_have_count(2)


@pytest.mark.soak
@pytest.mark.chromium_only("BiDi tells no body of a request")
def test_an_answer_that_is_sent_while_another_thread_comes_keeps_its_parent(
    changing: Widget, at: Embedded, request: pytest.FixtureRequest
) -> None:
    name = request.node.name
    changing.answer("Ann")
    changing.write("To Ann.")
    change(changing, name)

    with changing.page.expect_request(lambda request: request.method == "POST") as sent:
        changing.send()

    expect(changing.comment("Ada Sample")).to_be_visible()
    ann, answer = at.reader().thread(f"a {name}")["comments"]
    assert answer["parent"] == ann["id"]
    assert json.loads(sent.value.post_data or "")["article"] == f"a {name}"


@pytest.mark.soak
def test_an_edit_and_a_deletion_are_those_of_the_thread_on_the_screen(
    changing: Widget, at: Embedded, request: pytest.FixtureRequest
) -> None:
    name = request.node.name
    changing.write("Mine.")
    changing.send()
    expect(changing.comment("Ada Sample")).to_be_visible()
    change(changing, name)

    changing.button("Edit").click()
    changing.text.fill("Changed.")
    changing.button("Save").click()

    expect(changing.comment("Ada Sample")).to_contain_text("Changed.")
    assert at.reader().texts(f"a {name}") == ["In a.", "Changed."]
    expect(changing.comment("Ann")).to_be_visible()


@pytest.mark.soak
def test_further_comments_are_those_of_the_thread_on_the_screen(
    changing: Widget, at: Embedded, held: list[Route], request: pytest.FixtureRequest
) -> None:
    name = request.node.name
    more = at.reader().comment(f"a {name}", "Far away.", name="Dee")
    change(changing, name)

    changing.page.evaluate(f"location.hash = '#comment-{more}'")

    expect(changing.comment("Dee")).to_be_focused()
    expect(changing.comment("Ann")).to_be_visible()
    let_come(changing, held)
    expect(changing.comment("Ann")).to_have_count(0)


@pytest.mark.soak
@pytest.mark.chromium_only("BiDi tells no body of a request")
@pytest.mark.parametrize("attribute", ["site", "lang"])
def test_a_preview_and_a_post_say_the_site_and_language_that_are_shown(
    changing: Widget, attribute: str
) -> None:
    asked: list[Any] = []
    changing.page.on("request", lambda request: asked.append(request) if request.method == "POST" else None)
    changing.page.route("**/thread/fragment?*", lambda _route: None)
    changing.page.locator("comment-thread").evaluate(f"(e) => {{ e.{attribute} = 'de'; }}")
    changing.write("Some text.")

    changing.button("Preview").click()
    expect(changing.page.get_by_role("region", name="Preview")).to_be_visible()

    [preview] = asked
    assert preview.headers["accept-language"] == "en"
    assert "site" not in json.loads(preview.post_data or "")
