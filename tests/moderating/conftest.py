"""The nouns of moderating: a service with two sites, an account and API tokens, made once and copied."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from copy import copy
from dataclasses import dataclass
from http.cookiejar import Cookie
from pathlib import Path

import pytest

from tests.moderating.desk import EMAIL, PASSWORD, Desk
from tests.people import Moderator
from tests.running_service import InProcess, TestClock, make_in_process, open_in_process


@dataclass(frozen=True)
class Furnished:
    """A data directory in which somebody has an account, and what opens it."""

    folder: Path
    token: str
    token_of_sports: str
    cookies: list[Cookie]


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Furnished:
    """Passwords are slow to hash, as they must be: one account serves all tests."""
    service = make_in_process(tmp_path_factory.mktemp("furnished"), template)
    service.run("site", "add", "sports", "--origin", "https://sports.example")
    service.run("user", "add", EMAIL, "--role", "admin", input=PASSWORD + "\n")
    token, token_of_sports = service.moderator().token, service.moderator("sports").token
    desk = Desk(service.http())
    assert desk.sign_in().status_code == 303
    cookies = list(desk.http.cookies.jar)
    service.close()
    (service.data_dir / "limits.db").unlink()
    return Furnished(service.data_dir, token, token_of_sports, cookies)


@pytest.fixture(scope="session")
def running(furnished: Furnished, tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    """One application for all these tests: to make one takes longer than most of what they ask of it."""
    service = open_in_process(shutil.copytree(furnished.folder, tmp_path_factory.mktemp("running") / "data"))
    yield service
    service.close()


@pytest.fixture
def service(furnished: Furnished, running: InProcess) -> InProcess:
    """A service with the sites `default` and `sports`, on which posts are public at once."""
    with (
        closing(sqlite3.connect(furnished.folder / "comments.db")) as empty,
        closing(sqlite3.connect(running.data_dir / "comments.db")) as used,
    ):
        empty.backup(used)
        with used:  # as whatever puts a backup back must: what is kept is of another past
            used.execute("UPDATE site SET epoch = hex(randomblob(8))")
    running.clock.now = TestClock.now
    return running


@pytest.fixture
def moderator(furnished: Furnished, service: InProcess) -> Moderator:
    """A moderator of all sites, by an API token."""
    return Moderator(service.http(), furnished.token)


@pytest.fixture
def sports(furnished: Furnished, service: InProcess) -> Moderator:
    """A moderator of the site `sports` alone, by an API token."""
    return Moderator(service.http(), furnished.token_of_sports)


@pytest.fixture
def account() -> str:
    """An account of all sites, as the operator makes it."""
    return EMAIL


@pytest.fixture
def desk(furnished: Furnished, service: InProcess) -> Desk:
    """Somebody who is signed in."""
    desk = Desk(service.http())
    for cookie in furnished.cookies:
        desk.http.cookies.jar.set_cookie(copy(cookie))
    return desk
