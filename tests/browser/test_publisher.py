"""Who embeds the widget wrongly is told what to do; readers are not."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.site import Site, stranger_site
from tests.browser.widget import Embedded, Widget
from tests.chromium import CHROMIUM, FLAGS
from tests.running_service import free_port

pytestmark = pytest.mark.sampled(4, of="file")

MARK = "For the publisher: "


def told(widget: Widget, what: str) -> None:
    """It is told in place, and once in the console."""
    expect(widget.page.get_by_text(MARK)).to_contain_text(what)
    said = [text for text in widget.complaints if text.startswith("<comment-thread>: ")]
    assert len(said) == 1
    assert what in said[0]


@pytest.mark.parametrize("article", ["", " "], ids=["none", "blank"])
def test_an_element_without_an_article(widget: Widget, article: str) -> None:
    widget.open(article)

    told(widget, "give it the attribute article")
    expect(widget.page.get_by_role("link", name="Comments")).to_be_visible()


def test_an_article_that_comes_later_takes_the_note_away(widget: Widget) -> None:
    widget.open("")
    expect(widget.page.get_by_text(MARK)).to_be_visible()

    widget.page.locator("comment-thread").evaluate("e => { e.article = 'at last'; }")

    expect(widget.page.get_by_role("heading", name="Comments")).to_be_visible()
    expect(widget.page.get_by_text(MARK)).to_have_count(0)


def test_a_site_that_there_is_not(widget: Widget) -> None:
    widget.open("wrong", site="nowhere")

    told(widget, "there is no site “nowhere”")
    told(widget, "commentsvc site add nowhere --origin http://localhost:")
    expect(widget.status).to_contain_text("The comments could not be loaded.")


@pytest.mark.parametrize(
    ("attribute", "value", "rule"),
    [
        ("order", "loudest", "order is oldest or newest"),
        ("page_size", "201", "page-size is 1 to 200"),
        ("article", "x" * 256, "article has 1 to 255 characters"),
    ],
)
def test_a_value_that_the_service_refuses(widget: Widget, attribute: str, value: str, rule: str) -> None:
    widget.open(**{"article": "wrong"} | {attribute: value})

    told(widget, rule)


def test_a_service_that_is_away(context: BrowserContext, at: Embedded) -> None:
    widget = Widget(context, at)
    widget.page.route("**/thread/fragment?*", lambda route: route.abort())
    widget.page.route("**/publisher-*", lambda route: route.abort())
    widget.open("away")

    told(widget, f"{at.live.base_url}/ does not answer")


def test_a_page_whose_origin_may_not_post(context: BrowserContext, at: Embedded) -> None:
    with stranger_site(at.live.base_url, port=free_port()) as other:
        widget = Widget(context, Embedded(at.live, other)).open("elsewhere")
        widget.write("Not from here.")
        widget.send()

        told(widget, f"commentsvc site set default --add-origin {other.url}")


def test_a_script_that_is_not_loaded_by_its_address(context: BrowserContext, at: Embedded) -> None:
    script = at.live.http().get("/embed.js").text
    with stranger_site(at.live.base_url, csp=None) as site:
        widget = Widget(context, Embedded(at.live, site))
        widget.page.goto(
            site.given(f"<script>{script}</script><comment-thread article='a'></comment-thread>")
        )

        told(widget, "load embed.js by a <script src>")


def test_a_script_of_counts_that_is_not_loaded_by_its_address(widget: Widget, at: Embedded) -> None:
    script = at.live.http().get("/count.js").text
    with stranger_site(at.live.base_url, csp=None) as site:
        widget.page.goto(site.given(f"<script>{script}</script><span data-comment-count='a'>?</span>"))

    assert widget.complaints == ["count.js: load it by a <script src>."]


@pytest.mark.chromium_only("a host is given an address by a flag of Chromium")
def test_readers_are_told_nothing_but_that_it_could_not_be_loaded(browser: Browser, at: Embedded) -> None:
    port = urlsplit(at.site.url).port
    elsewhere = browser.browser_type.launch(
        executable_path=CHROMIUM,
        args=[*FLAGS, "--host-resolver-rules=MAP news.example 127.0.0.1"],
        chromium_sandbox=os.geteuid() != 0,
    )
    widget = Widget(elsewhere.new_context(), Embedded(at.live, Site(f"http://news.example:{port}")))
    with widget.page.expect_console_message(lambda said: "there is no site “nowhere”" in said.text):
        widget.open("wrong", site="nowhere")

    expect(widget.status).to_contain_text("The comments could not be loaded.")
    expect(widget.page.get_by_role("link", name="Comments")).to_be_visible()
    expect(widget.page.get_by_text(MARK)).to_have_count(0)
    elsewhere.close()
