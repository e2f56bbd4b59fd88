"""The states in which a reader may find the widget, the whole page, the desk and the demo."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.at_the_desk import open_menu, wait_for_script
from tests.browser.widget import Embedded, Widget
from tests.running_service import Live

WidgetState = Callable[[Widget, Embedded], None]
PageState = Callable[[Page, Live], None]

# The widget


def empty(widget: Widget, _at: Embedded) -> None:
    widget.open("axe empty")
    expect(widget.page.get_by_text("No comments yet.")).to_be_visible()


def with_a_long_word(widget: Widget, _at: Embedded) -> None:
    widget.open("axe long")
    widget.text.fill("w" * 400)


def thread(widget: Widget, at: Embedded) -> None:
    discussed(at.live, "axe")
    widget.open("axe")
    expect(widget.comment("Ed")).to_be_visible()


def replying(widget: Widget, at: Embedded) -> None:
    thread(widget, at)
    widget.reply_to("Bo").click()
    expect(widget.text).to_be_focused()


def folded(widget: Widget, at: Embedded) -> None:
    thread(widget, at)
    widget.button("Hide 1 reply").first.click()


def removed(widget: Widget, at: Embedded) -> None:
    if not at.reader().thread("axe removed")["count"]:
        root = at.reader().comment("axe removed", name="Ann")
        at.reader().comment("axe removed", name="Bo", parent=root)
        at.live.moderator().decide("trash", root)
    widget.open("axe removed")
    expect(widget.page.get_by_text("This comment was removed.")).to_be_visible()


def with_errors(widget: Widget, at: Embedded) -> None:
    thread(widget, at)
    widget.text.fill("No name.")
    widget.send()
    expect(widget.field("Name")).to_be_focused()


def too_many(widget: Widget, at: Embedded) -> None:
    thread(widget, at)
    said = '{"status": 429, "detail": "Too many posts in a short time. Your text is saved; please try again in 47 seconds."}'
    headers = {"Access-Control-Allow-Origin": "*"}
    widget.page.route(
        "**/api/v1/comments", lambda route: route.fulfill(status=429, body=said, headers=headers)
    )
    widget.write("One more.")
    widget.send()
    expect(widget.alert).to_contain_text("47 seconds")


def with_a_preview(widget: Widget, at: Embedded) -> None:
    thread(widget, at)
    widget.text.fill("*Soon.*")
    widget.button("Preview").click()
    expect(widget.page.get_by_role("region", name="Preview")).to_be_visible()


def own(widget: Widget, _at: Embedded) -> None:
    widget.open("axe own")
    widget.write("My own.")
    widget.send()
    expect(widget.button("Edit")).to_be_visible()


def held(widget: Widget, at: Embedded) -> None:
    at.live.moderator().block("word", "quarantine", "hold")
    widget.open("axe held")
    widget.write("From quarantine.")
    widget.send()
    expect(widget.comment("Ada Sample")).to_contain_text("Your comment is awaiting moderation.")


def editing(widget: Widget, at: Embedded) -> None:
    own(widget, at)
    widget.button("Edit").click()
    expect(widget.text).to_be_focused()


def regretting(widget: Widget, at: Embedded) -> None:
    own(widget, at)
    widget.button("Delete").click()
    expect(widget.button("Undo")).to_be_focused()


def closed(widget: Widget, at: Embedded) -> None:
    discussed(at.live, "axe")
    widget.open("axe", closed="closed")
    expect(widget.page.get_by_text("This discussion is closed.")).to_be_visible()


def not_loaded(widget: Widget, _at: Embedded) -> None:
    widget.page.route("**/thread/fragment?*", lambda route: route.abort())
    widget.open("axe lost")
    expect(widget.button("Try again")).to_be_visible()


WIDGET: list[WidgetState] = [
    empty,
    with_a_long_word,
    thread,
    replying,
    folded,
    removed,
    with_errors,
    too_many,
    with_a_preview,
    own,
    held,
    editing,
    regretting,
    closed,
    not_loaded,
]


def discussed(live: Live, article: str) -> None:
    """There is a thread with all that a thread can have."""
    reader = live.reader()
    if reader.thread(article)["count"]:
        return
    root = reader.comment(
        article, "A *comment* with `code`, a https://link.example/ and\n\n> a quote", name="Ann"
    )
    reply = reader.comment(article, name="Bo", parent=root, url="https://bo.example/")
    reader.comment(article, name="Cy", parent=reply)
    gone = reader.comment(article, name="Di", parent=root)
    reader.comment(article, name="Ed", parent=gone)
    live.moderator().decide("trash", gone)


# The whole page


def empty_page(page: Page, live: Live) -> None:
    page.goto(f"{live.base_url}/thread?article=page+empty")


def page_with_a_thread(page: Page, live: Live) -> None:
    discussed(live, "page")
    live.moderator().set_thread("page", title="A sample article", url="https://paper.example/sample")
    page.goto(f"{live.base_url}/thread?article=page&limit=2")
    expect(page.get_by_role("link", name="Show more comments")).to_be_visible()


def page_to_reply_on(page: Page, live: Live) -> None:
    page_with_a_thread(page, live)
    page.get_by_role("link", name="Reply to Ann", exact=True).click()
    expect(page.get_by_role("form", name="Reply to Ann")).to_be_visible()


def page_with_errors(page: Page, live: Live) -> None:
    page.goto(f"{live.base_url}/thread?article=page+errors")
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_text("Please tell us your name.")).to_be_visible()


def page_with_a_preview(page: Page, live: Live) -> None:
    page.goto(f"{live.base_url}/thread?article=page+preview")
    page.get_by_role("textbox", name="Comment").fill("*Soon.*")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("region", name="Preview")).to_be_visible()


def page_with_ones_own(page: Page, live: Live) -> None:
    page.goto(f"{live.base_url}/thread?article=page+own")
    # The same text once more would be the same comment, and show no link to it.
    page.get_by_role("textbox", name="Comment").fill(f"My own, of {time.time_ns()}.")
    page.get_by_label("Name").fill("Ada Sample")
    page.get_by_label("Email").fill("ada@paper.example")
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_role("button", name="Edit or delete your comment")).to_be_visible()


def page_to_edit_on(page: Page, live: Live) -> None:
    page_with_ones_own(page, live)
    page.get_by_role("button", name="Edit or delete your comment").click()
    expect(page.get_by_role("heading", name="Edit your comment")).to_be_visible()


def page_to_delete_on(page: Page, live: Live) -> None:
    page_to_edit_on(page, live)
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", name="Delete your comment?")).to_be_visible()


def page_that_asks_for_the_private_link(page: Page, live: Live) -> None:
    comment = live.reader().comment("page key", "Mine.")
    page.goto(f"{live.base_url}/thread/edit?article=page+key&comment={comment}")
    page.get_by_label("Private link").fill("not-a-key")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("alert")).to_be_visible()


PAGE: list[PageState] = [
    empty_page,
    page_with_a_thread,
    page_to_reply_on,
    page_with_errors,
    page_with_a_preview,
    page_with_ones_own,
    page_to_edit_on,
    page_to_delete_on,
    page_that_asks_for_the_private_link,
]

# The demo, with its desk


def demo_front(page: Page, demo: Live) -> None:
    page.goto(f"{demo.base_url}/demo/")


def demo_article(page: Page, demo: Live) -> None:
    demo_front(page, demo)
    page.locator("h2 a").first.click()
    page.locator("comment-thread").scroll_into_view_if_needed()
    expect(page.get_by_role("heading", name="Leave a reply")).to_be_visible()


def sign_in(page: Page, demo: Live) -> None:
    page.goto(f"{demo.base_url}/moderation")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def sign_in_refused(page: Page, demo: Live) -> None:
    sign_in(page, demo)
    page.get_by_label("Email").fill("nobody@paper.example")
    page.get_by_label("Password").fill("not a password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()


def queue(page: Page, demo: Live) -> None:
    account = re.search(r"Email:\s+(\S+@\S+)\n\s+Password:\s+(\S+)\n", demo.log.read_text())
    assert account
    sign_in(page, demo)
    page.get_by_label("Email").fill(account[1])
    page.get_by_label("Password").fill(account[2])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("article").first).to_be_visible()
    wait_for_script(page)


def queue_below_the_menu(page: Page, demo: Live) -> None:
    queue(page, demo)
    open_menu(page)
    expect(page.get_by_role("button", name="Sign out everywhere")).to_be_visible()


def password_of(demo: Live) -> str:
    found = re.search(r"Password:\s+(\S+)\n", demo.log.read_text())
    assert found
    return found[1]


def account(page: Page, demo: Live) -> None:
    queue(page, demo)
    page.goto(f"{demo.base_url}/moderation/account")
    page.get_by_label("Current password").fill("not a password")
    page.get_by_label("New password", exact=True).fill("another horse battery")
    page.get_by_label("New password, once more").fill("another horse battery")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("alert")).to_be_visible()


def queue_with_all_that_may_be_shown(page: Page, demo: Live) -> None:
    """Decided, undecided, selected and refused, folds open, and no connection."""
    queue(page, demo)
    page.goto(f"{demo.base_url}/moderation?state=approved")
    wait_for_script(page)
    page.keyboard.press("h")
    expect(page.locator("article[data-decided] .undo")).to_be_visible()
    expect(page.locator(".sending")).to_be_empty()
    page.get_by_text("More filters").click()
    page.locator("details.more-of summary, details.answers summary").first.click()
    page.route("**/moderation/**", lambda route: route.abort())
    page.keyboard.press("j")
    page.keyboard.press("s")
    expect(page.locator(".sending")).to_contain_text("No connection")
    page.locator(".told").first.evaluate("(told) => { told.textContent = 'Already spam by Ann.'; }")
    page.keyboard.press("x")
    expect(page.locator("#chosen")).to_be_visible()


def help_of_the_queue(page: Page, demo: Live) -> None:
    queue(page, demo)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def log_of_decisions(page: Page, demo: Live) -> None:
    queue(page, demo)
    demo.moderator().decide("spam", demo.moderator().queue(limit=1)[0]["id"])
    page.goto(f"{demo.base_url}/moderation/log")
    expect(page.get_by_role("button", name="Undo").first).to_be_visible()


def rules_and_blocks(page: Page, demo: Live) -> None:
    queue(page, demo)
    demo.moderator().rule({"words": ["shoes"], "links_at_least": 1}, mode="watching")
    demo.moderator().block("word", "casino", "hold", note="Since the fair")
    page.goto(f"{demo.base_url}/moderation/rules")
    page.get_by_text("New rule").click()
    page.get_by_label("Words or phrases").fill("the")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("heading", name="Would have caught")).to_be_visible()


def second_factors(page: Page, demo: Live) -> None:
    """Passkeys are offered, and an app waits to be confirmed."""
    queue(page, demo)
    page.goto(f"{demo.base_url}/moderation/account")
    form = page.locator("form", has=page.get_by_role("button", name="Set up an app"))
    form.get_by_label("Your password").fill(password_of(demo))
    form.get_by_role("button").click()
    page.get_by_label("The code that it shows").fill("000000")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert")).to_be_visible()


def people(page: Page, demo: Live) -> None:
    """Somebody was invited, and another is to be changed."""
    queue(page, demo)
    open_menu(page)
    page.get_by_role("link", name="People").click()
    form = page.locator("form", has=page.get_by_role("button", name="Invite", exact=True))
    form.get_by_label("Email").fill("kim@lantern.example")
    form.get_by_role("button").click()
    expect(page.get_by_label("Link of the invitation")).to_be_visible()
    page.get_by_text("Change", exact=True).first.click()
    expect(page.get_by_role("button", name="Save").first).to_be_visible()


def tokens(page: Page, demo: Live) -> None:
    """A token was made."""
    queue(page, demo)
    page.goto(f"{demo.base_url}/moderation/tokens")
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_label("API token", exact=True)).to_be_visible()


def webhooks(page: Page, demo: Live) -> None:
    """A webhook was set, and another refused."""
    queue(page, demo)
    page.goto(f"{demo.base_url}/moderation/webhooks")
    for url, told in (("https://[2600::1]/comments", "Secret"), ("http://10.0.0.1/", "Address")):
        page.get_by_role("textbox", name="Address").fill(url)
        page.get_by_label("comments that are public at once").check()
        page.get_by_role("button", name="Add a webhook").click()
        expect(page.get_by_role("textbox", name=told)).not_to_have_value("")
    expect(page.get_by_text("This address is of a private network")).to_be_visible()


def invitation(page: Page, demo: Live) -> None:
    page.goto(f"{demo.base_url}/moderation/invitation#key=unknown")
    page.get_by_label("Password", exact=True).fill("another horse battery")
    page.get_by_label("Password, once more").fill("another horse battery")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("alert")).to_be_visible()


DEMO: list[PageState] = [
    demo_front,
    demo_article,
    sign_in,
    sign_in_refused,
    queue,
    queue_below_the_menu,
    account,
    queue_with_all_that_may_be_shown,
    help_of_the_queue,
    log_of_decisions,
    rules_and_blocks,
    second_factors,
    people,
    tokens,
    webhooks,
    invitation,
]
