"""Services that the browser's tests share."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.begun import Begun
from tests.browser.site import STRICT
from tests.browser.widget import Embedded, Widget, on_sites
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
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Begun]:
    """One for all modules of a process: to start a service takes as long as some tests."""
    folder = tmp_path_factory.mktemp("embedded")
    with on_sites(folder, STRICT, None) as [strict, free]:
        yield Begun(strict, free)


@pytest.fixture(scope="module")
def at(begun: Begun) -> Embedded:
    """That service with nothing posted yet, shared by the tests of a module, and a site under a strict policy."""
    begun.again()
    return begun.strict


@pytest.fixture(scope="module")
def at_free_site(begun: Begun) -> Embedded:
    """The same and a site without a policy, for modules whose pages have scripts, styles or frames within."""
    begun.again()
    return begun.free


@pytest.fixture
def widget(context: BrowserContext, at: Embedded) -> Widget:
    return Widget(context, at)
