"""Two services that are fed the same comments under different addresses: all that they answer must be the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote_to_bytes, urlsplit

from commentsvc.actions.tokens import create_token
from commentsvc.diagnosis.in_process import Answer, Client
from commentsvc.model import Scope
from commentsvc.service import Service

if TYPE_CHECKING:
    from flask import Flask

# Who writes, and under which address: each under one of their own, or nearly all under one.
APART = {
    "Ada": "quibbleada@paper.example",
    "Bo": "Quibble.Bo+comments@Paper.example",
    "Chi": "quibblechi@xn--bcher-kva.example",
    "Dee": "quibble-dee@a-rather-long-name-of-a-host.paper.example",
    "Mallory": "quibblemallory@paper.example",
}
TOGETHER = dict.fromkeys(APART, "q@short.example") | {"Mallory": "m@short.example"}
# How a form is answered that is shown again, with what was typed in it: a preview, or what is wrong.
SHOWN_AGAIN = {200, 409, 422}
PAUSE_MINUTES = 3  # between what is written and what becomes of it


@dataclass
class Twin:
    """One of the two: its people, and all that they were answered. *wait* lets so many minutes go by."""

    app: Flask
    addresses: dict[str, str]
    wait: Callable[[int], None]
    things: dict[str, str] = field(default_factory=dict)
    author_keys: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.http = Client(self.app)
        self._unseen = Client(self.app)
        service: Service = self.app.extensions["commentsvc"]
        token = create_token(service, Scope.MODERATE, None, None, None).token
        self._moderator = {"Authorization": f"Bearer {token}"}

    @property
    def answers(self) -> list[Answer]:
        """What its people were answered, moderators apart."""
        return self.http.answers

    def ask(self, method: str, path: str, **more: Any) -> Answer:
        """Send one request; `{name}` in it is a thing of this twin, `{Ada}` the address of Ada."""
        return self.http.request(method, self._filled(path), **self._filled(more))

    def moderate(self, method: str, path: str, body: dict[str, Any]) -> Any:
        """Do something as a moderator.

        :raises ValueError: it was refused.
        """
        path = f"/api/v1/moderation{path}"
        answer = self._unseen.request(method, path, json=body, headers=self._moderator)
        if answer.status_code >= 400:
            raise ValueError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    def decide(self, action: str, comment: str) -> None:
        """Decide about one comment."""
        self.moderate("POST", "/decisions", {"ids": [comment], "action": action})

    def token(self) -> str:
        """A form token for the article."""
        return str(self.ask("GET", "/api/v1/form", params={"article": "kites"}).json()["token"])

    def post(self, name: str, text: str, article: str = "kites", **more: Any) -> Any:
        """Post as that person, who sends the author key of before; give the answer."""
        token = self.ask("GET", "/api/v1/form", params={"article": article}).json()["token"]
        sent = {"article": article, "name": name, "email": self.addresses[name], "text": text, "token": token}
        if name in self.author_keys:
            sent["author_key"] = self.author_keys[name]
        posted = self.ask("POST", "/api/v1/comments", json=sent | more).json()
        self.author_keys[name] = posted["author_key"]
        return posted

    def publish(self, name: str, text: str, article: str = "kites", **more: Any) -> str:
        """Post as that person, and let it be public; give its id."""
        comment = str(self.post(name, text, article, **more)["comment"]["id"])
        self.decide("approve", comment)
        return comment

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._filled(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._filled(inner) for inner in value]
        if not isinstance(value, str):
            return value
        if value == "{token}":
            return self.token()
        return re.sub(r"\{(\w+)\}", lambda found: (self.addresses | self.things)[found[1]], value)


def feed(twin: Twin) -> None:
    """A discussion with all that can happen to one."""
    blocked = {"kind": "email", "value": twin.addresses["Mallory"], "action": "spam"}
    twin.moderate("POST", "/blocks", blocked)
    root = twin.publish("Ada", "The first *kite*.", url="https://ada.example/", notify="replies")
    reply = twin.publish("Bo", "A reply.", parent=root, notify="all")
    deep = twin.publish("Ada", "A reply to the reply.", parent=reply)
    twin.publish("Chi", "Beside it.", parent=reply)
    twin.publish("Bo", "Deeper.\nIn two lines.", parent=deep)
    twin.publish("Dee", "Another root, <b>plain</b>.")
    doomed = twin.post("Ada", "To be deleted.")
    twin.decide("approve", doomed["comment"]["id"])
    twin.publish("Chi", "A reply to what will go.", parent=doomed["comment"]["id"])
    removed = twin.post("Bo", "To be taken away.")
    trashed = removed["comment"]["id"]
    twin.decide("approve", trashed)
    twin.publish("Dee", "Below it.", parent=trashed)
    twin.wait(PAUSE_MINUTES)
    twin.decide("trash", trashed)
    _with_key(twin, "DELETE", doomed)
    _with_key(twin, "PATCH", twin.post("Bo", "With a tpyo."), json={"text": "With a typo."})
    held = twin.post("Mallory", "Never seen.")
    twin.publish("Ada", "In a closed thread.", "closed")
    twin.moderate("PATCH", "/thread", {"article": "closed", "open": False, "title": "It is closed"})
    spent = twin.token()
    own = {"article": "kites", "name": "Ada", "email": "{Ada}"}
    twin.ask("POST", "/api/v1/comments", json=own | {"text": "Sent twice.", "token": spent})
    mine = twin.post("Ada", "Mine to edit.")
    receipts = [
        _receipt_of(twin.ask("POST", "/thread", params={"article": "kites"}, data=form))
        for form in (
            {"name": "Ada", "email": "{Ada}", "text": "On the page.", "token": "{token}"},
            {"name": "Mallory", "email": "{Mallory}", "text": "Never seen.", "token": "{token}"},
        )
    ]
    page = twin.ask("GET", "/api/v1/thread", params={"article": "kites", "limit": "3"})
    twin.things = {
        "comment": root,
        "removed": trashed,
        "edit_key_of_removed": removed["edit_key"],
        "held": held["comment"]["id"],
        "edit_key_of_held": held["edit_key"],
        "own": mine["comment"]["id"],
        "edit_key": mine["edit_key"],
        "receipt": receipts[0],
        "receipt_of_held": receipts[1],
        "spent": spent,
        "cursor": page.json()["next"],
        "etag": page.headers["ETag"],
    }


def seen(twin: Twin, answer: Answer) -> tuple[int, list[tuple[str, str]], bytes]:
    """All of an answer but the time of the day; what somebody typed may be shown to that same person."""
    body = answer.content
    headers = [
        (name.lower(), value)
        for name, value in answer.headers.to_wsgi_list()
        if name.lower() not in {"date", "x-request-id"}
    ]
    for address in twin.addresses.values():
        shown = address.encode()
        if answer.status_code in SHOWN_AGAIN and shown in unquote_to_bytes(answer.sent):
            body = re.sub(rb'(name="email"[^>]* value=)"' + re.escape(shown) + b'"', rb'\1"(as typed)"', body)
            headers = [(name, value) for name, value in headers if name != "content-length"]
    return answer.status_code, headers, body


def _with_key(twin: Twin, method: str, posted: Any, **more: Any) -> None:
    headers = {"Authorization": f"Bearer {posted['edit_key']}"}
    twin.ask(method, f"/api/v1/comments/{posted['comment']['id']}", headers=headers, **more)


def _receipt_of(sent: Answer) -> str:
    """What the redirect after a plain post carries for the author's eyes."""
    return parse_qs(urlsplit(sent.headers["Location"]).query)["own"][0]
