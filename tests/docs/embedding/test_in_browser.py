"""Pages that were built as docs/embed says, in a real browser with a live service."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.site import Site
from tests.browser.widget import Embedded, Widget
from tests.docs.embedding.generators import ARTICLES, GENERATORS
from tests.docs.embedding.pages import files_of
from tests.running_service import free_port, serving

pytestmark = [pytest.mark.slow, pytest.mark.soak]


class Files(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        """Browsers look for an icon now and then, and complain where there is none."""
        if self.path == "/favicon.ico":
            self.send_response(204)
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def files_served(folder: Path, port: int) -> Iterator[Site]:
    """Serve what generators built, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(Files, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Site(f"http://localhost:{port}")
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """A service, and sites that were built for it, each under the name of its page in docs/embed."""
    folder = tmp_path_factory.mktemp("sites")
    port = free_port()
    with (
        serving(folder / "data", ORIGINS=f"http://localhost:{port}") as live,
        files_served(folder, port) as site,
    ):
        for page in ("plain-html", "mkdocs-material", "react"):
            root = f"{site.url}/{page}/site/"
            GENERATORS[page](folder / page, files_of(page, live.base_url), root)
        yield Embedded(live, site)


@pytest.fixture
def widget(context: BrowserContext, at: Embedded) -> Widget:
    return Widget(context, at)


def complaints(widget: Widget) -> list[str]:
    """What the page complained of; React's advertisement is none."""
    return [said for said in widget.complaints if "React DevTools" not in said]


def test_on_plain_html_a_thread_is_read_and_written(widget: Widget, at: Embedded) -> None:
    article = "2026/11/bread & ice"
    at.reader().comment(article, "It thawed on Friday.", name="Bo")
    widget.page.goto(f"{at.site.url}/plain-html/winter.html")

    expect(widget.comment("Bo")).to_contain_text("It thawed on Friday.")
    widget.write("And froze again.")
    widget.send()

    expect(widget.comment("Ada Sample")).to_contain_text("And froze again.")
    assert at.reader().texts(article) == ["It thawed on Friday.", "And froze again."]


def test_under_instant_navigation_each_page_has_its_own_thread(widget: Widget, at: Embedded) -> None:
    at.reader().comment("/posts/harbour/", name="Bo")
    at.reader().comment("42", name="Cy")
    widget.page.goto(f"{at.site.url}/mkdocs-material/site/posts/harbour/")
    expect(widget.comment("Bo")).to_be_visible()
    widget.page.evaluate("window.mark = 'the same document'")

    widget.page.get_by_role("link", name="bread").first.click()

    expect(widget.comment("Cy")).to_be_visible()
    expect(widget.comment("Bo")).to_have_count(0)
    assert widget.page.evaluate("window.mark") == "the same document"
    widget.write("Instantly.")
    widget.send()
    expect(widget.comment("Ada Sample")).to_contain_text("Instantly.")
    assert "Instantly." in at.reader().texts("42")
    assert complaints(widget) == []


@pytest.mark.parametrize("page", ["winter", "alone"], ids=["rendered on a server", "rendered here"])
def test_in_react_a_thread_is_read_and_written(page: str, widget: Widget, at: Embedded) -> None:
    article = str(ARTICLES.get(page, page))
    at.reader().comment(article, name="Bo")
    widget.page.goto(f"{at.site.url}/react/{page}.html")

    expect(widget.comment("Bo")).to_be_visible()
    widget.write("Written in React.")
    widget.send()

    expect(widget.comment("Ada Sample")).to_contain_text("Written in React.")
    assert "Written in React." in at.reader().texts(article)
    assert widget.asked_of_service().count("/embed.js") == 1
    assert complaints(widget) == []  # neither of hydration nor of an attribute


@pytest.mark.soak
def test_in_react_another_article_shows_its_thread_and_takes_nothing_along(
    widget: Widget, at: Embedded
) -> None:
    at.reader().comment("harbour", name="Bo")
    at.reader().comment("another", name="Cy")
    widget.page.goto(f"{at.site.url}/react/harbour.html")
    expect(widget.comment("Bo")).to_be_visible()
    widget.text.fill("Typed for the harbour.")

    widget.button("Another article").click()

    expect(widget.comment("Cy")).to_be_visible()
    expect(widget.comment("Bo")).to_have_count(0)
    expect(widget.text).to_have_value("")
    link = widget.page.locator("comment-thread > a")
    expect(link).to_have_attribute("href", f"{at.live.base_url}/thread?article=another")
    widget.button("The first article").click()
    expect(widget.comment("Bo")).to_be_visible()
    expect(widget.comment("Cy")).to_have_count(0)
    expect(widget.text).to_have_value("Typed for the harbour.")
    assert widget.asked_of_service().count("/embed.js") == 1
    assert complaints(widget) == []


def test_in_react_a_thread_that_went_away_comes_back(widget: Widget, at: Embedded) -> None:
    at.reader().comment("42", name="Di")
    widget.page.goto(f"{at.site.url}/react/bread.html")
    expect(widget.comment("Di")).to_be_visible()

    widget.button("No article").click()
    expect(widget.page.locator("comment-thread")).to_have_count(0)
    widget.button("The first article").click()

    expect(widget.comment("Di")).to_be_visible()
    assert widget.page.locator("script[src$='/embed.js']").count() == 1
    assert widget.asked_of_service().count("/embed.js") == 1
    assert complaints(widget) == []


def test_in_react_an_attribute_that_is_taken_away_leaves_nothing(widget: Widget, at: Embedded) -> None:
    reader = at.reader()
    reader.comment("лёд", name="Bo")
    reader.comment("лёд", name="Cy")
    widget.page.goto(f"{at.site.url}/react/лёд.html")
    first = widget.page.get_by_role("article").first
    expect(first).to_have_accessible_name("Bo")

    widget.button("Newest first").click()
    expect(first).to_have_accessible_name("Cy")
    widget.button("The first article").click()

    expect(first).to_have_accessible_name("Bo")
    assert complaints(widget) == []


def test_in_react_another_language_and_back_keeps_what_one_writes(widget: Widget, at: Embedded) -> None:
    widget.page.goto(f"{at.site.url}/react/harbour.html")
    widget.text.fill("Half a thou")

    widget.button("In German").click()
    expect(widget.page.get_by_role("textbox", name="Kommentar")).to_have_value("Half a thou")
    widget.button("The first article").click()

    expect(widget.text).to_have_value("Half a thou")
    assert widget.page.locator("comment-thread").get_attribute("lang") is None
    assert complaints(widget) == []
