"""The whole page, without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.running_service import Live


@pytest.fixture
def page(browser: Browser) -> Page:
    return browser.new_context(java_script_enabled=False).new_page()


def test_an_article_without_comments_invites_to_start_the_discussion(live: Live, page: Page) -> None:
    page.goto(f"{live.base_url}/thread?article=empty")

    expect(page.get_by_role("heading", name="Comments")).to_be_visible()
    expect(page.get_by_text("No comments yet. Why don't you start the discussion?")).to_be_visible()
    expect(page.get_by_role("heading", name="Leave a reply")).to_be_visible()


def test_a_person_posts_and_sees_the_comment(live: Live, page: Page) -> None:
    page.goto(f"{live.base_url}/thread?article=posting")
    page.get_by_role("textbox", name="Comment").fill("Written *without* a script.")
    page.get_by_label("Name").fill("Ada Sample")
    page.get_by_label("Email").fill("ada@paper.example")
    page.get_by_role("button", name="Post comment").click()

    comment = page.get_by_role("article", name="Ada Sample")
    expect(comment).to_contain_text("Written without a script.")
    assert "#comment-" in page.url
