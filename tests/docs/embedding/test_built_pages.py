"""Each page of docs/embed works: its files, built by the generator, embed each article's own comments."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.docs.embedding.generators import GENERATORS
from tests.docs.embedding.pages import FOLDER, PAGES, SERVICE, files_of
from tests.people import Reader

# Those that are told where the site lives.
SITES = ["hugo", "jekyll", "eleventy", "pelican", "mkdocs-material", "sphinx"]

pytestmark = pytest.mark.slow


@dataclass
class Embedded(HTMLParser):
    """What a built page has of the service's."""

    page: str
    scripts: list[str] = field(default_factory=list)
    threads: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    _within: bool = False

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "script" and attributes.get("src", "").startswith(SERVICE):
            assert "async" in attributes
            self.scripts.append(attributes["src"])
        if tag == "comment-thread":
            self.threads.append(attributes["article"])
            self._within = True
        if tag == "a" and self._within:
            self.links.append(attributes["href"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "comment-thread":
            self._within = False


@pytest.mark.soak
@pytest.mark.parametrize("page", PAGES)
def test_an_article_has_one_script_and_one_thread_whose_link_leads_to_it(
    page: str, tmp_path: Path, reader: Reader
) -> None:
    built = GENERATORS[page](tmp_path / "site", files_of(page), "https://news.example/")

    for file, article in built.items():
        embedded = Embedded(file.read_text())
        if article is None:
            assert embedded.scripts + embedded.threads + embedded.links == []
            continue
        assert embedded.scripts == [f"{SERVICE}/embed.js"]
        assert embedded.threads == [article]
        [link] = embedded.links
        reader.comment(article, f"About {file}.")
        assert link.startswith(f"{SERVICE}/thread?article=")
        assert f"About {file}." in reader.get(f"/thread?{urlsplit(link).query}").text


@pytest.mark.soak
@pytest.mark.parametrize("page", SITES)
def test_an_article_keeps_its_id_when_the_site_moves(page: str, tmp_path: Path) -> None:
    built = GENERATORS[page](tmp_path / "site", files_of(page), "https://moved.example/blog/")

    for file, article in built.items():
        assert Embedded(file.read_text()).threads == ([article] if article else [])


def test_the_index_leads_to_each_page() -> None:
    index = (FOLDER / "README.md").read_text()

    assert [page for page in PAGES if f"]({page}.md)" not in index] == []
