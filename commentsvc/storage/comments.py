"""Comments as they are stored and changed; what the public sees of them is in `public_comments`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from commentsvc.model import Markup, State
from commentsvc.records import (
    NewComment,
    NewText,
    Outdated,
    Place,
    StoredComment,
    Whereabouts,
)
from commentsvc.storage.any_of import AnyOf
from commentsvc.storage.prepared import Prepared
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import CommentRow, SiteRow
from commentsvc.storage.thread_names import thread_named

MOST_STEPS = 1000  # from answer to answer: a few milliseconds
MOST_COUNTED = 1000  # of the same text: a flood is one from there on, and no post counts all of it

_IS_OUTDATED = and_(CommentRow.rules < bindparam("rules"), CommentRow.erased_at.is_(None))
_OUTDATED = (
    select(
        CommentRow.rules,
        CommentRow.id,
        CommentRow.thread_id,
        CommentRow.text,
        CommentRow.markup,
        CommentRow.redactions,
        CommentRow.html,
    )
    .where(
        _IS_OUTDATED,
        tuple_(CommentRow.rules, CommentRow.id)
        > tuple_(bindparam("after_rules", type_=Integer), bindparam("after_id", type_=BigInteger)),
    )
    .order_by(CommentRow.rules, CommentRow.id)
    .limit(bindparam("most", type_=Integer))
)
_COUNT_OUTDATED = select(func.count()).select_from(CommentRow).where(_IS_OUTDATED)
_BRING_UP = (
    update(CommentRow)
    .where(
        CommentRow.id == bindparam("comment"),
        CommentRow.text == bindparam("said"),
        CommentRow.rules < bindparam("new"),
        CommentRow.erased_at.is_(None),
    )
    .values(html=bindparam("shown_as"), rules=bindparam("new"))
    .returning(CommentRow.thread_id)
)


_IS_PUBLIC = CommentRow.state == State.APPROVED
_OF_ID = CommentRow.public_id == bindparam("comment")
_OF_THREAD = CommentRow.thread_id == bindparam("thread")
_NEW = tuple(field.name for field in fields(NewComment))
_PLACED = ("thread_id", "parent_id", "seq", "root_seq", "path", "depth", "shown")
_ADD = Prepared(
    insert(CommentRow)
    .values(
        {name: bindparam(name) for name in (*_NEW, *_PLACED)}
        | {"public_below": 0, "revision": 1, "vouched": False, "markup": Markup.MARKDOWN}
    )
    .returning(CommentRow.id)
)
_CHANGEABLE = select(*(getattr(CommentRow, field.name) for field in fields(StoredComment)))
_BY_PUBLIC_ID = _CHANGEABLE.where(_OF_ID, CommentRow.erased_at.is_(None))
_WHEREABOUTS = select(CommentRow.id, CommentRow.site_id, CommentRow.thread_id).where(_OF_ID)
_BY_ID = _CHANGEABLE.where(CommentRow.id == bindparam("comment"))
_OF_ROW = CommentRow.id == bindparam("comment")
_SET_STATE = (
    update(CommentRow)
    .where(_OF_ROW)
    .values(
        state=bindparam("to"),
        vouched=and_(CommentRow.vouched, bindparam("is_public", type_=Boolean)),
        shown=or_(bindparam("is_public", type_=Boolean), CommentRow.public_below > 0),
    )
)
_VOUCH = update(CommentRow).where(_OF_ROW).values(vouched=True, changed_since_read=0)
_SET_REASONS = update(CommentRow).where(_OF_ROW).values(reasons=bindparam("why"))
_REWRITE = (
    update(CommentRow)
    .where(_OF_ROW)
    .values(
        {name: bindparam(f"new_{name}") for name in (field.name for field in fields(NewText))}
        | {"revision": CommentRow.revision + 1, "redactions": None, "markup": Markup.MARKDOWN}
    )
)
_SET_STAFF = update(CommentRow).where(_OF_ROW).values(staff=bindparam("is_staff"))
_REDACT = (
    update(CommentRow)
    .where(_OF_ROW)
    .values(redactions=bindparam("spans"), html=bindparam("shown_as"), rules=bindparam("new"))
)
_ERASE = (
    update(CommentRow)
    .where(_OF_ROW)
    .values(
        author_name="",
        author_url=None,
        text="",
        html="",
        reasons=[],
        findings=[],
        fingerprint=None,
        redactions=None,
        edited_at=None,
        erased_at=bindparam("now"),
    )
)
_FIRST_OF_THREAD = select(CommentRow.posted_at).where(_OF_THREAD).order_by(CommentRow.seq).limit(1)
_FIRST_POSTED = Prepared(
    select(CommentRow.posted_at)
    .where(  # not a join: PostgreSQL would sort the thread
        CommentRow.thread_id == thread_named(bindparam("site"), bindparam("named"))
    )
    .order_by(CommentRow.seq)
    .limit(1)
)
_SAME_TEXT = Prepared(
    select(func.count()).select_from(
        select(CommentRow.id)
        .where(
            CommentRow.site_id == bindparam("site"),
            CommentRow.fingerprint == bindparam("hashed"),
            CommentRow.posted_at >= bindparam("since"),
            CommentRow.id != bindparam("besides"),
        )
        .limit(bindparam("most", type_=Integer))
        .subquery()
    )
)
_NTH_THAT_WAITS = (
    select(CommentRow.id)
    .where(
        CommentRow.site_id == bindparam("site"),
        CommentRow.state == State.PENDING,
        CommentRow.erased_at.is_(None),
    )
    .order_by(CommentRow.id)
    .limit(1)
    .offset(bindparam("before", type_=Integer))
)
_BELOW = CommentRow.public_below + bindparam("more")
_ADD_BELOW = (
    # Each half names all of an index's columns: with the thread outside, SQLite reads through all of it.
    update(CommentRow)
    .where(or_(and_(_OF_THREAD, AnyOf(CommentRow.path, "above")), CommentRow.id == bindparam("parent")))
    .values(public_below=_BELOW, shown=or_(_IS_PUBLIC, _BELOW > 0))
)


def _through() -> Select[int]:
    """Whether a comment is, or answers through others, what stands at one of the places `locked`."""
    above = CommentRow.__table__.alias("above")
    chain = (
        select(CommentRow.parent_id, CommentRow.path, literal(1).label("step"))
        .where(CommentRow.id == bindparam("comment"))
        .cte("chain", recursive=True)
    )
    chain = chain.union_all(
        select(above.c.parent_id, above.c.path, chain.c.step + 1).where(
            above.c.id == chain.c.parent_id, chain.c.step < MOST_STEPS
        )
    )
    return select(chain.c.step).where(AnyOf(chain.c.path, "locked")).limit(1)


_ANSWERS_THROUGH = _through()


_SHOWN_AT = select(CommentRow.path).where(_OF_THREAD, AnyOf(CommentRow.path, "places"), CommentRow.shown)
_ANSWERS = select(CommentRow.id, CommentRow.path, CommentRow.erased_at).where(
    CommentRow.parent_id == bindparam("comment")
)


class Comments(Repository):
    """Comments."""

    def add(
        self, comment: NewComment, *, thread_id: int, parent_id: int | None, seq: int, place: Place
    ) -> int:
        """Store a comment; give the number of its row."""
        columns = {name: getattr(comment, name) for name in _NEW}
        ((row_id,),) = self._rows(
            _ADD,
            **columns,
            thread_id=thread_id,
            parent_id=parent_id,
            seq=seq,
            root_seq=place.root_seq,
            path=place.path,
            depth=place.depth,
            shown=comment.state is State.APPROVED,
        )
        return int(row_id)

    def by_public_id(self, public_id: str) -> StoredComment | None:
        """The comment of that id, if there is one that was not erased."""
        row = self._first(_BY_PUBLIC_ID, comment=public_id)
        return None if row is None else StoredComment(*row)

    def whereabouts(self, public_id: str) -> Whereabouts | None:
        """Where the comment of that id is, erased or not."""
        row = self._first(_WHEREABOUTS, comment=public_id)
        return None if row is None else Whereabouts(*row)

    def of_row(self, comment_id: int) -> StoredComment | None:
        """As `by_id`; None where the row was deleted, as by the undoing of an import, or its comment erased."""
        row = self._first(_BY_ID, comment=comment_id)
        comment = None if row is None else StoredComment(*row)
        return None if comment is None or comment.erased_at is not None else comment

    def by_id(self, comment_id: int) -> StoredComment:
        """The comment in the row of that number, erased or not."""
        (row,) = self._rows(_BY_ID, comment=comment_id)
        return StoredComment(*row)

    def answered_by(self, comment_id: int) -> str | None:
        """The id of the person or the token that wrote a comment as one of the staff."""
        row = self._first(select(CommentRow.answered_by).where(CommentRow.id == comment_id))
        return None if row is None else row[0]

    def set_state(self, comment_id: int, state: State) -> None:
        """Put a comment into *state*; it vouches for nobody and, without public replies, shows no place unless public."""
        self._run(_SET_STATE, comment=comment_id, to=state, is_public=state is State.APPROVED)

    def vouch(self, comment_id: int) -> None:
        """Let a comment vouch for its author."""
        self._run(_VOUCH, comment=comment_id)

    def set_reasons(self, comment_id: int, reasons: Sequence[str]) -> None:
        """Store why a comment is not public."""
        self._run(_SET_REASONS, comment=comment_id, why=list(reasons))

    def rewrite(self, comment_id: int, new: NewText) -> None:
        """Give a comment another text, and the next revision."""
        values = {f"new_{field.name}": getattr(new, field.name) for field in fields(new)}
        self._run(_REWRITE, comment=comment_id, **values)

    def set_staff(self, comment_id: int, staff: bool) -> None:
        """Show a comment as one of the staff, or no longer."""
        self._run(_SET_STAFF, comment=comment_id, is_staff=staff)

    def redact(self, comment_id: int, spans: list[list[int]] | None, html: str, rules: int) -> None:
        """Store which parts of a comment's text are blacked out, and the HTML that *rules* made of the rest."""
        self._run(_REDACT, comment=comment_id, spans=spans, shown_as=html, new=rules)

    def answers_through(self, comment_id: int, places: Sequence[str]) -> bool:
        """Whether that comment answers one at those *places*, itself or through others that do.

        At the last level answers stand beside each other, and `MAX_DEPTH` may have been another one then.
        """
        return self._first(_ANSWERS_THROUGH, comment=comment_id, locked=list(places)) is not None

    def shown_at(self, thread_id: int, places: Sequence[str]) -> set[str]:
        """At which of those *places* of a thread readers see something."""
        return {path for (path,) in self._rows(_SHOWN_AT, thread=thread_id, places=list(places))}

    def answers(self, comment_id: int) -> list[tuple[int, str, bool]]:
        """What answers a comment: the rows, where they stand, and whether they are erased."""
        rows = self._rows(_ANSWERS, comment=comment_id)
        return [(row_id, path, erased_at is not None) for row_id, path, erased_at in rows]

    def erase(self, comment_id: int, now: datetime) -> None:
        """Empty a comment of all that it says and of who wrote it; its place stays."""
        self._run(_ERASE, comment=comment_id, now=now)

    def of_author(self, sites: frozenset[int] | None, author_id: str, most: int) -> list[str]:
        """The public ids of up to *most* comments under that author id on those sites, erased ones apart."""
        rows = select(CommentRow.public_id).where(
            CommentRow.author_id == author_id,
            CommentRow.erased_at.is_(None),
            CommentRow.site_id.in_(select(SiteRow.id) if sites is None else sites),
        )
        return list(self._connection.scalars(rows.limit(most)))

    def thread_opened_at(self, site_id: int, article: str) -> datetime | None:
        """When the first comment of that article was posted, whatever became of it."""
        row = self._first(_FIRST_POSTED, site=site_id, named=article)
        return None if row is None else row[0]

    def first_posted(self, thread_id: int) -> datetime | None:
        """When the first comment of that thread was posted, whatever became of it."""
        row = self._first(_FIRST_OF_THREAD, thread=thread_id)
        return None if row is None else row[0]

    def same_text(self, site_id: int, fingerprint: bytes, since: datetime, *, besides: int = 0) -> int:
        """How many comments of that site, posted from *since* on, have that text; `MOST_COUNTED` where there are more.

        :param besides: the row number of a comment that does not count.
        """
        ((found,),) = self._rows(
            _SAME_TEXT, site=site_id, hashed=fingerprint, since=since, besides=besides, most=MOST_COUNTED
        )
        return int(found)

    def as_many_wait(self, site_id: int, many: int) -> bool:
        """Whether that many comments of that site wait, or more; no more than so many are looked at."""
        return self._first(_NTH_THAT_WAITS, site=site_id, before=many - 1) is not None

    def add_below(self, thread_id: int, parent_id: int | None, above: Sequence[str], delta: int) -> None:
        """Add *delta* to the public replies of the comments above one, and show or hide their places.

        Above it stand those of its path and, where it stands beside it, the one it answers.
        """
        if parent_id is not None:
            self._run(_ADD_BELOW, thread=thread_id, parent=parent_id, above=list(above), more=delta)

    def outdated(self, rules: int, after: tuple[int, int], limit: int) -> list[Outdated]:
        """Comments whose HTML was made by older rules than *rules*, by (rules, id), from behind *after* on."""
        after_rules, after_id = after
        rows = self._rows(_OUTDATED, rules=rules, after_rules=after_rules, after_id=after_id, most=limit)
        return [Outdated(*row) for row in rows]

    def count_outdated(self, rules: int) -> int:
        """How many there are of them."""
        ((count,),) = self._rows(_COUNT_OUTDATED, rules=rules)
        return int(count)

    def bring_up(self, comment: Outdated, html: str, rules: int) -> int | None:
        """Store *html*, which *rules* made of a comment's text, and give the thread where it is now.

        None where the text was edited, blacked out or erased since.
        """
        brought = self._first(_BRING_UP, comment=comment.id, said=comment.text, shown_as=html, new=rules)
        return None if brought is None else int(brought[0])
