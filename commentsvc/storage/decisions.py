"""The audit log."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from commentsvc.model import Decision, RandomBytes, State
from commentsvc.storage.prepared import Prepared
from commentsvc.storage.tables import DecisionRow, SiteRow

ID_BYTES = 12


@dataclass(frozen=True, slots=True)
class NewDecision:
    """What a line of the log says, before it has an id and a time."""

    by: str
    comment: str
    site_id: int
    article: str
    action: str
    from_state: State | None
    to_state: State | None
    reason: str | None


def add(session: Session, decision: NewDecision, random_bytes: RandomBytes, now: datetime) -> None:
    """Write one line; lines are never changed."""
    _ADD.rows(
        session,
        public_id=urlsafe_b64encode(random_bytes(ID_BYTES)).decode(),
        decided_at=now,
        **{field.name: getattr(decision, field.name) for field in fields(decision)},
    )


def latest_by(session: Session, comment: str) -> str | None:
    """Who decided last about the comment of that public id."""
    rows = select(DecisionRow.by).where(DecisionRow.comment == comment)
    return session.scalar(rows.order_by(DecisionRow.id.desc()).limit(1))


def latest(
    session: Session,
    sites: frozenset[int] | None,
    comment: str | None,
    before: int | None,
    limit: int,
) -> list[tuple[int, Decision]]:
    """Lines of the log of those sites, newest first, each with its row's number for the cursor."""
    rows = (
        select(DecisionRow, SiteRow.slug)
        .join(SiteRow, DecisionRow.site_id == SiteRow.id)
        .order_by(DecisionRow.id.desc())
        .limit(limit)
    )
    if sites is not None:
        rows = rows.where(DecisionRow.site_id.in_(sites))
    if comment is not None:
        rows = rows.where(DecisionRow.comment == comment)
    if before is not None:
        rows = rows.where(DecisionRow.id < before)
    return [
        (
            row.id,
            Decision(
                id=row.public_id,
                decided_at=row.decided_at,
                by=row.by,
                comment=row.comment,
                site=slug,
                article=row.article,
                action=row.action,
                from_=row.from_state,
                to=row.to_state,
                reason=row.reason,
            ),
        )
        for row, slug in session.execute(rows)
    ]


_NEW = ("public_id", "decided_at", *(field.name for field in fields(NewDecision)))
_ADD = Prepared(insert(DecisionRow).values({name: bindparam(name) for name in _NEW}))
