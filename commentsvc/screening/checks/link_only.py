"""A text that is nothing but links."""

from __future__ import annotations

import re

from commentsvc.messages import message
from commentsvc.model import Outcome
from commentsvc.screening.check import Candidate, Facts, Phase
from commentsvc.screening.finding import Finding
from commentsvc.screening.rendered import rendered

_LINK = re.compile(r"<a\s.*?</a>", re.DOTALL)
_WORD = re.compile(r"\w")
_IMAGE = "!["  # becomes a link, and is something to look at


class LinkOnly:
    """Holds a comment in which nothing is said: all that it shows are links."""

    name = "link-only"
    phase = Phase.BEFORE

    def look(self, candidate: Candidate, facts: Facts) -> Finding | None:
        """Look whether there is a word beside the links."""
        if not candidate.links or _IMAGE in candidate.text:
            return None
        if _WORD.search(rendered(_LINK.sub(" ", candidate.html)).text):
            return None
        return Finding(Outcome.HOLD, 0.5, message("nothing but links"), " ".join(candidate.links))
