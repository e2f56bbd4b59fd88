"""What an old link says to who stopped mail is true, and leads back to mail."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest

from tests.databases import on_both
from tests.people import Reader
from tests.running_service import InProcess
from tests.smtp_server import SmtpServer
from tests.telling.delivering import deliver
from tests.telling.test_followers import confirmed, kinds, link, press, stop_links

__all__ = ["on_both"]  # found here by the tests

TICK = "Tick the box again with your next comment"


@pytest.fixture
def service(make_service: Callable[..., InProcess], smtp: SmtpServer) -> InProcess:
    return make_service(**smtp.settings, BASE_URL="https://comments.example")


def refused(service: InProcess, path: str) -> tuple[str, list[str]]:
    """What the page says where that link is out of date, and where its links lead; a GET and a press say the same."""
    pages = [service.http().request(method, path) for method in ("GET", "POST")]
    assert [page.status_code for page in pages] == [410, 410]
    assert pages[0].text == pages[1].text
    assert "<button" not in pages[0].text
    main = pages[0].text.partition("<main>")[2]
    return html.unescape(main), re.findall(r'<a href="([^"]+)"', main)


@pytest.mark.slow_on_postgresql
def test_who_stopped_everything_is_told_so_and_how_to_begin_again(
    service: InProcess, smtp: SmtpServer
) -> None:
    ada = Reader(service.http())
    posted = ada.posted("a", "What of kites?", notify="replies")
    ada.author_key = posted["author_key"]
    deliver(service)
    old = link(smtp.messages[0], "/mail/confirm")
    press(service, link(smtp.messages[0], "/mail/stop"))
    said, links = refused(service, old)
    assert "You stopped all emails." in said
    assert TICK not in said
    ada.post("a", "Ticked again.", notify="replies")
    deliver(service)
    assert kinds(smtp) == ["confirm"]  # as it says

    assert len(links) == 1
    assert "<form" in service.http().get(links[0]).text
    service.http().post(links[0], data={"email": "ada@paper.example"})
    deliver(service)
    assert kinds(smtp) == ["confirm", "access"]
    service.http().post(link(smtp.messages[1], "/me/data"), data={"do": "come-back"})
    assert TICK in refused(service, old)[0]
    comment = ada.comment("a", "Ticked once more.", notify="replies")
    deliver(service)
    press(service, link(smtp.messages[2], "/mail/confirm"))
    Reader(service.http(), "Bob Sample", "bob@paper.example").post("a", "They fly.", parent=comment)
    deliver(service)
    assert kinds(smtp) == ["confirm", "access", "confirm", "reply"]


@pytest.mark.slow_on_postgresql
def test_who_stopped_one_discussion_gets_mail_again_by_ticking_again(
    service: InProcess, smtp: SmtpServer
) -> None:
    ada, comment = confirmed(service, smtp, "Ada Sample", "ada@paper.example")
    bob = Reader(service.http(), "Bob Sample", "bob@paper.example")
    bob.post("a", "They fly.", parent=comment)
    deliver(service)
    ada.author_key = None  # another browser, which is asked again
    asked = ada.posted("a", "And there?", notify="replies")
    ada.author_key = asked["author_key"]
    deliver(service)
    assert kinds(smtp) == ["reply", "confirm"]
    press(service, stop_links(smtp.messages[0])[0])
    said, links = refused(service, link(smtp.messages[1], "/mail/confirm"))
    assert TICK in said
    assert links == []
    again = ada.comment("a", "Ticked again.", notify="replies")
    deliver(service)
    press(service, link(smtp.messages[2], "/mail/confirm"))
    bob.post("a", "There too.", parent=again)
    service.clock.move(hours=2)
    deliver(service)
    assert kinds(smtp) == ["reply", "confirm", "confirm", "reply"]


@pytest.mark.slow_on_postgresql
def test_a_link_of_which_nothing_is_known_any_more_leads_to_what_still_helps(
    service: InProcess, smtp: SmtpServer
) -> None:
    Reader(service.http()).post("a", "What of kites?", notify="replies")
    deliver(service)
    old = link(smtp.messages[0], "/mail/confirm")
    service.clock.move(days=3)
    assert TICK in refused(service, old)[0]
    service.clock.move(days=7)
    service.sweep()
    said, links = refused(service, old)
    assert TICK not in said
    assert [service.http().get(one).status_code for one in links] == [200]
