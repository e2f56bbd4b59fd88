"""What belongs to the person of an address, wherever it is stored, and erasures of it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, update

from commentsvc.model import BlockKind, CheckMode
from commentsvc.records import Lookups, MadeReport, StoredAddress, StoredBlock, StoredComment, StoredErasure
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import (
    AddressRow,
    BlockRow,
    CommentRow,
    DecisionRow,
    ErasureRow,
    JobRow,
    MailStopRow,
    QuestionRow,
    ReportRow,
    RuleAddressRow,
    RuleRow,
    SentFormRow,
    SiteRow,
    SpentTokenRow,
    StatementRow,
    ThreadRow,
)

ANONYMOUS = "Anonymous"
ADDRESSES_AT_ONCE = 200
_ERASURES = select(*(getattr(ErasureRow, field.name) for field in fields(StoredErasure)))


class Persons(Repository):
    """What is stored of the person of an address, on one site or on all."""

    def comments(
        self, lookups: Lookups, site_id: int | None, until: datetime, now: datetime, limit: int
    ) -> list[str]:
        """The public ids of up to *limit* comments under that address, posted until then.

        Those too that are dated later than *now*, as by an import or a clock that was ahead: nobody posted them since.
        """
        rows = (
            select(CommentRow.public_id)
            .where(
                _is_under(lookups),
                or_(CommentRow.posted_at <= until, CommentRow.posted_at > now),
                *_of(CommentRow, site_id),
            )
            .order_by(CommentRow.id)
            .limit(limit)
        )
        return list(self._connection.scalars(rows))

    def addresses(self, lookups: Lookups) -> Iterator[StoredAddress]:
        """The addresses of comments that are found as that one, the newest first; another mailbox may have most of them."""
        below = 1 << 62
        while rows := self._some_addresses(lookups, below):
            yield from rows
            below = rows[-1].row_id

    def _some_addresses(self, lookups: Lookups, below: int) -> list[StoredAddress]:
        rows = (
            select(AddressRow.comment_id, CommentRow.public_id, AddressRow.sealed, AddressRow.lookup)
            .join(CommentRow, AddressRow.comment_id == CommentRow.id)
            .where(AddressRow.lookup.in_(lookups), AddressRow.comment_id < below)
            .order_by(AddressRow.comment_id.desc())
            .limit(ADDRESSES_AT_ONCE)
        )
        return [StoredAddress(*row) for row in self._rows(rows)]

    def is_there(self, lookups: Lookups, site_id: int | None) -> bool:
        """Whether anything is stored under that address."""
        named = select(RuleRow.id).where(_names(lookups), *_of(RuleRow, site_id))
        of_no_site = (
            select(QuestionRow.id).where(QuestionRow.recipient.in_(lookups)),
            select(MailStopRow.id).where(MailStopRow.lookup.in_(lookups)),
        )
        found = (
            select(CommentRow.id).where(_is_under(lookups), *_of(CommentRow, site_id)),
            select(ReportRow.id).where(ReportRow.lookup.in_(lookups), *_of(ReportRow, site_id)),
            select(BlockRow.id).where(_is_on(lookups), *_of(BlockRow, site_id)),
            named,
            *(of_no_site if site_id is None else ()),
        )
        return any(self._rows(rows.limit(1)) for rows in found)

    def trusted(self, lookups: Lookups, site_id: int | None) -> list[str]:
        """The sites where comments under that address were vouched for."""
        rows = (
            select(SiteRow.slug)
            .join(CommentRow, CommentRow.site_id == SiteRow.id)
            .where(_is_under(lookups), CommentRow.vouched, *_of(CommentRow, site_id))
        )
        return sorted(set(self._connection.scalars(rows)))

    def reports_made(self, lookups: Lookups, site_id: int | None) -> list[MadeReport]:
        """The reports that were sent with that address, the oldest first."""
        rows = (
            select(
                ReportRow.id,
                ReportRow.public_id,
                CommentRow.public_id,
                SiteRow.slug,
                ThreadRow.article,
                ReportRow.reason,
                ReportRow.text,
                ReportRow.name,
                ReportRow.sealed,
                ReportRow.good_faith,
                ReportRow.created_at,
                ReportRow.closed_at,
            )
            .join(CommentRow, ReportRow.comment_id == CommentRow.id)
            .join(ThreadRow, CommentRow.thread_id == ThreadRow.id)
            .join(SiteRow, ReportRow.site_id == SiteRow.id)
            .where(ReportRow.lookup.in_(lookups), *_of(ReportRow, site_id))
        )
        return [MadeReport(*row) for _, *row in sorted(self._rows(rows), key=itemgetter(0))]

    def blocks(self, lookups: Lookups, site_id: int | None) -> list[StoredBlock]:
        """The blocks on that address."""
        rows = select(
            *(
                SiteRow.slug if field.name == "site" else getattr(BlockRow, field.name)
                for field in fields(StoredBlock)
            )
        ).outerjoin(SiteRow, BlockRow.site_id == SiteRow.id)
        return [StoredBlock(*row) for row in self._rows(rows.where(_is_on(lookups), *_of(BlockRow, site_id)))]

    def rules(self, lookups: Lookups, site_id: int | None) -> list[tuple[str, str, str | None]]:
        """The rules that name that address: id, name and site."""
        rows = (
            select(RuleRow.public_id, RuleRow.name, SiteRow.slug)
            .outerjoin(SiteRow, RuleRow.site_id == SiteRow.id)
            .where(_names(lookups), *_of(RuleRow, site_id))
        )
        return [tuple(row) for row in self._rows(rows.order_by(RuleRow.id))]

    def forget_reports(self, lookups: Lookups, site_id: int | None, until: datetime) -> int:
        """Let what was reported with that address until then be nobody's, and without words; give how many there were."""
        forgotten: dict[str, Any] = {"text": "", "name": "", "sealed": None, "lookup": None, "client": None}
        theirs = (ReportRow.lookup.in_(lookups), ReportRow.created_at <= until, *_of(ReportRow, site_id))
        return self._changed(update(ReportRow).where(*theirs).values(forgotten))

    def forget_blocks(self, lookups: Lookups, site_id: int | None, until: datetime) -> int:
        """Lift the blocks on that address that were set until then; give how many."""
        theirs = (_is_on(lookups), BlockRow.created_at <= until, *_of(BlockRow, site_id))
        return self._changed(delete(BlockRow).where(*theirs))

    def forget_rules(self, lookups: Lookups, site_id: int | None, until: datetime) -> int:
        """Let no rule of until then name that address; give how many did. One that names none any more is switched off."""
        theirs = (_names(lookups), RuleRow.created_at <= until, *_of(RuleRow, site_id))
        ids = list(self._connection.scalars(select(RuleRow.id).where(*theirs)))
        if not ids:
            return 0
        of_rule = RuleAddressRow.rule_id.in_(ids)
        self._run(delete(RuleAddressRow).where(of_rule, RuleAddressRow.lookup.in_(lookups)))
        others = exists().where(RuleAddressRow.rule_id == RuleRow.id)
        self._run(update(RuleRow).where(RuleRow.id.in_(ids), ~others).values(mode=CheckMode.OFF))
        return len(ids)

    def forget_authors(self, site_id: int, author_ids: Iterable[str], new_id: str) -> int:
        """Lift blocks on those authors, let no rule of the site name them, and cut them from what was erased.

        Give how many blocks and rules there were. A rule that names nobody any more is switched off.
        """
        gone = set(author_ids)
        erased = CommentRow.erased_at.is_not(None)
        of_them = CommentRow.author_id.in_(gone)
        self._run(
            update(CommentRow)
            .where(CommentRow.site_id == site_id, of_them, erased)
            .values(author_id=new_id, withdrawn_by=None)
        )
        of_kind = BlockRow.kind == BlockKind.AUTHOR
        here = or_(BlockRow.site_id == site_id, BlockRow.site_id.is_(None))
        ended = self._changed(delete(BlockRow).where(of_kind, here, BlockRow.value.in_(gone)))
        rules = select(RuleRow.id, RuleRow.conditions).where(
            or_(RuleRow.site_id == site_id, RuleRow.site_id.is_(None))
        )
        for row_id, conditions in self._rows(rules):
            named = conditions.get("authors") or []
            if gone.isdisjoint(named):
                continue
            left = [one for one in named if one not in gone]
            changes: dict[str, Any] = {"conditions": conditions | {"authors": left}}
            if not left:  # a condition that is empty must not begin to hold for everybody
                changes["mode"] = CheckMode.OFF
            self._run(update(RuleRow).where(RuleRow.id == row_id).values(changes))
            ended += 1
        return ended

    def cut(self, comments: Sequence[StoredComment]) -> int:
        """Forget what hangs on *comments* besides what erasing one takes: what programs and people wrote of why,
        digests of what was sent, and what their forms said of the pages. Give how many reasons were erased.
        """
        ids = [comment.id for comment in comments]
        decisions = DecisionRow.comment.in_([comment.public_id for comment in comments])
        self._run(
            delete(StatementRow).where(
                StatementRow.decision.in_(select(DecisionRow.public_id).where(decisions))
            )
        )
        self._run(delete(SentFormRow).where(SentFormRow.comment_id.in_(ids)))
        self._run(update(SpentTokenRow).where(SpentTokenRow.comment_id.in_(ids)).values(digest=b""))
        threads = ThreadRow.id.in_({comment.thread_id for comment in comments})
        claims = or_(ThreadRow.claimed_title.is_not(None), ThreadRow.claimed_url.is_not(None))
        self._run(
            update(ThreadRow)
            .where(threads, claims)
            .values(claimed_title=None, claimed_url=None, claimed_by=None)
        )
        return self._changed(
            update(DecisionRow)
            .where(decisions, DecisionRow.reason.is_not(None))
            .values(reason=None, salt=None)
        )

    def set_author(self, comment_id: int, author_id: str) -> None:
        """Let a comment be of that author, whom nobody vouches for."""
        self._run(
            update(CommentRow)
            .where(CommentRow.id == comment_id)
            .values(author_id=author_id, vouched=False, withdrawn_by=None)
        )

    def anonymise(
        self, comment_id: int, author_id: str, text: str, redactions: Sequence[Sequence[int]] | None
    ) -> None:
        """Leave of a comment its text, its HTML, its times and its place."""
        self._run(
            update(CommentRow)
            .where(CommentRow.id == comment_id)
            .values(
                author_id=author_id,
                author_name=ANONYMOUS,
                author_url=None,
                text=text,
                redactions=None if redactions is None else [list(span) for span in redactions],
                reasons=[],
                findings=[],
                fingerprint=None,
                vouched=False,
                withdrawn_by=None,
                staff=False,
            )
        )

    def forget_searches(self, lookups: Lookups) -> None:
        """Forget jobs at their end that were about all comments of that address."""
        ended = select(JobRow.id, JobRow.arguments).where(
            JobRow.kind == "decide", JobRow.finished_at.is_not(None)
        )
        hashes = {b64encode(lookup).decode() for lookup in lookups}  # as the job's arguments have them
        about = [
            row_id for row_id, arguments in self._rows(ended) if any(one in str(arguments) for one in hashes)
        ]
        if about:
            self._run(delete(JobRow).where(JobRow.id.in_(about)))

    def _changed(self, statement: Any) -> int:
        return int(self._connection.execute(statement).rowcount)


class Erasures(Repository):
    """Erasures of what belonged to persons."""

    def add(self, erasure: Mapping[str, Any]) -> None:
        """Begin one; see `ErasureRow`."""
        self._insert(ErasureRow, **erasure)

    def latest(self, persons: Iterable[str], site_id: int | None, keep_text: bool) -> StoredErasure | None:
        """The last one of that kind of a person with one of those digests."""
        rows = _ERASURES.where(
            ErasureRow.person.in_(list(persons)),
            ErasureRow.site_id.is_(None) if site_id is None else ErasureRow.site_id == site_id,
            ErasureRow.keep_text == keep_text,
        )
        row = self._first(rows.order_by(ErasureRow.id.desc()).limit(1))
        return None if row is None else StoredErasure(*row)

    def by_public_id(self, public_id: str) -> StoredErasure:
        """The one of that id."""
        (row,) = self._rows(_ERASURES.where(ErasureRow.public_id == public_id))
        return StoredErasure(*row)

    def change(self, row_id: int, **changes: object) -> None:
        """Set the named columns of one."""
        self._run(update(ErasureRow).where(ErasureRow.id == row_id).values(**changes))

    def with_sites(self) -> list[tuple[StoredErasure, str | None]]:
        """All of them, the oldest first, each with the slug of its site."""
        columns = [getattr(ErasureRow, field.name) for field in fields(StoredErasure)]
        rows = select(*columns, SiteRow.slug).outerjoin(SiteRow, ErasureRow.site_id == SiteRow.id)
        return [(StoredErasure(*row[:-1]), row[-1]) for row in self._rows(rows.order_by(ErasureRow.id))]

    def count(self) -> int:
        """How many there are."""
        return int(self._connection.scalar(select(func.count()).select_from(ErasureRow)) or 0)


def _of(table: Any, site_id: int | None) -> list[ColumnElement[bool]]:
    """That it is of the site, of a row that was found otherwise: by an index, SQLite would read all of a site's comments."""
    return [] if site_id is None else [table.site_id + 0 == site_id]


def _is_under(lookups: Lookups) -> ColumnElement[bool]:
    """That a comment is under the address: a list of rows, which a database reads in their order."""
    rows: Select[*tuple[Any, ...]] = select(AddressRow.comment_id).where(AddressRow.lookup.in_(lookups))
    return CommentRow.id.in_(rows)


def _is_on(lookups: Lookups) -> ColumnElement[bool]:
    return (BlockRow.kind == BlockKind.EMAIL) & BlockRow.lookup.in_(lookups)


def _names(lookups: Lookups) -> ColumnElement[bool]:
    named: Select[*tuple[Any, ...]] = select(RuleAddressRow.rule_id).where(RuleAddressRow.lookup.in_(lookups))
    return RuleRow.id.in_(named)
