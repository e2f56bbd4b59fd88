"""The letters: for each `X-Comments-Kind` what writes one, a file for each subject.

It gives None where there is nothing to send any more: what it tells of was taken back, stopped or erased; and `Unsent` where
what it tells of is held.
"""

from __future__ import annotations

from collections.abc import Callable

from commentsvc.notifications.kind import Unsent
from commentsvc.notifications.mail.letter import Letter
from commentsvc.notifications.mail.letters import authors, followers, moderators
from commentsvc.records import OutboxMessage
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

Write = Callable[[Service, UnitOfWork, OutboxMessage], Letter | Unsent | None]

LETTERS: dict[str, Write] = {
    "confirm": followers.confirm,
    "access": followers.access,
    "reply": followers.reply,
    "digest": followers.digest,
    "waiting": moderators.waiting,
    "report": moderators.report,
    "account": moderators.account,
    "reasons": authors.reasons,
}
