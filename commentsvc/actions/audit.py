"""Look into the audit log, and prove that it is whole."""

from __future__ import annotations

from collections.abc import Iterator

from commentsvc.access.permissions import require_everywhere
from commentsvc.audit import verification
from commentsvc.audit.trail import Kind
from commentsvc.audit.verification import Broken, Whole
from commentsvc.errors import Invalid
from commentsvc.model import AuditEntry, Moderator, Permission
from commentsvc.moderation import unseen
from commentsvc.records import LogLine
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads import cursors

LISTING = "audit"
WRITTEN_AT_ONCE = 500  # entries of a long list


def read_trail(
    service: Service,
    work: UnitOfWork,
    moderator: Moderator | None,
    kind: str | None,
    limit: int,
    cursor: str | None,
) -> tuple[list[AuditEntry], str | None]:
    """Give a page of the audit log, newest first, and the cursor of the next; the operator is None.

    :raises Forbidden: this is neither an admin nor an auditor of all sites.
    :raises Invalid: there is no such kind, or the cursor does not belong to this list.
    """
    _require_reader(moderator)
    before = _position(service, kind, cursor)
    rows = work.chain.latest(kind, before, limit + 1)
    page = rows[:limit]
    following = None
    if len(rows) > limit:
        following = cursors.seal(str(page[-1].position), LISTING, service.keys.derive("cursor", 64))
    return [_entry(moderator, line) for line in page], following


def read_whole_trail(
    service: Service, moderator: Moderator, kind: str | None, cursor: str | None
) -> Iterator[AuditEntry]:
    """Give all entries from there on, newest first, read a part at a time as they are asked for.

    :raises Forbidden, Invalid: as `read_trail` does, before the first is asked for.
    """
    _require_reader(moderator)
    return _all_entries(service, moderator, kind, _position(service, kind, cursor))


def verify(work: UnitOfWork, head: str | None) -> Whole | Broken:
    """Give whether the audit log is whole, and where it is not; see `audit.verification`."""
    return verification.verify(work, head)


def _require_reader(moderator: Moderator | None) -> None:
    if moderator is not None:
        require_everywhere(moderator, Permission.READ_TRAIL)


def _position(service: Service, kind: str | None, cursor: str | None) -> int | None:
    """The entry that *cursor* leads behind, in the list of that kind."""
    if kind is not None and kind not in set(Kind):
        raise Invalid({"kind": ["A kind is one of " + ", ".join(Kind) + "."]})
    try:
        keys = service.keys.derive_each("cursor", 64)
        return int(cursors.unseal_any(cursor, LISTING, keys)) if cursor else None
    except cursors.BadCursor as wrong:
        raise Invalid({"cursor": [str(wrong)]}) from None


def _all_entries(
    service: Service, moderator: Moderator, kind: str | None, before: int | None
) -> Iterator[AuditEntry]:
    while True:
        with service.reading() as work:
            lines = work.chain.latest(kind, before, WRITTEN_AT_ONCE)
        yield from (_entry(moderator, line) for line in lines)
        if len(lines) < WRITTEN_AT_ONCE:
            return
        before = lines[-1].position


def _entry(moderator: Moderator | None, line: LogLine) -> AuditEntry:
    return unseen.entry_for(moderator, AuditEntry(**line.content, hash=line.hash or ""))
