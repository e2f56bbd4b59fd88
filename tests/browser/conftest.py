"""Services that the browser's tests share."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.widget import Embedded, Widget, embedded
from tests.running_service import Live, serving

TOLD = 40  # lines


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.CallInfo[None], None]:
    """Print what the service said last beside the failure of a test, as only it may know the reason."""
    outcome = yield
    report = outcome.get_result()
    if not report.failed or not isinstance(item, pytest.Function):
        return
    for used in item.funcargs.values():
        live = used.live if isinstance(used, Embedded) else used
        if isinstance(live, Live):
            lines = live.log.read_text(errors="replace").splitlines()[-TOLD:]
            report.sections.append(("Last of the service's log", "\n".join(lines)))


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A service as the operator runs it, shared by the tests of a module; each uses articles of its own."""
    data_dir: Path = tmp_path_factory.mktemp("live") / "data"
    with serving(data_dir) as running:
        yield running


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Embedded, Path]]:
    """A service and a stranger's site under a strict CSP, and a copy of its database as it was when it began."""
    folder = tmp_path_factory.mktemp("embedded")
    with embedded(folder) as both:
        copy = folder / "begun.db"
        _copy(both.live.data_dir / "comments.db", copy)
        yield both, copy


@pytest.fixture(scope="module")
def at(begun: tuple[Embedded, Path]) -> Embedded:
    """That service with nothing posted yet, shared by the tests of a module; to start one takes as long as some tests."""
    both, copy = begun
    used = both.live.data_dir / "comments.db"
    _copy(copy, used)
    with (
        closing(sqlite3.connect(used)) as database,
        database,
    ):  # as after a restored backup: what is cached is of another past
        database.execute("UPDATE site SET epoch = hex(randomblob(8))")
    return both


def _copy(source: Path, target: Path) -> None:
    """Give *target* the content of *source*, also while programs use either."""
    with closing(sqlite3.connect(source)) as content, closing(sqlite3.connect(target)) as database:
        content.backup(database)


@pytest.fixture
def widget(context: BrowserContext, at: Embedded) -> Widget:
    return Widget(context, at)
