"""What somebody typed and could see is shown, whatever Markdown makes of it."""

from __future__ import annotations

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsvc.errors import Unrenderable
from commentsvc.publishing.sanitise import render, shows_something

pytestmark = pytest.mark.unit

ASCII_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


@pytest.mark.parametrize("text", ["42.", "1)", "-", "+", "[]", "`", "``", "1. 2. 3.", "2026.", "- -", "> 3."])
def test_a_text_of_marks_alone_is_shown_as_it_was_typed(text: str) -> None:
    assert unescape(render(text)) == f"<p>{text}</p>"
    assert shows_something(render(text))


@given(st.text(st.sampled_from("-+*. \n19)"), min_size=1, max_size=12).filter(str.strip))
def test_marks_of_lists_alone_are_shown(text: str) -> None:
    assert shows_something(render(text))


@pytest.mark.parametrize("text", ["```hello", "~~~ some words", "```hello\n```", "a\n\n```last words"])
def test_words_behind_a_fence_that_holds_nothing_are_shown(text: str) -> None:
    assert text.strip("`~ \n").split()[-1].strip("`") in render(text)


MARKS = ["- ", "> ", "1. ", "* ", "+ ", ">"]


@given(marks=st.lists(st.sampled_from(MARKS), max_size=30), lines=st.booleans())
def test_no_word_is_lost_for_standing_deep(marks: list[str], lines: bool) -> None:
    """It is shown, or the text is refused, however deep lists and quotes stand in each other."""
    if lines:  # each mark in a line of its own, as people write lists
        indents = ("  " * depth for depth in range(len(marks)))
        text = "\n".join(
            f"{indent}{mark.strip()} word{n}"
            for n, (indent, mark) in enumerate(zip(indents, marks, strict=True))
        )
    else:
        text = "".join(marks) + "word0"
    words = text.count("word")
    try:
        html = render(text)
    except Unrenderable:
        return
    assert html.count("word") == words


def test_what_was_stored_before_is_rendered_still() -> None:
    assert "word" not in render("> " * 70 + "word", bounded=False)  # as it always was
