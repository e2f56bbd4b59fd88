"""Version 0004: whom moderators approved before is trusted afterwards too, and whom they took back is not."""

from __future__ import annotations

import pytest

from tests.conftest import MakeService
from tests.databases import on_both
from tests.people import Moderator, Reader
from tests.running_service import InProcess
from tests.storage.upgrades import downgrade

__all__ = ["on_both"]


def approved(service: InProcess, moderator: Moderator) -> Reader:
    """Somebody whose first comment a person approved."""
    reader = service.reader()
    posted = reader.posted("a")
    reader.author_key = posted["author_key"]
    moderator.decide("approve", posted["comment"]["id"])
    return reader


@pytest.mark.slow_on_postgresql
def test_trust_survives_the_upgrade_unless_it_was_taken_away(make_service: MakeService) -> None:
    service = make_service(MODERATION="first")
    moderator = service.moderator()
    trusted, regretted, forgiven = (approved(service, moderator) for _ in range(3))
    stranger = service.reader()
    stranger.author_key = stranger.posted("a")["author_key"]
    spam = [reader.comment("a") for reader in (regretted, forgiven)]
    moderator.decide("spam", *spam)
    moderator.decide("approve", spam[1])

    downgrade(service, "0002")
    service.run("db", "upgrade")

    statuses = [reader.post("a").status_code for reader in (trusted, regretted, forgiven, stranger)]
    assert statuses == [201, 202, 201, 202]
    assert {c["revision"] for c in moderator.queue()} == {1}
