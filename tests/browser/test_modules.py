"""The scripts, loaded in whatever way a page loads its own."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.site import STRICT, stranger_site
from tests.browser.widget import Embedded, Widget

pytestmark = pytest.mark.sampled(28, of="file")

SCRIPTS = {
    "module": "<script type='module' src='{script}'></script>",
    "async module": "<script async type='module' src='{script}'></script>",
    "imported": "<script type='module'>import '{script}';</script>",
    "imported later": "<script>addEventListener('load', () => import('{script}'));</script>",
    "with a query": "<script type='module' src='{script}?v=2'></script>",
    "added": "<script>document.head.append(Object.assign(document.createElement('script'), {{ src: '{script}' }}));</script>",
    "deferred": "<script defer src='{script}'></script>",
}
INLINE = ("imported", "imported later", "added")


def opened(context: BrowserContext, at: Embedded, how: str, name: str, body: str) -> Widget:
    """A page, under the strict policy unless it has a script of its own."""
    widget = Widget(context, at)
    tag = SCRIPTS[how].format(script=f"{at.live.base_url}/{name}")
    with stranger_site(at.live.base_url, csp=None if how in INLINE else STRICT) as site:
        widget.page.goto(site.given(f"{tag}{body}"))
        widget.page.wait_for_load_state("networkidle")
    return widget


@pytest.mark.parametrize("how", SCRIPTS)
def test_the_widget_reads_and_listens(context: BrowserContext, at: Embedded, how: str) -> None:
    at.reader().comment("modules", name="Ann")

    widget = opened(context, at, how, "embed.js", "<comment-thread article='modules'></comment-thread>")

    expect(widget.comment("Ann").first).to_be_visible()
    widget.text.fill("x" * 9_900)
    expect(widget.page.get_by_text("9900 / 10000")).to_be_visible()  # write.js is there
    assert widget.complaints == []


@pytest.mark.parametrize("how", SCRIPTS)
def test_numbers_are_filled_in(context: BrowserContext, at: Embedded, how: str) -> None:
    article = f"counted {how}"
    at.reader().comment(article)

    widget = opened(context, at, how, "count.js", f"<b data-comment-count='{article}'>?</b>")

    expect(widget.page.locator("b")).to_have_text("1")
    assert widget.complaints == []


def test_the_widget_of_a_version_as_a_module(context: BrowserContext, at: Embedded) -> None:
    at.reader().comment("pinned module", name="Ann")
    snippet = at.live.run("embed-snippet", "a", "--pin")
    name = snippet.split("/embed-")[1].split(".js")[0]

    widget = opened(
        context, at, "module", f"embed-{name}.js", "<comment-thread article='pinned module'></comment-thread>"
    )

    expect(widget.comment("Ann")).to_be_visible()


@pytest.mark.parametrize("kind", ["", " type='module'"], ids=["classic", "module"])
@pytest.mark.parametrize("name", ["embed", "count"])
def test_a_script_that_is_copied_into_the_page_says_what_to_do(
    context: BrowserContext, at: Embedded, name: str, kind: str
) -> None:
    script = at.live.http().get(f"/{name}.js").text
    widget = Widget(context, at)
    with stranger_site(at.live.base_url, csp=None) as site:
        widget.page.goto(
            site.given(
                f"<script{kind}>{script}</script>"
                "<comment-thread article='a'><a href='/'>Comments</a></comment-thread><b data-comment-count='a'></b>"
            )
        )

    assert len(widget.complaints) == 1
    assert "by a <script src>." in widget.complaints[0]
    expect(widget.page.get_by_role("link", name="Comments")).to_be_visible()


# Numbers


def added(widget: Widget, script: str) -> None:
    widget.page.evaluate(f"() => {{ {script} }}")


def test_numbers_of_elements_that_come_later_are_filled_in(widget: Widget, at: Embedded) -> None:
    for article in ("later", "later", "another"):
        at.reader().comment(article)
    widget.page.goto(at.site.counting("first"))
    expect(widget.page.get_by_role("listitem")).to_have_text(["first: 0"])

    added(
        widget,
        """for (const article of ['later', 'another']) {
            const card = document.createElement('section');
            const count = document.createElement('b');
            count.dataset.commentCount = article;
            card.append(count);
            document.body.append(card);
        }""",
    )

    expect(widget.page.locator("b")).to_have_text(["2", "1"])
    assert len([url for url in widget.asked if "/api/v1/counts" in url]) == 2  # both in one


def test_an_element_that_names_another_article_gets_its_number(widget: Widget, at: Embedded) -> None:
    at.reader().comment("renamed")
    widget.page.goto(at.site.counting("nobody's"))
    expect(widget.page.get_by_role("listitem")).to_have_text(["nobody's: 0"])

    added(widget, "document.querySelector('[data-comment-count]').dataset.commentCount = 'renamed';")

    expect(widget.page.get_by_role("listitem")).to_have_text(["nobody's: 1"])


def test_an_element_that_gets_its_article_later_is_filled_in(widget: Widget, at: Embedded) -> None:
    at.reader().comment("hydrated")
    widget.page.goto(at.site.given(f"<script async src='{at.live.base_url}/count.js'></script><b></b>"))
    widget.page.wait_for_load_state("networkidle")

    added(widget, "document.querySelector('b').dataset.commentCount = 'hydrated';")

    expect(widget.page.locator("b")).to_have_text("1")


def test_a_page_that_changes_all_the_time_asks_for_nothing_twice(widget: Widget, at: Embedded) -> None:
    widget.page.goto(at.site.counting("busy"))
    expect(widget.page.get_by_role("listitem")).to_have_text(["busy: 0"])

    added(
        widget,
        """setInterval(() => {
            document.body.append(document.createElement('i'));
            document.querySelector('li').append(document.querySelector('[data-comment-count]'));
        }, 10);""",
    )
    widget.page.wait_for_timeout(500)

    assert len([url for url in widget.asked if "/api/v1/counts" in url]) == 1
