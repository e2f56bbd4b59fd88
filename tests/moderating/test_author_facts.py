"""What one author wrote, as moderators ask for it."""

from __future__ import annotations

import pytest

from tests.conftest import MakeService
from tests.databases import on_both
from tests.people import Moderator, Reader
from tests.running_service import InProcess

__all__ = ["on_both"]  # found here by the tests


@pytest.mark.slow_on_postgresql
def test_an_author_has_counts_times_and_names(make_service: MakeService) -> None:
    service = make_service()
    reader, moderator = service.reader(), service.moderator()
    reader.author_key = reader.posted("a", name="Ada Sample")["author_key"]
    service.clock.move(minutes=9)
    spam = reader.comment("b", name="Ada, too")
    moderator.decide("spam", spam)
    author = moderator.queue(article="a")[0]["author_id"]

    facts = moderator.request("GET", f"/authors/{author}").json()

    assert facts == {
        "author_id": author, "approved": 1, "pending": 0, "spam": 1, "trash": 0,
        "first_seen": "2026-11-24T09:00:00Z", "last_seen": "2026-11-24T09:09:00Z", "names": ["Ada, too", "Ada Sample"],
    }  # fmt: skip
    assert moderator.request("GET", "/authors/nobody").status_code == 404
    assert service.moderator("default").request("GET", f"/authors/{author}").json() == facts


def test_what_was_erased_counts_no_more(service: InProcess, reader: Reader, moderator: Moderator) -> None:
    comment = reader.comment("a")
    author = moderator.queue(article="a")[0]["author_id"]

    moderator.decide("purge", comment)

    assert moderator.request("GET", f"/authors/{author}").status_code == 404
