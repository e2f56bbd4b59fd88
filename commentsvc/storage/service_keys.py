"""With which keys the database is used: their names, and check values that tell nothing of the keys."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, exists, inspect, select

from commentsvc.model import KeyKind
from commentsvc.records import StoredKey
from commentsvc.storage.repository import Repository, unless_there
from commentsvc.storage.tables import (
    AddressRow,
    BlockRow,
    NetworkRow,
    ReportRow,
    RuleAddressRow,
    ServiceKeyRow,
)


def used_with_keys(connection: Connection) -> bool:
    """Whether keys were used with the database, which may be empty or of an older version."""
    tables = inspect(connection).get_table_names()
    used = {
        ServiceKeyRow: select(exists().select_from(ServiceKeyRow)),
        AddressRow: select(exists().select_from(AddressRow)),
        BlockRow: select(exists().where(BlockRow.sealed.is_not(None))),
        RuleAddressRow: select(exists().select_from(RuleAddressRow)),
        ReportRow: select(exists().where(ReportRow.sealed.is_not(None))),
        NetworkRow: select(exists().select_from(NetworkRow)),
    }
    return any(
        connection.scalar(question) for table, question in used.items() if table.__tablename__ in tables
    )


_ADD = unless_there(ServiceKeyRow, ServiceKeyRow.name)


class ServiceKeys(Repository):
    """The keys that the database is used with."""

    def known(self, kind: KeyKind) -> list[StoredKey]:
        """The keys of that kind, oldest first."""
        rows = select(ServiceKeyRow.name, ServiceKeyRow.check_value).where(ServiceKeyRow.kind == kind)
        return [StoredKey(*row) for row in self._connection.execute(rows.order_by(ServiceKeyRow.position))]

    def learn(self, kind: KeyKind, keys: Sequence[StoredKey]) -> None:
        """Store *keys*, oldest first; a place that is taken keeps what another node stored there."""
        for position, key in enumerate(keys):
            self._first(
                self._for(_ADD), kind=kind, position=position, name=key.name, check_value=key.check_value
            )

    def forget(self, kind: KeyKind) -> None:
        """Forget the keys of that kind."""
        self._connection.execute(delete(ServiceKeyRow).where(ServiceKeyRow.kind == kind))
