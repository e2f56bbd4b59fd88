"""Look-ups of versions: what every hot read asks, on a connection of its own and without a transaction."""

from __future__ import annotations

from sqlalchemy import BigInteger, BindParameter, String, bindparam, cast, func, select
from sqlalchemy.orm import aliased

from commentsvc.model import State
from commentsvc.storage.any_of import AnyOf
from commentsvc.storage.prepared import Prepared
from commentsvc.storage.tables import CommentRow, SiteRow, ThreadRow
from commentsvc.storage.thread_names import thread_named

FEED_ENTRIES = 50  # of the comments of a site that its feed shows

_SITE: BindParameter[int] = bindparam("site", type_=BigInteger)
_EPOCH = select(SiteRow.epoch).where(SiteRow.id == _SITE).scalar_subquery()
_NAMED = aliased(ThreadRow, name="named")

THREAD = Prepared(
    select(SiteRow.epoch, ThreadRow.id, ThreadRow.version)
    .select_from(SiteRow)
    .outerjoin(ThreadRow, ThreadRow.id == thread_named(_SITE, bindparam("article", type_=String)))
    .where(SiteRow.id == _SITE)
)
COMMENT = Prepared(
    select(SiteRow.epoch, ThreadRow.id, ThreadRow.version)
    .select_from(CommentRow)
    .join(ThreadRow, ThreadRow.id == CommentRow.thread_id)
    .join(SiteRow, SiteRow.id == ThreadRow.site_id)
    .where(CommentRow.public_id == bindparam("comment", type_=String))
)
COUNTS = Prepared(
    select(_EPOCH, _NAMED.article, ThreadRow.count)
    .select_from(_NAMED)
    .join(ThreadRow, ThreadRow.id == func.coalesce(_NAMED.moved_to, _NAMED.id))
    .where(_NAMED.site_id == _SITE, AnyOf(_NAMED.article, "articles"))
    .order_by(_NAMED.article)
)
STATES = Prepared(
    select(_NAMED.article, ThreadRow.version, ThreadRow.count, _EPOCH, ThreadRow.id)
    .select_from(_NAMED)
    .join(ThreadRow, ThreadRow.id == func.coalesce(_NAMED.moved_to, _NAMED.id))
    .where(_NAMED.site_id == _SITE, AnyOf(_NAMED.article, "articles"))
)
# Differs whenever a transaction that writes began or ended, of any database of the server (PostgreSQL).
SNAPSHOT = Prepared(select(cast(func.pg_current_snapshot(), String)))
# Those that a feed shows, by time as there: an import brings old comments in new rows.
NEWEST_OF_SITE = Prepared(
    select(_EPOCH, CommentRow.id, ThreadRow.version)
    .join(ThreadRow, ThreadRow.id == CommentRow.thread_id)
    .where(
        CommentRow.site_id == _SITE,
        CommentRow.state == State.APPROVED,
        CommentRow.erased_at.is_(None),  # no approved one is; it says which index will do
        CommentRow.shown,
    )
    .order_by(CommentRow.posted_at.desc(), CommentRow.id.desc())
    .limit(FEED_ENTRIES)
)
