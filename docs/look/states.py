"""What can be seen: each function leads a page there. The widget's states are those that axe looks at, and more."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.test_accessibility import STATES
from tests.browser.widget import Embedded, Widget
from tests.people import Reader

State = Callable[[Widget, Embedded], None]
HELD = "held"  # a site on which everything waits
LINE = "a_long_line_of_code(that, does=not_fit, into='a narrow column', and_must=be.scrolled, to=its_end)"
QUESTION = f"""What *exactly* does `replay` do if the **log** is cut off?

> An entry that is not whole is as good as none.

So says [the manual](https://manual.example/logs), and yet:

```
{LINE}
for entry in log:
    entry.apply()
```

1. It stops at the first broken entry.
2. It says so, once.

- - -

https://manual.example/a/very/long/address/that/fits/into/no/line/of/a/phone/at/all?nor=on&many=others"""
ANSWERS = [
    ("Bo", "It stops, and tells you the number of the last good one."),
    ("Cy Sample-Hyphenated", "Do you know whether that holds for *compressed* logs too?"),
    ("Ann", "It does. They are unpacked first, entry by entry."),
    ("دانة", "شكرا، هذا ما كنت أبحث عنه."),
    ("見本 花子", "圧縮されたログでも同じでした。ありがとうございます。"),
    ("Bo", "The last level: what answers this stands beside it."),
    ("Cy Sample-Hyphenated", "As this does."),
]


# The widget


def all_depths(widget: Widget, at: Embedded) -> None:
    discuss(at)
    widget.open("depths")
    expect(widget.comment("見本 花子")).to_be_visible()


def own(widget: Widget, at: Embedded) -> None:
    at.reader().comment("look own", "Who has been there?", name="Bo")
    widget.open("look own")
    widget.write("I have, twice.")
    widget.send()
    expect(widget.button("Edit").first).to_be_visible()


def held(widget: Widget, at: Embedded) -> None:
    hold_everything(at)
    widget.open("look held", site=HELD)
    widget.write("Does anybody read this?")
    widget.send()
    expect(widget.page.get_by_role("article", name="Ada Sample")).to_be_visible()


def refused(widget: Widget, at: Embedded) -> None:
    problem = {"status": 429, "detail": "Too many comments from here. Please try again in 34 seconds."}
    all_depths(widget, at)
    widget.page.route(
        "**/api/v1/comments",
        lambda route: route.fulfill(
            status=429,
            body=json.dumps(problem),
            content_type="application/problem+json",
            headers={"Access-Control-Allow-Origin": "*"},
        ),
    )
    widget.reply_to("Cy Sample-Hyphenated").first.click()
    widget.write("Nor did I.")
    widget.send()
    expect(widget.alert).to_be_visible()


def new_comments(widget: Widget, at: Embedded) -> None:
    at.reader().comment("look news", "The first.", name="Bo")
    widget.page.clock.install()
    widget.open("look news")
    expect(widget.comment("Bo").first).to_be_visible()
    for name in ("Ann", "Cy"):
        at.reader().comment("look news", "Another one.", name=name)
    widget.page.clock.fast_forward(61_000)
    expect(widget.button("2 new comments")).to_be_visible()
    widget.page.clock.resume()


def show_more(widget: Widget, at: Embedded) -> None:
    many(at)
    widget.open("look many", page_size="5")
    expect(widget.page.get_by_role("link", name="Show more comments")).to_be_visible()


def from_the_midst(widget: Widget, at: Embedded) -> None:
    many(at)
    comment = at.reader().thread("look many")["comments"][7]["id"]
    widget.page.goto(at.site.page("look many", page_size="5") + f"#comment-{comment}")
    expect(widget.page.get_by_role("link", name="Show the discussion from its beginning")).to_be_visible()


def other_languages(language: str) -> State:
    def all_depths_in(widget: Widget, at: Embedded) -> None:
        discuss(at)
        widget.open("depths", lang=language)
        expect(widget.comment("見本 花子")).to_be_visible()

    all_depths_in.__name__ += f" {language}"
    return all_depths_in


# The page that needs no script


def page_empty(widget: Widget, at: Embedded) -> None:
    visit(widget, at, "article=page empty")


def page_thread(widget: Widget, at: Embedded) -> None:
    discuss(at)
    visit(widget, at, "article=depths")


def page_more(widget: Widget, at: Embedded) -> None:
    many(at)
    visit(widget, at, "article=look many&limit=5")


def page_reply(widget: Widget, at: Embedded) -> None:
    page_thread(widget, at)
    widget.reply_to("Bo").first.click()
    expect(widget.page.get_by_role("link", name="Cancel reply")).to_be_visible()


def page_errors(widget: Widget, at: Embedded) -> None:
    visit(widget, at, "article=page errors")
    widget.write("", name="", email="not an address")
    widget.send()
    expect(widget.page.get_by_text("Required fields")).to_be_visible()


def page_preview(widget: Widget, at: Embedded) -> None:
    visit(widget, at, "article=page preview")
    widget.write("*Soon* there is\n\n> more of this")
    widget.button("Preview").click()
    expect(widget.page.get_by_role("region", name="Preview")).to_be_visible()


def page_held(widget: Widget, at: Embedded) -> None:
    hold_everything(at)
    visit(widget, at, f"article=page held&site={HELD}")
    widget.write("Does anybody read this?")
    widget.send()
    expect(widget.page.get_by_text("awaiting moderation")).to_be_visible()


def page_own(widget: Widget, at: Embedded) -> None:
    visit(widget, at, "article=page own")
    widget.write("Written *without* a script.")
    widget.send()
    expect(widget.page.get_by_role("link", name="Edit or delete your comment")).to_be_visible()


def page_edit(widget: Widget, at: Embedded) -> None:
    page_own(widget, at)
    widget.page.get_by_role("link", name="Edit or delete your comment").click()
    expect(widget.button("Save")).to_be_visible()


def page_delete(widget: Widget, at: Embedded) -> None:
    page_edit(widget, at)
    widget.button("Delete").click()
    expect(widget.button("Delete for good")).to_be_visible()


def page_closed(widget: Widget, at: Embedded) -> None:
    at.reader().comment("page closed", "The last word.")
    at.live.moderator().set_thread("page closed", open=False)
    visit(widget, at, "article=page closed")


def page_in(language: str) -> State:
    def page_thread_in(widget: Widget, at: Embedded) -> None:
        discuss(at)
        visit(widget, at, f"article=depths&lang={language}")
        widget.page.locator(".send").click()  # in whatever words: nothing is filled in
        expect(widget.page.locator("[aria-invalid]").first).to_be_visible()

    page_thread_in.__name__ += f" {language}"
    return page_thread_in


# The pages of the service and of the demo; `at` is the demo


def sign_in(widget: Widget, at: Embedded) -> None:
    widget.page.goto(f"{at.live.base_url}/moderation")


def sign_in_refused(widget: Widget, at: Embedded) -> None:
    sign_in(widget, at)
    enter(widget, "somebody@lantern.example", "a wrong guess")
    expect(widget.alert.or_(widget.page.get_by_role("alert"))).to_be_visible()


def queue(widget: Widget, at: Embedded) -> None:
    said = re.search(r"(\S+@\S+)\s+(\S+)", at.live.log.read_text())
    assert said, "the demo prints an account"
    sign_in(widget, at)
    enter(widget, said[1], said[2])
    expect(widget.button("Sign out")).to_be_visible()


def queue_decided(widget: Widget, at: Embedded) -> None:
    queue(widget, at)
    widget.button("Approve the comment").first.click()
    expect(widget.page.get_by_role("status")).to_be_visible()


def queue_of_spam(widget: Widget, at: Embedded) -> None:
    queue(widget, at)
    widget.page.get_by_role("link", name="Spam", exact=True).click()
    expect(widget.page.get_by_role("link", name="Spam", exact=True)).to_have_attribute("aria-current", "page")


def queue_empty(widget: Widget, at: Embedded) -> None:
    queue(widget, at)
    widget.page.goto(f"{at.live.base_url}/moderation?q=nothing+like+it")


def interface(widget: Widget, at: Embedded) -> None:
    widget.page.goto(f"{at.live.base_url}/docs")
    widget.page.locator("details").nth(2).locator("summary").click()


def front_page(widget: Widget, at: Embedded) -> None:
    widget.page.goto(f"{at.live.base_url}/demo/")
    expect(widget.page.locator("[data-comment-count]").first).not_to_be_empty()


def article(widget: Widget, at: Embedded) -> None:
    widget.page.goto(f"{at.live.base_url}/demo/night-ferry")
    widget.page.locator("comment-thread").scroll_into_view_if_needed()
    expect(widget.page.locator("comment-thread").get_by_role("article").first).to_be_visible()


WIDGET = [*STATES, all_depths, own, held, refused, new_comments, show_more, from_the_midst]
LANGUAGES = ["de", "ar", "ja"]
WIDGET_IN_LANGUAGES = [other_languages(language) for language in LANGUAGES]
PAGE = [
    page_empty,
    page_thread,
    page_more,
    page_reply,
    page_errors,
    page_preview,
    page_held,
    page_own,
    page_edit,
    page_delete,
    page_closed,
    *map(page_in, ["en", *LANGUAGES]),
]
DEMO = [
    front_page,
    article,
    sign_in,
    sign_in_refused,
    queue,
    queue_decided,
    queue_of_spam,
    queue_empty,
    interface,
]


def title(state: State) -> str:
    """What a reader of the index calls it."""
    return state.__name__.replace("_", " ")


# What people said there


def discuss(at: Embedded) -> None:
    reader = at.reader()
    if reader.thread("depths")["count"]:
        return
    below = reader.comment("depths", QUESTION, name="Ann", url="https://ann.example/")
    for name, text in ANSWERS:
        below = reader.comment("depths", text, name=name, parent=below)
    removed = reader.comment("depths", "An advertisement.", name="Di")
    reader.comment("depths", "Please stop that.", name="Bo", parent=removed)
    at.live.moderator().decide("trash", removed)
    edited = reader.posted("depths", "A second toppic.", name="Ed")
    reader.edit(edited["comment"]["id"], edited["edit_key"], "A second topic.")
    reader.comment("depths", "x" * 300, name="W" * 60)


def many(at: Embedded) -> None:
    reader: Reader = at.reader()
    if not reader.thread("look many")["count"]:
        for number in range(1, 13):
            reader.comment("look many", f"Number {number}.", name=f"Reader {number}")


def hold_everything(at: Embedded) -> None:
    if HELD not in at.live.run("site", "list"):
        at.live.run("site", "add", HELD, "--origin", at.site.url)
        at.live.run("site", "set", HELD, "--moderation", "all")


def visit(widget: Widget, at: Embedded, query: str) -> None:
    widget.page.goto(f"{at.live.base_url}/thread?{query}")


def enter(widget: Widget, email: str, password: str) -> None:
    widget.page.get_by_label("Email").fill(email)
    widget.page.get_by_label("Password").fill(password)
    widget.button("Sign in").click()
