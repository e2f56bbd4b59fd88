"""The outbox as admins see it, and what becomes of what was sent or died."""

from __future__ import annotations

from datetime import timedelta

from commentsvc.model import MessageKind, MessageState
from commentsvc.records import NewMessage
from tests.moderating.desk import Desk, csrf_token
from tests.moderating.people import admin_of
from tests.people import Moderator
from tests.running_service import InProcess

HOSTS = ("a.example", "b.example", "c.example")


def put(
    service: InProcess, *hosts: str, kind: MessageKind = MessageKind.WEBHOOK, **more: object
) -> list[str]:
    """Put a message to each host into the outbox; give their ids, the newest first."""
    with service.ours.unit_of_work() as work:
        for host in hosts:
            fields = {
                "about": "comment.posted",
                "receiver": host,
                "lane": host,
                "data": {"comment": 1},
            } | more
            work.outbox.add(NewMessage(kind=kind, **fields), service.ours.random_bytes, service.clock.now)  # type: ignore[arg-type]
        return [one.public_id for one in work.outbox.latest(None, None, None, len(hosts))]


def end(service: InProcess, public_id: str, state: MessageState, error: str | None = None) -> None:
    """Let that message be at its end."""
    now = service.clock.now
    with service.ours.unit_of_work() as work:
        found = work.outbox.find(public_id)
        assert found is not None
        taken = work.outbox.take(found, "owner", now + timedelta(minutes=1))
        assert taken is not None
        work.outbox.end(taken, "owner", state, now, error)


def test_admins_list_what_waits_was_sent_and_died_and_send_it_again(service: InProcess) -> None:
    admin = admin_of(service)
    third, second, first = put(service, *HOSTS)
    end(service, second, MessageState.DEAD, "410")
    end(service, first, MessageState.SENT)
    listed = admin.request("GET", "/outbox").json()
    assert [(one["id"], one["to"], one["state"], one["error"]) for one in listed["messages"]] == [
        (third, "c.example", "waiting", None),
        (second, "b.example", "dead", "410"),
        (first, "a.example", "sent", None),
    ]
    assert listed["next"] is None
    assert listed["messages"][1] == {
        "id": second, "kind": "webhook", "about": "comment.posted", "to": "b.example", "state": "dead",
        "tries": 1, "next_at": None, "error": "410",
    }  # fmt: skip
    pages, cursor = [], ""
    while cursor is not None:
        answer = admin.request("GET", f"/outbox?limit=1&cursor={cursor}").json()
        pages += [one["id"] for one in answer["messages"]]
        cursor = answer["next"]
    assert pages == [third, second, first]
    for query, ids in (("state=dead", [second]), ("kind=webhook&state=sent", [first]), ("kind=mail", [])):
        assert [one["id"] for one in admin.request("GET", f"/outbox?{query}").json()["messages"]] == ids
    for query, field in (("state=x", "state"), ("kind=x", "kind"), ("cursor=x", "cursor")):
        refused = admin.request("GET", f"/outbox?{query}")
        assert (refused.status_code, list(refused.json()["errors"])) == (422, [field])

    again = admin.request("POST", f"/outbox/{second}/retry")
    assert (again.status_code, again.json()["state"], again.json()["tries"]) == (200, "waiting", 0)
    assert admin.request("POST", f"/outbox/{first}/retry").status_code == 409
    assert admin.request("POST", "/outbox/none/retry").status_code == 404


def test_the_desk_shows_why_a_message_died_and_sends_it_again(
    service: InProcess, desk: Desk, moderator: Moderator
) -> None:
    (dead,) = put(service, "hooks.example")
    assert "could not be sent" not in desk.http.get("/moderation").text
    end(service, dead, MessageState.DEAD, "HTTP 410")
    assert "could not be sent" in desk.http.get("/moderation").text
    page = desk.http.get("/moderation/outbox?state=dead")
    assert "hooks.example" in page.text
    assert "HTTP 410" in page.text
    sent = desk.http.post("/moderation/outbox/retry", data={"csrf_token": csrf_token(page), "message": dead})
    assert sent.status_code == 303
    with service.ours.reading() as work:
        found = work.outbox.find(dead)
    assert found is not None
    assert found.state is MessageState.WAITING
    assert "could not be sent" not in desk.http.get("/moderation").text
