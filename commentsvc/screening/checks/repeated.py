"""A text that comes again and again, under whatever names."""

from __future__ import annotations

from commentsvc.messages import message
from commentsvc.model import Outcome
from commentsvc.screening.check import Candidate, Facts, Phase
from commentsvc.screening.finding import Finding
from commentsvc.screening.fingerprint import folded

SHORTEST = 40  # letters: "Thank you!" is said by many
TIMES_BEFORE = 3  # within a day; who posts the same in two or three threads may mean it


class Repeated:
    """Holds a text of some length from the fourth time on that it comes to the site within a day."""

    name = "repeated"
    phase = Phase.INSIDE

    def look(self, candidate: Candidate, facts: Facts) -> Finding | None:
        """Look how often the text came before."""
        times = facts.same_text or 0
        if times < TIMES_BEFORE or len(folded(candidate.plain)) < SHORTEST:
            return None
        evidence = f"{times} times before within a day"
        return Finding(
            Outcome.HOLD, min(1.0, 0.5 + times / 20), message("the same text came several times"), evidence
        )
