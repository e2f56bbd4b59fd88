"""The site's mode `first`: who was not approved of yet waits."""

from __future__ import annotations

from commentsvc.messages import message
from commentsvc.model import ModerationMode, Outcome
from commentsvc.screening.check import Candidate, Facts, Phase
from commentsvc.screening.finding import Finding


class FirstComment:
    """Holds a stranger's comment where the site's mode is `first`."""

    name = "first-comment"
    phase = Phase.INSIDE

    def look(self, candidate: Candidate, facts: Facts) -> Finding | None:
        """Say whether a person has approved of the author, or has read the text that is edited."""
        if facts.mode is not ModerationMode.FIRST or not facts.first_comment or facts.known_text:
            return None
        return Finding(Outcome.HOLD, 0.0, message("first comment of this author"))
