"""Look into the audit trail."""

from __future__ import annotations

from commentsvc.access.permissions import require_everywhere
from commentsvc.audit.trail import Kind
from commentsvc.errors import Invalid
from commentsvc.model import AuditEntry, Moderator, Permission
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads import cursors

LISTING = "audit"


def read_trail(
    service: Service,
    work: UnitOfWork,
    moderator: Moderator | None,
    kind: str | None,
    limit: int,
    cursor: str | None,
) -> tuple[list[AuditEntry], str | None]:
    """Give a page of the audit trail, newest first, and the cursor of the next; the operator is None.

    :raises Forbidden: this is neither an admin nor an auditor of all sites.
    :raises Invalid: there is no such kind, or the cursor does not belong to this list.
    """
    if moderator is not None:
        require_everywhere(moderator, Permission.READ_TRAIL)
    if kind is not None and kind not in set(Kind):
        raise Invalid({"kind": ["A kind is one of " + ", ".join(Kind) + "."]})
    keys = service.keys.derive_each("cursor", 64)
    try:
        before = int(cursors.unseal_any(cursor, LISTING, keys)) if cursor else None
    except cursors.BadCursor as wrong:
        raise Invalid({"cursor": [str(wrong)]}) from None
    rows = work.audit.latest(kind, before, limit + 1)
    page = rows[:limit]
    following = cursors.seal(str(page[-1][0]), LISTING, keys[0]) if len(rows) > limit else None
    return [entry for _, entry in page], following
