"""What was exported as HTML stands in the built pages, and the widget takes its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.widget import Embedded, Widget
from tests.docs.embedding.generators import ARTICLES, GENERATORS
from tests.docs.embedding.pages import files_of
from tests.docs.embedding.test_in_browser import files_served
from tests.running_service import InProcess, free_port, serving

pytestmark = pytest.mark.slow

HOSTILE = "{{ site.title }} {% include nothing.html %} {# no #} <?php echo 1 ?>"
SHOWN = HOSTILE.replace("{", "&#123;").replace("<", "&lt;").replace(">", "&gt;")
IDS = {"hugo": "/posts/harbour/", "jekyll": "/2026/11/24/harbour.html"}


def as_files(page: str, folder: Path) -> dict[str, str]:
    """An export in *folder* as the page says where to write it."""
    place = {"hugo": "comments", "jekyll": "_includes/comments"}[page]
    files = {f"{place}/{file.name}": file.read_text() for file in folder.iterdir()}
    return files | ({"_data/comments.json": files[f"{place}/index.json"]} if page == "jekyll" else {})


@pytest.mark.soak
@pytest.mark.parametrize("page", IDS)
def test_exported_comments_stand_in_the_pages_of_their_articles(
    page: str, service: InProcess, tmp_path: Path
) -> None:
    said = {IDS[page]: HOSTILE, str(ARTICLES["winter"]): "About the winter.", "42": "About bread."}
    for article, text in said.items():
        service.reader().comment(article, text)
    service.run("export", str(tmp_path / "html"), "--format", "html")

    files = files_of(page) | as_files(page, tmp_path / "html")
    built = GENERATORS[page](tmp_path / "site", files, "https://news.example/")

    for file, article in built.items():
        threads = re.findall("<comment-thread.*?</comment-thread>", file.read_text(), re.DOTALL)
        assert len(threads) == (article is not None)
        for thread in threads:
            text = said.get(article)
            assert thread.count('<article class="comment"') == (text is not None)
            assert (SHOWN if text == HOSTILE else text or "") in thread


@pytest.mark.soak
def test_no_comment_is_seen_twice(context: BrowserContext, tmp_path: Path) -> None:
    port = free_port()
    with (
        serving(tmp_path / "data", ORIGINS=f"http://localhost:{port}") as live,
        files_served(tmp_path, port) as site,
    ):
        at = Embedded(live, site)
        at.reader().comment(IDS["hugo"], "It thawed on Friday.", name="Bo")
        live.run("export", str(tmp_path / "html"), "--format", "html")
        files = files_of("hugo", live.base_url) | as_files("hugo", tmp_path / "html")
        GENERATORS["hugo"](tmp_path / "site", files, f"{site.url}/site/public/")
        widget = Widget(context, at)
        exported = widget.page.locator("comment-thread > section[data-article]")

        widget.page.route("**/embed.js", lambda route: route.abort())
        widget.page.goto(f"{site.url}/site/public/posts/harbour/")
        expect(exported.get_by_text("It thawed on Friday.")).to_be_visible()
        widget.page.unroute("**/embed.js")
        widget.page.goto(f"{site.url}/site/public/posts/harbour/")

        expect(widget.page.get_by_text("It thawed on Friday.").filter(visible=True)).to_have_count(1)
        expect(widget.comment("Bo").filter(visible=True)).to_be_visible()
        expect(exported).to_be_hidden()
