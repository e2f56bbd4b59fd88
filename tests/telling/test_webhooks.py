"""Webhooks: each is told of what it asked for, signed, once, and of nothing that it may not know."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from commentsvc.actions.tokens import create_token
from commentsvc.model import EventKind, MessageState, Scope
from commentsvc.records import NewEvent
from tests.conftest import MakeService
from tests.databases import on_both
from tests.people import Json, Moderator, Reader
from tests.running_service import InProcess
from tests.telling.delivering import deliver
from tests.telling.receiving import LOOPBACK, Received, Receiver, receiving

__all__ = ["on_both"]  # found here by the tests

ALL = ["comment.posted", "comment.approved", "comment.edited", "comment.removed"]
EVERYTHING = [*ALL, "comment.reported"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as here:
        yield here


@pytest.fixture
def service(make_service: MakeService) -> InProcess:
    return make_service(OUTBOUND_ALLOW=LOOPBACK)


@pytest.fixture
def admin(service: InProcess) -> Moderator:
    return Moderator(service.http(), create_token(service.ours, Scope.ADMIN, None).token)


def hook(admin: Moderator, url: str, events: list[str] = ALL, **more: Any) -> Json:
    answer = admin.request("POST", "/webhooks", json={"url": url, "events": events, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def read(admin: Moderator, made: Json) -> Json:
    return admin.request("GET", f"/webhooks/{made['id']}").json()


def told(service: InProcess, receiver: Receiver) -> list[tuple[str, Json]]:
    """What came since the last time, by its type."""
    deliver(service)
    return [(one.json["type"], one.json["data"]["comment"]) for one in receiver.take()]


def types(service: InProcess, receiver: Receiver) -> list[str]:
    return sorted(kind for kind, _ in told(service, receiver))


def is_signed(received: Received, secret: str) -> bool:
    # The service's clock stands still, and the verifier looks at its own.
    sent = datetime.fromtimestamp(int(received.headers["webhook-timestamp"])).astimezone()
    expected = Verifier(secret).sign(received.headers["webhook-id"], sent, received.body.decode())
    return expected in received.headers["webhook-signature"].split(" ")


def test_a_comment_is_told_as_the_public_sees_it(
    service: InProcess, reader: Reader, admin: Moderator, receiver: Receiver
) -> None:
    made = hook(admin, receiver.url())
    posted = reader.posted("a", "Hello **there**.")
    deliver(service)

    (received,) = receiver.take()
    public = reader.get(f"/api/v1/comments/{posted['comment']['id']}").json()
    assert received.json == {
        "type": "comment.posted",
        "timestamp": "2026-11-24T09:00:00Z",
        "data": {"site": "default", "article": "a", "comment": public},
    }
    assert received.headers["content-type"] == "application/json"
    assert is_signed(received, made["secret"])
    assert reader.email.encode() not in received.body
    (delivery,) = read(admin, made)["deliveries"]
    assert delivery == {
        "id": received.headers["webhook-id"],
        "type": "comment.posted",
        "at": "2026-11-24T09:00:00Z",
        "status": 204,
        "error": None,
    }
    assert "secret" not in read(admin, made)


def test_what_happened_before_there_was_a_webhook_is_not_told(
    service: InProcess, reader: Reader, admin: Moderator, receiver: Receiver
) -> None:
    reader.posted("a", "Just before.")
    hook(admin, receiver.url())
    after = reader.comment("a", "Just after.")
    ((kind, seen),) = told(service, receiver)
    assert (kind, seen["id"]) == ("comment.posted", after)
    # What could not be told for hours is no news to it either.
    with service.ours.unit_of_work() as work:
        work.events.add(
            NewEvent(
                kind=EventKind.PUBLIC, at=service.ours.now() - timedelta(hours=1), site_id=1, comment_id=1
            )
        )
    assert told(service, receiver) == []


def test_each_change_has_its_type(
    service: InProcess, reader: Reader, admin: Moderator, receiver: Receiver
) -> None:
    hook(admin, receiver.url())
    posted = reader.posted("a", "First.")
    comment, key = posted["comment"]["id"], posted["edit_key"]
    assert types(service, receiver) == ["comment.posted"]
    reader.edit(comment, key, "Changed.")
    ((kind, seen),) = told(service, receiver)
    assert (kind, seen["html"]) == ("comment.edited", "<p>Changed.</p>")
    admin.decide("hold", comment)
    assert told(service, receiver) == [("comment.removed", {"id": comment})]
    admin.decide("approve", comment)
    assert types(service, receiver) == ["comment.approved"]
    admin.decide("purge", comment)
    assert told(service, receiver) == [("comment.removed", {"id": comment})]


def test_what_was_never_public_is_told_to_private_webhooks_alone(
    make_service: MakeService, receiver: Receiver
) -> None:
    service = make_service(OUTBOUND_ALLOW=LOOPBACK, MODERATION="all")
    admin = Moderator(service.http(), create_token(service.ours, Scope.ADMIN, None).token)
    reader = service.reader()
    hook(admin, receiver.url("/public"))
    hook(admin, receiver.url("/private"), EVERYTHING, private=True)
    comment = reader.comment("a", "Waits **here**.")
    deliver(service)

    (received,) = receiver.take()
    assert received.path == "/private"
    seen = received.json["data"]["comment"]
    assert (seen["id"], seen["state"], seen["text"]) == (comment, "pending", "Waits **here**.")
    assert seen["html"] == "<p>Waits <strong>here</strong>.</p>"
    assert [set(one) >= {"check", "outcome", "message"} for one in seen["findings"]] == [True]
    assert reader.email.encode() not in received.body
    admin.decide("spam", comment)
    admin.decide("purge", comment)
    assert types(service, receiver) == []
    admin.decide("approve", reader.comment("a", "Approved before anybody was told."))
    deliver(service)
    assert sorted((one.path, one.json["type"]) for one in receiver.take()) == [
        ("/private", "comment.approved"),
        ("/private", "comment.posted"),
        ("/public", "comment.approved"),
    ]


def test_a_blocked_comment_is_told_to_nobody_and_findings_hold_no_address(
    service: InProcess, reader: Reader, admin: Moderator, receiver: Receiver
) -> None:
    hook(admin, receiver.url(), EVERYTHING, private=True)
    admin.block("email", reader.email, "spam")
    reader.post("a", "Blocked.")
    assert types(service, receiver) == []
    admin.block("email", "bob@paper.example", "hold")
    admin.block("range", "192.0.2.0/24", "hold")
    service.reader(name="Bob", email="bob@paper.example").post("a", "Held.")
    deliver(service)
    (received,) = receiver.take()
    assert b"bob@paper" not in received.body
    assert b"192.0.2" not in received.body
    assert len(received.json["data"]["comment"]["findings"]) == 2


def test_a_report_is_told_to_private_webhooks(
    service: InProcess, reader: Reader, admin: Moderator, receiver: Receiver
) -> None:
    refused = admin.request("POST", "/webhooks", json={"url": receiver.url(), "events": ["comment.reported"]})
    assert refused.status_code == 422
    made = hook(admin, receiver.url(), ["comment.reported"], private=True)
    assert admin.request("PATCH", f"/webhooks/{made['id']}", json={"private": False}).status_code == 422
    comment = reader.comment("a", "Reported.")
    report = {
        "token": reader.token("a"),
        "reason": "spam",
        "text": "Look, from eve@paper.example",
        "email": "eve@paper.example",
        "name": "Eve",
    }
    assert reader.http.post(f"/api/v1/comments/{comment}/reports", json=report).status_code == 202
    deliver(service)
    (received,) = receiver.take()
    assert received.json["type"] == "comment.reported"
    assert b"eve@" not in received.body


@pytest.mark.parametrize("decision", ["trash", "purge"])
def test_what_is_taken_back_while_it_waits_is_not_told(
    service: InProcess, reader: Reader, admin: Moderator, receiver: Receiver, decision: str
) -> None:
    hook(admin, receiver.url())
    hook(admin, receiver.url("/private"), private=True)
    receiver.status = 503
    comment = reader.comment("a", "Soon gone.")
    deliver(service)
    assert len(receiver.take()) == 2
    admin.decide(decision, comment)
    receiver.status = 204
    service.clock.move(hours=1)
    assert told(service, receiver) == [("comment.removed", {"id": comment})] * 2


def test_a_webhook_is_told_of_its_site_and_its_events_alone(
    service: InProcess, reader: Reader, admin: Moderator, receiver: Receiver
) -> None:
    service.run("site", "add", "blog", "--origin", "https://blog.example")
    hook(admin, receiver.url("/blog"), site="blog")
    hook(admin, receiver.url("/removed"), ["comment.removed"])
    reader.post("a", "On the default site.")
    reader.post("a", "On the blog.", site="blog")
    deliver(service)
    assert [(one.path, one.json["data"]["site"]) for one in receiver.take()] == [("/blog", "blog")]


def test_it_is_tried_again_with_the_same_id_until_it_is_taken(
    service: InProcess, reader: Reader, admin: Moderator, receiver: Receiver
) -> None:
    made = hook(admin, receiver.url())
    receiver.status = 302
    reader.post("a", "First.")
    deliver(service)
    receiver.status = 500
    service.clock.move(minutes=2)
    deliver(service)
    receiver.status = 200
    service.clock.move(minutes=5)
    deliver(service)
    assert len({one.headers["webhook-id"] for one in receiver.requests}) == 1
    assert len({one.headers["webhook-timestamp"] for one in receiver.requests}) == 3
    statuses = [(one["status"], one["error"]) for one in read(admin, made)["deliveries"]]
    assert statuses == [(200, None), (500, "HTTP 500"), (302, "HTTP 302")]


def test_410_is_the_end_of_a_message_and_not_of_the_webhook(
    service: InProcess, reader: Reader, admin: Moderator, receiver: Receiver
) -> None:
    made = hook(admin, receiver.url())
    receiver.status = 410
    reader.post("a", "First.")
    deliver(service)
    with service.ours.reading() as work:
        (message,) = work.outbox.latest(None, None, None, 10)
    assert (message.state, message.tries, message.error) == (MessageState.DEAD, 1, "HTTP 410")
    assert read(admin, made)["disabled_at"] is None


def test_a_webhook_that_fails_for_a_day_is_disabled_and_can_be_started_again(
    service: InProcess, reader: Reader, admin: Moderator, receiver: Receiver
) -> None:
    made = hook(admin, receiver.url())
    receiver.status = 500
    reader.post("a", "First.")
    deliver(service)
    service.clock.move(hours=20)
    receiver.status = 204  # a success starts the day anew
    reader.post("a", "Second.")
    deliver(service)
    receiver.status = 500
    reader.post("a", "Third.")
    deliver(service)
    service.clock.move(hours=23)
    deliver(service)
    assert read(admin, made)["disabled_at"] is None
    reader.post("a", "Fourth.")
    service.clock.move(hours=2)
    deliver(service)

    disabled = read(admin, made)
    assert disabled["disabled_at"] == service.clock.now.isoformat().replace("+00:00", "Z")
    assert disabled["why"] == "failed for a day"
    with service.ours.reading() as work:
        dead = work.outbox.latest(MessageState.DEAD, None, None, 10)
    assert len(dead) == 2
    assert {one.error for one in dead} <= {"HTTP 500", "disabled"}
    receiver.take()
    reader.post("a", "Fifth.")
    receiver.status = 204
    assert told(service, receiver) == []

    again = admin.request("PATCH", f"/webhooks/{made['id']}", json={"disabled": False}).json()
    assert (again["disabled_at"], again["why"]) == (None, None)
    reader.post("a", "Sixth.")
    assert types(service, receiver) == ["comment.posted"]


def test_what_waits_for_a_webhook_that_is_disabled_is_dead_at_once(
    service: InProcess, reader: Reader, admin: Moderator, receiver: Receiver
) -> None:
    made = hook(admin, receiver.url())
    receiver.status = 500
    reader.post("a", "First.")
    deliver(service)
    service.clock.move(hours=25)
    admin.request("POST", f"/webhooks/{made['id']}/test")
    assert read(admin, made)["why"] == "failed for a day"
    with service.ours.reading() as work:
        assert [one.state for one in work.outbox.latest(None, None, None, 10)] == [MessageState.DEAD]


def test_of_a_webhook_that_is_disabled_admins_are_to_be_told(
    service: InProcess, reader: Reader, admin: Moderator, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    from commentsvc.notifications import fan_out

    events: list[Any] = []

    class Ear:
        name = "ear"

        def messages(self, service: object, work: object, event: Any) -> tuple[()]:
            events.append(event)
            return ()

    monkeypatch.setattr(fan_out, "LISTENERS", (*fan_out.LISTENERS, Ear()))
    made = hook(admin, receiver.url())
    receiver.status = 500
    reader.post("a", "First.")
    deliver(service)
    service.clock.move(hours=25)
    deliver(service)
    disabled = [one for one in events if one.kind is EventKind.HOOK_DISABLED]
    assert [one.data["hook"] for one in disabled] == [made["id"]]
    assert disabled[0].data["host"] == "127.0.0.1"


def test_two_secrets_sign_for_a_day_after_a_rotation(
    service: InProcess, reader: Reader, admin: Moderator, receiver: Receiver
) -> None:
    made = hook(admin, receiver.url())
    rotated = admin.request("PATCH", f"/webhooks/{made['id']}", json={"rotate": True}).json()
    assert rotated["secret"].startswith("whsec_")
    assert rotated["secret"] != made["secret"]
    reader.post("a", "First.")
    deliver(service)
    (both,) = receiver.take()
    assert is_signed(both, made["secret"])
    assert is_signed(both, rotated["secret"])
    service.clock.move(days=1, seconds=1)
    reader.post("a", "Second.")
    deliver(service)
    (one,) = receiver.take()
    assert not is_signed(one, made["secret"])
    assert is_signed(one, rotated["secret"])


def test_a_standard_library_knows_it_as_ours(
    service: InProcess, admin: Moderator, receiver: Receiver
) -> None:
    service.clock.now = datetime.now().astimezone()
    made = hook(admin, receiver.url())
    answer = admin.request("POST", f"/webhooks/{made['id']}/test")
    assert (answer.status_code, answer.json()["status"], answer.json()["error"]) == (200, 204, None)
    (received,) = receiver.take()
    assert Verifier(made["secret"]).verify(received.body, received.headers)["type"] == "webhook.test"
    with pytest.raises(WebhookVerificationError):
        Verifier(made["secret"]).verify(received.body + b" ", received.headers)
    receiver.status = 500
    failed = admin.request("POST", f"/webhooks/{made['id']}/test").json()
    assert (failed["status"], failed["error"]) == (500, "HTTP 500")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "http://10.0.0.1/"}, "url"),
        ({"url": "http://[::ffff:10.0.0.1]/"}, "url"),
        ({"url": "http://169.254.169.254/latest/meta-data"}, "url"),
        ({"url": "ftp://hooks.example/"}, "url"),
        ({"url": "http://ada:secret@hooks.example/"}, "url"),
        ({"url": "http://hooks.example:0/"}, "url"),
        ({"url": "https://" + "a" * 300 + ".example/"}, "url"),
        ({"url": "https://hooks.example/" + "a" * 2000}, "url"),
        ({"url": "https://hooks.example/\n"}, "url"),
        ({"url": 1}, "url"),
        ({"events": []}, "events"),
        ({"events": ["comment.eaten"]}, "events"),
        ({"events": ["webhook.test"]}, "events"),
    ],
    ids=str,
)
def test_what_is_no_webhook_is_refused(
    service: InProcess, admin: Moderator, change: Json, field: str
) -> None:
    body = {"url": "https://[2600::1]/hook", "events": ["comment.posted"]}
    made = hook(admin, body["url"])
    for answer in (
        admin.request("POST", "/webhooks", json=body | change),
        admin.request("PATCH", f"/webhooks/{made['id']}", json=change),
    ):
        assert answer.status_code == 422, answer.text
        assert list(answer.json()["errors"]) == [field]


def test_a_host_that_is_not_found_is_taken_and_not_called(
    service: InProcess, reader: Reader, admin: Moderator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(*_asked: object, **_named: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    made = hook(admin, "https://unknown.example/hook")
    reader.post("a", "First.")
    deliver(service)
    assert [(one["status"], one["error"]) for one in read(admin, made)["deliveries"]] == [
        (None, "host not found")
    ]


def test_admins_alone_keep_webhooks(service: InProcess, admin: Moderator, receiver: Receiver) -> None:
    made = hook(admin, receiver.url())
    moderator = service.moderator()
    body = {"url": receiver.url(), "events": ALL}
    for method, path, sent in (
        ("GET", "", None),
        ("POST", "", body),
        ("GET", f"/{made['id']}", None),
        ("PATCH", f"/{made['id']}", {"rotate": True}),
        ("DELETE", f"/{made['id']}", None),
        ("POST", f"/{made['id']}/test", None),
    ):
        answer = moderator.request(method, f"/webhooks{path}", json=sent)
        assert answer.status_code == 403, (method, path)
    assert admin.request("GET", "/webhooks/unknown").status_code == 404
    assert [one["id"] for one in admin.request("GET", "/webhooks").json()["webhooks"]] == [made["id"]]
    assert admin.request("DELETE", f"/webhooks/{made['id']}").status_code == 204
    assert admin.request("GET", f"/webhooks/{made['id']}").status_code == 404


def test_the_command_does_the_same(service: InProcess, reader: Reader, receiver: Receiver) -> None:
    made, secret = service.run("webhook", "add", receiver.url(), "--event", "comment.posted").split()
    assert secret.startswith("whsec_")
    assert made in service.run("webhook", "list")
    assert "was taken" in service.run("webhook", "test", made)
    assert receiver.types == ["webhook.test"]
    assert is_signed(receiver.requests[0], secret)
    reader.post("a", "First.")
    service.run("webhook", "remove", made)
    receiver.take()
    assert told(service, receiver) == []
    assert service.run("webhook", "list") == ""


def test_the_secret_is_not_stored_in_the_clear(
    service: InProcess, admin: Moderator, receiver: Receiver
) -> None:
    secret = hook(admin, receiver.url())["secret"].removeprefix("whsec_").encode()
    stored = b"".join(path.read_bytes() for path in service.data_dir.rglob("*") if path.is_file())
    assert stored
    assert secret not in stored


@pytest.mark.soak
def test_a_log_has_the_last_twenty_tries(
    service: InProcess, reader: Reader, admin: Moderator, receiver: Receiver
) -> None:
    made = hook(admin, receiver.url())
    for number in range(25):
        reader.post("a", f"Number {number}.")
    deliver(service)
    received = [one.headers["webhook-id"] for one in receiver.requests]
    assert [one["id"] for one in read(admin, made)["deliveries"]] == received[:4:-1]


def test_one_failure_after_a_quiet_month_disables_nothing(
    service: InProcess, reader: Reader, admin: Moderator, receiver: Receiver
) -> None:
    made = hook(admin, receiver.url())
    receiver.status = 503
    admin.request("POST", f"/webhooks/{made['id']}/test")
    service.clock.move(days=30)
    receiver.status = 502
    reader.post("a", "First.")
    deliver(service)
    assert read(admin, made)["disabled_at"] is None

    service.clock.move(hours=4)
    receiver.status = 204
    deliver(service)
    assert read(admin, made)["deliveries"][0]["status"] == 204
