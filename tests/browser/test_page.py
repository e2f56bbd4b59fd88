"""The whole page, without JavaScript."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.running_service import Live

pytestmark = [
    pytest.mark.sampled(8),
    pytest.mark.chromium_only("BiDi does not forbid scripts; tests/engines does, by a setting of Firefox"),
]


@pytest.fixture
def page(browser: Browser) -> Page:
    return browser.new_context(java_script_enabled=False).new_page()


@pytest.mark.soak
def test_an_article_without_comments_invites_to_start_the_discussion(live: Live, page: Page) -> None:
    page.goto(f"{live.base_url}/thread?article=empty")

    expect(page.get_by_role("heading", name="Comments")).to_be_visible()
    expect(page.get_by_text("No comments yet. Why don't you start the discussion?")).to_be_visible()
    expect(page.get_by_role("heading", name="Leave a reply")).to_be_visible()


def test_a_person_posts_and_sees_the_comment(live: Live, page: Page) -> None:
    page.goto(f"{live.base_url}/thread?article=posting")
    fill_in(page, "Written *without* a script.")
    page.get_by_role("button", name="Post comment").click()

    comment = page.get_by_role("article", name="Ada Sample")
    expect(comment).to_contain_text("Written without a script.")
    assert "#comment-" in page.url


def test_what_only_a_script_can_do_is_not_offered(live: Live, page: Page) -> None:
    root = live.reader().comment("no fold", name="Ann")
    live.reader().comment("no fold", name="Bo", parent=root)

    page.goto(f"{live.base_url}/thread?article=no+fold")

    expect(page.get_by_role("article")).to_have_count(2)
    assert page.get_by_role("button").all_inner_texts() == ["Post comment", "Preview"]


def test_a_whole_visit_at_320_pixels(live: Live, page: Page) -> None:
    reader = live.reader(name="Bo Example")
    for number in range(3):
        reader.comment("visit", f"Number {number}.")
    page.set_viewport_size({"width": 320, "height": 640})

    page.goto(f"{live.base_url}/thread?article=visit&limit=2")
    page.get_by_role("link", name="Show more comments").click()
    expect(page.get_by_text("Number 2.")).to_be_visible()
    page.get_by_role("link", name="Show the discussion from its beginning").click()
    page.get_by_role("link", name="Newest first").click()
    expect(page.get_by_role("article")).to_contain_text(["Number 2.", "Number 1."])
    expect(page.get_by_role("link", name="Newest first")).to_have_attribute("aria-current", "true")

    page.get_by_role("link", name="Reply to Bo Example").first.click()
    expect(page.get_by_role("form", name="Reply to Bo Example")).to_be_in_viewport()
    fill_in(page, "Written *without* a script.")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("region", name="Preview")).to_contain_text("Written without a script.")
    expect(page.get_by_role("region", name="Preview")).to_be_in_viewport()
    page.get_by_role("button", name="Post comment").click()
    comment = page.get_by_role("article", name="Ada Sample")
    expect(comment).to_contain_text("Written without a script.")
    expect(comment).to_be_in_viewport()
    expect(page.get_by_text("Your comment is posted.")).to_be_in_viewport()

    page.get_by_role("button", name="Edit or delete your comment").click()
    page.get_by_role("textbox", name="Comment").fill("Better.")
    page.get_by_role("button", name="Save").click()
    expect(comment).to_contain_text("Better.")
    assert reader.thread("visit", order="newest")["comments"][1]["html"] == "<p>Better.</p>"
    page.get_by_role("button", name="Edit or delete your comment").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("Your comment is deleted.")).to_be_in_viewport()
    expect(comment).to_have_count(0)
    assert reader.thread("visit")["count"] == 3


def test_the_keyboard_alone_posts_edits_and_deletes(live: Live, page: Page) -> None:
    def go_to(role: Literal["button", "link", "textbox"], name: str) -> None:
        wanted = page.get_by_role(role, name=name, exact=True)
        expect(wanted).to_be_attached()
        page.wait_for_load_state()  # the browser takes the focus to what the address names
        for _ in range(40):
            page.keyboard.press("Tab")
            if wanted.evaluate("(element) => element === document.activeElement"):
                expect(wanted).to_be_in_viewport()
                return
        raise AssertionError(f"the keyboard does not reach “{name}”")

    def open_private_link() -> None:
        page.wait_for_load_state()  # the redirect leads to the comment, above which the button stands
        page.keyboard.press("Shift+Tab")
        expect(page.get_by_role("link", name="Private link, to keep")).to_be_focused()
        page.keyboard.press("Shift+Tab")
        expect(page.get_by_role("button", name="Edit or delete your comment")).to_be_focused()
        page.keyboard.press("Enter")

    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{live.base_url}/thread?article=keyboard")
    for name, typed in (("Comment", "By keyboard."), ("Name", "Ada Sample"), ("Email", "ada@paper.example")):
        go_to("textbox", name)
        page.keyboard.type(typed)
    go_to("button", "Preview")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Preview")).to_contain_text("By keyboard.")
    go_to("textbox", "Email")
    page.keyboard.press("Enter")

    expect(page.get_by_role("article")).to_contain_text("By keyboard.")
    open_private_link()
    go_to("textbox", "Comment")
    page.keyboard.press("Control+a")
    page.keyboard.type("Better.")
    go_to("button", "Save")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article")).to_contain_text("Better.")

    open_private_link()
    go_to("button", "Delete")
    page.keyboard.press("Enter")
    go_to("button", "Delete for good")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your comment is deleted.")).to_be_visible()
    assert live.reader().thread("keyboard")["count"] == 0


@pytest.mark.soak
def test_what_is_wrong_is_said_above_what_is_marked(live: Live, page: Page) -> None:
    page.goto(f"{live.base_url}/thread?article=wrong")
    fill_in(page, "")
    page.get_by_role("button", name="Post comment").click()

    said = page.get_by_role("alert").bounding_box()
    marked = page.locator("[aria-invalid]").first.bounding_box()
    assert said
    assert marked
    assert said["y"] + said["height"] < marked["y"]


@pytest.mark.soak
@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_is_wider_than_the_screen(live: Live, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 640})
    page.goto(f"{live.base_url}/thread?article=wide")
    fill_in(page, "w" * (200 + width // 100), name="W" * 80)

    for press in (
        page.get_by_role("button", name="Preview"),
        page.get_by_role("button", name="Post comment"),
        page.get_by_role("button", name="Edit or delete your comment"),
        page.get_by_role("button", name="Delete", exact=True),
    ):
        press.click()
        page.wait_for_load_state()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def fill_in(page: Page, text: str, name: str = "Ada Sample") -> None:
    page.get_by_role("textbox", name="Comment").fill(text)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Email").fill("ada@paper.example")


@pytest.mark.soak
def test_where_scripts_run_a_private_link_opens_at_once_and_its_key_leaves_the_address(
    live: Live, context: BrowserContext
) -> None:
    page = context.new_page()
    page.goto(f"{live.base_url}/thread?article=private")
    fill_in(page, "By a private link.")
    page.get_by_role("button", name="Post comment").click()
    link = page.get_by_role("link", name="Private link, to keep").get_attribute("href") or ""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(live.base_url + link)

    expect(page.get_by_role("textbox", name="Comment")).to_have_value("By a private link.")
    key = link.partition("#key=")[2]
    assert key
    assert not [address for address in [*asked, page.url] if key in address.partition("#")[0]]
    assert key not in page.url
    page.get_by_role("textbox", name="Comment").fill("Better.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("article")).to_contain_text("Better.")
