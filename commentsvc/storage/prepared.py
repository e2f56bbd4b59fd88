"""Statements of every miss and every post: written with SQLAlchemy, compiled once, and run by the driver.

All others are run by SQLAlchemy itself. These earn it: decision 44 has the figures. Repositories run both in the
same way (`Repository._rows` and the like); the look-ups of versions run on connections of their own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError

from commentsvc.storage.nul import without_nul

PARAMETERS = {"sqlite": "named", "postgresql": "pyformat"}

Process = Callable[[Any], Any]
Rows = list[tuple[Any, ...]]

_compiling = threading.Lock()


class Prepared:
    """One statement, ready for whichever database it is run on.

    :param statement: one that gives rows; its `bindparam`s are the parameters.
    """

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._ready: dict[str, Ready] = {}

    def rows(self, connection: Connection, parameters: Mapping[str, Any]) -> Rows:
        """Run it in the transaction of *connection*, and give all rows.

        :raises sqlalchemy.exc.DBAPIError: as *connection* itself would.
        """
        return self.on(connection.dialect).rows(connection.connection.driver_connection, parameters)

    def on(self, dialect: Dialect) -> Ready:
        """The statement as it is run on that database."""
        ready = self._ready.get(dialect.name)
        if ready is None:
            # An alias is finished by the first statement with it that is compiled. Threads that do so
            # at the same time spoil it for each other: of ten first posts at once one failed.
            with _compiling:
                ready = self._ready[dialect.name] = self._made_ready(dialect)
        return ready

    def _made_ready(self, dialect: Dialect) -> Ready:
        styled: Dialect = type(dialect)(paramstyle=PARAMETERS[dialect.name])  # type: ignore[call-arg]
        compiled = self._statement.compile(dialect=styled)
        binds = {name: compiled.binds[name] for name in compiled.params}
        sent = {
            name: process
            for name, bind in binds.items()
            if (process := bind.type.dialect_impl(styled).bind_processor(styled))
        }
        constants = {
            name: sent.pop(name)(bind.value) if name in sent else bind.value
            for name, bind in binds.items()
            if not bind.required
        }
        columns = [one.type.dialect_impl(styled) for one in self._statement.exported_columns]
        results = [column.result_processor(styled, None) for column in columns]
        return Ready(
            text=str(compiled),
            constants=constants,
            sent=sent,
            results=[(index, process) for index, process in enumerate(results) if process],
            error=dialect.loaded_dbapi.Error,
            without_nul=dialect.name == "postgresql",
        )


@dataclass(frozen=True, slots=True)
class Ready:
    """The text, its constant parameters, and what turns our values into the driver's and back."""

    text: str
    constants: Mapping[str, Any]
    sent: Mapping[str, Process]
    results: list[tuple[int, Process]]
    error: type[Exception]
    without_nul: bool

    def rows(self, driver: Any, parameters: Mapping[str, Any]) -> Rows:
        """Run it on a connection of the driver.

        :raises sqlalchemy.exc.DBAPIError: whatever the driver raises, wrapped.
        """
        sent = {**self.constants, **parameters}
        for name, process in self.sent.items():
            sent[name] = process(sent[name])
        if self.without_nul:
            sent = without_nul(sent)
        try:
            rows: Rows = driver.execute(self.text, sent).fetchall()
        except self.error as why:
            # What the text was made of stays out of the error, as everywhere.
            raise DBAPIError.instance(self.text, None, why, self.error, hide_parameters=True) from why
        return list(map(self._row, rows)) if self.results else rows

    def _row(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for index, process in self.results:
            values[index] = process(values[index])
        return tuple(values)
