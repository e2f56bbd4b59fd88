"""Frames and pages that may do little: no button of the widget ends in silence."""

from __future__ import annotations

from html import escape

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, expect

from tests.browser.site import stranger_site
from tests.browser.widget import Embedded, Widget

pytestmark = pytest.mark.sampled(24, of="file")

DENIED = """
for (const name of ['localStorage', 'sessionStorage', 'indexedDB'])
  Object.defineProperty(window, name, { get() { throw new DOMException('Denied.', 'SecurityError'); } });
Object.defineProperty(navigator, 'clipboard', { get() { throw new DOMException('Denied.', 'NotAllowedError'); } });
"""
SANDBOXES = {
    "scripts and origin": ("allow-scripts allow-same-origin", ""),
    "forms too": ("allow-scripts allow-same-origin allow-forms", ""),
    "no storage": ("allow-scripts allow-same-origin", DENIED),
    "no storage, no sandbox": (None, DENIED),
}


@pytest.fixture(scope="module")
def at(at_free_site: Embedded) -> Embedded:
    """A service, and a site without a policy, whose pages may have frames."""
    return at_free_site


def framed(widget: Widget, article: str, sandbox: str | None, **attributes: str) -> Frame:
    limits = "" if sandbox is None else f"sandbox='{sandbox}'"
    inner = escape(widget.at.site.page(article, **attributes))
    widget.page.goto(widget.at.site.given(f"<iframe {limits} width=800 height=900 src='{inner}'></iframe>"))
    return widget.page.frames[1]


def write(shown: Page | Frame, text: str) -> None:
    shown.get_by_role("textbox", name="Comment").fill(text)
    shown.get_by_role("textbox", name="Name").fill("Ada Sample")
    shown.get_by_role("textbox", name="Email").fill("ada@paper.example")


@pytest.fixture(params=SANDBOXES.values(), ids=SANDBOXES)
def shown(request: pytest.FixtureRequest, context: BrowserContext, at: Embedded) -> Frame:
    """A thread of some pages in such a frame."""
    sandbox, script = request.param
    article = f"walk {request.node.name}"
    first = at.reader().comment(article, "The first.", name="Ann")
    at.reader().comment(article, "An answer.", name="Bo", parent=first)
    at.reader().comment(article, "Another.", name="Cy")
    widget = Widget(context, at)
    if script:
        widget.page.add_init_script(script)
    return framed(widget, article, sandbox, page_size="2")


PRESSES = {
    "the button": lambda shown: shown.get_by_role("button", name="Post comment").click(),
    "Enter in a field": lambda shown: shown.get_by_role("textbox", name="Email").press("Enter"),
    "Enter on the button": lambda shown: shown.get_by_role("button", name="Post comment").press("Enter"),
    "Space on the button": lambda shown: shown.get_by_role("button", name="Post comment").press("Space"),
    "Ctrl+Enter in the text": lambda shown: shown.get_by_role("textbox", name="Comment").press("Control+Enter"),
    "a script's request": lambda shown: shown.locator("form").evaluate("(form) => form.requestSubmit(form.querySelector('.send'))"),
}  # fmt: skip


@pytest.mark.soak
@pytest.mark.parametrize("press", [name for name in PRESSES if name != "a script's request"])
def test_a_comment_is_sent_whatever_is_pressed_and_once(shown: Frame, press: str) -> None:
    posts: list[str] = []
    shown.page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    write(shown, f"By {press}.")

    PRESSES[press](shown)

    expect(shown.get_by_text("Your comment is posted.")).to_be_visible()
    expect(shown.get_by_role("article", name="Ada Sample")).to_contain_text(f"By {press}.")
    assert len(posts) == 1


def test_every_button_does_what_it_says(shown: Frame) -> None:
    thread = shown.locator("comment-thread")
    form = shown.get_by_role("form")

    shown.get_by_role("button", name="Hide 1 reply").click()
    expect(shown.get_by_role("article", name="Bo")).to_be_hidden()
    shown.get_by_role("button", name="Show 1 reply").click()
    expect(shown.get_by_role("article", name="Bo")).to_be_visible()

    shown.get_by_role("link", name="Show more comments").click()
    expect(shown.get_by_role("article", name="Cy")).to_be_visible()
    shown.get_by_role("link", name="Newest first").click()
    expect(shown.get_by_role("article").first).to_have_accessible_name("Cy")
    shown.get_by_role("article", name="Cy").locator(".when").click()
    expect(shown.get_by_role("article", name="Cy")).to_be_focused()

    shown.get_by_role("link", name="Reply to Cy").click()
    expect(form).to_have_accessible_name("Reply to Cy Cancel reply")
    shown.get_by_role("link", name="Cancel reply").click()
    expect(form).to_have_accessible_name("Leave a reply")

    write(shown, "A *draft*.")
    shown.get_by_role("button", name="Preview").click()
    expect(shown.get_by_role("region", name="Preview")).to_contain_text("A draft.")
    shown.get_by_role("button", name="Post comment").click()
    own = shown.get_by_role("article", name="Ada Sample")
    expect(own).to_contain_text("A draft.")

    shown.get_by_role("button", name="Edit").click()
    shown.get_by_role("button", name="Cancel").click()
    expect(form).to_have_accessible_name("Leave a reply")
    shown.get_by_role("button", name="Edit").click()
    shown.get_by_role("textbox", name="Comment").fill("A final text.")
    shown.get_by_role("button", name="Save").click()
    expect(own).to_contain_text("A final text.")

    shown.get_by_role("button", name="Delete", exact=True).click()
    expect(own).to_be_hidden()
    shown.get_by_role("button", name="Undo").click()
    expect(own).to_be_visible()
    assert thread.evaluate("(e) => e.isConnected")


@pytest.mark.parametrize("press", [name for name in PRESSES if name != "a script's request"])
def test_where_the_origin_is_taken_away_the_form_says_what_keeps_it_from_posting(
    context: BrowserContext, at: Embedded, press: str
) -> None:
    frame = framed(Widget(context, at), "no origin", "allow-scripts")
    write(frame, "Not from here.")

    PRESSES[press](frame)

    expect(frame.get_by_role("alert")).to_contain_text("allow-same-origin")
    expect(frame.get_by_role("textbox", name="Comment")).to_have_value("Not from here.")


def test_a_page_whose_own_policy_is_a_sandbox_can_be_posted_from(
    context: BrowserContext, at: Embedded
) -> None:
    policy = "sandbox allow-scripts allow-same-origin"
    with stranger_site(at.live.base_url, csp=policy) as site:
        at.live.run("site", "set", "default", "--add-origin", site.url)
        widget = Widget(context, Embedded(at.live, site)).open("by policy")
        widget.write("From a page in a sandbox.")
        widget.send()

        expect(widget.comment("Ada Sample")).to_contain_text("From a page in a sandbox.")


def test_a_script_of_the_page_may_still_send_the_form(context: BrowserContext, at: Embedded) -> None:
    widget = Widget(context, at).open("by a script")
    widget.write("By an extension.")

    PRESSES["a script's request"](widget.page)

    expect(widget.comment("Ada Sample")).to_contain_text("By an extension.")
    assert "/thread?" not in widget.page.url


def test_a_part_that_does_not_come_is_told_of_by_the_button(context: BrowserContext, at: Embedded) -> None:
    widget = Widget(context, at)
    widget.page.route("**/write-*.js*", lambda route: route.abort())
    widget.open("no part")
    expect(widget.button("Post comment")).to_be_visible()

    widget.send()

    expect(widget.status).to_have_text("This could not be loaded. Please try again.")


def test_an_answered_comment_that_cannot_be_fetched_is_told_of(context: BrowserContext, at: Embedded) -> None:
    ids = [at.reader().comment("unfetched", name=f"Reader {n}") for n in range(3)]
    widget = Widget(context, at).open("unfetched", page_size="1")
    expect(widget.comment("Reader 0")).to_be_visible()
    widget.page.route("**/thread/fragment*", lambda route: route.abort())

    widget.page.evaluate("(id) => { location.hash = `comment-${id}`; }", ids[2])

    expect(widget.status).to_have_text("This could not be loaded. Please try again.")
