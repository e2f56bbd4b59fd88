"""The moderators' queue where a few comments wait, and where very many do.

    python -m bench --waiting     # this alone; its figures join those of the last run

Both services run in this process, one request at a time: what is compared is the work of a page, which a
tired moderator waits for, not how many at once.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from bench import seed
from bench.sizes import Sizes
from commentsvc.actions import accounts, tokens
from commentsvc.app import create_app
from commentsvc.model import Role, Scope
from commentsvc.service import Service
from commentsvc.settings import PREFIX, Settings
from commentsvc.storage import schema
from deploy.cluster.databases import primary, running_again

EMAIL, PASSWORD = "moderator@publisher.example", "a long one for the bench"
FEW, MANY = "few", "many"
DATABASES = ("SQLite", "PostgreSQL")
ASKED_FOR_SECONDS = 0.6
SETTINGS = {"RATE_LIMIT_READ": "1000000 per minute", "RATE_LIMIT_SIGN_IN": "1000 per minute"}

FOUND = {
    "first page": "",
    "first page, newest first": "order=newest",
    "first page of one article": f"article={seed.waiting_article(3)}",
    "first page of one author": "author=reader-7",
    "first page of one address": "email=reader-7@mail.example",
    "first page of a frequent word": "q=ba",
    "first page of what has links": "links=1",
    "first page since a day": "since=2020-01-01T00:00:00Z",
}
NOTHING_FOUND = {
    "words that nobody wrote": "q=zzyzx+qwrtp",
    "two letters that nobody wrote": "q=qx",
    "a check that found nothing": "check=links",
    "an address that nobody has": "email=nobody@mail.example",
    "reports, and there are none": "reported=1",
}


API = "/api/v1/moderation"
PAGES = (*FOUND, "second page", "counts", "desk", *NOTHING_FOUND)


@dataclass(frozen=True, slots=True)
class Desk:
    """One service, and a moderator who is signed in and has a token."""

    app: Flask
    service: Service
    client: FlaskClient
    token: str

    def ask(self, path: str) -> Any:
        """The body of an answer that must be a good one."""
        answer = self.client.get(path, headers={"Authorization": f"Bearer {self.token}"})
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
        return answer

    def take(self, path: str) -> float:
        """Milliseconds of an answer: the median of as many as go into a moment."""
        taken = []
        until = time.perf_counter() + ASKED_FOR_SECONDS
        while not taken or time.perf_counter() < until:
            began = time.perf_counter()
            self.ask(path)
            taken.append((time.perf_counter() - began) * 1000)
        return statistics.median(taken)


def measure(sizes: Sizes, kept: Path, note: Callable[[str, str, float], None]) -> None:
    """Ask for each page where few wait and where many do, in rounds; *note* takes a name, a unit and a value.

    :param kept: the folder of the databases, which are made the first time.
    """
    with ExitStack() as stack:
        desks = {
            (database, size): stack.enter_context(_desk(kept / f"{database}-{number}", database, number))
            for database in DATABASES
            for size, number in ((FEW, sizes.few_waiting), (MANY, sizes.waiting))
        }
        paths = {whose: _paths(desk) for whose, desk in desks.items()}
        for number in range(sizes.rounds):
            print(f"  round {number + 1} of {sizes.rounds}: the queue", flush=True)
            for what in PAGES:
                for (database, size), desk in desks.items():
                    taken = desk.take(paths[database, size][what])
                    note(measurement(database, size, what), "ms", taken)


def measurement(database: str, size: str, what: str) -> str:
    """The name of what is measured."""
    return f"{what}, {size} wait, {database}"


def _paths(desk: Desk) -> dict[str, str]:
    listed = f"{API}/comments?state=pending"
    paths = {what: f"{listed}&{query}" for what, query in (FOUND | NOTHING_FOUND).items()}
    following = desk.ask(listed).json["next"]
    return paths | {
        "second page": f"{listed}&cursor={following}",
        "counts": f"{API}/counts",
        "desk": "/moderation",
    }


@contextmanager
def _desk(folder: Path, database: str, number: int) -> Iterator[Desk]:
    """A service in which so many wait, and its moderator."""
    with ExitStack() as stack:
        made = folder.exists()
        settings = SETTINGS | {"DATA_DIR": str(folder / "data")}
        if not made:
            print(f"Letting {number:,} comments wait on {database} …", flush=True)
            folder.mkdir(parents=True, mode=0o755)
        if database == "PostgreSQL":
            server = running_again if made else primary
            settings["DATABASE_URL"] = stack.enter_context(server(folder / "server"))
        app = create_app(Settings.from_environ({PREFIX + name: value for name, value in settings.items()}))
        service: Service = app.extensions["commentsvc"]
        stack.callback(service.database.disconnect)
        stack.callback(service.versions.close)
        if not made:
            schema.prepare(service.database, service.settings)
            seed.fill_waiting(service, number)
            accounts.add_user(service, EMAIL, PASSWORD, Role.MODERATOR, [])
            with service.database.engine.connect() as connection:  # as a server does by itself in time
                connection.execute(text("ANALYZE"))
        token = tokens.create_token(service, Scope.MODERATE, None).token
        yield Desk(app, service, _signed_in(app), token)


def _signed_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    page = client.get("/moderation/sign-in")
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert csrf is not None
    typed = {"email": EMAIL, "password": PASSWORD, "csrf_token": csrf[1]}
    answer = client.post("/moderation/sign-in", data=typed, headers={"Origin": "http://localhost"})
    assert answer.status_code == 303, answer.text
    return client
