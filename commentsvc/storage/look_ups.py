"""Look-ups of versions: what every hot read asks, on a connection of its own and without a transaction."""

from __future__ import annotations

from sqlalchemy import BigInteger, BindParameter, String, and_, bindparam, select

from commentsvc.model import State
from commentsvc.storage.any_of import AnyOf
from commentsvc.storage.prepared import Prepared
from commentsvc.storage.tables import CommentRow, SiteRow, ThreadRow

FEED_ENTRIES = 50  # of the comments of a site that its feed shows

_SITE: BindParameter[int] = bindparam("site", type_=BigInteger)
_EPOCH = select(SiteRow.epoch).where(SiteRow.id == _SITE).scalar_subquery()
_OF_ARTICLE = ThreadRow.article == bindparam("article", type_=String)

THREAD = Prepared(
    select(SiteRow.epoch, ThreadRow.id, ThreadRow.version)
    .select_from(SiteRow)
    .outerjoin(ThreadRow, and_(ThreadRow.site_id == SiteRow.id, _OF_ARTICLE))
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
    select(_EPOCH, ThreadRow.article, ThreadRow.count)
    .where(ThreadRow.site_id == _SITE, AnyOf(ThreadRow.article, "articles"))
    .order_by(ThreadRow.article)
)
NEWEST_OF_SITE = Prepared(
    select(_EPOCH, CommentRow.id, ThreadRow.version)
    .join(ThreadRow, ThreadRow.id == CommentRow.thread_id)
    .where(
        CommentRow.site_id == _SITE,
        CommentRow.state == State.APPROVED,
        CommentRow.erased_at.is_(None),  # no approved one is; it says which index will do
    )
    .order_by(CommentRow.id.desc())
    .limit(FEED_ENTRIES)
)
