"""The desk on a phone, with large text, and without a script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.at_the_desk import (
    PASSWORD,
    AtTheDesk,
    by_people,
    eventually,
    open_menu,
    waiting_comments,
)
from tests.chromium import PATIENCE_MS
from tests.people import Moderator
from tests.running_service import Live, serving

EMAIL = "bo@paper.example"
ADMIN = "cy@paper.example"  # who sees all pages of the desk
HEAD = 64  # px that its head may take: one row
LEAST = 44  # px of a target (WCAG 2.5.5)
TARGETS = (
    "main button, main summary, main label.choose, main input:not([type=hidden], [type=checkbox]), main select, "
    ".email, nav a, header button"
)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("desk") / "data") as running:
        running.run("user", "add", EMAIL, input=PASSWORD + "\n")
        running.run("user", "add", ADMIN, "--role", "admin", input=PASSWORD + "\n")
        yield running


@pytest.fixture(scope="module")
def moderator(live: Live) -> Moderator:
    return live.moderator()


def at_the_desk(browser: Browser, live: Live, email: str = EMAIL, **more: Any) -> AtTheDesk:
    """Somebody who is signed in, in a browser of that kind."""
    context = browser.new_context(locale="en-GB", timezone_id="UTC", **more)
    context.set_default_timeout(PATIENCE_MS)
    desk = AtTheDesk(context, live, email)
    desk.sign_in()
    return desk


@pytest.mark.chromium_only("a screen that is touched")
def test_on_a_phone_one_thumb_decides(browser: Browser, live: Live, moderator: Moderator) -> None:
    comments = waiting_comments(live.reader(), moderator, 4, "phone")
    phone = {"width": 360, "height": 640}
    desk = at_the_desk(browser, live, viewport=phone, has_touch=True, is_mobile=True)
    desk.open()
    small = desk.page.evaluate(
        """([targets, least]) => [...document.querySelectorAll(targets)]
            .map((one) => [one.outerHTML, one.getBoundingClientRect()])
            .filter(([, { width, height }]) => width && (width < least || height < least))
            .map(([html]) => html.slice(0, 120))""",
        [TARGETS, LEAST],
    )
    assert small == []
    expect(desk.page.get_by_role("button", name="Keyboard shortcuts")).to_be_hidden()
    expect(desk.entry(comments[0]).get_by_role("button", name="Approve")).to_be_in_viewport(ratio=1)

    desk.entry(comments[0]).get_by_role("button", name="Approve").tap()

    expect(desk.entry(comments[1]).get_by_role("button", name="Spam")).to_be_in_viewport()
    desk.entry(comments[1]).get_by_role("button", name="Spam").tap()
    desk.entry(comments[2]).locator(".choose").tap()
    desk.entry(comments[3]).locator(".choose").tap()
    desk.page.get_by_role("button", name="Trash the selected comments").tap()
    eventually(desk.page, lambda: desk.waiting() == [])
    assert by_people(moderator, comments) == list(
        zip(comments, ("approve", "spam", "trash", "trash"), strict=True)
    )
    desk.entry(comments[3]).get_by_role("button", name="Undo").tap()
    eventually(desk.page, lambda: by_people(moderator, comments)[-1] == (comments[3], "undo"))
    # With text of twice the size, nothing is wider than the screen.
    desk.page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert not desk.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert desk.complaints == []
    desk.context.close()


@pytest.mark.soak
@pytest.mark.chromium_only("a page without a script")
def test_without_a_script_buttons_do_the_same(browser: Browser, live: Live, moderator: Moderator) -> None:
    moderator.decide("trash", "none", *(one["id"] for one in moderator.queue(state="pending")))
    comments = waiting_comments(live.reader(), moderator, 3, "plain")
    desk = at_the_desk(browser, live, java_script_enabled=False)
    page = desk.page
    expect(page.get_by_role("button", name="Keyboard shortcuts")).to_be_hidden()
    page.get_by_role("button", name="Approve the comment of Reader 0").click()
    expect(page.get_by_role("status").first).to_have_text("Approved.")
    page.get_by_label("Select the comment of Reader 1").check()
    page.get_by_label("Select the comment of Reader 2").check()
    page.get_by_role("button", name="Spam the selected comments").click()
    expect(page.get_by_text("Marked as spam. Comments: 2.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("article")).to_have_count(2)
    page.get_by_role("link", name="Log").click()
    page.get_by_role("button", name="Undo: approve by").first.click()
    expect(page.get_by_text("Undone.")).to_be_visible()

    assert by_people(moderator, comments)[0] == (comments[0], "approve")
    assert {one["state"] for one in moderator.queue(article="plain")} == {"pending"}
    desk.context.close()


@pytest.mark.soak
def test_the_head_is_one_row_in_each_language_and_width(browser: Browser, live: Live) -> None:
    desk = at_the_desk(browser, live, ADMIN)
    cookies = desk.context.storage_state()
    desk.context.close()
    for language in ("en", "ar", "ru"):  # in Russian it is longest
        context = browser.new_context(locale=language, storage_state=cookies)
        page = context.new_page()
        for width in (320, 864, 1280):
            page.set_viewport_size({"width": width, "height": 640})
            page.goto(f"{live.base_url}/moderation")
            head = page.get_by_role("banner")
            menu = head.locator("nav > button")
            expect(menu).to_be_visible()
            box = head.bounding_box()
            assert box is not None
            assert box["height"] <= HEAD, (language, width)
            menu.click()
            sign_out = head.locator("form button")
            expect(sign_out).to_be_in_viewport(ratio=1)
            page.evaluate("document.documentElement.style.fontSize = '200%'")
            place = sign_out.bounding_box()
            assert place is not None
            assert place["x"] >= 0, (language, width)
            assert place["x"] + place["width"] <= width, (language, width)
        context.close()


@pytest.mark.soak
@pytest.mark.chromium_only("a screen that is touched")
def test_on_a_phone_all_pages_are_in_the_menu(browser: Browser, live: Live) -> None:
    phone = {"width": 320, "height": 640}
    desk = at_the_desk(browser, live, ADMIN, viewport=phone, has_touch=True, is_mobile=True)
    page = desk.page
    pages = page.get_by_role("navigation", name="Desk").get_by_role("link")
    expect(pages).to_have_count(0)

    open_menu(page)

    expect(pages).to_have_text(
        [
            "Comments",
            "Rules and blocks",
            "Log",
            "Figures",
            "People",
            "Personal data",
            "API tokens",
            "Outbox",
            "Webhooks",
            "Your account",
        ]
    )
    pages.filter(has_text="Log").tap()
    expect(page).to_have_url(f"{live.base_url}/moderation/log")
    desk.context.close()


@pytest.mark.soak
@pytest.mark.chromium_only("a page without a script")
def test_the_menu_needs_no_script_and_covers_nothing_that_keys_reach(browser: Browser, live: Live) -> None:
    desk = at_the_desk(browser, live, ADMIN, java_script_enabled=False)
    page = desk.page
    people = page.get_by_role("link", name="People")
    figures = page.get_by_role("link", name="Figures")
    figures.focus()
    desk.press("Tab", "Enter")
    expect(people).to_be_visible()
    expect(page.get_by_role("link", name="Log")).to_have_count(1)  # the row's: once is enough
    page.get_by_label("Words").focus()
    expect(people).to_be_hidden()
    figures.focus()
    expect(people).to_be_visible()

    page.mouse.click(5, 600)

    expect(people).to_be_hidden()
    figures.focus()
    desk.press("Tab", "Enter", "Tab")
    expect(people).to_be_focused()
    desk.press("Escape")
    expect(people).to_be_hidden()
    expect(page.get_by_role("button", name="More", exact=True)).to_be_focused()
    # Left by keys, it comes up with no press in the page.
    desk.press("Enter")
    page.get_by_role("button", name="Search").focus()
    expect(people).to_be_hidden()
    page.mouse.click(5, 600)
    expect(people).to_be_hidden()
    figures.focus()
    desk.press("Tab", "Enter", "Tab", "Enter")
    expect(page).to_have_url(f"{live.base_url}/moderation/people")
    desk.context.close()


@pytest.mark.soak
def test_from_right_to_left_nothing_is_wider_than_a_small_phone(
    browser: Browser, live: Live, moderator: Moderator
) -> None:
    (comment,) = waiting_comments(live.reader(), moderator, 1, "a" * 60)
    moderator.decide("approve", comment)
    moderator.rule({"words": ["b" * 80], "pattern": "c" * 80}, mode="watching", name="d" * 80)
    desk = at_the_desk(browser, live)
    cookies = desk.context.storage_state()
    context = browser.new_context(locale="ar", viewport={"width": 320, "height": 640}, storage_state=cookies)
    context.set_default_timeout(PATIENCE_MS)
    arabic = AtTheDesk(context, live, EMAIL)
    for path in (
        "?state=approved",
        f"/comments/{comment}",
        f"/thread?article={'a' * 60}",
        "/decide/all?state=approved",
        "/log",
        "/rules",
        "/figures",
        "/account",
        "/sign-in",
    ):
        arabic.page.goto(f"{live.base_url}/moderation{path}")
        expect(arabic.page.locator("html[lang=ar]")).to_have_css("direction", "rtl")
        arabic.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert not arabic.page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
    arabic.page.goto(f"{live.base_url}/moderation?state=approved&article={'a' * 60}")
    arabic.press("x", "h")
    expect(arabic.entry(comment).locator(".undo")).not_to_be_empty()
    expect(arabic.announced).not_to_be_empty()
    eventually(arabic.page, lambda: arabic.waiting() == [])
    assert arabic.complaints == []
    context.close()
    desk.context.close()
