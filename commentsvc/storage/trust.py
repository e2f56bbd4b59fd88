"""Whom comments that were vouched for speak for: who sends the same author key and types the same address."""

from __future__ import annotations

from sqlalchemy import bindparam, exists, or_, select, update
from sqlalchemy.orm import aliased

from commentsvc.model import Action, State
from commentsvc.records import Lookups
from commentsvc.storage.prepared import Prepared
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import AddressRow, CommentRow, DecisionRow

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
_WITHDRAWN = (
    CommentRow.site_id == bindparam("site"),
    CommentRow.author_id == bindparam("author"),
    CommentRow.withdrawn_by == bindparam("why"),
)
_RESTORE = (
    update(CommentRow)
    .where(*_WITHDRAWN, CommentRow.state == State.APPROVED)
    .values(vouched=True, withdrawn_by=None)
)
_LATEST = (
    select(DecisionRow.public_id)
    .where(DecisionRow.comment == CommentRow.public_id)
    .order_by(DecisionRow.id.desc())
    .limit(1)
    .scalar_subquery()
)
_LEAVE_TO_LATEST = (
    update(CommentRow).where(*_WITHDRAWN, CommentRow.state != State.APPROVED).values(withdrawn_by=_LATEST)
)
_HAND_ON = update(CommentRow).where(*_WITHDRAWN).values(withdrawn_by=bindparam("other"))
_UNDO = aliased(DecisionRow)
_TAKEN_LATER = (
    select(DecisionRow.public_id)
    .join(CommentRow, CommentRow.public_id == DecisionRow.comment)
    .where(
        CommentRow.site_id == bindparam("site"),
        CommentRow.author_id == bindparam("author"),
        DecisionRow.id
        > select(DecisionRow.id).where(DecisionRow.public_id == bindparam("why")).scalar_subquery(),
        DecisionRow.by != bindparam("rule"),
        DecisionRow.action.in_((Action.SPAM, Action.TRASH, Action.PURGE)),
        or_(DecisionRow.to_state.is_(None), DecisionRow.to_state == CommentRow.state),
        ~exists().where(_UNDO.comment == DecisionRow.comment, _UNDO.undoes == DecisionRow.public_id),
    )
    .order_by(DecisionRow.id)
    .limit(1)
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
        """Restore the trust in that author that the decision of that id ended.

        What is not public now vouches again when the decision is undone that keeps it so.
        """
        self._run(_RESTORE, site=site_id, author=author_id, why=decision)
        self._run(_LEAVE_TO_LATEST, site=site_id, author=author_id, why=decision)

    def taken_later(self, site_id: int, author_id: str, decision: str, rule: str) -> str | None:
        """The first decision after that one that took a comment of that author away, and stands.

        :param rule: who decides where no person does: that is none against the author.
        """
        row = self._first(_TAKEN_LATER, site=site_id, author=author_id, why=decision, rule=rule)
        return None if row is None else row[0]

    def hand_on(self, site_id: int, author_id: str, decision: str, *, to: str) -> None:
        """Let the trust that a decision ended be ended by another one."""
        self._run(_HAND_ON, site=site_id, author=author_id, why=decision, other=to)
