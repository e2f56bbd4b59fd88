"""Run the checks of one phase: each as its site has set it, and none longer than the phase may take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic

import structlog

from commentsvc.messages import message
from commentsvc.model import CheckMode, Outcome, RecordedFinding
from commentsvc.screening.check import Candidate, Check, Facts, Named, Phase
from commentsvc.screening.checks import DEFAULT_MODES, OWN
from commentsvc.screening.finding import Finding
from commentsvc.screening.plugins import Failed, Plugin, TooSlow, as_list, where

BUDGET_SECONDS = {
    Phase.BEFORE: 2.0,  # as long as a request waits for a database
    Phase.INSIDE: 0.5,  # in which nobody else writes to the thread, or, on SQLite, at all
}

log = structlog.get_logger("commentsvc.screening")


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, by which check it is, and whether that one (or what it found) only watches."""

    check: str
    finding: Finding
    watching: bool

    def recorded(self) -> RecordedFinding:
        """The finding as it is stored with its comment."""
        finding = self.finding
        return RecordedFinding(
            self.check,
            Outcome(finding.outcome),
            float(finding.score),
            finding.message,
            finding.evidence,
            self.watching,
        )


def run(
    phase: Phase,
    plugins: Sequence[Plugin],
    modes: Mapping[str, CheckMode],
    candidate: Candidate,
    facts: Facts,
    own: Sequence[Check] = OWN,
) -> list[Found]:
    """Give what the checks of *phase* found. Our own look one after the other, plugins at the same time."""
    deadline = monotonic() + BUDGET_SECONDS[phase]

    def is_due(check: Named) -> bool:
        return check.phase == phase and mode_of(check.name, modes) is not CheckMode.OFF

    calls = [(plugin, plugin.begin(candidate, _for_plugins(facts))) for plugin in filter(is_due, plugins)]
    found: list[Found] = []
    # What should not be public must not become so by a fault of the service; a plugin's fault holds nobody up.
    for check in filter(is_due, own):
        found += _found(check, modes, partial(_look, check, candidate, facts), Outcome.HOLD)
    for plugin, call in calls:
        found += _found(plugin, modes, partial(call.findings, deadline), Outcome.NONE)
    return found


def mode_of(name: str, modes: Mapping[str, CheckMode]) -> CheckMode:
    """What a site that set *modes* does with the check of that name."""
    return modes.get(name, DEFAULT_MODES.get(name, CheckMode.ON))


def _for_plugins(facts: Facts) -> Facts:
    """What plugins are told: that an address is blocked is not their business."""
    return replace(facts, known_text=False, caught=(), ruled=None)


def _look(check: Check, candidate: Candidate, facts: Facts) -> list[Finding]:
    return as_list(check.look(candidate, facts))


def _found(
    check: Named,
    modes: Mapping[str, CheckMode],
    look: Callable[[], Sequence[Finding]],
    if_it_fails: Outcome,
) -> list[Found]:
    watching = mode_of(check.name, modes) is CheckMode.WATCHING
    return [
        Found(check.name, finding, watching or finding.watching)
        for finding in _guarded(check.name, look, if_it_fails)
    ]


def _guarded(name: str, look: Callable[[], Sequence[Finding]], if_it_fails: Outcome) -> Sequence[Finding]:
    """What *look* gives; where it fails or is too slow, a finding that says so."""
    try:
        return look()
    except TooSlow:
        log.warning("check skipped", check=name, why="too slow")
        return [Finding(Outcome.NONE, 0.0, message("this check was skipped: it took too long"))]
    except Exception as why:
        log.error("check skipped", check=name, why=str(why) if isinstance(why, Failed) else where(why))
        return [Finding(if_it_fails, 0.0, message("this check was skipped: it failed"))]
