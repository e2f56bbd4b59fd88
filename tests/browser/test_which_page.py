"""Which page it is that the widget stands on, where a router swaps pages and the head stays that of the first."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, Route, expect

from tests.browser.widget import NOTE_SENT, Embedded, Widget

pytestmark = pytest.mark.sampled(36, of="file")

HTMX = Path(__file__).parents[2] / "node_modules" / "htmx.org" / "dist" / "htmx.min.js"
PAGE = """<!doctype html><html lang=en><head><title>{name}</title><link rel=canonical href="/canonical/{name}">
{head}</head><body><h1>{name}</h1>{body}<comment-thread article="{article}"></comment-thread></body></html>"""


@pytest.fixture(scope="module")
def at(at_free_site: Embedded) -> Embedded:
    """A service, and a site without a policy."""
    return at_free_site


@pytest.fixture
def article(request: pytest.FixtureRequest) -> str:
    """Of that test alone."""
    return re.sub(r"\W+", " ", request.node.name)


def page_one(at: Embedded, article: str, head: str = "{script}", body: str = "") -> str:
    """The address of a page of the site, whose canonical address is /canonical/one."""
    script = f"<script async src='{at.live.base_url}/embed.js'></script>"
    page = PAGE.format(name="one", article=article, head=head.format(script=script), body=body)
    return at.site.whole(page, "/whole/one")


def told(widget: Widget, shown: Page | Frame | None = None) -> str | None:
    """Post, and give the page's address that was sent."""
    page = shown or widget.page
    page.get_by_role("textbox", name="Comment").fill(f"Some text, {len(widget.asked)}.")
    page.get_by_role("textbox", name="Name").fill("Ada Sample")
    page.get_by_role("textbox", name="Email").fill("ada@paper.example")
    page.evaluate(NOTE_SENT)
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_text("Your comment is posted.")).to_be_visible()
    url: str | None = json.loads(page.evaluate("sent.at(-1)")).get("page_url")
    return url


@pytest.mark.soak
def test_a_body_that_htmx_swapped_is_the_page_of_its_address(
    widget: Widget, at: Embedded, article: str
) -> None:
    widget.page.route("**/htmx.js", lambda route: route.fulfill(path=HTMX))
    two = at.site.whole(PAGE.format(name="two", article=f"{article} 2", head="", body=""), "/whole/two")
    link = f'<a hx-boost=true href="{escape(two)}">Two</a>'
    widget.page.goto(page_one(at, article, "<script src=/htmx.js></script>{script}", link))
    assert told(widget) == f"{at.site.url}/canonical/one"

    widget.page.evaluate("window.mark = 'the same document'")
    widget.page.get_by_role("link", name="Two").click()
    expect(widget.page.get_by_role("heading", name="two", exact=True)).to_be_visible()

    assert widget.page.url.startswith(f"{at.site.url}/whole/two")
    assert told(widget) == f"{at.site.url}/whole/two"
    assert widget.page.evaluate("window.mark") == "the same document"


MOVES = {
    "pushed": ("history.pushState(null, '', '/whole/two')", "/whole/two"),
    "replaced": ("history.replaceState(null, '', '/whole/two')", "/whole/two"),
    "another query": ("history.pushState(null, '', '?p=2')", "/whole/one"),
    "pushed, with a query of the reader's": ("history.pushState(null, '', '/whole/two?q=mine')", "/whole/two"),
    "a route behind the #": ("history.pushState(null, '', '/whole/two#/guide')", "/whole/two#/guide"),
    "a part of the page": ("history.pushState(null, '', '#part')", "/canonical/one"),
    "by an anchor": ("location.hash = 'part'", "/canonical/one"),
    "state alone": ("history.replaceState({ seen: 1 }, '')", "/canonical/one"),
    "there and back": (
        "history.pushState(null, '', '/whole/two'); history.pushState(null, '', first)",
        "/canonical/one",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fragment", ["", "#part"])
@pytest.mark.parametrize(("move", "page"), MOVES.values(), ids=MOVES)
def test_the_canonical_address_counts_as_long_as_the_page_is_the_one_that_was_loaded(
    widget: Widget, at: Embedded, article: str, move: str, page: str, fragment: str
) -> None:
    widget.page.goto(page_one(at, article) + fragment)
    widget.page.evaluate(f"() => {{ const first = location.href; {move} }}")

    assert told(widget) == at.site.url + page


def test_a_widget_that_comes_with_the_second_page_knows_that_it_is_the_second(
    widget: Widget, at: Embedded, article: str
) -> None:
    widget.page.goto(page_one(at, article, head=""))
    widget.page.evaluate("history.pushState(null, '', '/whole/two')")
    widget.page.add_script_tag(url=f"{at.live.base_url}/embed.js")

    assert told(widget) == f"{at.site.url}/whole/two"


# Permalinks, and the comment that the address names


def test_permalinks_follow_an_address_that_is_pushed_after_the_article_changed(
    widget: Widget, at: Embedded
) -> None:
    ids = [at.reader().comment(article, name=article) for article in ("first", "second")]
    page = at.site.page("first")
    widget.page.goto(page)
    link = widget.comment("first").locator(".when")
    expect(link).to_have_attribute("href", f"{page}#comment-{ids[0]}")

    widget.page.evaluate("document.querySelector('comment-thread').article = 'second'")
    link = widget.comment("second").locator(".when")
    expect(link).to_be_visible()
    widget.page.evaluate("history.pushState(null, '', '/second?tab=1')")

    expect(link).to_have_attribute("href", f"{at.site.url}/second?tab=1#comment-{ids[1]}")


@pytest.fixture(scope="module")
def comments(at: Embedded) -> list[str]:
    """The ids of more comments than one page of the thread shows."""
    return [at.reader().comment("paged", f"Number {n}.", name=f"Reader {n}") for n in range(6)]


GOING = {
    "pushed": "history.pushState(null, '', '#comment-{}')",
    "replaced": "history.replaceState(null, '', '#comment-{}')",
    "pushed with another page": "history.pushState(null, '', '/whole/two?tab=2#comment-{}')",
    "a route": "history.pushState(null, '', '#/guide?comment={}')",
    "an anchor": "location.hash = 'comment-{}'",
}


@pytest.mark.parametrize("here", [1, 5], ids=["here", "on another page of the thread"])
@pytest.mark.parametrize("go", GOING.values(), ids=GOING)
def test_a_comment_that_an_address_names_is_gone_to(
    widget: Widget, at: Embedded, comments: list[str], go: str, here: int
) -> None:
    widget.page.goto(at.site.page("paged", page_size="2"))
    expect(widget.comment("Reader 0")).to_be_visible()

    widget.page.evaluate(go.format(comments[here]))

    expect(widget.comment(f"Reader {here}")).to_be_focused()


@pytest.mark.parametrize("first", ["the article", "the address"])
def test_a_comment_of_the_next_article_is_gone_to_whichever_is_told_first(
    widget: Widget, at: Embedded, comments: list[str], first: str
) -> None:
    at.reader().comment(f"before {first}", name="Ann")
    widget.page.goto(at.site.page(f"before {first}"))
    expect(widget.comment("Ann")).to_be_visible()
    steps = [
        "document.querySelector('comment-thread').article = 'paged'",
        f"history.pushState(null, '', '#comment-{comments[4]}')",
    ]

    for step in steps if first == "the article" else steps[::-1]:
        widget.page.evaluate(step)
        widget.page.wait_for_load_state("networkidle")

    expect(widget.comment("Reader 4")).to_be_focused()


def test_an_address_that_is_pushed_while_the_next_article_is_on_its_way_is_followed(
    widget: Widget, at: Embedded, comments: list[str]
) -> None:
    at.reader().comment("before that", name="Ann")
    widget.page.goto(at.site.page("before that"))
    expect(widget.comment("Ann")).to_be_visible()
    held: list[Route] = []
    widget.page.route("**/thread/fragment?article=paged*", lambda route: held.append(route))
    with widget.page.expect_request("**/thread/fragment?article=paged*"):
        widget.page.evaluate("document.querySelector('comment-thread').article = 'paged'")
    widget.page.evaluate("(id) => history.pushState(null, '', `/elsewhere#comment-${id}`)", comments[3])
    held[0].continue_()

    expect(widget.comment("Reader 3")).to_be_focused()
    link = widget.comment("Reader 3").locator(".when")
    expect(link).to_have_attribute("href", f"{at.site.url}/elsewhere#comment-{comments[3]}")


def test_a_page_that_notes_where_one_is_takes_the_focus_from_nobody(
    widget: Widget, at: Embedded, comments: list[str]
) -> None:
    widget.page.goto(at.site.page("paged") + f"#comment-{comments[0]}")
    expect(widget.comment("Reader 0")).to_be_focused()
    widget.text.fill("Some words")

    for note in ("replaceState({ y: 1 }, '')", "replaceState(null, '', '?tab=3' + location.hash)"):
        widget.page.evaluate(f"history.{note}")
        widget.page.evaluate("new Promise((resume) => setTimeout(resume))")

    expect(widget.text).to_be_focused()


def test_without_the_navigation_api_an_address_is_followed_once_somebody_is_there(
    widget: Widget, at: Embedded, comments: list[str]
) -> None:
    widget.page.add_init_script("delete window.navigation; delete Window.prototype.navigation;")
    widget.page.goto(at.site.page("paged", page_size="2"))
    expect(widget.comment("Reader 0")).to_be_visible()
    assert widget.page.evaluate("typeof navigation") == "undefined"
    widget.page.evaluate("(id) => history.pushState(null, '', `/second#comment-${id}`)", comments[1])

    widget.page.mouse.move(5, 5)
    widget.comment("Reader 0").hover()

    expect(widget.comment("Reader 1")).to_be_focused()
    link = widget.comment("Reader 0").locator(".when")
    expect(link).to_have_attribute("href", f"{at.site.url}/second#comment-{comments[0]}")


# Frames without an address of their own


def in_srcdoc(widget: Widget, article: str, sandbox: str) -> Frame:
    inner = (
        f"<script async src='{widget.at.live.base_url}/embed.js'></script>"
        f"<comment-thread article='{article}' page-size=2></comment-thread>"
    )
    frame = f'<iframe {sandbox} width=800 height=900 srcdoc="{escape(inner)}"></iframe>'
    widget.page.goto(widget.at.site.given(frame))
    return widget.page.frames[1]


@pytest.mark.parametrize("sandbox", ["", "sandbox='allow-scripts'"])
def test_a_permalink_in_a_frame_without_an_address_is_one_that_others_can_open(
    widget: Widget, at: Embedded, comments: list[str], sandbox: str
) -> None:
    frame = in_srcdoc(widget, "paged", sandbox)
    link = frame.get_by_role("article", name="Reader 1").locator(".when").get_attribute("href") or ""

    widget.page.goto(link)

    expect(widget.comment("Reader 1")).to_be_visible()
    assert widget.page.evaluate("document.querySelector(':target').id") == f"comment-{comments[1]}"


@pytest.mark.parametrize("sandbox", ["", "sandbox='allow-scripts'"])
def test_in_a_frame_without_an_address_links_to_comments_go_there_in_place(
    widget: Widget, at: Embedded, sandbox: str
) -> None:
    article = f"answers {bool(sandbox)}"
    first = at.reader().comment(article, name="Ann")
    at.reader().comment(article, name="Cy", parent=first)
    at.reader().comment(article, name="Bo", parent=first)
    frame = in_srcdoc(widget, article, sandbox)
    ann, cy = (frame.get_by_role("article", name=name) for name in ("Ann", "Cy"))

    cy.locator(".when").click()
    expect(cy).to_be_focused()
    cy.locator(".answers").evaluate("(link) => link.click()")
    expect(ann).to_be_focused()

    assert frame.url == "about:srcdoc"
