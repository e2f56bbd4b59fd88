"""Version 0030: whose form claimed a title is known of older threads, too, and which ones somebody opened after their time."""

from __future__ import annotations

import pytest

from tests.conftest import MakeService
from tests.databases import on_both
from tests.storage.upgrades import downgrade

__all__ = ["on_both"]


@pytest.mark.slow_on_postgresql
def test_older_threads_are_as_new_ones(make_service: MakeService) -> None:
    service = make_service()
    reader, moderator = service.reader(), service.moderator()
    service.run("site", "set", "default", "--close-after", "30")
    spam = reader.posted("spam", title="BUY PILLS")["comment"]["id"]
    reader.comment("opened")
    reader.comment("young")
    service.clock.move(days=40)
    moderator.set_thread("opened", open=True)
    reader.comment("younger")
    decision = moderator.decide("trash", reader.comment("opened", "Gone."))["decided"][0]["decision"]

    downgrade(service, "0029")
    service.run("db", "upgrade")

    moderator.decide("purge", spam)
    claims = {one["article"]: one["claimed_title"] for one in moderator.queue(limit="200")}
    assert "BUY PILLS" not in claims.values()
    assert "BUY PILLS" not in service.run("export")
    service.run("site", "set", "default", "--close-after", "35")
    states = {article: reader.thread(article)["open"] for article in ("opened", "young", "younger")}
    assert states == {"opened": True, "young": False, "younger": True}
    undone = moderator.request("POST", "/decisions/undo", json={"decisions": [decision]})
    assert undone.json()["refused"] == []
