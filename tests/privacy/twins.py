"""Two services that are fed the same comments under different addresses."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.people import Json, Reader
from tests.running_service import InProcess

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


@dataclass
class Twin:
    """One of the two: its people, and all that they were answered."""

    service: InProcess
    addresses: dict[str, str]
    answers: list[httpx.Response] = field(default_factory=list)
    things: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.http = self.service.http()
        self.http.event_hooks["response"] = [lambda answer: (answer.read(), self.answers.append(answer))]

    def reader(self, name: str) -> Reader:
        return Reader(self.http, name, self.addresses[name])

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send one request; `{name}` in it is a thing of this twin, `{Ada}` the address of Ada."""
        return self.http.request(method, self._filled(path), **self._filled(more))

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._filled(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._filled(inner) for inner in value]
        if not isinstance(value, str):
            return value
        if value == "{token}":
            return self.reader("Ada").token("kites")
        return re.sub(r"\{(\w+)\}", lambda found: (self.addresses | self.things)[found[1]], value)


def feed(twin: Twin) -> None:
    """A discussion with all that can happen to one."""
    moderator = twin.service.moderator()
    blocked = moderator.block("email", twin.addresses["Mallory"], "spam")
    assert blocked["id"]
    authors: dict[str, str] = {}

    def post(name: str, text: str, article: str = "kites", **more: Any) -> Json:
        author = twin.reader(name)
        author.author_key = authors.get(name)
        posted = author.posted(article, text, **more)
        authors[name] = posted["author_key"]
        return posted

    def public(name: str, text: str, article: str = "kites", **more: Any) -> str:
        comment = post(name, text, article, **more)["comment"]["id"]
        moderator.decide("approve", comment)
        return str(comment)

    root = public("Ada", "The first *kite*.", url="https://ada.example/")
    reply = public("Bo", "A reply.", parent=root)
    deep = public("Ada", "A reply to the reply.", parent=reply)
    public("Chi", "Beside it.", parent=reply)
    public("Bo", "Deeper.\nIn two lines.", parent=deep)
    public("Dee", "Another root, <b>plain</b>.")
    doomed = post("Ada", "To be deleted.")
    moderator.decide("approve", doomed["comment"]["id"])
    public("Chi", "A reply to what will go.", parent=doomed["comment"]["id"])
    removed = post("Bo", "To be taken away.")
    trashed = removed["comment"]["id"]
    moderator.decide("approve", trashed)
    public("Dee", "Below it.", parent=trashed)
    twin.service.clock.move(minutes=3)
    moderator.decide("trash", trashed)
    twin.reader("Ada").delete(doomed["comment"]["id"], doomed["edit_key"])
    edited = post("Bo", "With a tpyo.")
    twin.reader("Bo").edit(edited["comment"]["id"], edited["edit_key"], "With a typo.")
    held = post("Mallory", "Never seen.")
    public("Ada", "In a closed thread.", "closed")
    moderator.set_thread("closed", open=False, title="It is closed")
    submission = twin.reader("Ada").submission("kites", "Sent twice.")
    twin.reader("Ada").send(submission)
    own = post("Ada", "Mine to edit.", "kites")
    receipts = [
        receipt_of(twin.ask("POST", "/thread", params={"article": "kites"}, data=form))
        for form in (
            {"name": "Ada", "email": "{Ada}", "text": "On the page.", "token": "{token}"},
            {"name": "Mallory", "email": "{Mallory}", "text": "Never seen.", "token": "{token}"},
        )
    ]
    page = twin.http.get("/api/v1/thread", params={"article": "kites", "limit": 3})
    twin.things = {
        "comment": root,
        "removed": trashed,
        "edit_key_of_removed": removed["edit_key"],
        "held": held["comment"]["id"],
        "edit_key_of_held": held["edit_key"],
        "own": own["comment"]["id"],
        "edit_key": own["edit_key"],
        "receipt": receipts[0],
        "receipt_of_held": receipts[1],
        "spent": submission["token"],
        "cursor": page.json()["next"],
        "etag": page.headers["ETag"],
    }


def receipt_of(sent: httpx.Response) -> str:
    """What the redirect after a plain post carries for the author's eyes."""
    return parse_qs(urlsplit(sent.headers["Location"]).query)["own"][0]


def make_twins(make: Callable[..., InProcess], **settings: str) -> tuple[Twin, Twin]:
    """The same seed, the same clock, the same words: all but the addresses."""
    apart, together = (Twin(make(seed=7, **settings), addresses) for addresses in (APART, TOGETHER))
    feed(apart)
    feed(together)
    return apart, together


def seen(twin: Twin, answer: httpx.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    """All of an answer but the time of the day; what somebody typed may be shown to that same person."""
    body = answer.content
    typed = answer.request.content
    headers = [
        (name, value) for name, value in answer.headers.multi_items() if name not in {"date", "x-request-id"}
    ]
    for address in twin.addresses.values():
        shown = address.encode()
        if answer.status_code in SHOWN_AGAIN and shown.replace(b"@", b"%40").replace(b"+", b"%2B") in typed:
            body = re.sub(rb'(name="email"[^>]* value=)"' + re.escape(shown) + b'"', rb'\1"(as typed)"', body)
            headers = [(name, value) for name, value in headers if name != "content-length"]
    return answer.status_code, sorted(headers), body
