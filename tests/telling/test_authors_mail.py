"""Who wrote a comment is told by mail why it was taken away, and what became of an objection: where the address is confirmed."""

from __future__ import annotations

import re

import pytest

from tests.conftest import MakeService
from tests.databases import on_both
from tests.moderating.desk import PASSWORD
from tests.people import bearer
from tests.smtp_server import Received, SmtpServer
from tests.telling.delivering import deliver

__all__ = ["on_both"]  # the fixture says that it holds on both databases


@pytest.mark.any_database
def test_reasons_and_answers_come_to_a_confirmed_address_alone(
    make_service: MakeService, smtp: SmtpServer
) -> None:
    service = make_service(**smtp.settings)
    moderator = service.moderator()
    stranger = service.reader(email="stranger@paper.example")
    reader = service.reader(email="Ada@paper.example")

    def came() -> list[Received]:
        smtp.messages.clear()
        deliver(service)
        return list(smtp.messages)

    other = stranger.comment("a", "Nobody confirmed this.")
    first = reader.posted("a", "The first.", notify="replies")
    reader.author_key = first["author_key"]
    [question] = came()
    found = re.search(r"https?://[^/]+(/mail/confirm\?\S+)", question.text)
    assert found
    assert service.http().post(found[1]).status_code == 200
    comment = reader.posted("b", "A *second* one.")
    assert came() == []

    impostor = service.reader(email="ada@paper.example")  # who has not her author key
    moderator.decide("trash", impostor.comment("b", "In her name."), reason="Off topic")
    assert came() == []
    moderator.decide("trash", comment["comment"]["id"], reason="Off topic")
    moderator.decide("trash", other, reason="Off topic")
    [mail] = came()

    assert (mail["To"], mail["X-Comments-Kind"]) == ("Ada@paper.example", "reasons")
    assert "Off topic" in mail.text
    assert "A *second* one." in mail.text
    assert "<em>second</em>" in mail.html
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    key = re.search(r"#key=([\w-]+)", mail.text)
    assert key
    assert key[1] == comment["edit_key"]

    path = f"/api/v1/comments/{comment['comment']['id']}/reasons"
    objected = reader.http.post(path, json={"text": "It is on topic."}, headers=bearer(key[1]))
    assert objected.status_code == 202
    assert came() == []
    service.run("user", "add", "mo@paper.example", input=PASSWORD + "\n")
    reader.http.post(path, json={"text": "It is on topic, really."}, headers=bearer(key[1]))
    [objection] = came()
    assert (objection["To"], objection["X-Comments-Kind"]) == ("mo@paper.example", "waiting")
    assert "The author objects" in objection.text
    assert "It is on topic, really." in objection.text
    service.run("user", "mail", "mo@paper.example", "--waiting", "none")
    moderator.decide("approve", comment["comment"]["id"])
    [answer] = came()
    assert (answer["X-Comments-Kind"], "is public again" in answer.text) == ("reasons", True)
    moderator.decide("spam", comment["comment"]["id"])  # of each, once for ever
    assert came() == []

    decided = moderator.decide("hold", first["comment"]["id"], reason="Too long")["decided"][0]["decision"]
    undone = moderator.request("POST", "/decisions/undo", json={"decisions": [decided]})
    assert undone.status_code == 200, undone.text
    assert came() == []  # it does not stand any more when it would be sent
