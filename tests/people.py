"""The people of the tests: they use the service over HTTP, as people and programs do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

Json = dict[str, Any]


@dataclass
class Reader:
    """Somebody who reads and posts; `http` reaches the service under its base URL."""

    http: httpx.Client
    name: str = "Ada Sample"
    email: str = "ada@paper.example"
    author_key: str | None = None

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.http.get(path, params=query or None)

    def thread(self, article: str, **query: Any) -> Json:
        answer = self.get("/api/v1/thread", article=article, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def texts(self, article: str, **query: Any) -> list[str]:
        """The HTML of all comments of one page, without the paragraph around it."""
        comments = self.thread(article, **query)["comments"]
        return [c["html"].removeprefix("<p>").removesuffix("</p>") for c in comments]

    def token(self, article: str, site: str | None = None) -> str:
        query = {"article": article} | ({"site": site} if site else {})
        return self.get("/api/v1/form", **query).json()["token"]

    def submission(self, article: str, text: str = "A sample comment.", **fields: Any) -> Json:
        """What a posting form sends, with a fresh token."""
        sent = {"article": article, "name": self.name, "email": self.email, "text": text} | fields
        if self.author_key is not None:
            sent.setdefault("author_key", self.author_key)
        if "token" not in sent:
            sent["token"] = self.token(article, fields.get("site"))
        return sent

    def send(self, submission: Json, **headers: str) -> httpx.Response:
        return self.http.post("/api/v1/comments", json=submission, headers=headers)

    def post(self, article: str, text: str = "A sample comment.", **fields: Any) -> httpx.Response:
        return self.send(self.submission(article, text, **fields))

    def posted(self, article: str, text: str = "A sample comment.", **fields: Any) -> Json:
        """Post, and give the whole answer; it must have been taken."""
        answer = self.post(article, text, **fields)
        assert answer.status_code in {201, 202}, answer.text
        return answer.json()

    def comment(self, article: str, text: str = "A sample comment.", **fields: Any) -> str:
        """Post, and give the id."""
        return self.posted(article, text, **fields)["comment"]["id"]

    def edit(self, comment: str, key: str, text: str) -> httpx.Response:
        return self.http.patch(f"/api/v1/comments/{comment}", json={"text": text}, headers=bearer(key))

    def delete(self, comment: str, key: str) -> httpx.Response:
        return self.http.delete(f"/api/v1/comments/{comment}", headers=bearer(key))


@dataclass
class Moderator:
    """Somebody who judges, by an API token."""

    http: httpx.Client
    token: str
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.headers = bearer(self.token)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.http.request(method, f"/api/v1/moderation{path}", headers=self.headers, **more)

    def queue(self, **query: Any) -> list[Json]:
        answer = self.request("GET", "/comments", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()["comments"]

    def decide(self, action: str, *ids: str, reason: str | None = None) -> Json:
        body = {"ids": list(ids), "action": action} | ({"reason": reason} if reason else {})
        answer = self.request("POST", "/decisions", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def block(self, kind: str, value: str, action: str, **more: Any) -> Json:
        body = {"kind": kind, "value": value, "action": action} | more
        answer = self.request("POST", "/blocks", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def rule(self, when: Json, outcome: str = "hold", mode: str = "on", **more: Any) -> Json:
        """Set a rule."""
        body = {"name": "A sample rule", "when": when, "outcome": outcome, "mode": mode} | more
        answer = self.request("POST", "/rules", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def set_thread(self, article: str, **changes: Any) -> httpx.Response:
        return self.request("PATCH", "/thread", json={"article": article} | changes)


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
