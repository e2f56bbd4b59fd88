"""Enter in a field of the desk, with a real keyboard: it does what the field is for, and never more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.at_the_desk import PASSWORD, AtTheDesk
from tests.running_service import Live, serving

EMAIL = "bo@paper.example"

pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("desk") / "data") as running:
        running.run("user", "add", EMAIL, input=PASSWORD + "\n")
        yield running


@pytest.fixture
def page(context: BrowserContext, live: Live) -> Page:
    desk = AtTheDesk(context, live, EMAIL)
    desk.sign_in()
    return desk.page


def enter(page: Page, field: str, text: str) -> None:
    typed = page.get_by_role("textbox", name=field, exact=True)
    typed.fill(text)
    typed.press("Enter")


def test_of_a_thread_it_saves_and_blacks_out(page: Page, live: Live) -> None:
    live.reader().comment("a/1", "Call Jo Sample.")
    page.goto(f"{live.base_url}/moderation/thread?article=a/1&site=default")
    enter(page, "Title", "A title")
    expect(page.get_by_role("status")).to_have_text("Saved.")
    enter(page, "Words", "Jo Sample")
    expect(page.get_by_role("status")).to_have_text("Blacked out.")
    expect(page.get_by_role("button", name="Close it")).to_be_visible()


def test_in_the_queue_it_blocks_the_word(page: Page, live: Live) -> None:
    live.reader().comment("a/2", "Pills.")
    page.goto(f"{live.base_url}/moderation?article=a/2")
    page.locator("details.more-of summary").first.click()
    enter(page, "Word or phrase", "pills")
    expect(page.get_by_role("status").filter(has_text="Blocked")).to_be_visible()
    assert [
        (one["kind"], one["value"]) for one in live.moderator().request("GET", "/blocks").json()["blocks"]
    ] == [("word", "pills")]


def test_about_all_that_match_it_decides_nothing(page: Page, live: Live) -> None:
    live.reader().comment("a/3", "Look.")
    asked = f"{live.base_url}/moderation/decide/all?article=a%2F3"
    page.goto(asked)
    enter(page, "Reason", "A wave.")
    expect(page.get_by_role("textbox", name="Reason")).to_have_value("A wave.\n")
    assert page.url == asked
