"""The statement of reasons: which decision against a comment stands, and what its author is told of it.

Regulation (EU) 2022/2065, Article 17 (3). Nothing of it depends on an e-mail address: see `screening.told`.
"""

from __future__ import annotations

from collections.abc import Sequence

from commentsvc.messages import message
from commentsvc.model import Action, State
from commentsvc.records import StoredDecision

OBJECTION = "objection"  # the action of the line with which a comment returned to the queue
ENDS_VISIBILITY = {
    str(Action.HOLD): message("Nobody but you sees the comment, until a moderator decides otherwise."),
    str(Action.SPAM): message("Nobody but you sees the comment any more."),
    str(Action.TRASH): message("Nobody but you sees the comment any more."),
    str(Action.PURGE): message("The comment was erased for good."),
}
FOUND_BY_CHECKS = message("An automatic check found:")
REPORTED = message("Readers reported the comment.")
READ_BY_PERSON = message("A moderator read the comment and decided so.")
SITE_RULES = message("The rules of this site for comments.")
HOW_TO_OBJECT = message(
    "You can object here, and a moderator will look at it again. "
    "The law may also let you turn to an out-of-court body or to a court."
)
ERASED = message(
    "An erased comment cannot be restored. The law may let you turn to an out-of-court body or to a court."
)


def decision_against(lines: Sequence[StoredDecision]) -> StoredDecision | None:
    """The decision that stands, of all *lines* about a comment, oldest first; None where none is against it.

    An undone one does not stand, and what was in force before it does again.
    """
    numbers = {line.public_id: number for number, line in enumerate(lines)}
    number = len(lines) - 1
    while number >= 0:
        line = lines[number]
        if line.undoes is not None:
            number = numbers.get(line.undoes, number) - 1
        elif line.action == OBJECTION:
            number -= 1
        else:
            return None if line.to_state is State.APPROVED else line
    return None


def ground_of(reason: str, rules: Sequence[str]) -> str:
    """The rule of the site with which *reason* begins; where it names none, its rules as a whole."""
    return next((rule for rule in rules if reason.casefold().startswith(rule.casefold())), SITE_RULES)
