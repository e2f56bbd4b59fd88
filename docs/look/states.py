"""What can be seen: the states that axe looks at, and more that only eyes can judge."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import states
from tests.browser.states import PageState, WidgetState, queue
from tests.browser.widget import Embedded, Widget
from tests.running_service import Live

LANGUAGES = ["de", "ar", "ja"]
LINE = "a_long_line_of_code(that, does=not_fit, into='a narrow column', and_must=be.wrapped, to=its_end)"
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


def title(state: Callable[..., None]) -> str:
    """What a reader of the index calls it."""
    return state.__name__.replace("_", " ")


# The widget


def all_depths(widget: Widget, at: Embedded, **attributes: str) -> None:
    discuss(at.live)
    widget.open("depths", **attributes)
    expect(widget.comment("見本 花子")).to_be_visible()


def all_depths_in(language: str) -> WidgetState:
    def in_language(widget: Widget, at: Embedded) -> None:
        all_depths(widget, at, lang=language)

    in_language.__name__ = f"all_depths_in_{language}"
    return in_language


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
    talk_long(at.live)
    widget.open("look many", page_size="5")
    expect(widget.page.get_by_role("link", name="Show more comments")).to_be_visible()


def from_the_midst(widget: Widget, at: Embedded) -> None:
    talk_long(at.live)
    comment = at.reader().thread("look many")["comments"][7]["id"]
    widget.page.goto(at.site.page("look many", page_size="5") + f"#comment-{comment}")
    expect(widget.page.get_by_role("link", name="Show the discussion from its beginning")).to_be_visible()


# The page that needs no script


def page_of_all_depths(page: Page, live: Live) -> None:
    discuss(live)
    page.goto(f"{live.base_url}/thread?article=depths")


def page_with_errors_in(language: str) -> PageState:
    def in_language(page: Page, live: Live) -> None:
        discuss(live)
        page.goto(f"{live.base_url}/thread?article=depths&lang={language}")
        page.locator(".send").click()
        expect(page.locator("[aria-invalid]").first).to_be_visible()

    in_language.__name__ = f"page_with_errors_in_{language}"
    return in_language


def page_where_one_waits(page: Page, live: Live) -> None:
    live.moderator().block("word", "seclusion", "hold")
    page.goto(f"{live.base_url}/thread?article=page+held")
    page.get_by_role("textbox", name="Comment").fill("From seclusion.")
    page.get_by_label("Name").fill("Ada Sample")
    page.get_by_label("Email").fill("ada@paper.example")
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_text("Your comment is awaiting moderation.")).to_be_visible()


def page_closed(page: Page, live: Live) -> None:
    live.reader().comment("page closed", "The last word.")
    live.moderator().set_thread("page closed", open=False)
    page.goto(f"{live.base_url}/thread?article=page+closed")


# The demo, with its desk and the page on the interface


def queue_decided(page: Page, demo: Live) -> None:
    queue(page, demo)
    page.get_by_role("button", name="Approve the comment").first.click()
    expect(page.get_by_role("status")).to_be_visible()


def queue_of_spam(page: Page, demo: Live) -> None:
    queue(page, demo)
    spam = page.get_by_role("link", name="Spam", exact=True)
    spam.click()
    expect(spam).to_have_attribute("aria-current", "page")


def queue_empty(page: Page, demo: Live) -> None:
    queue(page, demo)
    page.goto(f"{demo.base_url}/moderation?q=nothing+like+it")


def interface(page: Page, demo: Live) -> None:
    page.goto(f"{demo.base_url}/docs")
    page.locator("summary").nth(2).click()


WIDGET = [*states.WIDGET, all_depths, new_comments, show_more, from_the_midst]
WIDGET_IN_LANGUAGES = [all_depths_in(language) for language in LANGUAGES]
PAGE = [
    *states.PAGE,
    page_of_all_depths,
    page_closed,
    *map(page_with_errors_in, LANGUAGES),
    page_where_one_waits,
]
DEMO = [*states.DEMO, queue_decided, queue_of_spam, queue_empty, interface]


# What people said there


def discuss(live: Live) -> None:
    """There is a thread of all depths, with all that a text can hold."""
    reader = live.reader()
    if reader.thread("depths")["count"]:
        return
    below = reader.comment("depths", QUESTION, name="Ann", url="https://ann.example/")
    for name, text in ANSWERS:
        below = reader.comment("depths", text, name=name, parent=below)
    removed = reader.comment("depths", "An advertisement.", name="Di")
    reader.comment("depths", "Please stop that.", name="Bo", parent=removed)
    live.moderator().decide("trash", removed)
    edited = reader.posted("depths", "A second toppic.", name="Ed")
    reader.edit(edited["comment"]["id"], edited["edit_key"], "A second topic.")
    reader.comment("depths", "x" * 300, name="W" * 60)


def talk_long(live: Live) -> None:
    """There is a thread of more than one page."""
    reader = live.reader()
    if not reader.thread("look many")["count"]:
        for number in range(1, 13):
            reader.comment("look many", f"Number {number}.", name=f"Reader {number}")
