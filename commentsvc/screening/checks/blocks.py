"""The blocks that moderators set. One on an e-mail address never changes what its sender sees."""

from __future__ import annotations

from collections.abc import Iterator

from commentsvc.errors import Forbidden, Invalid, Problem
from commentsvc.messages import Message, message
from commentsvc.model import BlockKind, Outcome
from commentsvc.records import StoredBlock
from commentsvc.screening.check import Candidate, Facts, Phase
from commentsvc.screening.finding import Finding


class Blocks:
    """A finding for each block that catches the comment."""

    name = "blocks"
    phase = Phase.INSIDE

    def look(self, candidate: Candidate, facts: Facts) -> Iterator[Finding]:
        """Say which blocks catch the comment."""
        for block in facts.caught:
            yield Finding(Outcome(block.action), 1.0, _message(block), refusal=_refusal(block))


def _message(block: StoredBlock) -> Message:
    match block.kind:
        case BlockKind.EMAIL:
            return message("blocked address")  # which stands beside it, for those who may see it
        case BlockKind.RANGE:
            return message("blocked range: %(value)s", value=block.value)
        case BlockKind.WORD:
            return message("blocked word: %(value)s", value=block.value)
        case BlockKind.DOMAIN:
            return message("blocked domain: %(value)s", value=block.value)
        case BlockKind.AUTHOR:
            return message("blocked author: %(value)s", value=block.value)


def _refusal(block: StoredBlock) -> Problem | None:
    match block.kind:
        case BlockKind.EMAIL:
            return None  # answered like a held comment
        case BlockKind.RANGE:
            return Forbidden(message("Comments from your network are not accepted here at the moment."))
        case BlockKind.AUTHOR:
            return Forbidden(message("Comments from you are not accepted here at the moment."))
        case BlockKind.WORD:
            return Invalid({"text": [message("This site does not accept a word or phrase of this comment.")]})
        case BlockKind.DOMAIN:
            return Invalid(
                {"text": [message("This site does not accept a web address that is in this comment.")]}
            )
