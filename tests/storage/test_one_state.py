"""A request reads one state of the database, whatever others write meanwhile; both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from commentsvc.storage.unit_of_work import UnitOfWork
from tests.databases import on_both
from tests.people import Reader
from tests.running_service import InProcess

__all__ = ["on_both"]  # found here by the tests

SITE = 1


def counted(work: UnitOfWork, articles: list[str]) -> dict[str, int]:
    found = [work.threads.find(SITE, article) for article in articles]
    return {thread.article: thread.count for thread in found if thread}


def comment_of_another(reader: Reader, article: str) -> None:
    """Post in a request of its own, not within the one that the test stands in."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(reader.comment, article).result()


def test_what_is_read_is_of_one_state_until_the_unit_of_work_ends(service: InProcess, reader: Reader) -> None:
    reader.comment("a")

    with service.ours.reading() as work:
        before = counted(work, ["a"])
        comment_of_another(reader, "a")
        comment_of_another(reader, "b")
        meanwhile = counted(work, ["a", "b"])
    with service.ours.reading() as work:
        after = counted(work, ["a", "b"])

    assert before == meanwhile == {"a": 1}
    assert after == {"a": 2, "b": 1}


def test_who_writes_sees_what_is_there_now(service: InProcess, reader: Reader) -> None:
    reader.comment("a")

    with service.ours.reading() as work:
        before = counted(work, ["a"])
        comment_of_another(reader, "a")
    with service.ours.unit_of_work() as work:
        now = counted(work, ["a"])

    assert (before, now) == ({"a": 1}, {"a": 2})
