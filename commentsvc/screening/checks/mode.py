"""The site's mode `all`: everybody waits."""

from __future__ import annotations

from commentsvc.messages import message
from commentsvc.model import ModerationMode, Outcome
from commentsvc.screening.check import Candidate, Facts, Phase
from commentsvc.screening.finding import Finding


class Mode:
    """Holds every comment where the site's mode is `all`."""

    name = "mode"
    phase = Phase.INSIDE

    def look(self, candidate: Candidate, facts: Facts) -> Finding | None:
        """Say that it waits, whatever it is."""
        if facts.mode is not ModerationMode.ALL:
            return None
        return Finding(Outcome.HOLD, 0.0, message("every comment of this site waits"))
