"""The link to report a comment: in each that is public, quiet, and cheap."""

from __future__ import annotations

import re

import brotli
import pytest

from tests.people import Reader

pytestmark = pytest.mark.any_database
LINK = re.compile(r'<span class="facts"><a class="report".*?</span>', re.S)


def test_a_fragment_grows_by_little(reader: Reader) -> None:
    for number in range(50):
        reader.comment("2026/a thread", f"Number {number}.", name=f"Reader {number}")
    html = reader.get("/thread/fragment", article="2026/a thread").text

    links = LINK.findall(html)

    assert len(links) == 50
    assert all('rel="nofollow noopener"' in link and 'target="_blank"' in link for link in links)
    assert 'aria-label="Report the comment by Reader 7"' in links[7]
    sizes = [len(brotli.compress(text.encode(), quality=5)) for text in (html, LINK.sub("", html))]
    assert sizes[0] - sizes[1] <= 1000, sizes


def test_what_was_removed_has_none_and_what_is_closed_has(reader: Reader) -> None:
    posted = reader.posted("a")
    reader.comment("a", "A reply.", parent=posted["comment"]["id"])
    reader.delete(posted["comment"]["id"], posted["edit_key"])

    assert len(LINK.findall(reader.get("/thread/fragment", article="a", closed="1").text)) == 1
    page = reader.get("/thread", article="a").text
    assert [('target="_self"' in link) for link in LINK.findall(page)] == [True]
