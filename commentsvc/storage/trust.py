"""Whom comments that were vouched for speak for: who sends the same author key and types the same address."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update

from commentsvc.model import State
from commentsvc.records import Lookups
from commentsvc.storage.prepared import Prepared
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import AddressRow, CommentRow

_OF_AUTHOR = (
    CommentRow.site_id == bindparam("site"),
    CommentRow.author_id == bindparam("author"),
    CommentRow.vouched,
)
_VOUCHED = Prepared(
    select(CommentRow.id)
    .join(AddressRow, AddressRow.comment_id == CommentRow.id)
    .where(
        *_OF_AUTHOR,
        AddressRow.lookup.in_((bindparam("hashed"), bindparam("otherwise"))),
        CommentRow.id != bindparam("besides"),
    )
    .limit(1)
)
_WITHDRAW = update(CommentRow).where(*_OF_AUTHOR).values(vouched=False, withdrawn_by=bindparam("why"))
_WITHDRAW_ONE = (
    update(CommentRow)
    .where(CommentRow.id == bindparam("comment"), CommentRow.vouched)
    .values(vouched=False, withdrawn_by=bindparam("why"))
)
_RESTORE = (
    update(CommentRow)
    .where(
        CommentRow.site_id == bindparam("site"),
        CommentRow.author_id == bindparam("author"),
        CommentRow.withdrawn_by == bindparam("why"),
        CommentRow.state == State.APPROVED,
    )
    .values(vouched=True, withdrawn_by=None)
)


class Trust(Repository):
    """Who was vouched for."""

    def is_trusted(self, site_id: int, author_id: str, lookups: Lookups | None, *, besides: int = 0) -> bool:
        """Whether a comment of that author on that site, under that address, was vouched for.

        :param besides: the row number of a comment that does not count, as it cannot vouch for itself.
        """
        hashed, otherwise = lookups or (None, None)
        row = self._first(
            _VOUCHED, site=site_id, author=author_id, hashed=hashed, otherwise=otherwise, besides=besides
        )
        return row is not None

    def withdraw(self, site_id: int, author_id: str, decision: str) -> None:
        """End all trust in that author on that site, by the decision of that id."""
        self._run(_WITHDRAW, site=site_id, author=author_id, why=decision)

    def withdraw_one(self, comment_id: int, decision: str) -> None:
        """Let a comment no longer vouch for its author, by the decision of that id."""
        self._run(_WITHDRAW_ONE, comment=comment_id, why=decision)

    def restore(self, site_id: int, author_id: str, decision: str) -> None:
        """Restore the trust in that author that the decision of that id ended."""
        self._run(_RESTORE, site=site_id, author=author_id, why=decision)
