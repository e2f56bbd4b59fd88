"""What a comment's author may be told of its findings: nothing that their e-mail address has a part in."""

from __future__ import annotations

from collections.abc import Sequence

from commentsvc.errors import Invalid, Problem
from commentsvc.model import Outcome, Told
from commentsvc.screening.checks.first_comment import FirstComment
from commentsvc.screening.checks.honeypot import Honeypot
from commentsvc.screening.checks.link_only import LinkOnly
from commentsvc.screening.checks.links import Links
from commentsvc.screening.checks.mode import Mode
from commentsvc.screening.checks.repeated import Repeated
from commentsvc.screening.runner import Found
from commentsvc.storage import findings

NO_DECISION = {Mode.name, FirstComment.name}  # everybody waits there, and nobody has judged the comment
SPEAKS_TO_AUTHORS = {
    Honeypot.name,
    LinkOnly.name,
    Links.name,
    Repeated.name,
}  # whose message names no rule of a site
_STRENGTH = [Outcome.HOLD, Outcome.SPAM, Outcome.REJECT]


def told(results: Sequence[Found]) -> Told | None:
    """Give what may be told of what was found; None where that is nothing.

    A finding without a refusal concerns an address, or its check wants its author to hear nothing.
    """
    spoken = [
        one
        for one in results
        if one.recorded().effective and one.finding.refusal is not None and one.check not in NO_DECISION
    ]
    if not spoken:
        return None
    strongest = max((Outcome(one.finding.outcome) for one in spoken), key=_STRENGTH.index)
    facts = dict.fromkeys(_fact(one) for one in spoken)
    return Told(strongest, tuple(map(findings.text_to_json, facts)))


def _fact(one: Found) -> str:
    refusal = one.finding.refusal
    if one.check in SPEAKS_TO_AUTHORS or refusal is None:
        return one.finding.message
    return _words_of(refusal)


def _words_of(refusal: Problem) -> str:
    if isinstance(refusal, Invalid):
        return next(text for texts in refusal.errors.values() for text in texts)
    return refusal.detail
