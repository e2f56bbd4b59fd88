"""Connections to PostgreSQL are the same for us, whatever the role, the database or the environment would set.

What a session begins with is set by `postgresql.conf`, `ALTER DATABASE`, `ALTER ROLE` and variables such as
`PGDATESTYLE` (https://www.postgresql.org/docs/15/config-setting.html). Only `search_path` stays as it is found.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Connection, Engine, event

from commentsvc.backends import PREPARE_THRESHOLD, prepare_threshold
from commentsvc.storage import waiting
from commentsvc.storage.outage import Outage

SESSION = {
    "DateStyle": "ISO, MDY",  # the driver reads times in no other
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
    "transform_null_equals": "off",
    "default_transaction_isolation": "read committed",  # of look-ups, which begin no transaction
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "lock_timeout": "0",
    "transaction_timeout": "0",  # from PostgreSQL 17 on: what a server does not know, it is not told
    "synchronous_commit": "on",  # an answer means that it is on disk
}
# All other values of synchronous_commit wait for the disk too, or for that of a standby: operators choose.
SET_SESSION = """
SELECT set_config(name, value, %(local)s) FROM (VALUES {}) AS ours (name, value)
WHERE current_setting(name, true) <> value
AND NOT (name = 'synchronous_commit' AND current_setting(name) <> 'off')
UNION ALL SELECT set_config('statement_timeout', %(statement_timeout)s, %(local)s)
""".format(", ".join(f"('{name}', '{value}')" for name, value in SESSION.items()))

APPLICATION_NAME = "commentsvc"
"""By which sessions of this service are told from others in `pg_stat_activity`, unless the URL names another."""

LIVENESS = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""Seconds, and milliseconds, after which a host that is gone without a word is found out: Linux itself takes two hours."""

_POOLED = "commentsvc.pooled"


def engine_options(url: URL, timeout: int) -> dict[str, Any]:
    """The options with which an engine for *url* is made, and what the driver connects with.

    :param timeout: seconds that connecting may take, where *url* names none.
    """
    connect_args: dict[str, Any] = {"client_encoding": "utf8", PREPARE_THRESHOLD: prepare_threshold(url)}
    if "application_name" not in url.query:
        connect_args["application_name"] = APPLICATION_NAME
    if "connect_timeout" not in url.query:
        connect_args["connect_timeout"] = timeout
    connect_args |= {name: value for name, value in LIVENESS.items() if name not in url.query}
    # The level stands in each BEGIN, so that a default of the role's is not asked for.
    return {"connect_args": connect_args, "isolation_level": "READ COMMITTED"}


def take_over(engine: Engine, timeout: int, outage: Outage) -> None:
    """Set up each connection of *engine*, or each transaction where a pooler is between.

    A pooler such as PgBouncer gives each transaction another session of the server's, in which neither what
    was set nor what was prepared before is there.

    :param timeout: seconds that a request waits for a statement.
    :param outage: begins where the server does not answer in time.
    """
    of_request = str(int(timeout * waiting.SERVER_SHARE * 1000))  # milliseconds
    threshold_told = PREPARE_THRESHOLD in engine.url.query

    def ask() -> None:
        with waiting.bounded(timeout):
            engine.raw_connection().close()  # which the pool tries first, and replaces

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, args: Any, options: Any) -> Any:
        from commentsvc.storage import bounded_connection  # of a driver that only this database needs

        outage.refuse()
        return bounded_connection.connect(lambda: outage.begin(ask), *args, **options)

    @event.listens_for(engine, "connect")
    def connected(driver: Any, record: Any) -> None:
        driver.autocommit = True
        driver.execute(
            "BEGIN ISOLATION LEVEL READ COMMITTED"
        )  # a standby takes no serializable one, as a role may have it
        pooled = record.info[_POOLED] = _is_pooled(driver)
        if not pooled:
            driver.execute(SET_SESSION, {"local": False, "statement_timeout": of_request})
        driver.execute("COMMIT")
        if pooled and not threshold_told:
            driver.prepare_threshold = None
        driver.autocommit = False
        driver.read_only = False  # unless a transaction says otherwise, each BEGIN says READ WRITE

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        is_request = waiting.bound() is not None
        if connection.info[_POOLED]:
            longest = of_request if is_request else "0"
            connection.exec_driver_sql(SET_SESSION, {"local": True, "statement_timeout": longest})
        elif not is_request:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")


def _is_pooled(driver: Any) -> bool:
    """Whether somebody stands between us and the process that serves us: it told us another number."""
    return bool(driver.execute("SELECT pg_backend_pid()").fetchone()[0] != driver.info.backend_pid)


def encoding_fault(connection: Connection) -> str | None:
    """What is wrong with how the database stores texts; None if it is UTF-8, or SQLite's."""
    if connection.dialect.name != "postgresql":
        return None
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding == "UTF8":
        return None
    return (
        f"it stores texts in {encoding}, which cannot hold all that people write; "
        "make another: createdb --encoding UTF8 --template template0"
    )
