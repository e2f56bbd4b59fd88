"""A finding can be stored and shown, whatever a check puts into it, and refuses what is none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsvc.messages import message
from commentsvc.model import CheckMode, Outcome
from commentsvc.screening import Finding
from commentsvc.screening.finding import MOST_TEXT
from commentsvc.screening.runner import Found
from commentsvc.storage.findings import from_json, to_json

ANYTHING = st.text(st.characters())  # surrogates and NUL, too


@pytest.mark.unit
@given(ANYTHING, ANYTHING, st.sampled_from(Outcome), st.floats(0, 1))
def test_whatever_it_says_is_stored_and_comes_back(
    said: str, evidence: str, outcome: Outcome, score: float
) -> None:
    recorded = Found("shouting", Finding(outcome, score, said, evidence), False).recorded()

    (back,) = from_json(json.loads(json.dumps(to_json([recorded]))))

    assert back == recorded
    assert len(back.message.encode()) <= 4 * MOST_TEXT
    assert len(back.evidence.encode()) <= 4 * MOST_TEXT
    assert "\0" not in back.message + back.evidence


@pytest.mark.unit
@given(ANYTHING)
def test_a_message_with_values_comes_back_with_them(value: str) -> None:
    said = message("blocked word: %(value)s", value=value)

    (back,) = from_json(to_json([Found("blocks", Finding("hold", 1.0, said), False).recorded()]))

    assert back.message.startswith("blocked word: ".rstrip())
    assert back.message.encode()


@pytest.mark.unit
def test_a_message_is_stored_as_the_catalogues_know_it() -> None:
    said = message("blocked word: %(value)s", value="100 %")

    (row,) = to_json([Found("blocks", Finding("hold", 1.0, said), False).recorded()])

    assert (row["message"], row["values"]) == ("blocked word: %(value)s", {"value": "100 %"})


@pytest.mark.unit
@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": "burn"},
        {"outcome": None},
        {"score": -0.1},
        {"score": 1.5},
        {"score": float("nan")},
        {"score": "high"},
        {"message": None},
        {"message": b"bytes"},
        {"evidence": ["a list"]},
    ],
)
def test_what_is_no_finding_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)):
        Finding(**{"outcome": "hold", "score": 0.5, "message": "All in capitals"} | wrong)


@pytest.mark.unit
@pytest.mark.parametrize("mode", CheckMode)
def test_one_that_only_watches_keeps_nothing_back(mode: CheckMode) -> None:
    recorded = Found(
        "shouting", Finding("hold", 0.5, "All in capitals"), mode is CheckMode.WATCHING
    ).recorded()

    assert recorded.effective is (mode is not CheckMode.WATCHING)
