"""Look-ups of versions, for hot reads alone: written with SQLAlchemy, compiled once, and run by the driver.

A hot read does nothing else with the database, on a connection of its own and without a transaction; see
decision 44 for what the way through SQLAlchemy would cost it. Everything else is in the repositories.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Dialect, Select, String, and_, bindparam, select

from commentsvc.model import State
from commentsvc.storage.nul import without_nul
from commentsvc.storage.repository import AnyOf
from commentsvc.storage.tables import CommentRow, SiteRow, ThreadRow

PARAMETERS = {"sqlite": "named", "postgresql": "pyformat"}
FEED_ENTRIES = 50  # of the comments of a site that its feed shows

Rows = tuple[tuple[Any, ...], ...]


class LookUp:
    """One statement, ready for whichever database it is run on."""

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self.statement = statement
        self._ready: dict[str, _Ready] = {}

    def rows(self, dialect: Dialect, driver: Any, parameters: Mapping[str, Any]) -> Rows:
        """Run it on a connection of the driver, which raises its own errors, and give all rows."""
        ready = self._ready.get(dialect.name)
        if ready is None:
            ready = self._ready[dialect.name] = _made_ready(self.statement, dialect)
        return tuple(driver.execute(ready.text, ready.sent(parameters)).fetchall())


@dataclass(frozen=True, slots=True)
class _Ready:
    """The text, its constant parameters, and what turns the others into the driver's."""

    text: str
    constants: Mapping[str, Any]
    processors: Mapping[str, Callable[[Any], Any]]
    without_nul: bool

    def sent(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        sent = {**self.constants, **parameters}
        for name, process in self.processors.items():
            sent[name] = process(sent[name])
        return without_nul(sent) if self.without_nul else sent


def _made_ready(statement: Select[*tuple[Any, ...]], dialect: Dialect) -> _Ready:
    styled: Dialect = type(dialect)(paramstyle=PARAMETERS[dialect.name])  # type: ignore[call-arg]
    compiled: Any = statement.compile(dialect=styled)
    binds = {name: compiled.binds[name] for name in compiled.params}
    processors = {
        name: process
        for name, bind in binds.items()
        if (process := bind.type.dialect_impl(styled).bind_processor(styled))
    }
    constants = {name: bind.value for name, bind in binds.items() if not bind.required}
    return _Ready(str(compiled), constants, processors, without_nul=dialect.name == "postgresql")


_SITE: BindParameter[int] = bindparam("site", type_=BigInteger)
_EPOCH = select(SiteRow.epoch).where(SiteRow.id == _SITE).scalar_subquery()
_OF_ARTICLE = ThreadRow.article == bindparam("article", type_=String)

THREAD = LookUp(
    select(SiteRow.epoch, ThreadRow.id, ThreadRow.version)
    .select_from(SiteRow)
    .outerjoin(ThreadRow, and_(ThreadRow.site_id == SiteRow.id, _OF_ARTICLE))
    .where(SiteRow.id == _SITE)
)
COMMENT = LookUp(
    select(SiteRow.epoch, ThreadRow.id, ThreadRow.version)
    .select_from(CommentRow)
    .join(ThreadRow, ThreadRow.id == CommentRow.thread_id)
    .join(SiteRow, SiteRow.id == ThreadRow.site_id)
    .where(CommentRow.public_id == bindparam("comment", type_=String))
)
COUNTS = LookUp(
    select(_EPOCH, ThreadRow.article, ThreadRow.count)
    .where(ThreadRow.site_id == _SITE, AnyOf(ThreadRow.article, "articles"))
    .order_by(ThreadRow.article)
)
NEWEST_OF_SITE = LookUp(
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
