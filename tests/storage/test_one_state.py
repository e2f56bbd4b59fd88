"""A request reads one state of the database, whatever others write meanwhile; both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy.orm import Session

from commentsvc.storage import threads
from commentsvc.storage.database import reading, transaction
from tests.databases import on_both
from tests.people import Reader
from tests.running_service import InProcess

__all__ = ["on_both"]  # found here by the tests

SITE = 1


def counted(session: Session, articles: list[str]) -> dict[str, int]:
    found = [threads.find(session, SITE, article) for article in articles]
    return {thread.article: thread.count for thread in found if thread}


def comment_of_another(reader: Reader, article: str) -> None:
    """Post in a request of its own, not within the one that the test stands in."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(reader.comment, article).result()


def test_what_is_read_is_of_one_state_until_the_request_ends(service: InProcess, reader: Reader) -> None:
    reader.comment("a")

    with service.app.app_context():
        before = counted(reading(), ["a"])
        comment_of_another(reader, "a")
        comment_of_another(reader, "b")
        meanwhile = counted(reading(), ["a", "b"])
    with service.app.app_context():
        after = counted(reading(), ["a", "b"])

    assert before == meanwhile == {"a": 1}
    assert after == {"a": 2, "b": 1}


def test_who_writes_sees_what_is_there_now_and_reads_it_afterwards(
    service: InProcess, reader: Reader
) -> None:
    reader.comment("a")

    with service.app.app_context():
        before = counted(reading(), ["a"])
        comment_of_another(reader, "a")
        with transaction() as tx:
            meanwhile = counted(tx, ["a"])
        comment_of_another(reader, "a")
        after = counted(reading(), ["a"])

    assert (before, meanwhile, after) == ({"a": 1}, {"a": 2}, {"a": 3})
