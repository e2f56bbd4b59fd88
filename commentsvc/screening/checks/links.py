"""Too many links."""

from __future__ import annotations

from commentsvc.messages import message
from commentsvc.model import Outcome
from commentsvc.screening.check import Candidate, Facts, Phase
from commentsvc.screening.finding import Finding

MOST_LINKS = 5  # different ones: a careful comment with its sources has three or four
SURELY = 20  # links at which there is no doubt left


class Links:
    """Holds a comment with more than `MOST_LINKS` different links in its text."""

    name = "links"
    phase = Phase.BEFORE

    def look(self, candidate: Candidate, facts: Facts) -> Finding | None:
        """Count where the links lead."""
        links = dict.fromkeys(candidate.links)
        if len(links) <= MOST_LINKS:
            return None
        evidence = f"{len(links)} links: {', '.join(links)}"
        return Finding(Outcome.HOLD, min(1.0, len(links) / SURELY), message("too many links"), evidence)
