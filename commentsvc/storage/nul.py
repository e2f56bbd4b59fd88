"""NUL in parameters: PostgreSQL fails on it instead of finding nothing, nor can it store one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event


def without_nul(parameters: dict[str, Any]) -> dict[str, Any]:
    """The same, with each NUL replaced, so that it can be looked for."""
    return {
        name: value.replace("\0", "\ufffd") if isinstance(value, str) else value
        for name, value in parameters.items()
    }


def replace_nul(engine: Engine) -> None:
    """Replace each NUL in what *engine* sends."""

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def replace(
        _connection: Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
    ) -> tuple[str, Any]:
        if isinstance(parameters, dict):  # also where many rows go in at once, in one statement
            return statement, without_nul(parameters)
        return statement, [without_nul(row) if isinstance(row, dict) else row for row in parameters]
