"""What publishers' pages do to the widget, in each engine."""

from __future__ import annotations

import pytest

from tests.browser.widget import Embedded
from tests.engines.pages import page_of
from tests.engines.visitor import Visitor

pytestmark = pytest.mark.soak  # `tests/browser` asks Chromium for this in `make test`

# What asks the service from now on waits until `letGo()`: for a thread, or for anything that is asked by fetch.
HOLD_FRAGMENTS = """
const { open, send } = XMLHttpRequest.prototype, asked = new WeakMap();
window.held = [];
XMLHttpRequest.prototype.open = function (...how) {
  asked.set(this, how[1]);
  open.apply(this, how);
};
XMLHttpRequest.prototype.send = function (...body) {
  const go = () => send.apply(this, body);
  if (asked.get(this).includes("/thread/fragment?")) held.push(go);
  else go();
};
window.letGo = () => { for (const go of held.splice(0)) go(); };
"""
HOLD_POSTS = """
const { fetch } = window;
window.held = [];
window.fetch = (...request) => new Promise((done) => held.push(() => done(fetch(...request))));
window.letGo = () => { window.fetch = fetch; for (const go of held.splice(0)) go(); };
"""


def is_held(visitor: Visitor) -> None:
    """Wait until something is."""
    visitor.wait_until(lambda: visitor.tab.run("return held.length > 0;"), "nothing is held")


@pytest.mark.parametrize(
    ("style", "value", "shown"), [("visibility", "hidden", False), ("pointerEvents", "none", True)]
)
def test_what_an_ancestor_hides_stays_hidden(
    visitor: Visitor, at: Embedded, article: str, style: str, value: str, shown: bool
) -> None:
    visitor.open(page_of(at, article, loading="eager"))
    visitor.sees("button", "Post comment")

    visitor.tab.run("document.body.style[arguments[0]] = arguments[1];", style, value)

    visitor.sees("button", "Post comment", times=int(shown))
    assert visitor.tab.run(
        """const root = document.querySelector('comment-thread').shadowRoot;
        const send = root.querySelector('.send');
        send.scrollIntoView({ block: 'center', behavior: 'instant' });
        const { x, y, width, height } = send.getBoundingClientRect();
        return root.elementFromPoint(x + width / 2, y + height / 2) !== send;"""
    )


def test_a_post_goes_to_the_article_that_is_shown(visitor: Visitor, at: Embedded, article: str) -> None:
    at.reader().comment(article, "Here.", name="Bo")
    at.reader().comment(f"{article} 2", "There.", name="Cy")
    visitor.open(page_of(at, article))
    visitor.sees("comment", "Bo")
    visitor.tab.run(HOLD_FRAGMENTS)
    visitor.tab.run("document.querySelector('comment-thread').article = arguments[0];", f"{article} 2")
    is_held(visitor)

    visitor.write("Written here.")
    visitor.click("button", "Post comment")

    visitor.sees("comment", "Ada Sample")
    assert at.reader().texts(article) == ["Here.", "Written here."]
    visitor.tab.run("letGo();")
    visitor.sees("comment", "Cy")
    assert at.reader().texts(f"{article} 2") == ["There."]


MOVES = {
    "append": "aside.append(thread)",
    "moveBefore": "(aside.moveBefore ?? aside.insertBefore).call(aside, thread, null)",
    "by way of another document": "document.implementation.createHTMLDocument().body.append(thread); aside.append(thread)",
}
MOVE = """const thread = document.querySelector('comment-thread'), aside = document.querySelector('aside');
{}; return aside.contains(thread);"""
ASIDE = "<main>{}</main><aside></aside>"


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_a_moved_element_keeps_its_draft_and_the_focus(
    visitor: Visitor, at: Embedded, article: str, move: str
) -> None:
    at.reader().comment(article, "A question.", name="Bo")
    visitor.open(page_of(at, article, around=ASIDE))
    visitor.click("link", "Reply to Bo")
    visitor.fill("Comment", "Half a thought")

    assert visitor.tab.run(MOVE.format(move))

    visitor.sees("form", "Reply to Bo")
    visitor.is_at("field", "Comment")
    visitor.tab.type(", and the other half")
    visitor.has_written("Comment", "Half a thought, and the other half")


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_a_post_on_its_way_is_posted_though_the_element_is_moved(
    visitor: Visitor, at: Embedded, article: str, move: str
) -> None:
    visitor.open(page_of(at, article, around=ASIDE))
    visitor.write("On its way.")
    visitor.tab.run(HOLD_POSTS)
    visitor.click("button", "Post comment")
    is_held(visitor)

    assert visitor.tab.run(MOVE.format(move))
    visitor.tab.run("letGo();")

    visitor.is_at("comment", "Ada Sample")
    visitor.sees("status", "Your comment is posted.")
    assert at.reader().texts(article) == ["On its way."]


def test_a_permalink_opens_the_details_around_its_comment(
    visitor: Visitor, at: Embedded, article: str
) -> None:
    comment = at.reader().comment(article, "Well hidden.", name="Bo")
    around = "<p>Some text.</p><details><summary>Comments</summary>{}</details>"

    visitor.open(page_of(at, article, around=around) + f"#comment-{comment}")

    visitor.is_at("comment", "Bo")
    assert visitor.tab.run("return document.querySelector('details').open;")


def test_escape_leaves_a_reply_alone_and_the_next_one_closes_the_dialog(
    visitor: Visitor, at: Embedded, article: str
) -> None:
    at.reader().comment(article, "A question.", name="Bo")
    visitor.open(page_of(at, article, around="<dialog>{}</dialog>", loading="eager"))
    visitor.tab.run("document.querySelector('dialog').showModal();")
    visitor.click("link", "Reply to Bo")
    visitor.is_at("field", "Comment")
    visitor.fill("Comment", "Half a thought")

    visitor.tab.press("Escape")
    visitor.is_at("link", "Reply to Bo")
    assert visitor.tab.run("return document.querySelector('dialog').open;")
    visitor.has_written("Comment", "Half a thought")

    visitor.tab.press("Escape")
    visitor.wait_until(
        lambda: not visitor.tab.run("return document.querySelector('dialog').open;"), "the dialog is open"
    )
