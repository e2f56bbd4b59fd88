"""Line breaks of texts that are half HTML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsvc.transfer.readers.paragraphs import with_paragraphs

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        (" one line ", "one line"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("one\r\ntwo\rthree", "<p>one<br>\ntwo<br>\nthree</p>"),
        ("one\n \n\n\ntwo", "<p>one</p>\n<p>two</p>"),
        ("one<br />\ntwo", "<p>one<br />\ntwo</p>"),
        ("<p>one</p>\n<p>two</p>", "<p>one</p>\n<p>two</p>"),
        ("<ul>\n<li>one</li>\n<li>two</li>\n</ul>", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"),
        ("<blockquote>one\ntwo</blockquote>\n\nthree", "<blockquote>one<br>\ntwo</blockquote>\n<p>three</p>"),
        ("see:\n<pre>a\n\n  b</pre>\nso", "<p>see:</p><pre>a\n\n  b</pre><p>so</p>"),
        ("<em>one\n\ntwo</em>", "<p><em>one</p>\n<p>two</em></p>"),
        ("</pre>\none\ntwo", "</pre><p>one<br>\ntwo</p>"),
    ],
)
def test_lines_become_breaks_and_blank_lines_paragraphs(text, shown):
    assert with_paragraphs(text) == shown


@given(st.lists(st.sampled_from(["a", " ", "\n", "<p>", "</p>", "<pre>", "</pre>", "<br>", "<b>", "<", ">"])))
def test_nothing_but_breaks_is_added_and_nothing_is_lost(pieces):
    def bare(text: str) -> str:
        for part in ("<br>", "<p>", "</p>", "\n", " "):
            text = text.replace(part, "")
        return text

    assert bare(with_paragraphs("".join(pieces))) == bare("".join(pieces))


@pytest.mark.parametrize(
    "piece", ["<pre ", "\n", "\n\xa0", "<p", "\n\t<", "</pre>\n\n<pre>", "<br>\n", "<p \n"]
)
def test_a_hostile_text_takes_no_longer_than_another(piece):
    assert with_paragraphs("x\n" + piece * 200_000 + "x")
