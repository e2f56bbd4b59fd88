"""Does anything public depend on an e-mail address? Two services with the same discussion are asked the same.

One has an address for each person, the other one for nearly all. Each public route is asked what people ask of it,
and must answer both alike: bytes, headers and their order, and the statements that it has the database run.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from commentsvc.diagnosis.public_requests import PRIVATE, SAMPLES
from commentsvc.diagnosis.statements import Statements
from commentsvc.diagnosis.twins import APART, TOGETHER, Twin, feed, seen
from commentsvc.model import Clock, RandomBytes
from commentsvc.service import Service
from commentsvc.settings import PREFIX, Settings
from commentsvc.storage import schema

if TYPE_CHECKING:
    from flask import Flask

MakeApp = Callable[[Settings, Clock, RandomBytes], "Flask"]

SEED = 7
BEGINNING = datetime(2026, 11, 24, 9, 0, 0, tzinfo=UTC)
MODES = ("first", "none")  # in which an address could show: where strangers wait, and where nobody does
# Nobody is too quick or too many here.
EASY = {
    "FORM_MIN_SECONDS": "0",
    "RATE_LIMIT_POST": "100000 per minute",
    "RATE_LIMIT_READ": "1000000 per minute",
    "RATE_LIMIT_RENDER": "100000 per minute",
    "RATE_LIMIT_REPORT": "100000 per minute",
    "RATE_LIMIT_THREADS": "100000 per minute",
    "LOG_LEVEL": "error",
    # Mail is on, so that people may ask for it; no runner sends any.
    "SMTP_URL": "smtp://127.0.0.1:1",
    "MAIL_FROM": "comments@blog.example",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A public route that was asked, and how the two answers differ; None where they are alike."""

    route: str
    difference: str | None


@dataclass
class _Time:
    now: datetime = BEGINNING

    def __call__(self) -> datetime:
        return self.now

    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)


def check(make: MakeApp, folder: Path) -> Iterator[Asked]:
    """Ask each public route, and give how the answers differ.

    :param folder: an empty one, for the two services.
    """
    database = _empty_database(make, folder / "empty")
    for mode in MODES:
        pair = tuple(
            _begun(make, folder / f"{mode}-{number}", mode, addresses, database)
            for number, addresses in enumerate((APART, TOGETHER))
        )
        try:
            yield from _compared(*pair)
        finally:
            for twin, _ in pair:
                _close(twin.app.extensions["commentsvc"])


def _begun(
    make: MakeApp, folder: Path, mode: str, addresses: dict[str, str], database: Path | None
) -> tuple[Twin, Statements]:
    """A service on a copy of *database*, which has no comments yet."""
    folder.mkdir()
    if database is not None:
        shutil.copy(database, folder)
    time = _Time()
    app, _ = _made(make, folder, mode, time)
    twin = Twin(app, addresses, time.wait)
    statements = Statements(app.extensions["commentsvc"].database.engine)
    return twin, statements


def _empty_database(make: MakeApp, folder: Path) -> Path | None:
    """Make the tables once: that takes longer than all that is asked. Both are of one epoch then, which shows in ETags."""
    _, service = _made(make, folder, MODES[0], _Time())
    schema.prepare(service.database, service.settings)
    _close(service)
    return service.database.file()


def _made(make: MakeApp, folder: Path, mode: str, time: Clock) -> tuple[Flask, Service]:
    chosen = EASY | {"DATA_DIR": str(folder), "MODERATION": mode}
    settings = Settings.from_environ({PREFIX + name: value for name, value in chosen.items()})
    app = make(settings, time, Random(SEED).randbytes)  # noqa: S311 - the same chance for both
    return app, app.extensions["commentsvc"]


def _close(service: Service) -> None:
    service.versions.close()
    service.database.disconnect()


def _compared(one: tuple[Twin, Statements], other: tuple[Twin, Statements]) -> Iterator[Asked]:
    for twin, _ in (one, other):
        feed(twin)
    for first, second in zip(one[0].answers, other[0].answers, strict=True):
        route = f"{first.method} {urlsplit(first.url).path}"
        yield Asked(route, _difference(seen(one[0], first), seen(other[0], second)))
    for _, statements in (one, other):
        statements.taken()
    for method, rule in sorted(_public_routes(one[0].app)):
        if (method, rule) not in SAMPLES:
            yield Asked(f"{method} {rule}", "nobody knows what to ask of it")
        for sample in SAMPLES.get((method, rule), ()):
            more = dict(sample)
            path = more.pop("path", rule)
            for asks in (method, *(("HEAD",) if method == "GET" else ()), "OPTIONS"):
                answers = [seen(twin, twin.ask(asks, path, **more)) for twin, _ in (one, other)]
                asked = [statements.taken() for _, statements in (one, other)]
                yield Asked(f"{asks} {rule}", _difference(*answers) or _of_statements(*asked))


def _public_routes(app: Flask) -> set[tuple[str, str]]:
    return {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        if not rule.rule.startswith(PRIVATE)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def _difference(
    one: tuple[int, list[tuple[str, str]], bytes], other: tuple[int, list[tuple[str, str]], bytes]
) -> str | None:
    """In what two answers differ, without what they say."""
    if one[0] != other[0]:
        return f"the status: {one[0]} and {other[0]}"
    if one[1] != other[1]:
        if sorted(one[1]) == sorted(other[1]):
            return "the order of the headers"
        names = sorted({name for name, _ in set(one[1]) ^ set(other[1])})
        return f"headers: {', '.join(names)}"
    if one[2] != other[2]:
        at = next(
            (at for at, (a, b) in enumerate(zip(one[2], other[2], strict=False)) if a != b),
            min(len(one[2]), len(other[2])),
        )
        return f"the bytes, from {at} on ({len(one[2])} and {len(other[2])})"
    return None


def _of_statements(one: list[str], other: list[str]) -> str | None:
    if len(one) != len(other):
        return f"the number of statements: {len(one)} and {len(other)}"
    return None if one == other else "the statements, or their order"
