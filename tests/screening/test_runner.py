"""The phases: who looks when, and what becomes of a check that fails."""

from __future__ import annotations

import math
import threading
from datetime import UTC, datetime
from time import monotonic

import pytest

from commentsvc.model import CheckMode, ModerationMode
from commentsvc.screening import Candidate, Facts, Finding, Phase
from commentsvc.screening.checks import OWN
from commentsvc.screening.plugins import MOST_AT_ONCE, Plugin, TooSlow
from commentsvc.screening.runner import run

CANDIDATE = Candidate("default", "a", "Ada", None, "Hello.", "Hello.", "<p>Hello.</p>", ())
FACTS = Facts(datetime(2026, 11, 24, tzinfo=UTC), ModerationMode.ALL, True, None)


class Broken:
    """A check with a fault."""

    name = "broken"
    phase = Phase.INSIDE

    def look(self, candidate: Candidate, facts: Facts) -> Finding | None:
        raise LookupError(candidate.text)


@pytest.mark.parametrize(("mode", "keeps_back"), [("on", True), ("watching", False)])
def test_a_fault_of_ours_makes_nothing_public(mode: str, keeps_back: bool) -> None:
    (found,) = run(Phase.INSIDE, (), {"broken": CheckMode(mode)}, CANDIDATE, FACTS, own=[Broken()])

    assert found.recorded().message == "this check was skipped: it failed"
    assert found.recorded().effective is keeps_back


def test_one_that_is_off_does_not_even_look() -> None:
    assert run(Phase.INSIDE, (), {"broken": CheckMode.OFF}, CANDIDATE, FACTS, own=[Broken()]) == []


def test_each_looks_in_its_own_phase() -> None:
    assert run(Phase.BEFORE, (), {}, CANDIDATE, FACTS, own=[Broken()]) == []


def test_each_of_ours_has_a_name_of_its_own() -> None:
    assert len({check.name for check in OWN}) == len(OWN)
    assert {check.phase for check in OWN} == set(Phase)


def test_one_that_hangs_is_not_waited_for_again_and_again() -> None:
    enough = threading.Event()

    class Hanging(Broken):
        def look(self, candidate: Candidate, facts: Facts) -> Finding | None:
            enough.wait(60)
            return None

    plugin = Plugin(Hanging(), "hanging", Phase.INSIDE)
    calls = [plugin.begin(CANDIDATE, FACTS) for _ in range(MOST_AT_ONCE + 1)]

    with pytest.raises(TooSlow):
        calls[-1].findings(deadline=math.inf)
    enough.set()
    assert [call.findings(deadline=monotonic() + 60) for call in calls[:-1]] == [[]] * MOST_AT_ONCE
    assert plugin.begin(CANDIDATE, FACTS).findings(deadline=monotonic() + 60) == []
