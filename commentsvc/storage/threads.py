"""Threads: one row an article. The row is the lock under which a thread changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, and_, bindparam, case, delete, exists, not_, or_, select, update

from commentsvc.model import State
from commentsvc.records import StoredThread
from commentsvc.storage.prepared import Prepared
from commentsvc.storage.repository import Repository, unless_there
from commentsvc.storage.tables import CommentRow, ThreadRow
from commentsvc.storage.tables.types import UtcDateTime
from commentsvc.storage.thread_names import thread_named


def milliseconds(now: datetime) -> int:
    """*now* as a version: milliseconds since 1970."""
    return int(now.timestamp() * 1000)


def next_version(step: Any) -> Any:
    """The version after the one a row has: the parameter `at`, or *step* more where that is no later.

    So two histories that part, since a backup was restored between them, never give two states one version.
    """
    at = bindparam("at", type_=BigInteger)
    return case((ThreadRow.version < at, at), else_=ThreadRow.version + step)


_COLUMNS = (
    ThreadRow.id,
    ThreadRow.article,
    ThreadRow.title,
    ThreadRow.url,
    ThreadRow.claimed_title,
    ThreadRow.claimed_url,
    ThreadRow.claimed_by,
    ThreadRow.open,
    ThreadRow.count,
    ThreadRow.version,
    ThreadRow.pins,
    ThreadRow.locks,
    ThreadRow.close_after_days,
    ThreadRow.closes_at,
    ThreadRow.expired,
    ThreadRow.reopened,
    ThreadRow.slow_mode_seconds,
)
_IS_NAMED = ThreadRow.id == thread_named(bindparam("site"), bindparam("named"))
_OF_ARTICLE = Prepared(select(*_COLUMNS).where(_IS_NAMED))
_FIND_AND_LOCK = Prepared(select(ThreadRow.moved_to, *_COLUMNS).where(_IS_NAMED).with_for_update())
_LOCK = select(ThreadRow.moved_to).where(ThreadRow.id == bindparam("thread")).with_for_update()
_NAMED = select(thread_named(bindparam("site"), bindparam("named")))
_SIZE = select(ThreadRow.last_seq).where(ThreadRow.id == bindparam("thread"))
_BY_ID = select(*_COLUMNS).where(ThreadRow.id == bindparam("thread"))
_ADD = unless_there(ThreadRow, ThreadRow.id)
_TAKE_NUMBER = Prepared(
    update(ThreadRow)
    .where(ThreadRow.id == bindparam("thread"))
    .values(
        last_seq=ThreadRow.last_seq + 1,
        version=next_version(bindparam("public")),
        count=ThreadRow.count + bindparam("public"),
    )
    .returning(ThreadRow.last_seq)
)
_CHANGED = (
    update(ThreadRow)
    .where(ThreadRow.id == bindparam("thread"))
    .values(version=next_version(1), count=ThreadRow.count + bindparam("more"))
)
_FOLLOWING_SITE = (
    select(*_COLUMNS)
    .where(
        ThreadRow.site_id == bindparam("site"),
        ThreadRow.id > bindparam("after"),
        ThreadRow.close_after_days.is_(None),
        ThreadRow.moved_to.is_(None),
        not_(ThreadRow.reopened),
    )
    .order_by(ThreadRow.id)
    .limit(bindparam("most", type_=Integer))
    .with_for_update()
)
_CLAIMING = CommentRow.__table__.alias("claiming")
CLAIM_STANDS = or_(
    ThreadRow.claimed_by.is_(None),
    exists().where(
        _CLAIMING.c.id == ThreadRow.claimed_by,
        _CLAIMING.c.state.in_((State.APPROVED, State.PENDING)),
        _CLAIMING.c.erased_at.is_(None),
    ),
)
"""Whether the comment whose form claimed title and address is neither spam nor gone; an import's claims have none."""
_IS_CLAIMED = or_(ThreadRow.claimed_title.is_not(None), ThreadRow.claimed_url.is_not(None))
_CLAIM = (
    update(ThreadRow)
    .where(ThreadRow.id == bindparam("thread"), not_(and_(_IS_CLAIMED, CLAIM_STANDS)))
    .values(claimed_title=bindparam("said"), claimed_url=bindparam("at"), claimed_by=bindparam("comment"))
)
_FORGET_CLAIM = (
    update(ThreadRow)
    .where(ThreadRow.id == bindparam("thread"), ThreadRow.claimed_by == bindparam("comment"))
    .values(claimed_title=None, claimed_url=None, claimed_by=None)
)
_OVER = select(ThreadRow.id).where(
    ThreadRow.closes_at <= bindparam("now", type_=UtcDateTime()), not_(ThreadRow.expired)
)
_CLOSE = (
    update(ThreadRow)
    .where(ThreadRow.id.in_(_OVER.order_by(ThreadRow.id).limit(bindparam("most", type_=Integer))))
    .values(expired=True, version=next_version(1))
    .returning(ThreadRow.id)
)


class Threads(Repository):
    """Threads, one an article. To hold its row is to be the only one who may change a thread."""

    def find(self, site_id: int, article: str) -> StoredThread | None:
        """The thread of that article; reading one never makes one."""
        row = self._first(_OF_ARTICLE, site=site_id, named=article)
        return None if row is None else StoredThread(*row)

    def lock(self, thread_id: int) -> None:
        """Wait until this transaction alone may change the thread (on SQLite it already does).

        Where it was merged into another thread since, its comments are there: that one is locked, too.
        """
        ((moved_to,),) = self._rows(_LOCK, thread=thread_id)
        if moved_to is not None:
            self.lock(moved_to)

    def lock_row(self, thread_id: int) -> None:
        """As `lock`, for the row of that number, wherever its comments are."""
        self._rows(_LOCK, thread=thread_id)

    def reserve(self, site_id: int, article: str, thread_id: int) -> int:
        """Let *article* be another name of that thread where it is none's; give the thread that it names."""
        fresh = {"open": True, "count": 0, "last_seq": 0, "version": 0}
        self._first(self._for(_ADD), site_id=site_id, article=article, moved_to=thread_id, **fresh)
        ((named,),) = self._rows(_NAMED, site=site_id, named=article)
        return int(named)

    def rename(self, site_id: int, thread: StoredThread, article: str) -> None:
        """Call *thread* by *article*, which is one of its other names, and keep the one that it has as another."""
        of_site = ThreadRow.site_id == site_id
        self._connection.execute(
            delete(ThreadRow).where(of_site, ThreadRow.article == article, ThreadRow.moved_to == thread.id)
        )
        self.describe(thread.id, article=article)
        self.reserve(site_id, thread.article, thread.id)

    def size(self, thread_id: int) -> int:
        """How many comments that thread has, those that nobody sees included."""
        return int(self._rows(_SIZE, thread=thread_id)[0][0])

    def by_id(self, thread_id: int) -> StoredThread:
        """The thread in the row of that number."""
        (row,) = self._rows(_BY_ID, thread=thread_id)
        return StoredThread(*row)

    def article_of(self, thread_id: int) -> str | None:
        """The article of the thread in that row; None where there is none any more."""
        row = self._first(_BY_ID, thread=thread_id)
        return None if row is None else StoredThread(*row).article

    def open_for_writing(self, site_id: int, article: str) -> StoredThread:
        """Lock the thread of that article, and make it where there is none."""
        row = self._first(_FIND_AND_LOCK, site=site_id, named=article)
        if row is None:
            fresh = {"open": True, "count": 0, "last_seq": 0, "version": 0}
            self._first(self._for(_ADD), site_id=site_id, article=article, **fresh)
            (row,) = self._rows(_FIND_AND_LOCK, site=site_id, named=article)
        moved_to, *columns = row
        if moved_to is not None:  # it was merged into another thread while this one waited for the lock
            return self.open_for_writing(site_id, article)
        return StoredThread(*columns)

    def take_number(self, thread_id: int, now: datetime, *, public: bool) -> int:
        """Give the number of the thread's next comment, and count it if it is public from the first."""
        at = milliseconds(now) if public else 0
        ((seq,),) = self._rows(_TAKE_NUMBER, thread=thread_id, public=int(public), at=at)
        return int(seq)

    def changed(self, thread_id: int, now: datetime, *, count: int = 0) -> None:
        """Say that what the public sees of the thread changed, and by how many its comments did."""
        self._run(_CHANGED, thread=thread_id, more=count, at=milliseconds(now))

    def claim(self, thread_id: int, comment_id: int, title: str | None, url: str | None) -> None:
        """Keep what the form of that comment says of its page, unless that of one that stands said something before."""
        if title is not None or url is not None:
            self._run(_CLAIM, thread=thread_id, comment=comment_id, said=title, at=url)

    def forget_claim(self, thread_id: int, comment_id: int) -> None:
        """Forget what the form of that comment said of its page."""
        self._run(_FORGET_CLAIM, thread=thread_id, comment=comment_id)

    def that_follow_the_site(self, site_id: int, after: int, limit: int) -> list[StoredThread]:
        """Threads of that site which do not say themselves when they close, locked, in order from behind row *after*."""
        rows = self._rows(_FOLLOWING_SITE, site=site_id, after=after, most=limit)
        return [StoredThread(*row) for row in rows]

    def is_any_over(self, now: datetime) -> bool:
        """Whether the time of any thread is over by *now* that is not closed."""
        return self._first(_OVER.limit(1), now=now) is not None

    def close_those_over(self, now: datetime, limit: int) -> int:
        """Close threads whose time is over by *now*, *limit* at most; give how many."""
        return len(self._rows(_CLOSE, now=now, at=milliseconds(now), most=limit))

    def describe(self, thread_id: int, **changes: object) -> None:
        """Set the named columns, as a moderator said."""
        self._connection.execute(update(ThreadRow).where(ThreadRow.id == thread_id).values(**changes))
