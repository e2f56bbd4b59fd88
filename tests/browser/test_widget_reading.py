"""Reading in the widget, on a stranger's page with a strict policy."""

from __future__ import annotations

import re
import time
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.site import stranger_site
from tests.browser.widget import Embedded, Widget


def test_a_thread_is_read_with_two_requests_no_cookie_and_no_third_party(
    widget: Widget, at: Embedded, context: BrowserContext
) -> None:
    at.reader().comment("read", "Hello from **Bo**.", name="Bo")

    widget.open("read")

    expect(widget.comment("Bo")).to_contain_text("Hello from Bo.")
    expect(widget.page.get_by_role("heading", name="Comments (1)")).to_be_visible()
    widget.page.wait_for_load_state("networkidle")
    assert widget.asked_of_service() == ["/embed.js", "/thread/fragment"]
    hosts = {urlsplit(url).netloc for url in widget.asked if not url.startswith("data:")}
    assert hosts == {urlsplit(at.live.base_url).netloc, urlsplit(at.site.url).netloc}
    assert context.cookies() == []
    assert widget.kept() == {}
    assert widget.complaints == []
    assert widget.events() == [["comments:loaded", {"article": "read", "count": 1}]]


def test_an_article_without_comments_invites_to_start_the_discussion(widget: Widget) -> None:
    widget.open("empty")

    expect(widget.page.get_by_text("No comments yet. Why don't you start the discussion?")).to_be_visible()
    expect(widget.page.get_by_role("heading", name="Leave a reply")).to_be_visible()


def test_a_longer_thread_is_shown_page_by_page_in_place(widget: Widget, at: Embedded) -> None:
    reader = at.reader()
    for number in range(5):
        reader.comment("long", f"Number {number}.", name=f"Reader {number}")
    widget.open("long", page_size="2")

    widget.show_more()

    expect(widget.page.get_by_role("article")).to_have_count(4)
    expect(widget.comment("Reader 2")).to_be_focused()
    widget.show_more()
    expect(widget.page.get_by_role("article")).to_have_count(5)
    expect(widget.page.get_by_role("link", name="Show more comments")).to_have_count(0)


@pytest.mark.soak
def test_times_are_relative_and_keep_the_exact_one_as_title(widget: Widget, at: Embedded) -> None:
    at.reader().comment("times")
    widget.open("times", lang="en-GB")

    time = widget.page.locator("comment-thread time")
    expect(time).to_have_text("now")
    expect(time).to_have_attribute("title", re.compile(r"\d{4} at \d\d:\d\d"))


def test_a_thread_below_the_fold_waits_until_it_is_near(widget: Widget) -> None:
    widget.page.add_init_script(
        "addEventListener('DOMContentLoaded', () => { document.querySelector('h1').style.height = '9000px'; })"
    )
    widget.open("far")
    widget.page.wait_for_load_state("networkidle")
    assert widget.asked_of_service() == ["/embed.js"]

    widget.page.locator("comment-thread").scroll_into_view_if_needed()

    expect(widget.page.get_by_role("heading", name="Comments")).to_be_visible()


@pytest.mark.soak
def test_another_article_order_or_theme_takes_effect(widget: Widget, at: Embedded) -> None:
    reader = at.reader()
    reader.comment("first", name="Ann")
    reader.comment("second", name="Bo")
    reader.comment("second", name="Cy")
    widget.open("first")
    expect(widget.comment("Ann")).to_be_visible()
    element = widget.page.locator("comment-thread")

    element.evaluate("e => { e.article = 'second'; e.order = 'newest'; e.pageSize = '50'; }")
    expect(widget.page.get_by_role("article").first).to_have_accessible_name("Cy")
    assert widget.asked_of_service().count("/thread/fragment") == 2

    element.evaluate("e => e.setAttribute('order', 'oldest')")
    expect(widget.page.get_by_role("article").first).to_have_accessible_name("Bo")

    element.evaluate("e => { e.theme = 'dark'; }")
    expect(element).to_have_css("color-scheme", "dark")
    element.evaluate("e => { e.theme = 'light'; }")
    expect(element).to_have_css("color-scheme", "light")


@pytest.mark.soak
def test_what_a_page_sets_before_the_script_comes_takes_effect_too(widget: Widget, at: Embedded) -> None:
    at.reader().comment("early", name="Ann")
    widget.page.add_init_script("""
        addEventListener('DOMContentLoaded', () => {
            Object.assign(document.querySelector('comment-thread'), { article: 'early', theme: 'dark' });
        });
    """)
    widget.page.route("**/embed.js", lambda route: (time.sleep(0.2), route.continue_()))
    widget.open("another")

    expect(widget.comment("Ann")).to_be_visible()
    expect(widget.page.locator("comment-thread")).to_have_css("color-scheme", "dark")


def test_the_thread_is_set_from_right_to_left_for_languages_that_are(widget: Widget) -> None:
    widget.open("direction", lang="ar-EG")
    expect(widget.page.locator("comment-thread section")).to_have_attribute("dir", "rtl")

    widget.page.locator("comment-thread").evaluate("e => { e.lang = 'en'; }")
    expect(widget.page.locator("comment-thread section")).to_have_attribute("dir", "ltr")


@pytest.mark.soak
def test_an_element_that_is_moved_shows_its_thread_and_typed_words_still(widget: Widget) -> None:
    widget.open("moved")
    widget.text.fill("Half a thou")

    widget.page.evaluate("document.body.prepend(document.querySelector('comment-thread'))")

    expect(widget.text).to_have_value("Half a thou")
    assert widget.asked_of_service().count("/thread/fragment") == 1


@pytest.mark.soak
def test_an_element_that_is_moved_while_another_article_comes_shows_that(
    widget: Widget, at: Embedded
) -> None:
    at.reader().comment("from", name="Ann")
    at.reader().comment("to", name="Bo")
    widget.open("from")
    expect(widget.comment("Ann")).to_be_visible()

    widget.page.evaluate("""async () => {
        const element = document.querySelector('comment-thread');
        element.article = 'to';
        await null; // on its way
        document.body.prepend(element);
    }""")

    expect(widget.comment("Bo")).to_be_visible()


@pytest.mark.soak
def test_what_a_framework_sets_to_nothing_is_taken_away(widget: Widget) -> None:
    widget.open("nothing", order="newest", page_size="2", lang="de")
    element = widget.page.locator("comment-thread")
    expect(element.locator("section")).to_have_attribute("lang", "de")

    for nothing in ("undefined", "null"):
        element.evaluate(f"""e => {{
            for (const name of ['site', 'order', 'pageSize', 'lang', 'theme', 'loading', 'closed']) e[name] = {nothing};
        }}""")

        assert element.evaluate("e => e.getAttributeNames()") == ["article"]
    expect(element.locator("section")).to_have_attribute("lang", "en")
    expect(widget.page.get_by_role("heading", name="Leave a reply")).to_be_visible()


def test_without_the_service_the_link_stays_and_one_can_try_again(widget: Widget) -> None:
    widget.page.route("**/thread/fragment?*", lambda route: route.abort())
    widget.open("unread")

    expect(widget.status).to_contain_text("could not be loaded")
    expect(widget.page.get_by_role("link", name="Comments")).to_be_visible()
    assert widget.events() == [["comments:error", {"status": 0, "type": "network"}]]
    widget.page.unroute("**/thread/fragment?*")
    widget.button("Try again").click()
    expect(widget.page.get_by_role("heading", name="Comments")).to_be_visible()


@pytest.mark.chromium_only("BiDi does not forbid scripts; tests/engines does, by a setting of Firefox")
def test_without_javascript_the_link_leads_to_the_page(browser: Browser, at: Embedded) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(at.site.page("plain/ID"))

    page.get_by_role("link", name="Comments").click()

    expect(page.get_by_role("heading", name="Leave a reply")).to_be_visible()
    assert page.url == f"{at.live.base_url}/thread?article=plain%2FID"


def test_hostile_names_and_words_do_not_widen_a_small_page(widget: Widget, at: Embedded) -> None:
    reader = at.reader()
    parent = None
    for number in range(7):  # the same long text again and again would be held
        parent = reader.comment("wide", f"{number}" + "x" * 9_998, name="😀" * 80, parent=parent)
    reader.comment("wide", "```\n" + "y" * 900 + "\n```", name="Z" + "\u0335\u0321" * 39)
    widget.page.set_viewport_size({"width": 320, "height": 600})

    widget.open("wide")

    expect(widget.page.get_by_role("article")).to_have_count(8)
    assert widget.page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.soak
def test_numbers_of_comments_are_filled_in_with_few_requests(widget: Widget, at: Embedded) -> None:
    at.reader().comment("counted/å")
    at.reader().comment("counted/å")
    articles = ["counted/å", "counted/a\u030a", *(f"an article with a longer name {n}" for n in range(300))]

    with stranger_site(at.live.base_url) as site:
        # 300 addresses in one query are more than the listing page takes in its own address.
        widget.page.goto(site.counting(*articles[:120]))
        listed = widget.page.get_by_role("listitem")
        expect(listed.nth(0)).to_have_text("counted/å: 2")
        expect(listed.nth(1)).to_have_text("counted/a\u030a: 2")
        expect(listed.nth(119)).to_have_text("an article with a longer name 117: 0")

    counts = [url for url in widget.asked if "/api/v1/counts" in url]
    assert len(counts) == 2
    assert all(len(url) <= 4000 for url in counts)
    assert widget.complaints == []


@pytest.mark.soak
def test_the_order_is_chosen_in_place(widget: Widget, at: Embedded) -> None:
    for text in ("Earlier.", "Later."):
        at.reader().comment("order", text)
    widget.open("order")
    shown = widget.page.get_by_role("article")
    expect(shown).to_contain_text(["Earlier.", "Later."])

    widget.page.get_by_role("link", name="Newest first").click()

    expect(shown).to_contain_text(["Later.", "Earlier."])
    expect(widget.page.get_by_role("link", name="Newest first")).to_have_attribute("aria-current", "true")
    assert widget.page.url == at.site.page("order")
