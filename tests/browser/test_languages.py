"""The widget speaks the reader's language: words, times, errors, and the side where lines begin."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.widget import Embedded, Widget
from tests.chromium import PATIENCE_MS

pytestmark = pytest.mark.sampled(9, of="file")


def opened(widget: Widget, article: str, page: str | None = None, **attributes: str) -> Widget:
    """The article on a page in the language *page*; None leaves the page's `lang` away."""
    said = (
        f"document.documentElement.lang = {page!r}"
        if page
        else "document.documentElement.removeAttribute('lang')"
    )
    widget.page.add_init_script(f"addEventListener('DOMContentLoaded', () => {{ {said} }})")
    return widget.open(article, **attributes)


def in_language(browser: Browser, at: Embedded, locale: str) -> Widget:
    """The page of a reader whose browser is set to that language."""
    context = browser.new_context(locale=locale, timezone_id="UTC")
    context.set_default_timeout(PATIENCE_MS)
    return Widget(context, at)


def heading(widget: Widget, text: str) -> None:
    expect(widget.page.get_by_role("heading", name=text, exact=True)).to_be_visible()


def section(widget: Widget) -> dict[str, str]:
    """The language and the direction of what is shown."""
    shown = widget.page.locator("comment-thread section")
    return {name: shown.get_attribute(name) or "" for name in ("lang", "dir")}


@pytest.mark.parametrize(
    ("element", "page", "reader", "spoken"),
    [
        ("fr", "de", "es", "fr"),
        (None, "de", "es", "de"),
        (None, None, "es", "es"),
        ("de_AT", "de", "es", "de"),
        ("de-AT", None, "es", "de"),
        ("tlh", "de", "es", "en"),
    ],
    ids=[
        "the element's",
        "the page's",
        "the reader's",
        "no tag",
        "a kind of German",
        "one that is not spoken",
    ],
)
def test_the_elements_language_goes_before_the_pages_and_that_before_the_readers(
    browser: Browser, at: Embedded, element: str | None, page: str | None, reader: str, spoken: str
) -> None:
    widget = in_language(browser, at, reader)
    opened(widget, "whose language", page, **({"lang": element} if element else {}))

    expect(widget.page.locator("comment-thread section")).to_have_attribute("lang", spoken)
    widget.page.wait_for_load_state("networkidle")
    assert widget.asked_of_service() == ["/embed.js", "/thread/fragment"]
    widget.context.close()


def test_an_arabic_thread_is_mirrored_and_a_latin_name_runs_its_own_way(widget: Widget, at: Embedded) -> None:
    at.reader().comment("arabic", "Hello.", name="Ada (Sample)")
    widget.open("arabic", lang="ar-EG")

    comment = widget.comment("Ada (Sample)")
    expect(comment).to_be_visible()
    assert section(widget) == {"lang": "ar", "dir": "rtl"}
    expect(widget.page.locator("comment-thread section")).to_have_css("direction", "rtl")
    avatar, text = comment.locator(".avatar").bounding_box(), comment.locator(".text").bounding_box()
    whole = comment.bounding_box()
    assert avatar
    assert text
    assert whole
    assert abs(avatar["x"] + avatar["width"] - whole["x"] - whole["width"]) < 1
    assert comment.locator("bdi").first.text_content() == "Ada (Sample)"
    drawn = comment.locator("bdi").first.evaluate(
        """(name) => [0, 4, 11].map((at) => {
            const range = document.createRange();
            range.setStart(name.firstChild, at);
            range.setEnd(name.firstChild, at + 1);
            return range.getBoundingClientRect().x;
        })"""
    )
    assert drawn == sorted(drawn)  # A, then the bracket that opens, then the one that closes
    expect(comment.locator("time")).to_have_text("الآن")


def test_errors_stand_beside_their_fields_in_the_language_of_the_form(browser: Browser, at: Embedded) -> None:
    widget = in_language(browser, at, "es")
    opened(widget, "german", "de")
    widget.page.get_by_role("textbox", name="Kommentar").fill("Ein Satz.")
    widget.page.get_by_role("button", name="Kommentar abschicken").click()

    name = widget.page.get_by_role("textbox", name="Name")
    expect(name).to_be_focused()
    expect(name).to_have_accessible_description("Bitte geben Sie Ihren Namen an.")
    text = widget.page.get_by_role("textbox", name="Kommentar")
    text.fill(" ")
    widget.page.get_by_role("button", name="Vorschau").click()
    expect(text).to_have_accessible_description(re.compile("Bitte schreiben Sie einen Kommentar."))
    widget.context.close()


def test_ones_own_comment_speaks_the_language_of_the_thread(widget: Widget) -> None:
    widget.open("own in german", lang="de")
    widget.page.get_by_role("textbox", name="Kommentar").fill("Ein Satz.")
    widget.page.get_by_role("textbox", name="Name").fill("Ada Sample")
    widget.page.get_by_role("textbox", name="E-Mail").fill("ada@paper.example")
    widget.page.get_by_role("button", name="Kommentar abschicken").click()

    comment = widget.comment("Ada Sample")
    expect(comment.get_by_role("link", name="Antwort an Ada Sample")).to_be_visible()
    expect(comment.locator("time")).to_have_text("jetzt")


@pytest.mark.soak
def test_numbers_bend_the_words_as_the_language_wants_it(widget: Widget, at: Embedded) -> None:
    at.reader().comment("polish", name="Ann")
    widget.page.route("**/api/v1/thread/events*", lambda route: route.abort())  # it would bring them in place
    widget.page.clock.install()
    widget.open("polish", lang="pl")
    expect(widget.comment("Ann")).to_be_visible()

    for _ in range(2):
        at.reader().comment("polish")
    widget.page.clock.fast_forward(61_000)
    expect(widget.button("2 nowe komentarze")).to_be_visible()
    for _ in range(3):
        at.reader().comment("polish")
    widget.page.clock.fast_forward(61_000)
    expect(widget.button("5 nowych komentarzy")).to_be_visible()


def test_another_language_while_one_writes_keeps_the_words_their_place_and_the_focus(
    widget: Widget, at: Embedded
) -> None:
    at.reader().comment("switched", "A question.", name="Bo")
    widget.open("switched", lang="en")
    widget.reply_to("Bo").click()
    expect(widget.text).to_be_focused()  # what is typed goes to where the focus is
    widget.field("Name").fill("Ada Sample")
    widget.page.get_by_label("Remember me in this browser").check()
    widget.text.fill("Half a thou")

    widget.page.locator("comment-thread").evaluate("e => { e.lang = 'de'; }")

    text = widget.page.get_by_role("textbox", name="Kommentar")
    expect(text).to_have_value("Half a thou")
    expect(text).to_be_focused()
    widget.page.keyboard.type("ght.")
    expect(text).to_have_value("Half a thought.")
    expect(widget.page.get_by_role("textbox", name="Name")).to_have_value("Ada Sample")
    expect(widget.page.get_by_role("checkbox")).to_be_checked()
    expect(widget.page.get_by_role("form", name=re.compile("Bo"))).to_be_visible()
    widget.page.get_by_role("textbox", name="E-Mail").fill("ada@paper.example")
    widget.page.get_by_role("button", name="Kommentar abschicken").click()
    expect(widget.comment("Ada Sample")).to_contain_text("Half a thought.")
    question, answer = at.reader().thread("switched")["comments"]
    assert answer["parent"] == question["id"]


def test_a_language_that_cannot_be_fetched_takes_no_words(widget: Widget) -> None:
    widget.open("not switched", lang="en")
    widget.write("Not to be lost.")
    widget.page.route("**/thread/fragment?*", lambda route: route.abort())

    widget.page.locator("comment-thread").evaluate("e => { e.lang = 'de'; }")

    expect(widget.status).to_have_text("This could not be loaded. Please try again.")
    expect(widget.text).to_have_value("Not to be lost.")
    expect(widget.field("Name")).to_have_value("Ada Sample")


def test_a_language_that_the_service_does_not_speak_is_answered_in_english(
    widget: Widget, at: Embedded
) -> None:
    at.reader().comment("klingon", name="Ann")
    widget.open("klingon", lang="sw")

    heading(widget, "Comments (1)")
    assert section(widget) == {"lang": "en", "dir": "ltr"}
    expect(widget.comment("Ann").locator("time")).to_have_text("now")


def test_chinese_is_written_as_the_reader_writes_it(widget: Widget) -> None:
    widget.open("chinese", lang="zh-TW")
    expect(widget.page.get_by_role("heading", name="留言").first).to_be_visible()
    assert section(widget)["lang"] == "zh-Hant"

    widget.page.locator("comment-thread").evaluate("e => { e.lang = 'zh-CN'; }")
    expect(widget.page.get_by_role("heading", name="评论").first).to_be_visible()


@pytest.mark.parametrize(
    ("lang", "said", "again"),
    [
        ("ja", "コメントを読み込めませんでした。", "再試行"),
        ("zh-HK", "無法載入留言。", "再試一次"),
        ("zh", "无法加载评论。", "重试"),
        ("sw", "The comments could not be loaded.", "Try again"),
    ],
)
def test_that_nothing_came_is_said_in_the_readers_language(
    widget: Widget, lang: str, said: str, again: str
) -> None:
    widget.page.route("**/thread/fragment?*", lambda route: route.abort())
    widget.open("away", lang=lang)

    expect(widget.status).to_contain_text(said)
    widget.page.unroute("**/thread/fragment?*")
    widget.button(again).click()
    expect(widget.page.locator("comment-thread section")).to_be_visible()


def test_that_nothing_came_begins_on_the_readers_side(widget: Widget) -> None:
    widget.page.route("**/thread/fragment?*", lambda route: route.abort())
    widget.open("away", lang="he")

    expect(widget.status).to_have_css("direction", "rtl")


def test_the_day_is_told_as_the_pages_country_tells_it(widget: Widget, at: Embedded) -> None:
    at.reader().comment("british", name="Ann")
    told = {}
    for lang in ("en-GB", "en-US"):
        widget.open("british", lang=lang)
        time = widget.comment("Ann").locator("time")
        expect(time).to_have_attribute("title", re.compile(r"\d{4}"))
        told[lang] = time.get_attribute("title") or ""

    assert re.match(r"\d+ \w+ \d{4}", told["en-GB"])
    assert re.match(r"\w+ \d+, \d{4}", told["en-US"])
