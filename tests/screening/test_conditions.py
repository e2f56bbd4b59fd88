"""The conditions of rules, each by itself, over all that may be typed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsvc import patterns
from commentsvc.errors import Invalid
from commentsvc.model import When
from commentsvc.moderation.rules import normalised
from commentsvc.screening.rendered import rendered
from commentsvc.screening.rules import Subject, why_caught
from commentsvc.writing import SCRIPTS, main_script

pytestmark = pytest.mark.unit

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def subject(text: str = "", **facts: Any) -> Subject:
    fields = {
        "name": "Ada",
        "text": text,
        "seen": rendered(f"<p>{text}</p>"),
        "author_id": "x",
        "ips": ("192.0.2.1",),
        "email_domain": "paper.example",
        "first_comment": False,
        "thread_opened_at": NOON,
        "at": NOON,
    }
    return Subject(**(fields | facts))


def holds(when: When, comment: Subject) -> bool:
    return why_caught(when, comment, of_address=None) is not None


@given(first=st.integers(0, 24), end=st.integers(0, 24), hour=st.integers(0, 23), minute=st.integers(0, 59))
def test_hours_and_those_that_are_left_make_the_whole_day(
    first: int, end: int, hour: int, minute: int
) -> None:
    if first % 24 == end % 24:
        return
    comment = subject(at=NOON.replace(hour=hour, minute=minute))

    within, without = (When(hours=f"{one:02}-{other:02}") for one, other in ((first, end), (end, first)))

    assert holds(within, comment) is not holds(without, comment)


@pytest.mark.parametrize(
    ("hour", "caught"), [(21, False), (22, True), (23, True), (0, True), (5, True), (6, False)]
)
def test_hours_go_over_midnight(hour: int, caught: bool) -> None:
    assert holds(When(hours="22-06"), subject(at=NOON.replace(hour=hour, minute=59))) is caught


@given(days=st.integers(1, 1000), seconds=st.integers(-5, 5))
def test_a_thread_is_older_than_days_a_second_later(days: int, seconds: int) -> None:
    opened = NOON - timedelta(days=days, seconds=seconds)

    assert holds(When(thread_older_than_days=days), subject(thread_opened_at=opened)) is (seconds > 0)
    assert not holds(When(thread_older_than_days=days), subject(thread_opened_at=None))


@given(text=ANY_TEXT, word=st.sampled_from(["lottery", "мир", "彩票"]))
def test_a_literal_pattern_finds_what_python_finds(text: str, word: str) -> None:
    comment = subject(seen=rendered("<p></p>"), text=text + word[: len(text) % (len(word) + 1)])

    assert holds(When(pattern=re.escape(word)), comment) is (word in comment.text)


@given(pattern=st.text(max_size=60))
def test_whatever_is_typed_as_a_pattern_is_taken_or_refused(pattern: str) -> None:
    try:
        taken = patterns.compiled(pattern)
    except ValueError:
        return
    assert taken.programsize <= patterns.LARGEST


@given(text=ANY_TEXT)
def test_conditions_together_hold_where_each_does(text: str) -> None:
    comment = subject(text, seen=rendered("<p></p>"))
    one, other = When(pattern="[a-m]"), When(pattern="[a-m]", scripts=("Latn",))

    assert holds(other, comment) is (holds(one, comment) and holds(When(scripts=("Latn",)), comment))


@given(text=ANY_TEXT)
def test_the_script_of_a_text_is_one_that_a_rule_can_name(text: str) -> None:
    assert main_script(text) in SCRIPTS | {None}
    assert main_script(text) == main_script(f"12 {text} 🙂!")


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Привет, мир", "Cyrl"),
        ("Hello мир", "Latn"),
        ("مرحبا", "Arab"),
        ("今すぐ", "Hira"),
        ("中文", "Hani"),
        ("42 🙂", None),
        ("", None),
    ],
)
def test_the_script_is_that_of_most_letters(text: str, script: str | None) -> None:
    assert main_script(text) == script


@given(labels=st.lists(st.sampled_from(["spam", "www", "eu", "nospam"]), min_size=0, max_size=3))
def test_a_domain_covers_those_below_it_and_no_other(labels: list[str]) -> None:
    host = ".".join([*labels, "spam.example"])
    other = "x" + host.removeprefix("www.")

    for name in (host, host.upper()):
        assert holds(When(email_domains=("spam.example",)), subject(email_domain=name))
    assert holds(When(email_domains=("spam.example",)), subject(email_domain=other)) is bool(
        "." in other.removesuffix(".example")
    )


def test_what_an_address_is_never_named_in_the_evidence() -> None:
    when = When(email_domains=("paper.example",), words=("day",))

    assert why_caught(when, subject("Good day."), of_address=True) == "day; domain of the address; address"
    assert why_caught(When(), subject(), of_address=False) is None


def test_values_are_stored_in_one_spelling() -> None:
    when = When(
        domains=("*.Spam.Example", "spam.example"),
        networks=("192.0.2.7/24",),
        scripts=("cyrl",),
        email_domains=("BÜCHER.example",),
    )

    assert normalised(when, str.lower) == When(
        domains=("spam.example",),
        networks=("192.0.2.0/24",),
        scripts=("Cyrl",),
        email_domains=("xn--bcher-kva.example",),
    )
    with pytest.raises(Invalid):
        normalised(When(names=("\0",)), str.lower)
