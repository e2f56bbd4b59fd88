"""The nouns of the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.chromium import browser, context, page
from tests.people import Moderator, Reader
from tests.running_service import InProcess, make_in_process, make_template

__all__ = ["browser", "context", "page"]  # found here by every test

MakeService = Callable[..., InProcess]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def make_service(tmp_path: Path, template: Path) -> Iterator[MakeService]:
    """Makes services with the settings that a test needs; each has a database of its own."""
    made: list[InProcess] = []

    def make(*, seed: int | None = None, **settings: str) -> InProcess:
        service = make_in_process(tmp_path / f"service-{len(made)}", template, seed=seed, **settings)
        made.append(service)
        return service

    yield make
    for service in made:
        service.close()


@pytest.fixture
def service(make_service: MakeService) -> InProcess:
    """A service on which posts are public at once and nobody is too quick."""
    return make_service()


@pytest.fixture(scope="module")
def shared_service(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    """One for all tests of a module, which leave it as it is or keep to articles of their own."""
    service = make_in_process(tmp_path_factory.mktemp("shared"), template)
    yield service
    service.close()


@pytest.fixture
def reader(service: InProcess) -> Reader:
    return service.reader()


@pytest.fixture
def moderator(service: InProcess) -> Moderator:
    return service.moderator()
