"""Whatever is sent as a comment comes out as text, and as nothing but text."""

from __future__ import annotations

import os
import random
import time
from html import escape, unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commentsvc.publishing.sanitise import REL as REL_AS_SET
from commentsvc.publishing.sanitise import TAGS, _cleaner, render, shows_something
from tests.hostile import grammar
from tests.hostile.safety import BLOCKS, INLINE, REL, Unsafe, assert_nh3_agrees, assert_safe, assert_safe_html
from tests.hostile.vectors import SCHEMES, VECTORS, Vector

pytestmark = pytest.mark.unit

thorough = settings(max_examples=500, deadline=None)
quick = settings(max_examples=200, deadline=None)


def test_the_safelist_is_the_one_that_was_decided_on() -> None:
    assert BLOCKS | INLINE == TAGS
    assert REL == REL_AS_SET


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_a_vector_comes_out_safe(vector: Vector) -> None:
    assert_safe(vector.text)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_only_a_web_address_makes_a_link(scheme: str) -> None:
    html = render(f"[go]({scheme}canary(1))")

    assert "<a" not in html or '<a href="http' in html


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_what_has_the_last_word_needs_no_help(vector: Vector) -> None:
    """As if Markdown let all tags pass: bleach alone must leave nothing that nh3 would remove."""
    html = "a" + vector.text.replace("&", "&amp;")

    assert_nh3_agrees(_cleaner.clean(html))


@pytest.mark.parametrize("text", [vector.text for vector in VECTORS if vector.text.startswith(("<", "&"))])
def test_raw_html_is_shown_as_it_was_typed(text: str) -> None:
    fenced = f"~~~~~\n{text}\n~~~~~"

    shown = unescape(
        render(fenced).removeprefix('<pre><code translate="no">').removesuffix("\n</code></pre>")
    )

    unchanged = "".join(character for character in text if character in "\t\n" or character >= " ")
    assert shown == unchanged.replace("\u2028", "[U+2028]")


@pytest.mark.parametrize("text", ["`a`", "    a", "```py\na\n```"])
def test_code_is_left_alone_by_translation_services(text: str) -> None:
    assert render(text).count(' translate="no"') == 1


@given(grammar.hostile_markdown())
@thorough
def test_hostile_markdown_comes_out_safe(text: str) -> None:
    assert_safe(text)


@given(grammar.any_text())
@thorough
def test_any_text_comes_out_safe(text: str) -> None:
    assert_safe(text)


@given(grammar.letters())
@quick
def test_plain_words_come_out_unchanged_in_a_paragraph(text: str) -> None:
    assert render(text) == f"<p>{escape(text)}</p>"


@given(grammar.blanks())
@quick
def test_blanks_show_nothing(text: str) -> None:
    assert not shows_something(render(text))


def test_a_definition_is_shown_as_it_was_typed() -> None:
    assert render("[a]: b 'c'\n\n[a][a]") == "<p>[a]: b 'c'</p>\n<p>[a][a]</p>"


@given(grammar.blanks(), grammar.visible_letters(), grammar.blanks())
@quick
def test_one_letter_shows_something(before: str, letter: str, after: str) -> None:
    assert shows_something(render(f"{before}\n\n{letter}\n\n{after}"))


@pytest.mark.parametrize(
    "html",
    [
        "<p><script>x</script></p>",
        '<p onclick="x">a</p>',
        "<p>a",
        "<p>a</p></div>",
        "<p><p>a</p></p>",
        "<p>a & b</p>",
        '<p>a " > b</p>',
        "<p><em>a</p></em>",
        "<p>\x85</p>",
        "<!-- a -->",
        "<pre>a</pre>",
        '<p><a href="https://canary.example/">a</a></p>',
        f'<p><a href="javascript:x" rel="{REL}">a</a></p>',
        f'<p><a href="//canary.example/" rel="{REL}">a</a></p>',
        f'<p><a href="https://a@canary.example/" rel="{REL}">a</a></p>',
        f'<p><a href="https://canary.example/" rel="{REL} opener">a</a></p>',
        f'<p><a href="https://canary.example/" rel="{REL}" rel="x">a</a></p>',
        '<pre><code class="desk">a</code></pre>',
        '<pre><code translate="yes">a</code></pre>',
        '<ol start="-1"><li>a</li></ol>',
    ],
)
def test_the_check_itself_finds_what_is_wrong(html: str) -> None:
    with pytest.raises(Unsafe):
        assert_safe_html(html)


FRAGMENTS = ("http://", "https://", "HTTPS://", "s://", "://", "[", "](", ")", "!", "*", "_", "~~", "`", "<", ">", "a",
             "example.com", "/", ".", "@", ":80", "[::1]", "\\", "\n", "\n\n", "- ", "> ", "1. ", "\u3002", "\u202e", "&#x202e;",
             "https://example.com/path", " ", "漢", "e\u0301", "%ff", "#", "?", "xn--", "\u00ad", "www.", '"', "'")  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "textarea[http://s://",
        "documentatio[http://https://example.com/path]",
        "a[https://[",
        "x[http://a@b://c]",
    ],
)
def test_an_address_within_a_bracket_stops_nobody(text: str) -> None:
    assert_safe(text)


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("".join))
@quick
def test_no_text_of_fragments_stops_the_renderer(text: str) -> None:
    assert_safe(text)


@pytest.mark.soak
def test_no_text_of_fragments_stops_the_renderer_in_a_long_search() -> None:
    """At least 100,000 texts, however few seconds there are."""
    chance = random.Random()
    ends, seen = time.monotonic() + int(os.environ.get("SECONDS", "60")), 0
    while seen < 100_000 or time.monotonic() < ends:
        assert_safe("".join(chance.choices(FRAGMENTS, k=chance.randint(1, 25))))
        seen += 1
