"""Chats are told of what waits and of what is reported: in one short line that calls nobody, through the guard."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from commentsvc import backends
from commentsvc.errors import BadSetting
from commentsvc.notifications.chat import MOST_CHARACTERS, disarmed, faulty
from commentsvc.settings import PREFIX, Settings
from commentsvc.settings.values import CHATS
from tests.conftest import MakeService
from tests.people import Reader
from tests.running_service import InProcess
from tests.telling.delivering import deliver
from tests.telling.receiving import LOOPBACK, Receiver, receiving

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # what Apprise imports uses it


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as here:
        here.status = 200
        yield here


def chatting(make_service: MakeService, receiver: Receiver, **settings: str) -> InProcess:
    urls = f"json://127.0.0.1:{receiver.port}/chat"
    more = {"NOTIFY_URLS": urls, "OUTBOUND_ALLOW": LOOPBACK, "MODERATION": "all", **settings}
    return make_service(**more)


def lines(service: InProcess, receiver: Receiver) -> list[str]:
    """What came since the last time."""
    deliver(service)
    return [one.json["message"] for one in receiver.take()]


def report(reader: Reader, comment: str) -> None:
    sent = {"token": reader.token("a"), "reason": "spam", "text": "Look.", "email": "eve@paper.example"}
    assert reader.http.post(f"/api/v1/comments/{comment}/reports", json=sent).status_code == 202


def test_what_waits_is_told_at_once_and_what_follows_as_one(
    make_service: MakeService, receiver: Receiver
) -> None:
    service = chatting(make_service, receiver)
    reader, moderator = service.reader(), service.moderator()
    first = reader.comment("2026/spring", "Something *secret*.")
    link = f"http://127.0.0.1:5000/moderation/comments/{first}"
    assert lines(service, receiver) == [f"A comment waits on default (2026∕spring): {link}"]
    for number in range(3):
        reader.comment("a", f"Number {number}.")
    assert lines(service, receiver) == []
    service.clock.move(minutes=5)
    assert lines(service, receiver) == [
        "Comments that wait on default: 4: http://127.0.0.1:5000/moderation?site=default"
    ]
    moderator.decide("approve", first)
    report(reader, first)
    assert lines(service, receiver) == [f"A comment was reported on default (2026∕spring): {link}"]


def test_what_was_decided_meanwhile_is_not_told(make_service: MakeService, receiver: Receiver) -> None:
    service = chatting(make_service, receiver)
    reader, moderator = service.reader(), service.moderator()
    first, second = reader.comment("a", "First."), reader.comment("a", "Second.")
    moderator.decide("approve", first, second)
    service.clock.move(minutes=10)
    assert lines(service, receiver) == []
    moderator.decide("hold", first)  # a moderator knows of that
    assert lines(service, receiver) == []


def test_a_chat_on_a_private_network_is_not_called(make_service: MakeService, receiver: Receiver) -> None:
    service = chatting(make_service, receiver, OUTBOUND_ALLOW="192.0.2.0/24")
    service.reader().comment("a", "First.")
    assert lines(service, receiver) == []
    with service.ours.reading() as work:
        (message,) = work.outbox.latest(None, None, None, 10)
    assert (message.error, message.receiver) == ("forbidden address", "json")


def test_it_is_tried_again_until_it_is_taken(make_service: MakeService, receiver: Receiver) -> None:
    service = chatting(make_service, receiver)
    receiver.status = 503
    service.reader().comment("a", "First.")
    assert len(lines(service, receiver)) == 1
    with service.ours.reading() as work:
        assert work.outbox.latest(None, None, None, 10)[0].error == "HTTP 503"
    receiver.status = 200
    service.clock.move(minutes=2)
    assert len(lines(service, receiver)) == 1
    service.clock.move(hours=2)
    assert lines(service, receiver) == []


def test_a_line_is_short_whatever_the_article_is_called(
    make_service: MakeService, receiver: Receiver
) -> None:
    service = chatting(make_service, receiver)
    service.reader().comment("@everyone <!channel> " + "x" * 150, "First.")
    (line,) = lines(service, receiver)
    assert len(line) <= MOST_CHARACTERS
    assert "/moderation/comments/" in line
    assert not set("@<>!") & set(line)


def test_the_kind_of_an_address_that_cannot_be_read_is_told_to_the_doctor() -> None:
    assert faulty(["ntfy://ntfy.example/topic", "tgram://nonsense/"]) == ["tgram"]


@pytest.mark.unit
@pytest.mark.parametrize(
    "typed",
    ["@everyone", "<!channel>", "<@U012345>", "[x](https://evil.example)", "https://evil.example", "evil.example",
     "*b* _i_ ~s~ `c` ||s||", "# Heading", "&lt;!here&gt;", "a\nb\u2028c", "\u202eabc", "room@conference.example"],
)  # fmt: skip
def test_what_was_typed_is_disarmed(typed: str) -> None:
    line = disarmed(typed)
    assert not set("@<>*_~|`[]()#\\&:./!\n\u2028\u202e") & set(line)
    assert line


@pytest.mark.unit
@pytest.mark.parametrize(
    "url", ["syslog://", "mailto://a:b@c.example", "dbus://", "file:///tmp/x", "slack", "slack://"]
)
def test_what_has_no_guard_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(BadSetting) as refused:
        Settings.from_environ({PREFIX + "NOTIFY_URLS": f"ntfy://ntfy.example/s3cret {url}"})
    assert "s3cret" not in refused.value.detail


def test_where_it_is_not_installed_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str) -> Any:
        return None

    monkeypatch.setattr(backends, "find_spec", missing)
    with pytest.raises(BadSetting, match=r"pip install 'commentsvc\[chat\]'"):
        backends.check_installed(None, None, ("ntfy://ntfy.example/x",))


@pytest.mark.soak
def test_each_chat_that_may_be_used_calls_by_what_the_guard_replaces() -> None:
    """Apprise's plugins are free to change: none of ours may call in another way."""
    from apprise.manager_plugins import NotificationManager

    plugins = NotificationManager()
    for scheme in CHATS:
        module = sys.modules[plugins[scheme].__module__]
        tree = ast.parse(inspect.getsource(module))
        imported = {
            alias.name.partition(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        } | {
            (node.module or "").partition(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and not node.level
        }
        asked = {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "requests"
        }
        assert "requests" in imported, scheme
        assert not imported & {
            "socket",
            "http",
            "httplib",
            "urllib3",
            "httpx",
            "aiohttp",
            "smtplib",
            "subprocess",
        }, scheme
        assert not asked & {"Session", "session", "sessions", "adapters"}, scheme
