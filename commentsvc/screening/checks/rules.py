"""The rules that moderators set. One that concerns e-mail addresses never changes what a sender sees."""

from __future__ import annotations

from collections.abc import Iterator

from commentsvc.errors import Forbidden, Invalid, Problem
from commentsvc.messages import message
from commentsvc.model import CheckMode, Outcome
from commentsvc.screening.check import Candidate, Facts, Phase
from commentsvc.screening.finding import Finding
from commentsvc.screening.rules import Catch


class Rules:
    """A finding for each rule that catches the comment."""

    name = "rules"
    phase = Phase.BEFORE  # a hundred patterns take their time, in which nobody else should wait

    def look(self, candidate: Candidate, facts: Facts) -> Iterator[Finding]:
        """Say which rules catch the comment."""
        for catch in facts.ruled.caught() if facts.ruled else ():
            yield Finding(
                Outcome(catch.rule.outcome),
                1.0,
                message("rule: %(name)s", name=catch.rule.name),
                catch.evidence,
                refusal=_refusal(catch),
                watching=catch.rule.mode is CheckMode.WATCHING,
            )


def _refusal(catch: Catch) -> Problem | None:
    when = catch.rule.when
    if catch.rule.names_addresses or when.email_domains:
        return None  # answered like a held comment
    if when.networks:
        return Forbidden(message("Comments from your network are not accepted here at the moment."))
    if when.authors:
        return Forbidden(message("Comments from you are not accepted here at the moment."))
    if when.words:
        said = message("This site does not accept a word or phrase of this comment.")
    elif when.domains:
        said = message("This site does not accept a web address that is in this comment.")
    else:
        said = message("This site does not accept this comment.")
    return Invalid({catch.field: [said]})
