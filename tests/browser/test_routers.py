"""Pages whose address says more than where they lie: routes behind the #, queries, a base, frames."""

from __future__ import annotations

import json
from html import escape
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Frame, Locator, Page, expect

from tests.browser.begun import Begun
from tests.browser.widget import NOTE_SENT, Embedded, Widget

pytestmark = pytest.mark.sampled(40, of="file")


@pytest.fixture(scope="module")
def comments(at: Embedded) -> list[str]:
    """The ids of some comments; those of the others are on further pages."""
    reader = at.reader()
    ids = [reader.comment("routed", f"Number {n}.", name=f"Reader {n}") for n in range(6)]
    return [*ids, reader.comment("routed", "An answer.", name="Bo", parent=ids[0])]


def when(widget: Widget, name: str) -> Locator:
    """The permalink of that reader's comment."""
    return widget.comment(name).locator(".when")


# The fragment of the page's address, and that of a permalink there.
FRAGMENTS = [
    ("", "#comment-{}"),
    ("#top", "#comment-{}"),
    ("#comment-abc", "#comment-{}"),
    ("#/guide", "#/guide?comment={}"),
    ("#/", "#/?comment={}"),
    ("#!/guide", "#!/guide?comment={}"),
    ("#!guide", "#!guide?comment={}"),
    ("#guide/first", "#guide/first?comment={}"),
    ("#/guide?tab=2", "#/guide?tab=2&comment={}"),
    ("#/guide?comment=abc&tab=2", "#/guide?tab=2&comment={}"),
    ("#/guide?tab=2&comment=abc", "#/guide?tab=2&comment={}"),
    ("#/guide?comment=abc", "#/guide?comment={}"),
    ("#/guide#part", "#/guide?comment={}"),
    ("#/a$&b$1", "#/a$&b$1?comment={}"),
    ("#/%C3%A9t%C3%A9/%20x", "#/%C3%A9t%C3%A9/%20x?comment={}"),
]


@pytest.mark.parametrize(("fragment", "link"), FRAGMENTS)
def test_a_permalink_keeps_the_route(
    widget: Widget, at: Embedded, comments: list[str], fragment: str, link: str
) -> None:
    page = at.site.page("routed", loading="eager")
    widget.page.goto(page + fragment)

    expect(when(widget, "Reader 0")).to_have_attribute("href", page + link.format(comments[0]))


@pytest.mark.parametrize("fragment", ["", "#/guide", "#!/guide?tab=2", "#/guide?comment=abc&tab=2"])
def test_a_permalink_leads_to_its_comment(
    widget: Widget, at: Embedded, comments: list[str], fragment: str
) -> None:
    widget.page.goto(at.site.page("routed", page_size="2") + fragment)
    link = when(widget, "Reader 0").get_attribute("href") or ""

    widget.page.goto("about:blank")
    widget.page.goto(link.replace(comments[0], comments[4]))

    expect(widget.comment("Reader 4")).to_be_focused()


def test_a_route_that_names_another_comment_brings_it(
    widget: Widget, at: Embedded, comments: list[str]
) -> None:
    widget.page.goto(at.site.page("routed", page_size="2") + "#/guide")
    expect(widget.comment("Reader 0")).to_be_visible()

    widget.page.evaluate(f"location.hash = '#/guide?comment={comments[5]}'")

    expect(widget.comment("Reader 5")).to_be_focused()


def test_permalinks_follow_the_route(widget: Widget, at: Embedded, comments: list[str]) -> None:
    page = at.site.page("routed")
    widget.page.goto(f"{page}#/guide")
    expect(widget.comment("Reader 0")).to_be_visible()

    widget.page.evaluate("location.hash = '#/guide?tab=2'")

    expect(when(widget, "Reader 0")).to_have_attribute("href", f"{page}#/guide?tab=2&comment={comments[0]}")


def test_what_an_answer_answers_is_gone_to_without_leaving_the_route(
    widget: Widget, at: Embedded, comments: list[str]
) -> None:
    page = at.site.page("routed", order="newest")
    widget.page.goto(f"{page}#/guide")
    widget.comment("Bo").locator(".answers").evaluate("(link) => link.click()")

    expect(widget.comment("Reader 0")).to_be_focused()
    assert widget.page.url == f"{page}#/guide"


def test_a_base_of_the_page_does_not_move_what_is_linked(
    widget: Widget, at: Embedded, comments: list[str]
) -> None:
    service = at.live.base_url
    page = at.site.given(
        f"<base href='{at.site.url}/elsewhere/'><script async src='{service}/embed.js'></script>"
        "<comment-thread article='routed'></comment-thread>"
    )
    widget.page.goto(page)

    expect(when(widget, "Reader 0")).to_have_attribute("href", f"{page}#comment-{comments[0]}")
    expect(widget.comment("Bo").locator(".answers")).to_have_attribute(
        "href", f"{page}#comment-{comments[0]}"
    )


# What the page says of itself


def posted(widget: Widget, page: Page | Frame | None = None) -> dict[str, Any]:
    """Post, and give what was sent."""
    shown = page or widget.page
    shown.get_by_role("textbox", name="Comment").fill("Some text.")
    shown.get_by_role("textbox", name="Name").fill("Ada Sample")
    shown.get_by_role("textbox", name="Email").fill("ada@paper.example")
    shown.evaluate(NOTE_SENT)
    shown.get_by_role("button", name="Post comment").click()
    expect(shown.get_by_text("Your comment is posted.")).to_be_visible()
    said: dict[str, Any] = json.loads(shown.evaluate("sent.at(-1)"))
    return said


@pytest.mark.parametrize(
    ("fragment", "route"),
    [
        ("", ""),
        ("#part", ""),
        ("#comment-abc", ""),
        ("#/guide", "#/guide"),
        ("#!/guide?tab=2&q=mine", "#!/guide"),
        ("#/guide#part?x", "#/guide"),
        ("#guide/first?comment=abc", "#guide/first"),
    ],
)
def test_the_page_that_is_told_has_its_route_and_never_a_query(
    widget: Widget, at: Embedded, fragment: str, route: str
) -> None:
    widget.page.goto(at.site.page("told") + fragment)

    assert posted(widget)["page_url"] == f"{at.site.url}/{route}"


@pytest.mark.parametrize(
    ("canonical", "fragment", "told"),
    [
        ("/canonical", "", "/canonical"),
        ("/canonical?session=secret#part", "", "/canonical"),
        ("/canonical", "#part", "/canonical"),
        ("/canonical", "#/guide", "/given#/guide"),
        ("http://[", "", "/given"),
        ("", "", "/given"),
        ("data:text/html,x", "", "/given"),
    ],
)
def test_a_canonical_address_goes_before_the_pages_unless_that_has_a_route(
    widget: Widget, at: Embedded, canonical: str, fragment: str, told: str
) -> None:
    page = at.site.given(
        f"<link rel=canonical href='{canonical}'><script async src='{at.live.base_url}/embed.js'></script>"
        "<comment-thread article='canonical'></comment-thread>"
    )
    widget.page.goto(page + fragment)

    assert posted(widget)["page_url"] == at.site.url + told


@pytest.fixture(scope="module")
def framing(begun: Begun) -> Embedded:
    """A service, and a site without a policy, whose pages may have frames."""
    return begun.free


def framed(
    widget: Widget, at: Embedded, article: str, *, srcdoc: bool = False, sandbox: str | None = None
) -> Frame:
    """The widget in a frame of a page of the same site."""
    limits = "" if sandbox is None else f" sandbox='{sandbox}'"
    if srcdoc:
        inner = (
            f"<script async src='{at.live.base_url}/embed.js'></script>"
            f"<comment-thread article='{article}'></comment-thread>"
        )
        frame = f'<iframe{limits} width=800 height=900 srcdoc="{escape(inner)}"></iframe>'
    else:
        frame = f"<iframe{limits} width=800 height=900 src='{escape(at.site.page(article))}'></iframe>"
    widget.page.goto(at.site.given(frame))
    return widget.page.frames[1]


@pytest.mark.parametrize(
    ("srcdoc", "sandbox", "told"),
    [
        (False, None, "/"),
        (False, "allow-scripts allow-same-origin allow-forms", "/"),
        (True, None, None),
    ],
)
def test_in_a_frame_it_is_read_and_posted_to(
    context: BrowserContext, framing: Embedded, srcdoc: bool, sandbox: str | None, told: str | None
) -> None:
    widget = Widget(context, framing)
    frame = framed(widget, framing, "in a frame", srcdoc=srcdoc, sandbox=sandbox)

    assert posted(widget, frame).get("page_url") == (told and framing.site.url + told)
    expect(frame.get_by_role("article", name="Ada Sample").first).to_be_visible()


@pytest.mark.soak
def test_a_sandbox_that_takes_the_origin_away_can_still_be_read_in(
    context: BrowserContext, framing: Embedded
) -> None:
    framing.reader().comment("sandbox", name="Bo")
    frame = framed(Widget(context, framing), framing, "sandbox", sandbox="allow-scripts")

    expect(frame.get_by_role("article", name="Bo")).to_be_visible()
