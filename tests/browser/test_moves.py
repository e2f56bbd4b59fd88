"""The element is moved by the page, or by one of the routers that sites use: nothing of what goes on in it ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from html import escape

import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from tests.browser.widget import Embedded, Widget

pytestmark = pytest.mark.sampled(50, of="file")

ROUTERS = {
    "Turbo": "@hotwired/turbo/dist/turbo.es2017-umd.js",
    "htmx": "htmx.org/dist/htmx.min.js",
    "htmx 2": "htmx2/dist/htmx.min.js",
    "Idiomorph": "idiomorph/dist/idiomorph.min.js",
}
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Page {number}</title>
<script>{before}</script>{router}
<script async src="{service}/embed.js"></script></head>
<body><h1>Page {number}</h1><a id="go" hx-boost="true" href="#">Next</a><main id="main"><div id="one">{one}</div><div id="two">{two}</div></main></body></html>"""
THREAD = '<comment-thread id="thread" article="{article}" loading="eager" {kept}><a href="#">Comments</a></comment-thread>'
POST = "**/api/v1/comments"
FRAGMENT = "**/thread/fragment?*"


@dataclass(frozen=True)
class Move:
    """How a page moves the element: the body of an async function that has its parts, and the address of the next page."""

    script: str
    router: str = ""
    kept: str = ""  # the attribute by which that router keeps an element
    before: str = ""  # runs before the router does
    leads_on: bool = False  # to the next page


def turbo(script: str, *, before: str = "", leads_on: bool = True) -> Move:
    loaded = (
        "const loaded = () => new Promise((done) => addEventListener('turbo:load', done, { once: true }));"
    )
    return Move(f"{loaded} {script}", "Turbo", "data-turbo-permanent", before, leads_on)


def htmx(router: str, *, before: str = "") -> Move:
    how = "{ source: document.body, target: 'body', swap: 'innerHTML' }"
    return Move(f"await htmx.ajax('GET', next, {how})", router, "hx-preserve", before, leads_on=True)


def idiomorph(*, before: str = "") -> Move:
    script = (
        "const html = await (await fetch(next)).text();"
        "Idiomorph.morph(document.documentElement, new DOMParser().parseFromString(html, 'text/html').documentElement)"
    )
    return Move(script, "Idiomorph", before=before, leads_on=True)


TASK = "await new Promise((done) => setTimeout(done));"
FRAME = "await new Promise((done) => requestAnimationFrame(done));"
WITHOUT_MOVE_BEFORE = (
    "for (const kind of [Element, Document, DocumentFragment]) delete kind.prototype.moveBefore;"
)
MOVES = {
    "append": Move("two.append(thread)"),
    "insertBefore": Move("document.body.insertBefore(thread, document.body.firstChild)"),
    "moveBefore": Move("two.moveBefore(thread, null)"),
    "what is around it is moved": Move("document.body.append(one)"),
    "twice at once": Move("two.append(thread); one.append(thread)"),
    "put back a task later": Move(f"one.replaceChildren(); {TASK} two.append(thread)"),
    "put back frames later": Move(f"one.replaceChildren(); {FRAME} {FRAME} two.append(thread)"),
    "by way of a template": Move(
        f"document.createElement('template').content.append(thread); {TASK} two.append(thread)"
    ),
    "by way of another document": Move(
        "document.implementation.createHTMLDocument().body.append(thread); two.append(thread)"
    ),
    "Turbo visits": turbo("Turbo.visit(next); await loaded()"),
    "Turbo visits without moveBefore": turbo("Turbo.visit(next); await loaded()", before=WITHOUT_MOVE_BEFORE),
    "Turbo visits and restores": turbo(
        "Turbo.visit(next); await loaded(); history.back(); await loaded()", leads_on=False
    ),
    "htmx swaps": htmx("htmx"),
    "htmx 2 swaps without moveBefore": htmx("htmx 2", before=WITHOUT_MOVE_BEFORE),
    "Idiomorph morphs": idiomorph(),
    "Idiomorph morphs without moveBefore": idiomorph(before=WITHOUT_MOVE_BEFORE),
}


@pytest.fixture(scope="module")
def at(at_free_site: Embedded) -> Embedded:
    """A service, and a site without a policy; a form may be sent at once."""
    return at_free_site


@dataclass
class Moved(Widget):
    """The widget on a page that moves it."""

    how: Move = field(default_factory=lambda: Move(""))
    next: str = ""
    elsewhere: Page = field(init=False)
    deleted: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.elsewhere = self.context.new_page()  # stays when the page is closed
        super().__post_init__()
        self.page.on("request", lambda sent: self.deleted.append(sent) if sent.method == "DELETE" else None)

    def address(self, article: str, number: int) -> str:
        thread = THREAD.format(article=escape(article), kept=self.how.kept)
        router = (
            self.how.router and f"<script src='{self.at.site.module(ROUTERS[self.how.router])}'></script>"
        )
        one, two = (thread, "") if number == 1 else ("", thread)
        return self.at.site.whole(
            PAGE.format(
                number=number, before=self.how.before, router=router, service=self.at.live.base_url,
                one=one, two=two,
            )
        )  # fmt: skip

    def open(self, article: str, **attributes: str) -> Moved:
        self.page.goto(self.address(article, 1) + attributes.get("fragment", ""))
        self.page.evaluate("window.kept = document.querySelector('comment-thread')")
        self.next = self.address(article, 2)
        return self

    def lead_on(self) -> None:
        """Have the page do so, and wait until it is done."""
        said = "Page 2" if self.how.leads_on else "Page 1"
        self.page.evaluate(
            f"async (next) => {{ const {{ go, one, two, thread }} = window; {self.how.script} }}", self.next
        )
        expect(self.page.locator("h1")).to_have_text(said)

    def move(self) -> None:
        """Have the element moved, and wait until it is."""
        self.lead_on()
        assert self.page.evaluate("kept.isConnected && kept === document.querySelector('comment-thread')")


@pytest.fixture(params=MOVES)
def moved(request: pytest.FixtureRequest, context: BrowserContext, at: Embedded) -> Moved:
    return Moved(context, at, how=MOVES[request.param])


@pytest.fixture
def article(request: pytest.FixtureRequest) -> str:
    """One of its own for each test."""
    return request.node.name


def own_comment(moved: Moved, article: str, text: str = "My own.") -> None:
    moved.open(article)
    moved.write(text)
    moved.send()
    expect(moved.comment("Ada Sample")).to_be_focused()


def until(moved: Moved, true: Callable[[], object]) -> None:
    """Until that is so; Playwright serves its routes and notes what is asked while it is waited for."""
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        moved.elsewhere.wait_for_timeout(20)


@pytest.mark.soak
def test_a_thread_that_is_on_its_way_arrives(moved: Moved, at: Embedded, article: str) -> None:
    comment = at.reader().comment(article, name="Bo")
    held: list[Route] = []
    moved.page.route(FRAGMENT, lambda route: held.append(route))
    moved.open(article, fragment=f"#comment-{comment}")
    until(moved, lambda: held)

    moved.move()
    held[0].continue_()

    expect(moved.comment("Bo")).to_be_visible()
    if not moved.how.leads_on:
        expect(moved.comment("Bo")).to_be_focused()
    moved.wait_until("events.length > 0")
    assert moved.events() == [["comments:loaded", {"article": article, "count": 1}]]


def test_a_post_on_its_way_is_posted(moved: Moved, at: Embedded, article: str) -> None:
    held: list[Route] = []
    moved.page.route(POST, lambda route: held.append(route))
    moved.open(article)
    moved.write("On its way.")
    moved.send()
    until(moved, lambda: held)

    moved.move()
    held[0].continue_()

    expect(moved.status).to_have_text("Your comment is posted.")
    expect(moved.comment("Ada Sample")).to_be_focused()
    expect(moved.button("Edit")).to_be_visible()
    assert at.reader().texts(article) == ["On its way."]
    assert not any(name.startswith("draft") for name in moved.kept())


def test_a_deletion_can_be_undone_and_else_is_not_forgotten(moved: Moved, at: Embedded, article: str) -> None:
    own_comment(moved, article)
    moved.button("Delete").click()
    expect(moved.button("Undo")).to_be_focused()

    moved.move()

    expect(moved.button("Undo")).to_be_focused()
    moved.button("Undo").click()
    expect(moved.comment("Ada Sample")).to_be_visible()
    assert moved.deleted == []
    moved.button("Delete").click()
    expect(moved.button("Undo")).to_be_focused()
    moved.page.goto(at.site.page("another"))
    until(moved, lambda: at.reader().thread(article)["count"] == 0)


@pytest.mark.soak
def test_a_deletion_is_done_where_the_tab_is_closed_after_the_move(
    moved: Moved, at: Embedded, article: str
) -> None:
    own_comment(moved, article)
    moved.button("Delete").click()
    expect(moved.button("Undo")).to_be_focused()

    moved.move()
    moved.page.close(run_before_unload=True)

    until(moved, lambda: at.reader().thread(article)["count"] == 0)


def test_a_reply_goes_on(moved: Moved, at: Embedded, article: str) -> None:
    at.reader().comment(article, name="Bo")
    moved.open(article)
    moved.answer("Bo")
    moved.write("Half a *thought*")
    moved.button("Preview").click()
    expect(moved.page.locator(".preview em")).to_have_text("thought")
    moved.text.focus()
    moved.text.evaluate("(field) => field.setSelectionRange(5, 6)")

    moved.move()

    expect(moved.page.get_by_role("form", name="Reply to Bo")).to_be_visible()
    expect(moved.page.locator(".preview em")).to_be_visible()
    expect(moved.text).to_be_focused()
    assert moved.text.evaluate("(field) => [field.selectionStart, field.selectionEnd]") == [5, 6]
    moved.page.keyboard.type("one")
    moved.button("Post comment").click()
    expect(moved.comment("Ada Sample")).to_be_focused()
    assert [c["parent"] is None for c in at.reader().thread(article)["comments"]] == [True, False]
    assert at.reader().texts(article)[1] == "Half one <em>thought</em>"


def test_an_edit_goes_on(moved: Moved, at: Embedded, article: str) -> None:
    own_comment(moved, article)
    moved.button("Edit").click()
    moved.text.fill("My second thoughts")

    moved.move()

    expect(moved.text).to_be_focused()
    moved.page.keyboard.type("!")
    moved.button("Save").click()
    expect(moved.comment("Ada Sample")).to_contain_text("My second thoughts!")
    assert at.reader().texts(article) == ["My second thoughts!"]


@pytest.mark.soak
def test_its_styles_its_keys_and_its_language_are_those_of_its_place(moved: Moved, article: str) -> None:
    moved.open(article)
    moved.text.focus()
    expect(moved.text).to_have_css("field-sizing", "content")  # by the styles of the part that it loads

    moved.move()

    expect(moved.text).to_have_css("field-sizing", "content")
    expect(moved.button("Post comment")).to_have_css("border-radius", "6px")
    moved.page.evaluate(
        "window.heard = []; document.addEventListener('keydown', ({ key }) => heard.push(key))"
    )
    moved.text.press_sequentially("a/b")
    expect(moved.text).to_have_value("a/b")
    assert moved.page.evaluate("heard") == []
    moved.page.evaluate("document.documentElement.lang = 'de'")
    expect(moved.page.locator("comment-thread section")).to_have_attribute("lang", "de")
    expect(moved.page.get_by_role("textbox", name="Kommentar")).to_have_value("a/b")


# Routers that keep nothing: the next page brings an element of its own.

NOT_KEPT = {
    "Turbo visits": turbo("Turbo.visit(next); await loaded()"),
    "Turbo replaces": turbo("Turbo.visit(next, { action: 'replace' }); await loaded()"),
    "Turbo restores": turbo(
        "Turbo.visit(next); await loaded(); history.back(); await loaded()", leads_on=False
    ),
    "htmx boosts": Move("go.href = next; htmx.process(document.body); go.click()", "htmx", leads_on=True),
    "htmx 2 boosts": Move("go.href = next; htmx.process(document.body); go.click()", "htmx 2", leads_on=True),
}


@pytest.fixture(params=NOT_KEPT)
def renewed(request: pytest.FixtureRequest, context: BrowserContext, at: Embedded) -> Moved:
    return Moved(context, at, how=replace(NOT_KEPT[request.param], kept=""))


@pytest.mark.soak
def test_another_element_has_the_draft_and_the_deletion_is_done(
    renewed: Moved, at: Embedded, article: str
) -> None:
    own_comment(renewed, article)
    renewed.text.fill("Half a thought")
    renewed.button("Delete").click()
    expect(renewed.button("Undo")).to_be_focused()

    renewed.lead_on()

    expect(renewed.text).to_have_value("Half a thought")
    until(renewed, lambda: at.reader().thread(article)["count"] == 0)


def test_a_post_on_its_way_is_posted_once_and_its_author_can_edit_it(
    renewed: Moved, at: Embedded, article: str
) -> None:
    held: list[Route] = []
    renewed.page.route(POST, lambda route: held.append(route) if not held else route.continue_())
    renewed.open(article)
    renewed.write("On its way.")
    renewed.send()
    until(renewed, lambda: held)

    renewed.lead_on()
    held[0].continue_()
    until(renewed, lambda: "edits" in renewed.kept())
    expect(renewed.text).to_have_value("On its way.")
    renewed.field("Name").fill("Ada Sample")
    if not renewed.field("Email").input_value():  # Firefox's driver adds to an address that is there
        renewed.field("Email").fill("ada@paper.example")
    renewed.send()

    expect(renewed.comment("Ada Sample")).to_be_focused()
    expect(renewed.button("Edit")).to_have_count(1)
    assert at.reader().texts(article) == ["On its way."]
