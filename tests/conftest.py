"""The nouns of the tests."""

from __future__ import annotations

import gc
import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import settings

from tests.browsers import BROWSER, browser, context, page, playwright
from tests.cheaper import (
    certificates_are_loaded_once,
    entry_points_are_read_once,
    quick_passwords,
    refusals_are_hardly_held_back,
    routes_are_put_together_once,
    statements_are_compiled_once,
)
from tests.databases import NewDatabase, database_of, on_sqlite
from tests.people import Moderator, Reader
from tests.postgresql import postgresql
from tests.running_service import InProcess, make_in_process, make_template
from tests.smtp_server import smtp

# Found here by every test.
__all__ = [
    "browser",
    "certificates_are_loaded_once",
    "context",
    "entry_points_are_read_once",
    "on_sqlite",
    "page",
    "playwright",
    "postgresql",
    "quick_passwords",
    "refusals_are_hardly_held_back",
    "routes_are_put_together_once",
    "smtp",
    "statements_are_compiled_once",
]

ON_THE_OTHER = 12  # of a file's cases on both databases `make test` has each so many-th on the other
MANY = 5  # a test with so many cases is sampled, unless it is a unit or marked `whole`
OF_MANY = 5  # `make test` has one of so many of them
WHOLE = {"house", "privacy"}  # folders of which it has all of them
NOT_IN_UNITS = {"template", "browser", "postgresql"}

MakeService = Callable[..., InProcess]

settings.register_profile("untimed", deadline=None)  # nothing is timed here: the machine may be busy
settings.load_profile("untimed")


IN_MEMORY = "/dev/shm"  # noqa: S108 -- pytest makes a folder of its own in it
ROOM = 4 << 30  # bytes; all databases of `make test` together are a fourth of it


def pytest_configure() -> None:
    """Have what tests write in memory where there is room: it need not outlive them, and each post waits for a disk.

    And let Ctrl-C end what they start: a shell has what it runs in the background ignore that.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if os.path.isdir(IN_MEMORY) and shutil.disk_usage(IN_MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", IN_MEMORY)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays, so the garbage collector need not look through it while it grows."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """Keep thousands of cases out of the garbage collector's sight, which looks at them again and again.

    And have it look less often: it took a seventh of the processor time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.hookimpl(tryfirst=True)  # before pytest leaves out what is marked `soak`
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what `make soak` alone tries, and leave out what the chosen browser cannot be asked."""
    _leave_samples(items)
    _begin_with_long_files(items)
    if BROWSER != "chromium":
        config.hook.pytest_deselected(items=[item for item in items if _is_chromium_only(item)])
        items[:] = [item for item in items if not _is_chromium_only(item)]


def _is_chromium_only(item: pytest.Item) -> bool:
    return item.get_closest_marker("chromium_only") is not None


def _leave_samples(items: list[pytest.Item]) -> None:
    """Leave to `make soak` what `make test` tries a part of.

    That is what is `sampled(n)`, what is `any_database` or `slow_on_postgresql` on another than SQLite, of the cases of a file
    that is tried on both databases most of those on the other, and most cases of a test that has many.
    """
    cases: Counter[str] = Counter()
    on_sqlite_too = Counter(_test_of(item) for item in items if database_of(item) == "sqlite")
    for item in items:
        if item.get_closest_marker("unit") and NOT_IN_UNITS.intersection(getattr(item, "fixturenames", ())):
            raise pytest.UsageError(f"{item.nodeid} is no unit: it uses a service, a browser or a database.")
        if _is_on_sqlite_alone(item) and database_of(item) != "sqlite":
            item.add_marker(pytest.mark.soak)
        elif sampled := item.get_closest_marker("sampled"):
            of = str(item.path) if sampled.kwargs.get("of") == "file" else _test_of(item)
            _leave_but_each(sampled.args[0], item, of, cases)
        elif database_of(item) != "sqlite" and _test_of(item) in on_sqlite_too:
            _leave_but_each(ON_THE_OTHER, item, str(item.path), cases)
        elif on_sqlite_too[_test_of(item)] >= MANY and not _is_whole(item):
            _leave_some(item, cases)


def _begin_with_long_files(items: list[pytest.Item]) -> None:
    """Files of browsers and of what is `slow` come first, so that at the end of a run short ones keep all processes busy."""
    long = {
        item.path
        for item in items
        if item.get_closest_marker("slow") or "playwright" in getattr(item, "fixturenames", ())
    }
    items.sort(key=lambda item: item.path not in long)


def _leave_but_each(nth: int, item: pytest.Item, family: str, cases: Counter[str]) -> None:
    """Leave it to `make soak` unless it is the first, or the *nth* after that, of the cases of its family."""
    if item.get_closest_marker("soak"):
        return
    if cases[family] % nth:
        item.add_marker(pytest.mark.soak)
    cases[family] += 1


def _leave_some(item: pytest.Item, cases: Counter[str]) -> None:
    """Leave it to `make soak` unless it is the first of its test or chosen by its name.

    Where a test has cases by several parameters, each so many-th could be of one value of them all.
    """
    if item.get_closest_marker("soak"):
        return
    if cases[_test_of(item)] and crc32(item.nodeid.encode()) % OF_MANY:
        item.add_marker(pytest.mark.soak)
    cases[_test_of(item)] += 1


def _test_of(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def _is_on_sqlite_alone(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in ("any_database", "slow_on_postgresql"))


def _is_whole(item: pytest.Item) -> bool:
    return item.path.parent.name in WHOLE or any(item.get_closest_marker(name) for name in ("unit", "whole"))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def make_service(tmp_path: Path, template: Path, database: NewDatabase) -> Iterator[MakeService]:
    """Makes services with the settings that a test needs; each has a database of its own."""
    numbers = count()
    with ExitStack() as used:

        def make(*, seed: int | None = None, **settings: str) -> InProcess:
            where = used.enter_context(database())
            data_dir = tmp_path / f"service-{next(numbers)}"
            service = make_in_process(data_dir, template, seed=seed, **where, **settings)
            return used.enter_context(closing(service))

        yield make


@pytest.fixture
def service(make_service: MakeService) -> InProcess:
    """A service on which posts are public at once and nobody is too quick."""
    return make_service()


@pytest.fixture(scope="module")
def shared_service(
    template: Path, database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[InProcess]:
    """One for all tests of a module, which leave it as it is or keep to articles of their own."""
    with (
        database() as where,
        closing(make_in_process(tmp_path_factory.mktemp("shared"), template, **where)) as service,
    ):
        yield service


@pytest.fixture
def reader(service: InProcess) -> Reader:
    return service.reader()


@pytest.fixture
def moderator(service: InProcess) -> Moderator:
    return service.moderator()
