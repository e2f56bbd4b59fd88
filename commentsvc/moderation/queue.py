"""The queue as its moderators see it: their e-mail addresses and networks are opened here."""

from __future__ import annotations

from collections.abc import Callable

from commentsvc.model import Author, ModeratedComment, SafeHtml, State
from commentsvc.moderation.networks import opened_network
from commentsvc.moderation.reports import reason_shown
from commentsvc.privacy.keys import AddressKeys
from commentsvc.privacy.opening import open_address
from commentsvc.records import Filter, QueuedRow
from commentsvc.storage import findings
from commentsvc.storage.unit_of_work import UnitOfWork

PermalinkOf = Callable[[str, str, str], str]


def listed(
    work: UnitOfWork,
    filters: Filter,
    after: int | None,
    limit: int,
    keys: AddressKeys,
    permalink_of: PermalinkOf,
) -> tuple[list[ModeratedComment], int | None]:
    """Up to *limit* comments that match, in order, and the row behind which more may follow."""
    rows, more = work.queue.listed(filters, after, limit)
    return [moderated(row, keys, permalink_of) for row in rows], more


def moderated(row: QueuedRow, keys: AddressKeys, permalink_of: PermalinkOf) -> ModeratedComment:
    """One comment as its moderators see it."""
    return ModeratedComment(
        id=row.public_id,
        parent=row.parent,
        depth=row.depth,
        author=Author(row.author_name, row.author_url),
        html=SafeHtml(row.html),
        posted_at=row.posted_at,
        edited_at=row.edited_at,
        removed=row.state is not State.APPROVED and row.public_below > 0,
        replies=row.public_below,
        permalink=permalink_of(row.site, row.article, row.public_id),
        pinned=row.depth == 0 and row.root_seq in row.pins,
        locked=row.path in row.locks,
        staff=row.staff,
        state=row.state,
        email=open_address(row.sealed, row.public_id, keys) if row.sealed else "",
        text=row.text,
        article=row.article,
        site=row.site,
        reasons=tuple(map(reason_shown, row.reasons)),
        findings=findings.from_json(row.findings),
        author_id=row.author_id,
        revision=row.revision,
        thread_title=row.thread_title,
        claimed_title=row.claimed_title,
        claimed_url=row.claimed_url,
        reports=row.reports,
        network=opened_network(row.public_id, row.sealed_network, keys),
    )
