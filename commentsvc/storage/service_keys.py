"""With which keys the database is used: their names, and check values that tell nothing of the keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import delete, exists, inspect, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from commentsvc.errors import BadSetting
from commentsvc.model import KeyKind
from commentsvc.storage import database
from commentsvc.storage.faults import in_one_line
from commentsvc.storage.prepared import INSERT
from commentsvc.storage.tables import AddressRow, BlockRow, ServiceKeyRow


class StoredKey(NamedTuple):
    """A key's name, and what tells it from another of the same name."""

    name: str
    check_value: bytes


def known(session: Session, kind: KeyKind) -> list[StoredKey]:
    """The keys of that kind, oldest first."""
    rows = select(ServiceKeyRow.name, ServiceKeyRow.check_value).where(ServiceKeyRow.kind == kind)
    return [StoredKey(*row) for row in session.execute(rows.order_by(ServiceKeyRow.position))]


def learn(session: Session, kind: KeyKind, keys: Sequence[StoredKey]) -> None:
    """Store *keys*, oldest first; a place that is taken keeps what another node stored there."""
    insert: Any = INSERT[session.get_bind().dialect.name]
    rows = [
        {"kind": kind, "position": position, "name": key.name, "check_value": key.check_value}
        for position, key in enumerate(keys)
    ]
    session.execute(insert(ServiceKeyRow).values(rows).on_conflict_do_nothing())


def forget(session: Session, kind: KeyKind) -> None:
    """Forget the keys of that kind."""
    session.execute(delete(ServiceKeyRow).where(ServiceKeyRow.kind == kind))


def are_in_use() -> bool:
    """Whether there is a database, of this version or an older one, that keys were used with.

    :raises BadSetting: the database cannot be asked.
    """
    if not database.is_there():
        return False
    try:
        with database.db.engine.connect() as connection:
            tables = inspect(connection).get_table_names()
            used = {
                ServiceKeyRow: select(exists().select_from(ServiceKeyRow)),
                AddressRow: select(exists().select_from(AddressRow)),
                BlockRow: select(exists().where(BlockRow.sealed.is_not(None))),
            }
            return any(
                connection.scalar(question)
                for table, question in used.items()
                if table.__tablename__ in tables
            )
    except DatabaseError as why:
        raise BadSetting(f"The database cannot be used: {in_one_line(why)}") from None
