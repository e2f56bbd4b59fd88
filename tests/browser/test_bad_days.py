"""Bad days of the service and of what lies between it and a reader: no typed word is lost, and the reader is told."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.widget import Embedded, Widget, embedded

pytestmark = pytest.mark.sampled(16)

POST = "**/api/v1/comments"
TOKEN = "**/api/v1/form?*"
FRAGMENT = "**/thread/fragment?*"
WRITE = re.compile("/write-")

LOST = "The connection was lost. What you typed is kept; please press the button again."
FAILED = "The service could not take this. What you typed is kept; please try again in a moment."
UNREAD = "This could not be loaded. Please try again."

# 15 seconds are 3, so that a test need not wait; what was asked for is noted.
SHORT_PATIENCE = """
window.patience = [];
const { timeout } = AbortSignal;
AbortSignal.timeout = (ms) => { patience.push(ms); return timeout.call(AbortSignal, ms / 5); };
const { get, set } = Object.getOwnPropertyDescriptor(XMLHttpRequest.prototype, 'timeout');
Object.defineProperty(XMLHttpRequest.prototype, 'timeout',
    { get, set(ms) { patience.push(ms); set.call(this, ms / 5); }, configurable: true });
"""

Answer = Callable[[Route], None]


def answer(status: int, body: str, content_type: str = "application/json") -> Answer:
    """What somebody else says in the service's place."""

    def give(route: Route) -> None:
        headers = {"Access-Control-Allow-Origin": "*"}
        route.fulfill(status=status, body=body, content_type=content_type, headers=headers)

    return give


def cut_off(route: Route) -> None:
    """Half of what the service says, and nothing that tells so."""
    whole = route.fetch()
    route.fulfill(response=whole, body=whole.body()[: len(whole.body()) // 2])


def nothing(route: Route) -> None:
    route.abort()


def problem(status: int, **more: Any) -> Answer:
    return answer(status, json.dumps({"status": status} | more), "application/problem+json")


PROXY = "<!doctype html><title>Welcome</title><h1>Please sign in to the network</h1>"
MAINTENANCE = problem(503, detail="Scheduled downtime, see the status page.")
BROKEN = problem(500, detail="Internal error in worker 7", errors={"text": ["unreadable"]})
OTHER_WORDS = answer(200, '{"ok": true}', "text/plain")
CUT_JSON = answer(200, '{"comment": {"id": "abc", "par')
FALSE_FRIEND = answer(500, '{"ok": true, "comment": {"id": "abc"}, "state": "approved"}')


# What Firefox tells of an answer that did not come, as if a script had failed.
TOLD_OF_THE_NETWORK = (
    "The Same Origin Policy disallows reading",
    "Loading module from",
    "Loading failed for",
)


@pytest.fixture(autouse=True)
def unharmed(widget: Widget) -> Iterator[None]:
    """However bad the day: the page's policy holds, and no script fails."""
    faults: list[str] = []
    widget.page.on("pageerror", lambda error: faults.append(str(error)))
    yield
    assert [fault for fault in faults if not fault.startswith(TOLD_OF_THE_NETWORK)] == []
    assert widget.page.evaluate("window.violations ?? []") == []


def posts_once(widget: Widget, at: Embedded, article: str, text: str) -> None:
    """The next press of the button posts what is still there, and nothing was made before."""
    expect(widget.text).to_have_value(text)
    expect(widget.field("Name")).to_have_value("Ada Sample")
    widget.send()
    expect(widget.status).to_have_text("Your comment is posted.")
    expect(widget.comment("Ada Sample")).to_have_count(1)
    assert at.reader().texts(article) == [text]


def no_sideways_scroll(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


# Posting


@pytest.mark.parametrize(
    ("told", "said"),
    [
        pytest.param(BROKEN, FAILED, id="broken"),
        pytest.param(MAINTENANCE, FAILED, id="away for a while"),
        pytest.param(FALSE_FRIEND, FAILED, id="broken, and says ok"),
        pytest.param(answer(200, PROXY, "text/html"), LOST, id="a network that wants a sign-in"),
        pytest.param(answer(403, PROXY, "text/html"), FAILED, id="a proxy that forbids it"),
        pytest.param(OTHER_WORDS, LOST, id="other words"),
        pytest.param(CUT_JSON, LOST, id="cut off"),
        pytest.param(nothing, LOST, id="no answer"),
    ],
)
@pytest.mark.parametrize("path", [TOKEN, POST], ids=["token", "post"])
def test_a_bad_answer_says_so_in_the_readers_words_and_the_next_press_posts(
    widget: Widget, at: Embedded, told: Answer, said: str, path: str, request: pytest.FixtureRequest
) -> None:
    article = request.node.name
    widget.page.route(path, told)
    widget.open(article)
    widget.write("Not to be lost.")
    widget.send()

    expect(widget.alert).to_have_text(said)
    expect(widget.button("Post comment")).to_be_enabled()
    assert at.reader().thread(article)["count"] == 0
    widget.page.unroute(path)
    posts_once(widget, at, article, "Not to be lost.")


@pytest.mark.soak
def test_a_slow_answer_is_waited_for_and_the_button_says_so(widget: Widget, at: Embedded) -> None:
    waiting: list[Route] = []
    widget.page.route(POST, lambda route: waiting.append(route))
    widget.open("slow")
    widget.write("Patience.")
    widget.send()

    expect(widget.button("Posting…")).to_have_attribute("aria-disabled", "true")
    expect(widget.text).not_to_be_editable()
    expect(widget.text).to_have_value("Patience.")
    widget.text.press("Control+Enter")

    waiting[0].continue_()
    expect(widget.status).to_have_text("Your comment is posted.")
    assert widget.asked_of_service().count("/api/v1/comments") == 1
    assert at.reader().texts("slow") == ["Patience."]


@pytest.mark.soak
@pytest.mark.chromium_only("BiDi tells no body of a request, so it cannot be sent on")
def test_after_fifteen_seconds_it_gives_up_and_pressing_again_makes_no_second_comment(
    widget: Widget, at: Embedded
) -> None:
    def take_and_say_nothing(route: Route) -> None:
        route.fetch()

    widget.page.add_init_script(SHORT_PATIENCE)
    widget.page.route(POST, take_and_say_nothing)
    widget.open("silent")
    widget.write("Only once.")
    widget.send()
    expect(widget.button("Posting…")).to_be_visible()

    expect(widget.alert).to_have_text(LOST)
    expect(widget.button("Post comment")).to_be_enabled()
    expect(widget.text).to_be_editable()
    assert set(widget.page.evaluate("patience")) == {15_000}
    assert at.reader().texts("silent") == ["Only once."]
    widget.page.unroute(POST)
    posts_once(widget, at, "silent", "Only once.")


@pytest.mark.soak
def test_too_many_are_told_above_the_button_how_long_to_wait(context: BrowserContext, tmp_path: Path) -> None:
    with embedded(tmp_path, RATE_LIMIT_POST="1 per minute") as at:
        at.reader().comment("many")
        widget = Widget(context, at).open("many")
        widget.write("One more.")
        widget.send()

        expect(widget.alert).to_have_text(re.compile(r"Your text is saved.*in \d+ seconds"))
        expect(widget.alert).to_be_in_viewport()
        above, button = widget.alert.bounding_box(), widget.button("Post comment").bounding_box()
        assert above
        assert button
        assert 0 <= button["y"] - above["y"] - above["height"] < 40
        expect(widget.text).to_have_value("One more.")


@pytest.mark.soak
@pytest.mark.chromium_only("BiDi tells no body of a request, so it cannot be sent on")
@pytest.mark.parametrize("again", [True, False], ids=["the first time", "always"])
def test_what_the_status_says_is_made_is_not_asked_for_again(
    widget: Widget, at: Embedded, again: bool
) -> None:
    answers = 0

    def spoil(route: Route) -> None:
        nonlocal answers
        answers += 1
        made = route.fetch()
        spoiled = made.status == 201 or not again
        route.fulfill(response=made, body="<p>what?</p>" if spoiled else made.body())

    article = f"unreadable {again}"
    widget.page.route(POST, spoil)
    widget.open(article)
    widget.write("Only once.")
    widget.send()

    expect(widget.status).to_have_text("Your comment is posted.")
    expect(widget.alert).to_be_hidden()
    expect(widget.text).to_have_value("")
    expect(widget.comment("Ada Sample")).to_have_count(1)
    expect(widget.button("Edit")).to_have_count(1 if again else 0)  # its key was in the answer
    assert answers == 2
    assert at.reader().texts(article) == ["Only once."]


@pytest.mark.soak
@pytest.mark.chromium_only("BiDi tells no body of a request, so it cannot be sent on")
def test_what_the_status_says_is_held_is_said_to_be(context: BrowserContext, tmp_path: Path) -> None:
    with embedded(tmp_path, MODERATION="all") as at:
        widget = Widget(context, at)
        widget.page.route(POST, lambda route: route.fulfill(response=route.fetch(), body=""))
        widget.open("held")
        widget.write("Please wait for me.")
        widget.send()

        expect(widget.status).to_have_text("Your comment is awaiting moderation.")
        expect(widget.text).to_have_value("")
        assert len(at.live.moderator().queue(state="pending")) == 1


@pytest.mark.soak
def test_a_preview_that_a_proxy_answers_shows_nothing_of_the_proxys(widget: Widget) -> None:
    widget.page.route("**/api/v1/preview", answer(200, PROXY, "text/html"))
    widget.open("preview")
    widget.write("*Soon.*")
    widget.button("Preview").click()

    expect(widget.alert).to_have_text(LOST)
    expect(widget.page.get_by_text("Please sign in")).to_have_count(0)
    expect(widget.text).to_have_value("*Soon.*")


# One's own comments


def posted(widget: Widget, article: str, text: str = "First thoughts.") -> Widget:
    widget.open(article)
    widget.write(text)
    widget.send()
    expect(widget.comment("Ada Sample")).to_be_focused()
    return widget


@pytest.mark.soak
@pytest.mark.parametrize(
    ("told", "said"), [(BROKEN, FAILED), (answer(200, PROXY, "text/html"), LOST), (nothing, LOST)]
)
def test_an_edit_on_a_bad_day_keeps_its_words(
    widget: Widget, at: Embedded, told: Answer, said: str, request: pytest.FixtureRequest
) -> None:
    article = request.node.name
    posted(widget, article)
    widget.page.route("**/api/v1/comments/*", told)
    widget.button("Edit").click()
    widget.text.fill("Second thoughts.")
    widget.button("Save").click()

    expect(widget.alert).to_have_text(said)
    expect(widget.text).to_have_value("Second thoughts.")
    widget.page.unroute("**/api/v1/comments/*")
    widget.button("Save").click()
    expect(widget.comment("Ada Sample")).to_contain_text("Second thoughts.")
    assert at.reader().texts(article) == ["Second thoughts."]


@pytest.mark.soak
def test_a_deletion_that_fails_brings_the_comment_back_and_says_so(widget: Widget) -> None:
    posted(widget, "not deleted")
    widget.page.route("**/api/v1/comments/*", BROKEN)
    widget.page.clock.install()
    widget.button("Delete").click()
    widget.page.clock.fast_forward(10_100)

    expect(widget.comment("Ada Sample")).to_be_visible()
    expect(widget.alert).to_have_text(FAILED)


@pytest.mark.soak
def test_a_deletion_needs_nothing_but_itself(widget: Widget, at: Embedded) -> None:
    posted(widget, "deleted and unread")
    widget.page.route(FRAGMENT, BROKEN)
    widget.page.clock.install()
    widget.button("Delete").click()
    widget.page.clock.fast_forward(10_100)

    expect(widget.button("Undo")).to_have_count(0)
    expect(widget.page.get_by_text("Your comment is deleted.")).to_be_visible()
    expect(widget.comment("Ada Sample")).to_have_count(0)
    expect(widget.alert).to_be_hidden()
    assert at.reader().thread("deleted and unread")["count"] == 0


# Reading


@pytest.mark.soak
@pytest.mark.parametrize(
    "told",
    [
        pytest.param(BROKEN, id="broken"),
        pytest.param(answer(503, PROXY, "text/html"), id="away for a while"),
        pytest.param(answer(200, PROXY, "text/html"), id="a network that wants a sign-in"),
        pytest.param(answer(200, "", "text/html"), id="empty"),
        pytest.param(OTHER_WORDS, id="other words"),
        pytest.param(cut_off, id="cut off"),
        pytest.param(lambda _route: None, id="no answer"),
    ],
)
def test_a_thread_that_does_not_come_leaves_the_publishers_link_and_a_button(
    widget: Widget, at: Embedded, told: Answer, request: pytest.FixtureRequest
) -> None:
    article = request.node.name
    at.reader().comment(article, "Hello.", name="Bo")
    widget.page.add_init_script(SHORT_PATIENCE)
    widget.page.route(FRAGMENT, told)
    widget.open(article)

    expect(widget.status).to_contain_text("The comments could not be loaded.")
    expect(widget.page.get_by_role("link", name="Comments")).to_be_visible()
    expect(widget.page.get_by_role("heading")).to_have_text(["A stranger's article"])
    assert set(widget.page.evaluate("patience")) == {15_000}
    widget.page.unroute(FRAGMENT)
    widget.button("Try again").click()
    expect(widget.comment("Bo")).to_contain_text("Hello.")


@pytest.mark.soak
def test_more_comments_that_do_not_come_take_nothing_away(widget: Widget, at: Embedded) -> None:
    for name in ("Ann", "Bo", "Cy"):
        at.reader().comment("more", name=name)
    widget.open("more", page_size="2")
    widget.text.fill("Half a sentence")
    widget.page.route(FRAGMENT, cut_off)
    widget.show_more()

    expect(widget.status).to_have_text(UNREAD)
    expect(widget.page.get_by_role("article")).to_have_count(2)
    expect(widget.text).to_have_value("Half a sentence")
    widget.page.unroute(FRAGMENT)
    widget.show_more()
    expect(widget.comment("Cy")).to_be_focused()


@pytest.mark.soak
@pytest.mark.parametrize(
    "told",
    [
        pytest.param(answer(500, "", "text/plain"), id="broken"),
        pytest.param(answer(200, PROXY, "text/html"), id="a network that wants a sign-in"),
        pytest.param(answer(200, "export class Wri", "text/javascript"), id="cut off"),
    ],
)
def test_without_the_rest_of_the_script_one_types_on_and_posts_later(
    widget: Widget, at: Embedded, told: Answer, request: pytest.FixtureRequest
) -> None:
    article = request.node.name
    widget.page.route(WRITE, told)
    widget.open(article)
    widget.text.press_sequentially("Not to be lost.")
    expect(widget.status).to_have_text(UNREAD)
    for field, typed in (("Name", "Ada Sample"), ("Email", "ada@paper.example")):
        with widget.page.expect_response(WRITE):
            widget.field(field).fill(typed)
    asked = [path for path in widget.asked_of_service() if path.startswith("/write-")]
    assert len(asked) == 3  # once for each field, and not for each key
    # The same script fails once: after that, the widget knows.
    widget.page.evaluate("(script) => import(script).catch(() => {})", widget.asked[-1])

    widget.page.unroute(WRITE)
    posts_once(widget, at, article, "Not to be lost.")


@pytest.mark.soak
def test_a_slow_press_is_not_lost_where_the_rest_of_the_script_comes_only_now(
    widget: Widget, at: Embedded
) -> None:
    widget.page.route(WRITE, nothing)
    widget.open("a slow press")
    widget.write("Not to be lost.", name="Ada Sample")
    expect(widget.status).to_have_text(UNREAD)
    widget.page.unroute(WRITE)

    widget.button("Post comment").hover()
    widget.page.mouse.down()
    widget.page.wait_for_timeout(500)  # what would come now could move the button away
    widget.page.mouse.up()
    expect(widget.status).to_have_text("Your comment is posted.")
    assert at.reader().texts("a slow press") == ["Not to be lost."]


@pytest.mark.soak
def test_a_press_is_not_lost_with_a_script_that_was_on_its_way_before_it(
    widget: Widget, at: Embedded
) -> None:
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        held.append(route)

    widget.page.route(WRITE, hold_the_first)
    widget.open("pressed meanwhile")
    widget.write("Not to be lost.")
    widget.send()
    held[0].abort()

    expect(widget.status).to_have_text("Your comment is posted.")
    assert at.reader().texts("pressed meanwhile") == ["Not to be lost."]
    assert len(held) == 2


@pytest.mark.soak
@pytest.mark.parametrize("field", ["Name", "Comment"])
def test_a_reply_that_opens_late_takes_the_focus_from_nobody_who_types(
    widget: Widget, at: Embedded, field: str
) -> None:
    article = f"late {field}"
    at.reader().comment(article, "To be answered.", name="Bo")
    held: list[Route] = []
    widget.page.route(WRITE, lambda route: held.append(route))
    widget.open(article)
    widget.reply_to("Bo").click()
    typed = widget.field(field)
    typed.click()
    typed.press_sequentially("Half of ")

    held[0].continue_()
    expect(widget.page.locator("li form .answering")).to_be_visible()
    expect(typed).to_be_focused()
    widget.page.keyboard.type("it all.")

    expect(typed).to_have_value("Half of it all.")


# The reader's browser

FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"
FORBIDDEN = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });"


@pytest.mark.soak
@pytest.mark.parametrize("storage", [FULL, FORBIDDEN], ids=["full", "forbidden"])
def test_without_storage_all_works_until_the_page_is_left(
    widget: Widget, at: Embedded, storage: str, request: pytest.FixtureRequest
) -> None:
    article = request.node.name
    at.reader().comment(article, name="Bo")
    widget.page.add_init_script(storage)
    posted(widget, article)

    widget.answer("Bo")
    widget.text.fill("Half a sentence")
    widget.button("Edit").click()
    expect(widget.text).to_have_value("First thoughts.")
    widget.text.fill("Second thoughts.")
    widget.button("Save").click()
    expect(widget.comment("Ada Sample")).to_contain_text("Second thoughts.")
    expect(widget.page.get_by_role("form", name="Reply to Bo")).to_be_visible()
    expect(widget.text).to_have_value("Half a sentence")

    widget.page.clock.install()
    widget.button("Delete").click()
    with widget.page.expect_response(lambda answer: answer.request.method == "DELETE"):
        widget.page.clock.fast_forward(10_100)
    expect(widget.comment("Ada Sample")).to_have_count(0)
    expect(widget.text).to_have_value("Half a sentence")
    assert at.reader().texts(article) == ["A sample comment."]


@pytest.mark.soak
def test_storage_that_is_full_meanwhile_brings_back_no_older_draft(widget: Widget) -> None:
    posted(widget, "full meanwhile")
    widget.text.fill("An older")
    widget.page.evaluate(f"() => {{ {FULL} }}")
    widget.text.fill("An older and a newer word")
    widget.button("Edit").click()
    widget.page.keyboard.press("Escape")

    expect(widget.text).to_have_value("An older and a newer word")


@pytest.mark.soak
@pytest.mark.parametrize("hours", [-24, 24])
def test_a_clock_that_is_wrong_by_a_day_takes_nothing_away(widget: Widget, at: Embedded, hours: int) -> None:
    article = f"clock {hours}"
    at.reader().comment(article, name="Bo")
    widget.page.add_init_script(f"""
        const now = Date.now, skewed = () => now() + {hours} * 3_600_000;
        window.Date = class extends Date {{
            constructor(...given) {{ super(...(given.length ? given : [skewed()])); }}
            static now() {{ return skewed(); }}
        }};
    """)
    posted(widget, article)
    expect(widget.page.locator("comment-thread time")).to_have_text(["now", "now"])
    widget.text.fill("Half a sentence")

    widget.page.reload()

    expect(widget.text).to_have_value("Half a sentence")
    widget.button("Edit").click()
    widget.text.fill("Second thoughts.")
    widget.button("Save").click()
    expect(widget.comment("Ada Sample")).to_contain_text("Second thoughts.")
    expect(widget.text).to_have_value("Half a sentence")
    assert at.reader().texts(article) == ["A sample comment.", "Second thoughts."]


# As libraries did that some pages still load.
OTHER_SCRIPTS = """
Array.prototype.toJSON = function () { return '[' + this.join() + ']'; };
for (const built of [Object, Array, String, Function, Element, HTMLElement])
    built.prototype.each = function (act) { [].forEach.call(this, act); };
Object.keys = (object) => { const keys = []; for (const key in object) keys.push(key); return keys; };
Array.from = (list) => [].slice.call(list ?? []);
const { remove, attachShadow } = Element.prototype;
Element.prototype.remove = function () { this.parentNode.removeChild(this); return this; };
Element.prototype.attachShadow = function (init) { return attachShadow.call(this, init); };
"""


@pytest.mark.soak
def test_a_page_whose_scripts_change_the_languages_own_parts(widget: Widget, at: Embedded) -> None:
    reader = at.reader()
    parent = reader.comment("patched", name="Bo")
    reader.comment("patched", name="Cy", parent=parent)
    reader.comment("patched", name="Di")
    widget.page.add_init_script(OTHER_SCRIPTS)
    widget.page.add_init_script(
        "addEventListener('DOMContentLoaded', () => { document.querySelector('comment-thread').order = 'oldest'; });"
    )
    widget.open("patched", page_size="2")
    widget.show_more()
    expect(widget.comment("Di")).to_be_focused()
    expect(widget.page.get_by_role("link", name="Show more comments")).to_have_count(0)

    widget.answer("Bo")
    widget.write("*Hello.*")
    widget.page.get_by_label("Remember me in this browser").check()
    widget.button("Preview").click()
    expect(widget.page.get_by_role("region", name="Preview")).to_contain_text("Hello.")
    widget.send()
    expect(widget.comment("Ada Sample")).to_be_focused()
    widget.open("patched")
    expect(widget.field("Name")).to_have_value("Ada Sample")
    widget.button("Edit").click()
    widget.text.fill("Good evening.")
    widget.button("Save").click()
    expect(widget.comment("Ada Sample")).to_contain_text("Good evening.")
    widget.button("Delete").click()
    widget.button("Undo").click()
    expect(widget.comment("Ada Sample")).to_be_visible()
    assert reader.texts("patched")[2] == "Good evening."


# What people write, and what happens meanwhile


@pytest.mark.soak
@pytest.mark.parametrize("width", [320, 1280])
def test_one_word_of_ten_thousand_letters_is_posted_and_widens_nothing(
    widget: Widget, at: Embedded, width: int
) -> None:
    article, word = f"word {width}", "w" * 10_000
    widget.page.set_viewport_size({"width": width, "height": 640})
    widget.open(article)
    widget.write(word)
    assert no_sideways_scroll(widget.page)
    widget.button("Preview").click()
    expect(widget.page.get_by_role("region", name="Preview")).to_be_visible()
    assert no_sideways_scroll(widget.page)
    widget.send()

    expect(widget.comment("Ada Sample")).to_be_focused()
    assert no_sideways_scroll(widget.page)
    assert at.reader().texts(article) == [word]


@pytest.mark.soak
def test_a_name_of_eighty_emoji_is_shown_whole_on_a_small_screen(widget: Widget, at: Embedded) -> None:
    name = "🦊" * 80
    widget.page.set_viewport_size({"width": 320, "height": 640})
    widget.open("emoji")
    widget.write("Hello.", name=name)
    widget.send()
    comment = widget.comment(name)
    expect(comment).to_be_focused()
    widget.reply_to(name).click()
    expect(widget.page.get_by_role("form", name=f"Reply to {name}")).to_be_visible()

    assert no_sideways_scroll(widget.page)
    expect(comment.locator(".avatar text")).to_have_text("🦊")
    assert comment.locator(".avatar").evaluate("""avatar => {
        const [paper, letters] = [avatar, avatar.querySelector('text')].map((part) => part.getBoundingClientRect());
        return letters.left >= paper.left && letters.right <= paper.right && paper.width === paper.height;
    }""")
    assert comment.locator(".author").evaluate("author => author.scrollHeight <= author.clientHeight")
    assert at.reader().thread("emoji")["comments"][0]["author"]["name"] == name


@pytest.mark.soak
def test_a_discussion_that_is_closed_meanwhile_leaves_the_words_where_they_are(
    widget: Widget, at: Embedded
) -> None:
    for name in ("Ann", "Bo"):
        at.reader().comment("closed", name=name)
    widget.open("closed")
    widget.text.fill("Half a sentence")
    at.live.moderator().set_thread("closed", open=False)
    widget.page.get_by_role("link", name="Newest first").click()

    expect(widget.page.get_by_text("This discussion is closed.")).to_be_visible()
    expect(widget.text).to_have_value("Half a sentence")
    widget.write("A sentence.")
    widget.send()
    expect(widget.alert).to_have_text(
        "This discussion is closed. Your text is kept here, but cannot be posted."
    )
    expect(widget.text).to_have_value("A sentence.")


@pytest.mark.soak
@pytest.mark.parametrize("gone", ["trash", "purge"])
def test_who_answers_a_comment_that_goes_meanwhile_is_told_and_can_post_all_the_same(
    widget: Widget, at: Embedded, gone: str
) -> None:
    article = f"gone by {gone}"
    parent = at.reader().comment(article, name="Bo")
    widget.open(article)
    widget.answer("Bo")
    widget.write("An answer.")
    at.live.moderator().decide(gone, parent)
    widget.send()

    expect(widget.alert).to_contain_text("The comment you answer is no longer in this thread.")
    expect(widget.text).to_have_value("An answer.")
    widget.page.get_by_role("link", name="Cancel reply").click()
    widget.send()
    expect(widget.status).to_have_text("Your comment is posted.")
    assert at.reader().texts(article) == ["An answer."]


@pytest.mark.soak
def test_an_answer_to_a_comment_that_is_gone_from_the_page_goes_home_with_its_words(
    widget: Widget, at: Embedded
) -> None:
    parent = at.reader().comment("gone home", name="Bo")
    for name in ("Cy", "Di"):
        at.reader().comment("gone home", name=name)
    widget.open("gone home")
    widget.answer("Bo")
    widget.text.fill("An answer.")
    at.live.moderator().decide("purge", parent)
    widget.page.get_by_role("link", name="Newest first").click()

    expect(widget.comment("Bo")).to_have_count(0)
    expect(widget.page.get_by_role("form", name="Leave a reply")).to_be_visible()
    expect(widget.text).to_have_value("An answer.")
