"""Where the element stands: taken away, in another document, in other languages, and with what the page put on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, FrameLocator, Page, Route, expect

from tests.browser.at_the_desk import eventually
from tests.browser.widget import Embedded, Widget

pytestmark = pytest.mark.sampled(32, of="file")

FRAGMENT = "**/thread/fragment?*"


@pytest.fixture(scope="module")
def at(at_free_site: Embedded) -> Embedded:
    """A service, and a site without a policy; a form may be sent at once."""
    return at_free_site


def page_of(at: Embedded, body: str, script: str = "", *, lang: str = " lang='en'") -> str:
    """The address of a page with that body, whose *script* runs before the widget's."""
    return at.site.whole(
        f"<!doctype html><html{lang}><meta charset='utf-8'><title>A page</title><body>{body}"
        f"<script>{script}</script><script async src='{at.live.base_url}/embed.js'></script></body></html>"
    )


def element(article: str, attributes: str = "") -> str:
    return f"<comment-thread article='{article}' loading='eager' {attributes}></comment-thread>"


def posted(widget: Widget, article: str, text: str = "My own.") -> Widget:
    widget.open(article)
    widget.write(text)
    widget.send()
    expect(widget.comment("Ada Sample")).to_be_focused()
    widget.page.evaluate("window.thread = document.querySelector('comment-thread')")
    return widget


# Taken away


@pytest.mark.soak
def test_who_takes_it_away_meant_the_deletion(widget: Widget, at: Embedded) -> None:
    posted(widget, "taken away")
    widget.page.clock.install()
    widget.page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=1))  # so the ten seconds never end
    widget.button("Delete").click()
    expect(widget.button("Undo")).to_be_visible()

    with widget.page.expect_response(lambda answer: answer.request.method == "DELETE"):
        widget.page.evaluate("thread.remove()")
        widget.page.clock.run_for(2_000)

    assert at.reader().thread("taken away")["count"] == 0
    widget.page.evaluate("document.body.append(thread)")
    widget.page.clock.resume()
    expect(widget.page.get_by_text("Your comment is deleted.")).to_be_visible()
    expect(widget.button("Undo")).to_have_count(0)


def test_a_deletion_that_was_undone_waits_its_time_when_it_is_made_again(
    widget: Widget, at: Embedded
) -> None:
    posted(widget, "twice deleted")
    widget.page.clock.install()
    widget.button("Delete").click()
    widget.page.clock.run_for(9_000)
    widget.button("Undo").click()
    widget.button("Delete").click()

    widget.page.clock.run_for(9_000)

    expect(widget.button("Undo")).to_be_visible()
    assert at.reader().thread("twice deleted")["count"] == 1


def test_a_post_is_made_and_known_though_it_is_taken_away_for_good(widget: Widget, at: Embedded) -> None:
    held: list[Route] = []
    widget.page.route("**/api/v1/comments", lambda route: held.append(route))
    widget.open("posted away")
    widget.write("On its way.")
    with widget.page.expect_request("**/api/v1/comments"):
        widget.send()

    widget.page.evaluate("document.querySelector('comment-thread').remove()")
    widget.page.wait_for_timeout(1100)  # it counts as moved until then
    held[0].continue_()

    widget.wait_until(
        "events.length > 1 || Object.keys(localStorage).some((name) => name.endsWith(' edits'))"
    )
    assert at.reader().texts("posted away") == ["On its way."]
    assert not any(name.startswith("draft") for name in widget.kept())
    widget.page.unroute("**/api/v1/comments")
    widget.open("posted away")
    expect(widget.button("Edit")).to_be_visible()
    expect(widget.text).to_have_value("")


@pytest.mark.parametrize("away", ["at once", "while it is drawn", "drawn"])
def test_it_works_again_where_it_is_put_back_much_later(widget: Widget, at: Embedded, away: str) -> None:
    article = f"later {away}"
    ids = [at.reader().comment(article, name=f"Reader {n}") for n in range(8)]
    held: list[Route] = []
    widget.page.route(FRAGMENT, lambda route: held.append(route) if not held else route.continue_())
    widget.page.goto(at.site.page(article, loading="eager") + f"#comment-{ids[7]}")
    widget.wait_until("Boolean(customElements.get('comment-thread'))")
    widget.page.evaluate("window.thread = document.querySelector('comment-thread')")
    while not held:
        widget.page.wait_for_timeout(20)
    if away == "at once":
        widget.page.evaluate("thread.remove()")
    held[0].continue_()
    if away == "while it is drawn":
        widget.page.evaluate("""new Promise((done) => new MutationObserver((_, watching) => {
            watching.disconnect();
            thread.remove();
            done();
        }).observe(thread.shadowRoot, { childList: true, subtree: true }))""")
    if away == "drawn":
        widget.wait_until("events.length === 1")
        widget.page.evaluate("thread.remove()")
    widget.page.wait_for_timeout(1100)

    widget.page.evaluate("document.body.append(thread)")

    expect(widget.page.get_by_role("article")).to_have_count(8)
    if away != "drawn":
        expect(widget.comment("Reader 7")).to_be_focused()
    assert widget.events() == [["comments:loaded", {"article": article, "count": 8}]]
    widget.write("Here again.")
    widget.send()
    expect(widget.comment("Ada Sample")).to_be_focused()
    widget.page.evaluate("location.hash = ''")
    widget.page.evaluate(f"location.hash = '#comment-{ids[3]}'")
    expect(widget.comment("Reader 3")).to_be_focused()


def test_what_was_taken_away_leaves_nothing_that_runs(widget: Widget, at: Embedded) -> None:
    widget.page.clock.install()
    widget.open("quiet", loading="eager")
    expect(widget.text).to_be_visible()
    widget.page.evaluate("document.querySelector('comment-thread').remove()")
    asked = len(widget.asked_of_service())

    widget.page.clock.run_for(200_000)
    widget.page.evaluate("document.documentElement.lang = 'de'; location.hash = '#comment-none'")
    widget.page.wait_for_timeout(200)

    assert len(widget.asked_of_service()) == asked


def test_a_part_that_comes_after_it_was_taken_away_asks_for_nothing(widget: Widget, at: Embedded) -> None:
    held: list[Route] = []
    widget.page.route("**/live-*.js", lambda route: held.append(route))
    widget.page.clock.install()
    widget.open("late", loading="eager")
    expect(widget.text).to_be_visible()
    widget.page.clock.run_for(61_000)
    eventually(widget.page, lambda: bool(held))
    widget.page.evaluate("document.querySelector('comment-thread').remove()")
    widget.page.clock.run_for(2_000)
    asked = len(widget.asked_of_service())

    with widget.page.expect_response("**/live-*.js"):
        held[0].continue_()
    widget.page.wait_for_timeout(200)

    assert len(widget.asked_of_service()) == asked


def test_a_minute_goes_on_though_it_is_moved(widget: Widget, at: Embedded) -> None:
    widget.page.clock.install()
    widget.open("a minute", loading="eager")
    expect(widget.text).to_be_visible()
    at.reader().comment("a minute", name="Bo")

    for _ in range(4):
        widget.page.evaluate("document.body.append(document.querySelector('comment-thread'))")
        widget.page.clock.run_for(16_000)

    expect(widget.button("1 new comment")).to_be_visible()


def test_the_focus_is_not_taken_from_who_has_it_meanwhile(widget: Widget, at: Embedded) -> None:
    widget.page.goto(page_of(at, "<input id='search'><div id='one'></div>" + element("focused")))
    widget.text.focus()

    widget.page.evaluate("""async () => {
        const thread = document.querySelector('comment-thread');
        thread.remove();
        search.focus();
        await new Promise((done) => setTimeout(done));
        one.append(thread);
    }""")
    expect(widget.page.locator("#search")).to_be_focused()

    widget.text.focus()
    widget.page.evaluate("document.activeElement.shadowRoot.activeElement.blur()")
    widget.page.wait_for_timeout(50)
    widget.page.evaluate("document.body.append(document.querySelector('comment-thread'))")
    expect(widget.text).not_to_be_focused()


# In another document


def dressed(shown: Page | FrameLocator, page: Page) -> None:
    """It has the styles of the widget and of its parts, and its keys stay with it."""
    text = shown.get_by_role("textbox", name="Comment")
    expect(shown.get_by_role("button", name="Post comment")).to_have_css("border-radius", "6px")
    expect(text).to_have_css("field-sizing", "content")
    text.press_sequentially("a/b")
    expect(text).to_have_value("Kept. a/b")


def test_it_keeps_its_styles_in_a_frame_and_back(widget: Widget, at: Embedded) -> None:
    at.reader().comment("in a frame", name="Bo")
    widget.page.goto(
        page_of(at, "<iframe id='frame' width='800' height='900'></iframe>" + element("in a frame"))
    )
    widget.reply_to("Bo").click()
    expect(widget.text).to_be_focused()
    widget.text.fill("Kept. ")
    widget.page.evaluate("""() => {
        window.heard = [];
        for (const inner of [document, frame.contentDocument]) inner.addEventListener('keydown', ({ key }) => heard.push(key));
        frame.contentDocument.body.append(document.querySelector('comment-thread'));
    }""")

    dressed(widget.page.frame_locator("#frame"), widget.page)
    assert widget.page.evaluate("heard") == []
    widget.page.evaluate("document.body.append(frame.contentDocument.querySelector('comment-thread'))")
    widget.text.fill("Kept. ")
    dressed(widget.page, widget.page)
    expect(widget.page.get_by_role("form", name="Reply to Bo")).to_be_visible()


@pytest.mark.parametrize("written", [False, True], ids=["read alone", "written in"])
def test_it_is_used_in_a_window_of_its_own(widget: Widget, at: Embedded, written: bool) -> None:
    article = f"popped out {written}"
    at.reader().comment(article, name="Bo")
    widget.page.goto(page_of(at, "<button id='out'>Out</button>" + element(article)))
    expect(widget.comment("Bo")).to_be_visible()
    if written:
        widget.text.fill("Kept. ")
        expect(widget.text).to_have_css("field-sizing", "content")  # the part has come
    widget.page.evaluate("""out.onclick = async () => {
        window.popped = await documentPictureInPicture.requestWindow({ width: 600, height: 900 });
        popped.document.body.append(document.querySelector('comment-thread'));
    }; null""")

    with widget.context.expect_page() as opened:
        widget.page.locator("#out").click()

    shown = opened.value
    if not written:
        shown.get_by_role("textbox", name="Comment").fill("Kept. ")
    dressed(shown, widget.page)
    shown.get_by_role("textbox", name="Name").fill("Ada Sample")
    shown.get_by_role("textbox", name="Email").fill("ada@paper.example")
    shown.get_by_role("button", name="Post comment").click()
    expect(shown.get_by_text("Your comment is posted.")).to_be_visible()
    assert at.reader().texts(article) == ["A sample comment.", "Kept. a/b"]


def test_a_lazy_one_is_loaded_in_another_document(widget: Widget, at: Embedded) -> None:
    at.reader().comment("lazy in a frame", name="Bo")
    body = "<iframe id='frame' width='800' height='900'></iframe><p style='height: 9000px'></p>"
    widget.page.goto(page_of(at, f"{body}<comment-thread article='lazy in a frame'></comment-thread>"))
    widget.wait_until("Boolean(customElements.get('comment-thread'))")
    widget.page.evaluate("frame.contentDocument.body.append(document.querySelector('comment-thread'))")

    expect(widget.page.frame_locator("#frame").get_by_role("article", name="Bo")).to_be_visible()


# What the page put on it

FOREIGN = {
    "one that cannot be taken off": "Object.defineProperty(thread, 'jQuery3510', { value: { a: 1 } })",
    "a symbol": "Object.defineProperty(thread, Symbol('page'), { value: 1 })",
    "frozen data": "Object.defineProperty(thread, 'state', { get() { return 1; } })",
    "an accessor that throws": "Object.defineProperty(thread, 'view', { get() { throw new Error('No.'); } })",
    "an attribute's, not configurable": "Object.defineProperty(thread, 'theme', { value: 'dark' })",
    "an attribute's, an accessor that throws": (
        "Object.defineProperty(thread, 'site', { configurable: true, get() { throw new Error('No.'); } })"
    ),
    "an attribute's, a symbol": "thread.order = Symbol()",
    "the language, which throws": "Object.defineProperty(thread, 'lang', { get() { throw new Error('No.'); } })",
    "how it is loaded, not to be read": (
        "Object.defineProperty(thread, 'loading', { get() { throw new Error('No.'); }, set() { throw new Error('No.'); } })"
    ),
}


@pytest.mark.parametrize("script", FOREIGN.values(), ids=FOREIGN)
def test_what_the_page_puts_on_it_keeps_no_thread_away(widget: Widget, at: Embedded, script: str) -> None:
    article = f"foreign {list(FOREIGN.values()).index(script)}"
    at.reader().comment(article, name="Bo")
    before = "const thread = document.querySelector('comment-thread');"
    widget.page.goto(page_of(at, element(article, "page-size='1'"), before + script))
    expect(widget.comment("Bo")).to_be_visible()

    widget.page.evaluate("document.body.prepend(document.querySelector('comment-thread'))")
    widget.text.fill("Still here.")

    expect(widget.text).to_have_value("Still here.")
    assert widget.complaints == []


def test_an_accessor_of_the_pages_stays_one(widget: Widget, at: Embedded) -> None:
    script = """const thread = document.querySelector('comment-thread');
        let kept = 1;
        Object.defineProperty(thread, 'model', { configurable: true, get: () => kept, set: (value) => { kept = value * 2; } });"""
    widget.page.goto(page_of(at, element("accessor"), script))
    expect(widget.text).to_be_visible()

    assert widget.page.evaluate("thread => { thread.model = 4; return thread.model; }",
                                widget.page.locator("comment-thread").element_handle()) == 8  # fmt: skip


# Languages

ODD = ["en-US@posix", "C", "", "x", "en_US", "POSIX", "de-", "*", "a-b-c-d-e", "𝒅𝒆"]


@pytest.mark.parametrize("odd", [*ODD, None])
def test_an_odd_language_of_the_browser_ends_no_drawing(
    widget: Widget, at: Embedded, odd: str | None
) -> None:
    article = f"odd {odd}"
    for number in range(3):
        at.reader().comment(article, name=f"Reader {number}")
    said = "undefined" if odd is None else repr(odd)
    widget.page.add_init_script(
        f"Object.defineProperty(Navigator.prototype, 'language', {{ get: () => {said} }})"
    )
    widget.page.goto(page_of(at, element(article), lang=""))

    expect(widget.page.get_by_role("article")).to_have_count(3)
    expect(widget.comment("Reader 2").locator("time")).to_have_text("now")
    widget.wait_until("events.length === 1")
    assert widget.complaints == []


@pytest.mark.parametrize("odd", [*ODD, None])
def test_an_odd_language_keeps_no_message_back(widget: Widget, at: Embedded, odd: str | None) -> None:
    said = "undefined" if odd is None else repr(odd)
    widget.page.add_init_script(
        f"Object.defineProperty(Navigator.prototype, 'language', {{ get: () => {said} }})"
    )
    widget.page.route(FRAGMENT, lambda route: route.abort())
    widget.page.goto(page_of(at, element("odd and away"), lang=""))

    expect(widget.status).to_contain_text("The comments could not be loaded.")


def language(widget: Widget, is_it: str) -> None:
    expect(widget.page.locator("comment-thread section")).to_have_attribute("lang", is_it)


def test_a_language_that_the_page_changes_is_noticed(widget: Widget, at: Embedded) -> None:
    widget.page.goto(page_of(at, f"<div id='around'>{element('changed language')}</div>"))
    language(widget, "en")
    widget.text.fill("Kept.")

    widget.page.evaluate("document.documentElement.lang = 'fr'")
    language(widget, "fr")
    widget.page.evaluate("around.lang = 'de'")
    language(widget, "de")
    widget.page.evaluate("around.removeAttribute('lang')")
    language(widget, "fr")
    widget.page.evaluate("document.body.lang = 'es'; document.documentElement.lang = 'it'")
    language(widget, "es")

    expect(widget.page.locator("comment-thread textarea")).to_have_value("Kept.")


def test_a_language_outside_of_shadow_roots_is_noticed(widget: Widget, at: Embedded) -> None:
    script = """
        const inner = outer.attachShadow({ mode: 'open' }).appendChild(document.createElement('div'));
        inner.attachShadow({ mode: 'closed' }).append(document.querySelector('comment-thread'));
        window.inner = inner;
    """
    widget.page.goto(page_of(at, f"<div id='outer' lang='de'></div>{element('roots')}", script))
    section = "inner.lang"
    asked = lambda: [url for url in widget.asked if "fragment" in url][-1]  # noqa: E731

    def asks_for(language: str) -> None:
        end = 200
        while f"lang={language}" not in asked() and end:
            widget.page.wait_for_timeout(20)
            end -= 1
        assert f"lang={language}" in asked()

    widget.wait_until("events.length === 1")
    asks_for("de")
    widget.page.evaluate(f"{section} = 'nl'")
    asks_for("nl")
    widget.page.evaluate(f"{section} = ''; outer.lang = 'pl'")
    asks_for("pl")
    widget.page.evaluate("outer.lang = 'not_one'; document.documentElement.lang = 'it'")
    asks_for("it")


@pytest.mark.parametrize("how", ["append(thread)", "moveBefore(thread, null)"])
def test_a_move_to_another_language_is_noticed(widget: Widget, at: Embedded, how: str) -> None:
    widget.page.goto(page_of(at, f"<main lang='de'></main>{element('moved language')}"))
    language(widget, "en")

    widget.page.evaluate(
        f"() => {{ const thread = document.querySelector('comment-thread'); document.querySelector('main').{how}; }}"
    )

    language(widget, "de")


# Keys in what opens and closes


@pytest.fixture(params=["dialog", "popover", "a dialog in a shadow root"])
def opened(request: pytest.FixtureRequest, context: BrowserContext, at: Embedded) -> Widget:
    """The widget in something that Escape closes."""
    widget = Widget(context, at)
    article = f"keys in {request.node.name}"
    at.reader().comment(article, name="Bo")
    kind = "<div id='around' popover>" if request.param == "popover" else "<dialog id='around'>"
    end = "</div>" if request.param == "popover" else "</dialog>"
    script = """
        window.heard = [];
        for (const name of ['keydown', 'keypress', 'keyup'])
            document.addEventListener(name, ({ key }) => heard.push(key), name === 'keyup');
    """
    widget.page.goto(page_of(at, f"{kind}{element(article)}{end}", script))
    widget.page.evaluate(
        """(inner) => {
            const around = document.getElementById('around');
            window.isOpen = () => around.matches(':modal, :popover-open');
            if (inner) {
                const host = document.body.appendChild(document.createElement('div'));
                host.attachShadow({ mode: 'open' }).append(around);
            }
            if (around.popover) around.showPopover();
            else around.showModal();
        }""",
        "root" in request.param,
    )
    expect(widget.comment("Bo")).to_be_visible()
    return widget


def test_escape_leaves_a_reply_alone_and_the_next_one_closes_what_is_around(opened: Widget) -> None:
    opened.reply_to("Bo").click()
    expect(opened.text).to_be_focused()
    opened.text.fill("Half a thought")

    opened.page.keyboard.press("Escape")

    expect(opened.reply_to("Bo")).to_be_focused()
    assert opened.page.evaluate("isOpen()")
    assert opened.page.evaluate("heard") == []
    opened.page.keyboard.press("Escape")
    opened.wait_until("!isOpen()")
    assert "Escape" in opened.page.evaluate("heard")


@pytest.mark.parametrize("button", ["Preview", "Post comment"])
def test_escape_on_a_button_of_a_reply_is_used_too(opened: Widget, button: str) -> None:
    opened.reply_to("Bo").click()
    expect(opened.text).to_be_focused()
    opened.button(button).focus()

    opened.page.keyboard.press("Escape")

    expect(opened.reply_to("Bo")).to_be_focused()
    assert opened.page.evaluate("isOpen()")
    assert opened.page.evaluate("heard") == []


def test_escape_leaves_an_edit_alone(opened: Widget) -> None:
    opened.write("My own.")
    opened.send()
    expect(opened.comment("Ada Sample")).to_be_focused()
    opened.button("Edit").click()
    expect(opened.text).to_be_focused()

    opened.page.keyboard.press("Escape")

    expect(opened.button("Edit")).to_be_focused()
    assert opened.page.evaluate("isOpen()")
    opened.page.keyboard.press("Escape")
    opened.wait_until("!isOpen()")


def test_escape_that_nothing_here_uses_closes_what_is_around(opened: Widget) -> None:
    opened.text.focus()

    opened.page.keyboard.press("Escape")

    opened.wait_until("!isOpen()")
