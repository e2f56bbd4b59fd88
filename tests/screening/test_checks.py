"""Each check by itself: what it finds in which comment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsvc.model import ModerationMode
from commentsvc.publishing import sanitise
from commentsvc.screening import Candidate, Check, Facts, Finding
from commentsvc.screening.checks.first_comment import FirstComment
from commentsvc.screening.checks.honeypot import Honeypot
from commentsvc.screening.checks.link_only import LinkOnly
from commentsvc.screening.checks.links import MOST_LINKS, Links
from commentsvc.screening.checks.mode import Mode
from commentsvc.screening.checks.repeated import TIMES_BEFORE, Repeated
from commentsvc.screening.fingerprint import fingerprint
from commentsvc.screening.plugins import as_list
from commentsvc.screening.rendered import rendered

FACTS = Facts(datetime(2026, 11, 24, tzinfo=UTC), ModerationMode.NONE, True, None, same_text=0)
LONG = "Buy the best watches of this town at the lowest price there is!"


def candidate(text: str, trap: str = "") -> Candidate:
    html = sanitise.render(text)
    seen = rendered(html)
    return Candidate("default", "a", "Ada", None, text, seen.text, html, seen.links, trap)


def found(check: Check, text: str, trap: str = "", **facts: Any) -> list[Finding]:
    return as_list(check.look(candidate(text, trap), replace(FACTS, **facts)))


def links(how_many: int) -> str:
    return " ".join(f"See https://host-{number}.example/." for number in range(how_many))


@pytest.mark.unit
@pytest.mark.parametrize(
    ("text", "is_held"),
    [
        (links(MOST_LINKS), False),
        (links(MOST_LINKS + 1), True),
        ("See https://one.example/. " * 20, False),
        (" ".join(f"[one](https://host-{n}.example/) word" for n in range(20)), True),
        ("`https://a.example/` " * 20, False),
        ("No link at all.", False),
    ],
)
def test_many_different_links_are_too_many(text: str, is_held: bool) -> None:
    findings = found(Links(), text)

    assert [finding.outcome for finding in findings] == ["hold"] * is_held
    if is_held:
        assert "https://host-0.example/" in findings[0].evidence


@pytest.mark.unit
def test_more_links_are_a_higher_score() -> None:
    scores = [found(Links(), links(many))[0].score for many in (6, 12, 40)]

    assert scores == sorted(scores)
    assert (scores[0] < scores[1], scores[2]) == (True, 1.0)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("text", "is_held"),
    [
        ("https://watches.example/", True),
        ("<https://watches.example/>", True),
        ("[Buy watches](https://watches.example/)", True),
        ("https://one.example/\n\n* https://two.example/ …", True),
        ("**https://watches.example/**", True),
        ("Read https://watches.example/", False),
        ("👍 https://watches.example/", True),
        ("看 https://watches.example/", False),
        ("![A cat](https://cats.example/cat.png)", False),
        ("No link.", False),
        ("`https://watches.example/`", False),
    ],
)
def test_a_text_of_nothing_but_links_says_nothing(text: str, is_held: bool) -> None:
    assert [finding.outcome for finding in found(LinkOnly(), text)] == ["hold"] * is_held


@pytest.mark.unit
@pytest.mark.parametrize(
    ("text", "times", "is_held"),
    [
        (LONG, TIMES_BEFORE - 1, False),
        (LONG, TIMES_BEFORE, True),
        (LONG, 1000, True),
        ("Thank you!", 1000, False),
        ("*" + LONG + "*", TIMES_BEFORE, True),
    ],
)
def test_a_long_text_that_comes_again_and_again_is_held(text: str, times: int, is_held: bool) -> None:
    assert [finding.outcome for finding in found(Repeated(), text, same_text=times)] == ["hold"] * is_held


@pytest.mark.unit
@pytest.mark.parametrize(
    ("trap", "is_spam"), [("", False), (" \t", False), ("x", True), ("https://x.example", True)]
)
def test_what_fills_in_the_hidden_field_is_no_person(trap: str, is_spam: bool) -> None:
    assert [finding.outcome for finding in found(Honeypot(), "Hello.", trap)] == ["spam"] * is_spam


@pytest.mark.unit
@pytest.mark.parametrize("mode", ModerationMode)
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("known", [True, False])
def test_the_mode_says_who_waits(mode: ModerationMode, first: bool, known: bool) -> None:
    facts = {"mode": mode, "first_comment": first, "known_text": known}

    assert bool(found(Mode(), "Hello.", **facts)) is (mode is ModerationMode.ALL)
    waits = mode is ModerationMode.FIRST and first and not known
    assert bool(found(FirstComment(), "Hello.", **facts)) is waits


@pytest.mark.unit
@given(st.text())
def test_case_and_spaces_make_no_other_text(text: str) -> None:
    assert fingerprint(text) == fingerprint(f" {text}\n")
    assert fingerprint("Casino x" + text) == fingerprint("CASINOX" + text)  # an accent may come first


@pytest.mark.unit
def test_an_accent_makes_another_text() -> None:
    assert fingerprint("Casino\u0301") == fingerprint("casin\u00f3") != fingerprint("casino")
    assert fingerprint("Casino \u0301") == fingerprint("casino")  # it stands on no letter, and is not seen


@pytest.mark.unit
def test_other_words_are_another_text() -> None:
    texts = ["Hello", "Hallo", "Hello you", "", "赌博", "赌"]

    assert len({fingerprint(text) for text in texts}) == len(texts)
    assert fingerprint("via\u200bgra") == fingerprint("ｖｉａｇｒａ")
