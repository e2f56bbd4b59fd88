"""Characters that turn text round or are not seen: kept to themselves in text, shown in code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsvc.publishing.hidden import FSI, PDI, isolated, shown
from commentsvc.publishing.sanitise import render

TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
texts = st.text(st.sampled_from("ab \u05d0\u0628" + TURNING), max_size=20)


@pytest.mark.unit
@given(texts)
def test_what_is_begun_in_a_text_ends_in_it(text: str) -> None:
    depth = 0
    for character in isolated(text):
        depth += (character in "\u2066\u2067\u2068") - (character == PDI)
        assert depth >= 0
    assert depth == 0


@pytest.mark.unit
@given(texts)
def test_the_letters_stay_as_they_are(text: str) -> None:
    letters = [character for character in text if character not in TURNING]
    assert [character for character in isolated(text) if character not in TURNING] == letters


@pytest.mark.unit
def test_a_text_that_is_turned_round_stands_in_an_isolate() -> None:
    assert render("a \u202egpj.exe") == f"<p>{FSI}a \u202egpj.exe{PDI}</p>"


@pytest.mark.unit
@pytest.mark.parametrize(
    "text", ["می\u200cخواهم", "क्\u200dष", "👨\u200d👩\u200d👧", "שלום\u200f!", "a\u200eb"]
)
def test_what_scripts_and_emoji_are_written_with_stays(text: str) -> None:
    assert render(text) == f"<p>{text}</p>"
    assert shown(text.replace("\u200f", "").replace("\u200e", "")) == text.replace("\u200f", "").replace(
        "\u200e", ""
    )


@pytest.mark.unit
@pytest.mark.parametrize(
    "character", [*TURNING, "\u200b", "\u200e", "\u2060", "\ufeff", "\u00ad", "\u2028", "\U000e0041"]
)
def test_code_shows_what_is_hidden_in_it(character: str) -> None:
    number = f"[U+{ord(character):04X}]"

    assert render(f"`a{character}b`") == f'<p><code translate="no">a{number}b</code></p>'
    assert f"a{number}b" in render(f"~~~\na{character}b\n~~~")
    assert f"a{number}b" in render(f"    a{character}b")


@pytest.mark.unit
def test_a_joiner_in_code_is_shown_where_it_joins_nothing() -> None:
    assert render("`is\u200dAdmin`") == '<p><code translate="no">is[U+200D]Admin</code></p>'
