"""A unit of work: one a thread, whole or not at all; both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

import pytest

from commentsvc.actions import sites
from commentsvc.service import Service
from commentsvc.storage.database import NestedUnitOfWork
from commentsvc.storage.unit_of_work import UnitOfWork
from tests.databases import on_both
from tests.running_service import InProcess

__all__ = ["on_both"]  # found here by the tests

KINDS = ["reading", "unit_of_work"]
SITE = 1


def begun(ours: Service, kind: str) -> AbstractContextManager[UnitOfWork]:
    return ours.reading() if kind == "reading" else ours.unit_of_work()


@pytest.mark.parametrize("outer", KINDS)
@pytest.mark.parametrize("inner", KINDS)
def test_one_inside_another_fails_at_once_and_the_other_goes_on(
    service: InProcess, outer: str, inner: str
) -> None:
    ours = service.ours
    with begun(ours, outer) as work:
        with pytest.raises(NestedUnitOfWork, match="inside another"), begun(ours, inner):
            raise AssertionError("it was begun")
        assert work.sites.by_slug("default") is not None

    with begun(ours, inner) as work:
        assert work.sites.by_slug("default") is not None


def test_an_action_inside_one_fails_too(service: InProcess) -> None:
    with service.ours.reading(), pytest.raises(NestedUnitOfWork):
        sites.add_site(service.ours, "weekend", [])


def test_other_threads_have_their_own(service: InProcess) -> None:
    def count() -> int:
        with service.ours.reading() as work:
            return len(work.sites.all_sites())

    with service.ours.unit_of_work() as work, ThreadPoolExecutor(1) as pool:
        work.sites.add("weekend", [], "epoch")
        assert pool.submit(count).result() == 1
    assert count() == 2


def test_nothing_is_stored_of_one_that_fails(service: InProcess) -> None:
    def add_and_fail() -> None:
        with service.ours.unit_of_work() as work:
            work.sites.add("weekend", [], "epoch")
            raise KeyError

    with pytest.raises(KeyError):
        add_and_fail()

    with service.ours.reading() as work:
        assert [site.slug for site in work.sites.all_sites()] == ["default"]


def test_it_needs_no_request_and_no_application(service: InProcess) -> None:
    with service.ours.unit_of_work() as work:
        thread = work.threads.open_for_writing(SITE, "a")
    with service.ours.reading() as work:
        assert work.threads.find(SITE, "a") == thread
