"""A request reads one state of the database, whatever others write meanwhile; both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from commentsvc.storage import threads
from commentsvc.storage.database import reading, transaction
from tests.databases import on_both
from tests.people import Reader
from tests.running_service import InProcess

__all__ = ["on_both"]  # found here by the tests

SITE = 1


def comment_of_another(reader: Reader, article: str) -> None:
    """Post in a request of its own, not within the one that the test stands in."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(reader.comment, article).result()


def test_what_is_read_is_of_one_state_until_the_request_ends(service: InProcess, reader: Reader) -> None:
    reader.comment("a")

    with service.app.app_context():
        before = threads.counts(reading(), SITE, ["a"])
        comment_of_another(reader, "a")
        comment_of_another(reader, "b")
        meanwhile = threads.counts(reading(), SITE, ["a", "b"])
    with service.app.app_context():
        after = threads.counts(reading(), SITE, ["a", "b"])

    assert before == meanwhile == {"a": 1}
    assert after == {"a": 2, "b": 1}


def test_who_writes_sees_what_is_there_now_and_reads_it_afterwards(
    service: InProcess, reader: Reader
) -> None:
    reader.comment("a")

    with service.app.app_context():
        before = threads.counts(reading(), SITE, ["a"])
        comment_of_another(reader, "a")
        with transaction() as tx:
            meanwhile = threads.counts(tx, SITE, ["a"])
        comment_of_another(reader, "a")
        after = threads.counts(reading(), SITE, ["a"])

    assert (before, meanwhile, after) == ({"a": 1}, {"a": 2}, {"a": 3})
