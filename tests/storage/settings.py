"""What PostgreSQL is told of a session of the service's, in which all of it was wrong before."""

from __future__ import annotations

from sqlalchemy import text

from commentsvc.storage.unit_of_work import UnitOfWork

SESSION = {
    "client_encoding": "UTF8",
    "DateStyle": "ISO, MDY",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "idle_in_transaction_session_timeout": "0",
    "lock_timeout": "0",
    "standard_conforming_strings": "on",
    "statement_timeout": "0",
    "synchronous_commit": "on",
    "transform_null_equals": "off",
}
READING = SESSION | {"transaction_isolation": "repeatable read", "transaction_read_only": "on"}
WRITING = SESSION | {"transaction_isolation": "read committed", "transaction_read_only": "off"}


def settings_of(work: UnitOfWork) -> dict[str, str]:
    """The settings within the transaction of *work*."""
    return {name: work._connection.scalar(text(f"SHOW {name}")) for name in READING}
