"""A connection to PostgreSQL whose statements end in time, also where the server says nothing any more.

The server's own `statement_timeout` ends only what a living server works on. A stopped one keeps its connections, and
its machine acknowledges each packet, so that no time limit of TCP's ends them either.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from psycopg import Connection
from psycopg.abc import PQGen
from psycopg.errors import ConnectionTimeout, OperationalError, _WaitTimeout

from commentsvc.storage import waiting

_T = TypeVar("_T")


class BoundedConnection(Connection[Any]):
    """Waits for no longer than the thread does; `bound` (seconds) holds where the thread says nothing."""

    bound: float | None = None
    hung: Callable[[], None]

    def wait(self, gen: PQGen[_T], interval: float = 0.1, timeout: float | None = None) -> _T:
        """Wait for what *gen* does with the server.

        :raises OperationalError: there was no answer in time; the connection is closed.
        """
        seconds = waiting.for_statement() or self.bound
        if seconds is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, seconds * waiting.OUR_SHARE)
        except _WaitTimeout:
            self.pgconn.finish()
            self.hung()
            raise OperationalError(f"no answer within {seconds * waiting.OUR_SHARE:.1f} seconds") from None


def connect(hung: Callable[[], None], *args: Any, **options: Any) -> BoundedConnection:
    """A new connection; *hung* is called whenever the server did not answer in time.

    :raises psycopg.OperationalError: there is none.
    """
    try:
        connection = BoundedConnection.connect(*args, **options)
    except ConnectionTimeout:
        if waiting.bound() is not None:
            hung()
        raise
    connection.hung = hung
    return connection
