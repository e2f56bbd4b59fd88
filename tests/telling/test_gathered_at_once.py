"""Of two nodes one gathers while the other writes the letter: on PostgreSQL, where both can be under way."""

from __future__ import annotations

import re
import threading

import pytest

from commentsvc.notifications import fan_out
from tests.conftest import MakeService
from tests.databases import on_postgresql
from tests.people import Reader
from tests.smtp_server import SmtpServer
from tests.telling.delivering import deliver
from tests.telling.test_followers import confirmed

__all__ = ["on_postgresql"]


class Busy:
    """Stands for other events of the first node's transaction, which have many followers."""

    name = "busy"

    def __init__(self) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()

    def messages(self, *_: object) -> tuple[()]:
        if threading.current_thread().name == "first node":
            self.reached.set()
            assert self.go_on.wait(20)
        return ()


def test_what_is_added_as_the_letter_falls_due_is_in_it(
    make_service: MakeService, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = make_service(**smtp.settings, BASE_URL="https://comments.example", MAIL_GATHER="60")
    _, comment = confirmed(service, smtp, "Ada", "ada@paper.example")
    bob = Reader(service.http(), "Bob", "bob@paper.example")
    for text in ("Told at once.", "Gathered 1."):
        bob.comment("a", text, parent=comment)
        deliver(service)
    service.clock.move(seconds=59)
    bob.comment("a", "Gathered 2.", parent=comment)
    busy = Busy()
    monkeypatch.setattr(fan_out, "LISTENERS", (*fan_out.LISTENERS, busy))
    first = threading.Thread(target=fan_out.fan_out, args=(service.ours,), name="first node")
    first.start()
    assert busy.reached.wait(10)
    service.clock.move(seconds=3)
    smtp.messages.clear()

    second = threading.Thread(target=deliver, args=(service,))
    second.start()
    second.join(1)
    busy.go_on.set()
    first.join()
    second.join()
    for _ in range(3):
        deliver(service)
        service.clock.move(hours=2)

    told = [one for mail in smtp.messages for one in re.findall(r"Gathered \d", mail.text)]
    assert sorted(set(told)) == ["Gathered 1", "Gathered 2"]
