"""What moderators want to be told of by mail, what they are told of, and which links they used."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update

from commentsvc.model import WaitingMail
from commentsvc.records import StoredMailChoice
from commentsvc.storage.repository import Repository, unless_there
from commentsvc.storage.tables import MailChoiceRow, MailChoiceSiteRow, UsedLinkRow, WaitingNoticeRow

NEVER_CHOSEN = StoredMailChoice(WaitingMail.HOURLY, True, None, None, 0, None, None)
"""What holds for an account until it chooses."""

_ADD = unless_there(MailChoiceRow, MailChoiceRow.account_id)
_NOTE = unless_there(WaitingNoticeRow, WaitingNoticeRow.id)
_USE = unless_there(UsedLinkRow, UsedLinkRow.digest)


class ModeratorsMail(Repository):
    """Choices, notices and used links."""

    def choices(self) -> dict[int, StoredMailChoice]:
        """What accounts chose, by their row numbers."""
        return self._choices()

    def choice(self, account_id: int) -> StoredMailChoice:
        """What one account chose, or `NEVER_CHOSEN`."""
        return self._choices(MailChoiceRow.account_id == account_id).get(account_id, NEVER_CHOSEN)

    def locked(self, account_id: int) -> StoredMailChoice:
        """As `choice`; it stays so until the end, and has a row."""
        empty = NEVER_CHOSEN
        self._rows(
            self._for(_ADD),
            account_id=account_id,
            waiting=empty.waiting,
            reports=empty.reports,
            all_sites=True,
            batch=empty.batch,
        )
        self._rows(
            select(MailChoiceRow.batch).where(MailChoiceRow.account_id == account_id).with_for_update()
        )
        return self.choice(account_id)

    def choose(
        self, account_id: int, waiting: WaitingMail, reports: bool, sites: Sequence[int] | None
    ) -> None:
        """Store what an account wants to be told of; its row is there."""
        self._change(account_id, waiting=waiting, reports=reports, all_sites=sites is None)
        self._run(delete(MailChoiceSiteRow).where(MailChoiceSiteRow.account_id == account_id))
        for site_id in sites or ():
            self._insert(MailChoiceSiteRow, account_id=account_id, site_id=site_id)

    def note_language(self, account_id: int, language: str) -> None:
        """Store in which language an account's mail is; its row is there."""
        self._change(account_id, language=language)

    def begin_batch(self, account_id: int, batch: int, due_at: datetime) -> None:
        """Say that the mail of that number is the latest about what waits; its row is there."""
        self._change(account_id, batch=batch, due_at=due_at)

    def note_attempts(self, account_id: int, now: datetime) -> None:
        """Say that an account is told now of attempts to sign in to it; its row is there."""
        self._change(account_id, attempts_told_at=now)

    def note(self, account_id: int, comment_id: int, occasion: int, batch: int) -> bool:
        """Say of which comment the mail of that number tells; give whether none has told of it on that occasion."""
        notice = {"account_id": account_id, "comment_id": comment_id, "occasion": occasion, "batch": batch}
        return self._first(self._for(_NOTE), **notice) is not None

    def noted(self, account_id: int, batch: int) -> list[int]:
        """The row numbers of the comments that the mail of that number tells of, the oldest notice first."""
        theirs = (WaitingNoticeRow.account_id == account_id, WaitingNoticeRow.batch == batch)
        rows = self._rows(select(WaitingNoticeRow.comment_id).where(*theirs).order_by(WaitingNoticeRow.id))
        return [row.comment_id for row in rows]

    def forget(self, comment_ids: Collection[int]) -> None:
        """Forget who was told of comments that are erased, which wait no more."""
        self._run(delete(WaitingNoticeRow).where(WaitingNoticeRow.comment_id.in_(comment_ids)))

    def use_link(self, digest: bytes, expires_at: datetime) -> bool:
        """Say that a link is used; give whether it was not before."""
        return self._first(self._for(_USE), digest=digest, expires_at=expires_at) is not None

    def is_link_used(self, digest: bytes) -> bool:
        """Whether a link was used."""
        return self._first(select(UsedLinkRow.digest).where(UsedLinkRow.digest == digest)) is not None

    def sweep_links(self, now: datetime, limit: int) -> int:
        """Forget used links that have ended, *limit* at most. Give how many."""
        ended = select(UsedLinkRow.digest).where(UsedLinkRow.expires_at < now).limit(limit)
        forget = delete(UsedLinkRow).where(UsedLinkRow.digest.in_(ended))
        return len(self._rows(forget.returning(UsedLinkRow.digest)))

    def _change(self, account_id: int, **columns: Any) -> None:
        self._run(update(MailChoiceRow).where(MailChoiceRow.account_id == account_id).values(**columns))

    def _choices(self, *conditions: ColumnElement[bool]) -> dict[int, StoredMailChoice]:
        rows = self._rows(select(MailChoiceRow).where(*conditions))
        sites: dict[int, set[int]] = {row.account_id: set() for row in rows}
        limited = select(MailChoiceSiteRow).where(MailChoiceSiteRow.account_id.in_(list(sites)))
        for entry in self._rows(limited):
            sites[entry.account_id].add(entry.site_id)
        return {
            row.account_id: StoredMailChoice(
                row.waiting,
                row.reports,
                None if row.all_sites else frozenset(sites[row.account_id]),
                row.language,
                row.batch,
                row.due_at,
                row.attempts_told_at,
            )
            for row in rows
        }
