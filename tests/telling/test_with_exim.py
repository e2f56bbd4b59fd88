"""Mail through Debian's Exim: taken, greylisted, refused, and returned from the server behind it."""

from __future__ import annotations

import pytest

from commentsvc.model import MailEnd, MessageState
from tests.conftest import MakeService
from tests.exim import exim
from tests.smtp_server import FROM, SmtpServer
from tests.telling.delivering import deliver
from tests.telling.test_mail import ADA, add, bounce, letters, outbox, why_ended

__all__ = ["letters"]  # found here by the tests

pytestmark = pytest.mark.soak

REFUSED = {"nobody@paper.example": "550 5.1.1 No such user", "full@paper.example": "552 5.2.2 Mailbox full"}


def test_exim_takes_refuses_and_returns_mail(make_service: MakeService, smtp: SmtpServer) -> None:
    smtp.answers["RCPT"] = REFUSED.get
    with exim(smtp.port) as server:
        service = make_service(
            SMTP_URL=server.url, MAIL_FROM=FROM, MAIL_BOUNCES="bounces@blog.example", MAIL_RETRY="1"
        )
        public_id = add(service)
        for to in ("ada@grey.example", "ada@other.example", "ada@gone.example"):
            add(service, to=to)
        deliver(service)
        assert smtp.wait_for(1)[0]["Message-ID"] == f"<{public_id}@blog.example>"
        assert [(one.state, one.error) for one in outbox(service)] == [
            (MessageState.SENT, None),
            (MessageState.WAITING, "RCPT: 451"),
            (MessageState.DEAD, "RCPT: 550"),
            (MessageState.DEAD, "RCPT: 550"),
        ]
        assert why_ended(service, "ada@other.example") is None  # “relay not permitted”: it is about us
        assert why_ended(service, "ada@gone.example") is MailEnd.HARD

        (server.folder / "not-grey").touch()
        service.clock.move(seconds=5)
        deliver(service)
        assert smtp.wait_for(2)[1]["To"] == "ada@grey.example"

        for to, why in (("full@paper.example", None), ("nobody@paper.example", MailEnd.HARD)):
            add(service, to=to)
            deliver(service)
            returned = server.wait_for_bounce()
            for file in (server.folder / "bounces").iterdir():
                file.unlink()
            said = bounce(service, returned.decode()).stdout
            assert said.startswith("soft: 5.2.2" if why is None else "hard: 5.1.1"), said
            assert why_ended(service, to) is why
        assert why_ended(service, ADA) is None
