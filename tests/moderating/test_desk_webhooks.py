"""Webhooks at the desk: set, tried, started again, given a new secret and removed."""

from __future__ import annotations

import re
import socket

import pytest

from tests.moderating.desk import Desk, csrf_token
from tests.running_service import InProcess

SECRET = re.compile(r"whsec_[\w+/]{43}=")


@pytest.fixture
def no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """No host has an address."""

    def nobody(*_asked: object, **_named: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)


def test_an_admin_looks_after_webhooks(service: InProcess, desk: Desk, no_names: None) -> None:
    page = desk.http.get("/moderation/webhooks")
    form = {"csrf_token": csrf_token(page)}

    def press(button: str, **more: object) -> str:
        answer = desk.http.post(f"/moderation/webhooks{button}", data=form | more)
        return desk.http.get("/moderation/webhooks").text if answer.status_code == 303 else answer.text

    typed = {"url": "https://hooks.example/comments?a=b", "event": ["comment.removed"], "site": "sports"}
    wrong = press("", **typed | {"event": ["comment.reported"]})
    assert "Reports are told to private webhooks alone" in wrong
    assert 'value="https://hooks.example/comments?a=b"' in wrong
    assert re.search(r'value="comment.reported" checked', wrong)

    added = SECRET.search(press("", **typed))
    assert added is not None
    shown = desk.http.get("/moderation/webhooks").text
    assert added[0] not in shown
    assert "sports" in shown
    found = re.search(r'name="hook" value="([\w-]+)"', shown)
    assert found is not None
    one = {"hook": found[1]}

    assert "The test was not taken: there is no such host." in press("/test", **one)
    assert "webhook.test" in desk.http.get("/moderation/webhooks").text
    renewed = SECRET.search(press("/rotate", **one))
    assert renewed is not None
    assert renewed[0] != added[0]

    with service.ours.unit_of_work() as work:
        hook = work.webhooks.find(found[1])
        assert hook is not None
        work.webhooks.change(hook.id, disabled_at=service.clock.now, why="failed for a day")
    assert "as it failed for a day" in desk.http.get("/moderation/webhooks").text
    assert "Start hooks.example again" in desk.http.get("/moderation/webhooks").text
    assert "failed for a day" not in press("/start", **one)

    assert "There are none." in press("/remove", **one)
    assert desk.http.post("/moderation/webhooks/remove", data=form | one).status_code == 404
    stale = desk.http.post("/moderation/webhooks/remove", data=one | {"csrf_token": "x"})
    assert stale.status_code in {403, 422}
