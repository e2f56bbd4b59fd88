"""The field that people neither see nor reach; programs that fill in all there is fill it in, too."""

from __future__ import annotations

from commentsvc.messages import message
from commentsvc.model import Outcome
from commentsvc.screening.check import Candidate, Facts, Phase
from commentsvc.screening.finding import Finding


class Honeypot:
    """Takes for spam what has something in the hidden field."""

    name = "honeypot"
    phase = Phase.BEFORE

    def look(self, candidate: Candidate, facts: Facts) -> Finding | None:
        """Look whether the hidden field is empty."""
        if not candidate.trap.strip():
            return None
        return Finding(Outcome.SPAM, 0.9, message("the hidden field was filled in"), candidate.trap)
