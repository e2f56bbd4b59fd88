"""Who is nobody, and who moderates one site alone: what they see and change on every route there is."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.moderating.desk import PASSWORD, Desk, csrf_token
from tests.people import Moderator, Reader, bearer
from tests.running_service import InProcess, make_in_process

Attempt = dict[str, Any]
ADDRESSES = ("victim@", "mallory@", "198.51.100")
SECRETS = ("Zanzibar", "Victoria", "victim", "warehouse", "198.51.100", "mallory", "Quarterly")

RULE: Attempt = {"name": "Mine", "when": {"pattern": "(?i)zanz"}, "outcome": "spam", "mode": "on"}

# Every route of the moderators, and what somebody may try there with the other site's things.
TYPED_RULE = {"name": "Mine", "words": "Zanzibar", "outcome": "spam", "mode": "on"}
ATTEMPTS: dict[tuple[str, str], list[Attempt]] = {
    ("GET", "/api/v1/moderation/comments"): [
        {},
        {"params": {"site": "default"}},
        {"params": {"article": "a"}},
        {"params": {"q": "Zanzibar"}},
        {"params": {"email": "victim@paper.example"}},
        {"params": {"network": "192.0.2.0/24"}},
        {"params": {"state": ["pending", "approved", "spam", "trash"]}},
        {"params": {"reported": "1"}},
    ],
    ("GET", "/api/v1/moderation/comments/<comment>/reports"): [{"path": "{comment}/reports"}],
    ("GET", "/api/v1/moderation/decisions.csv"): [
        {"params": {"year": "2026"}},
        {"params": {"year": "2026", "site": "default"}},
    ],
    ("POST", "/api/v1/moderation/comments/search"): [
        {"json": {}},
        {"json": {"site": "default"}},
        {"json": {"q": "Zanzibar"}},
        {"json": {"email": "victim@paper.example"}},
        {"json": {"email_of": "{comment}"}},
        {"json": {"network": "192.0.2.0/24"}},
    ],
    ("POST", "/api/v1/moderation/person"): [
        {"json": {"email": "victim@paper.example", "do": do} | more}
        for do in ("show", "export", "erase")
        for more in ({}, {"site": "default"})
    ],
    ("GET", "/moderation/person"): [{}],
    ("POST", "/moderation/person"): [
        {"data": {"email": "victim@paper.example", "action": action, "sure": "1", "site": site}}
        for action in ("show", "export", "erase", "anonymise")
        for site in ("", "default")
    ],
    ("GET", "/api/v1/moderation/audit"): [{}, {"params": {"kind": "block-added"}}],
    ("GET", "/api/v1/moderation/sessions"): [{}, {"params": {"person": "{person}"}}],
    ("DELETE", "/api/v1/moderation/sessions/<session>"): [
        {"path": "x"},
        {"path": "x", "params": {"person": "{person}"}},
    ],
    ("POST", "/api/v1/moderation/decisions"): [
        {"json": {"ids": ["{comment}"], "action": action}}
        for action in ("approve", "hold", "spam", "trash", "purge")
    ],
    ("POST", "/api/v1/moderation/decisions/undo"): [{"json": {"decisions": ["{decision}"]}}],
    ("GET", "/api/v1/moderation/counts"): [{}, {"params": {"site": "default"}}],
    ("GET", "/api/v1/moderation/decisions"): [
        {},
        {"params": {"site": "default"}},
        {"params": {"comment": "{comment}"}},
    ],
    ("PATCH", "/api/v1/moderation/thread"): [
        {"json": {"article": "a", "open": False}},
        {"json": {"article": "a", "site": "default", "title": "Mine"}},
        {"json": {"article": "a", "site": "default"}},
        {"json": {"article": "a", "site": "default", "rename_to": "b", "merge": True}},
    ],
    ("POST", "/api/v1/moderation/comments"): [{"json": {"parent": "{comment}", "text": "Mine."}}],
    ("PATCH", "/api/v1/moderation/comments/<comment>"): [
        {"path": "{comment}", "json": {"pinned": True, "redact": [{"from": 0, "to": 2}]}}
    ],
    ("GET", "/api/v1/moderation/blocks"): [{}, {"params": {"site": "default"}}],
    ("POST", "/api/v1/moderation/blocks"): [
        {"json": {"kind": "word", "value": "x", "action": "reject", "site": "default"}},
    ],
    ("DELETE", "/api/v1/moderation/blocks/<block>"): [{"path": "{block}"}, {"path": "{block_of_all}"}],
    ("GET", "/api/v1/moderation/rules"): [{}, {"params": {"site": "default"}}],
    ("POST", "/api/v1/moderation/rules"): [{"json": RULE | {"site": "default"}}],
    ("POST", "/api/v1/moderation/rules/try"): [
        {"json": {"rule": RULE}},
        {"json": {"rule": RULE | {"site": "default"}}},
        {"json": {"rule": "{rule}"}},
        {"json": {"rule": "{rule_of_all}"}},
    ],
    ("GET", "/api/v1/moderation/rules/<rule>"): [{"path": "{rule}"}, {"path": "{rule_of_all}"}],
    ("PATCH", "/api/v1/moderation/rules/<rule>"): [
        {"path": rule, "json": changes}
        for rule in ("{rule}", "{rule_of_all}")
        for changes in ({"mode": "off"}, {"site": "sports"}, {"when": RULE["when"]})
    ],
    ("DELETE", "/api/v1/moderation/rules/<rule>"): [{"path": "{rule}"}, {"path": "{rule_of_all}"}],
    ("POST", "/api/v1/moderation/jobs"): [
        {"json": {"action": "spam", "filter": filters}}
        for filters in ({"site": "default"}, {"email": "victim@paper.example"}, {"q": "Zanzibar"})
    ],
    ("GET", "/api/v1/moderation/jobs/<job>"): [{"path": "{job}"}],
    ("DELETE", "/api/v1/moderation/jobs/<job>"): [{"path": "{job}"}],
    ("GET", "/api/v1/moderation/authors/<author>"): [{"path": "{author}"}],
    ("GET", "/moderation/decide/all"): [{"params": {"site": "default"}}, {"params": {"q": "Zanzibar"}}],
    ("POST", "/moderation/decide/all"): [{"params": {"site": "default"}, "data": {"action": "spam"}}],
    ("GET", "/moderation/jobs/<job>"): [{"path": "{job}"}],
    ("POST", "/moderation/jobs/<job>/cancel"): [{"path": "{job}/cancel"}],
    ("GET", "/moderation"): [
        {},
        {"params": {"state": "approved"}},
        {"params": {"site": "default"}},
        {"params": {"q": "Zanzibar"}},
        {"params": {"email": "victim@paper.example"}},
        {"params": {"email_of": "{comment}"}},
        {"params": {"article": "a", "site": "default"}},
    ],
    ("GET", "/api/v1/moderation/audit.csv"): [{}],
    ("GET", "/api/v1/moderation/comments/<comment>/notes"): [{"path": "{comment}/notes"}],
    ("POST", "/api/v1/moderation/comments/<comment>/notes"): [
        {"path": "{comment}/notes", "json": {"text": "Mine."}}
    ],
    ("GET", "/api/v1/moderation/figures"): [{}],
    ("GET", "/moderation/figures"): [{}],
    ("GET", "/moderation/news"): [{}, {"params": {"seen": "{comment}.1.approved"}}],
    ("GET", "/moderation/comments/<comment>"): [{"path": "{comment}"}],
    ("POST", "/moderation/comments/<comment>/notes"): [
        {"path": "{comment}/notes", "data": {"text": "Mine."}}
    ],
    ("POST", "/moderation/decide/chosen"): [{"data": {"seen": ["{comment}"], "action": "spam"}}],
    ("GET", "/moderation/log"): [{}, {"params": {"site": "default"}}, {"params": {"comment": "{comment}"}}],
    ("POST", "/moderation/log/undo"): [{"data": {"decision": "{decision}"}}],
    ("GET", "/moderation/rules"): [{}],
    ("POST", "/moderation/rules/add"): [{"data": TYPED_RULE | {"site": "default"}}],
    ("POST", "/moderation/rules/try"): [{"data": TYPED_RULE | {"site": "default"}}],
    ("POST", "/moderation/rules/<rule>/try"): [{"path": "{rule}/try"}, {"path": "{rule_of_all}/try"}],
    ("POST", "/moderation/rules/<rule>/change"): [
        {"path": f"{rule}/change", "data": {"mode": "off"}} for rule in ("{rule}", "{rule_of_all}")
    ],
    ("POST", "/moderation/rules/<rule>/remove"): [
        {"path": "{rule}/remove"},
        {"path": "{rule_of_all}/remove"},
    ],
    ("POST", "/moderation/rules/blocks/<block>/lift"): [
        {"path": "{block}/lift"},
        {"path": "{block_of_all}/lift"},
    ],
    ("POST", "/moderation/search"): [{"data": {"email": "victim@paper.example"}}],
    ("GET", "/moderation/account"): [{}],
    ("POST", "/moderation/account/password"): [
        {"data": {"current": "wrong", "new": "x" * 12, "again": "x" * 12}}
    ],
    ("POST", "/moderation/account/mail"): [{"data": {"waiting": "none", "site": "*"}}],
    ("POST", "/moderation/account/sessions/end"): [{"data": {"session": "x"}}],
    ("GET", "/api/v1/moderation/people"): [{}],
    ("GET", "/api/v1/moderation/people/me"): [{}],
    ("PATCH", "/api/v1/moderation/people/me"): [{"json": {"mail": {"waiting": "none"}}}],
    ("POST", "/api/v1/moderation/people"): [
        {"json": {"email": "mine@sports.example", "role": "admin"}},
        {"json": {"email": "mine@sports.example", "role": "moderator", "sites": ["sports"]}},
    ],
    ("PATCH", "/api/v1/moderation/people/<person>"): [
        {"path": "{person}", "json": {"role": "admin"}},
        {"path": "{person}", "json": {"sites": None, "name": "Mine", "second_factor": False}},
        {"path": "me", "json": {"role": "admin", "sites": None}},
    ],
    ("DELETE", "/api/v1/moderation/people/<person>"): [{"path": "{person}"}],
    ("GET", "/api/v1/moderation/tokens"): [{}],
    ("POST", "/api/v1/moderation/tokens"): [
        {"json": {"scope": "admin"}},
        {"json": {"scope": "read", "site": "sports", "expires": "30d"}},
    ],
    ("DELETE", "/api/v1/moderation/tokens/<token>"): [{"path": "{token}"}],
    ("GET", "/api/v1/moderation/webhooks"): [{}],
    ("POST", "/api/v1/moderation/webhooks"): [
        {"json": {"url": "https://mine.example/", "events": ["comment.posted"]} | more}
        for more in ({}, {"site": "sports"}, {"private": True})
    ],
    ("GET", "/api/v1/moderation/webhooks/<hook>"): [{"path": "{hook}"}],
    ("PATCH", "/api/v1/moderation/webhooks/<hook>"): [
        {"path": "{hook}", "json": change}
        for change in ({"url": "https://mine.example/"}, {"rotate": True}, {"disabled": True})
    ],
    ("DELETE", "/api/v1/moderation/webhooks/<hook>"): [{"path": "{hook}"}],
    ("POST", "/api/v1/moderation/webhooks/<hook>/test"): [{"path": "{hook}/test"}],
    ("GET", "/moderation/webhooks"): [{}],
    ("POST", "/moderation/webhooks"): [
        {"data": {"url": "https://mine.example/", "event": "comment.posted", "private": "1"}}
    ],
    ("POST", "/moderation/webhooks/test"): [{"data": {"hook": "{hook}"}}],
    ("POST", "/moderation/webhooks/start"): [{"data": {"hook": "{hook}"}}],
    ("POST", "/moderation/webhooks/rotate"): [{"data": {"hook": "{hook}"}}],
    ("POST", "/moderation/webhooks/remove"): [{"data": {"hook": "{hook}"}}],
    ("GET", "/api/v1/moderation/outbox"): [{}, {"query_string": {"state": "dead", "kind": "mail"}}],
    ("POST", "/api/v1/moderation/outbox/<message>/retry"): [{"path": "none/retry"}],
    ("GET", "/moderation/outbox"): [{}],
    ("POST", "/moderation/outbox/retry"): [{"data": {"message": "none"}}],
    ("GET", "/moderation/people"): [{}],
    ("POST", "/moderation/people"): [
        {"data": {"email": "mine@sports.example", "role": "admin", "site": "*"}}
    ],
    ("POST", "/moderation/people/change"): [{"data": {"person": "{person}", "role": "admin", "site": "*"}}],
    ("POST", "/moderation/people/reset-second-factor"): [{"data": {"person": "{person}"}}],
    ("POST", "/moderation/people/remove"): [{"data": {"person": "{person}"}}],
    ("GET", "/moderation/tokens"): [{}],
    ("POST", "/moderation/tokens"): [{"data": {"scope": "admin"}}],
    ("POST", "/moderation/tokens/revoke"): [{"data": {"token": "{token}"}}],
    ("GET", "/moderation/invitation"): [{}],
    ("POST", "/moderation/invitation"): [
        {"data": {"key": "x", "new": "x7!kQ2#mZp", "again": "x7!kQ2#mZp", "name": "Mine"}}
    ],
    ("GET", "/moderation/sign-in/second-factor"): [{}],
    ("POST", "/moderation/sign-in/second-factor"): [{"data": {"code": "123456"}}],
    ("GET", "/moderation/account/app"): [{}],
    ("POST", "/moderation/account/app"): [{"data": {"password": "wrong"}}],
    ("POST", "/moderation/account/app/confirm"): [{"data": {"code": "123456"}}],
    ("POST", "/moderation/account/app/remove"): [{"data": {"password": "wrong"}}],
    ("POST", "/moderation/account/passkeys"): [{"data": {"password": "wrong", "credential": "{}"}}],
    ("POST", "/moderation/account/passkeys/remove"): [{"data": {"password": "wrong", "passkey": "x"}}],
    ("POST", "/moderation/account/recovery-codes"): [{"data": {"password": "wrong"}}],
    ("POST", "/moderation/decide"): [
        {"data": {"comment": "{comment}", "action": "spam"}},
        {"data": {"comment": "{comment}", "action": "purge"}},
        {"data": {"comment": "{comment}", "action": "trash"}, "params": {"site": "default"}},
    ],
    ("POST", "/moderation/block"): [
        {"data": {"site": "default", "block": "word warehouses", "outcome": "reject"}},
        {"data": {"site": "default", "block": "author x", "outcome": "hold"}, "params": {"site": "default"}},
    ],
    ("GET", "/moderation/thread"): [{"params": {"article": "a", "site": "default"}}],
    ("POST", "/moderation/thread"): [
        {"params": {"article": "a", "site": "default"}, "data": {"action": "close"}},
        {"params": {"article": "a", "site": "default"}, "data": {"action": "save", "rename_to": "b"}},
    ],
    ("POST", "/moderation/thread/comment"): [
        {"params": {"article": "b", "site": "sports"}, "data": {"comment": "{comment}", "action": action}}
        for action in ("pin", "redact")
    ],
    ("POST", "/moderation/thread/answer"): [
        {"params": {"article": "b", "site": "sports"}, "data": {"comment": "{comment}", "text": "Mine."}}
    ],
    ("POST", "/moderation/undo"): [{"data": {"request": "{decision}"}}],
    ("GET", "/moderation/sign-in"): [{}],
    ("POST", "/moderation/sign-in"): [{"data": {"email": "victim@paper.example", "password": "x" * 12}}],
    ("POST", "/moderation/sign-out"): [{}],
}

EACH = [(*route, attempt) for route, attempts in ATTEMPTS.items() for attempt in attempts]
TABLES = (
    "comment", "thread", "decision", "block", "rule", "rule_address", "report", "objection", "address", "network", "site",
    "account", "account_site", "invitation", "totp", "passkey", "recovery_code", "note", "webhook", "webhook_secret",
    "webhook_delivery",
)  # fmt: skip
OPEN_TO_ALL = {"/moderation/sign-in", "/moderation/invitation"}


@dataclass
class TwoSites:
    """A service with the sites `default` and `sports`, and the things of the first."""

    service: InProcess
    moderator: Moderator
    things: dict[str, str]
    database: sqlite3.Connection
    _version: int | None = None
    _everything: list[Any] = field(default_factory=list)

    def everything(self) -> list[Any]:
        """All that can be changed, as it lies in the database; read again only if something was written."""
        (version,) = self.database.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._version, self._everything = version, self._read()
        return self._everything

    def _read(self) -> list[Any]:
        rows = [self.database.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES]
        # That a token was used is noted; its other columns nobody changes.
        return [
            *rows,
            self.database.execute("SELECT public_id, digest, scope, site_id FROM api_token").fetchall(),
        ]

    def send(
        self, http: httpx.Client, method: str, rule: str, attempt: Attempt, **headers: str
    ) -> httpx.Response:
        address = rule.partition("<")[0] + self._filled(attempt.get("path", ""))
        bodies = {name: self._filled(attempt[name]) for name in ("params", "json", "data") if name in attempt}
        return http.request(method, address, headers=headers, **bodies)

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._filled(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._filled(inner) for inner in value]
        if not isinstance(value, str):
            return value
        for name, thing in self.things.items():
            value = value.replace(f"{{{name}}}", thing)
        return value


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory, template: Any) -> Any:
    """Nothing that is tried here may change anything, so that one service serves all attempts."""
    service = make_in_process(
        tmp_path_factory.mktemp("sites"), template, RATE_LIMIT_SIGN_IN="1000 per minute"
    )
    service.run("site", "add", "sports", "--origin", "https://sports.example")
    reader, moderator = service.reader(), service.moderator()
    posted = reader.posted(
        "a",
        "Zanzibar is far.",
        name="Victoria",
        email="victim@paper.example",
        url="https://warehouse.example/",
    )
    waits = reader.comment("a", "Zanzibar waits.", name="Victoria", email="victim@paper.example")
    held = moderator.decide("hold", waits, reason="Quarterly review.")
    reader.comment("b", "Of sports.", site="sports")
    said = {
        "token": reader.token("a"),
        "reason": "abuse",
        "text": "Of Zanzibar.",
        "email": "victim@paper.example",
    }
    reader.http.post(f"/api/v1/comments/{posted['comment']['id']}/reports", json=said).raise_for_status()
    block = moderator.block("email", "mallory@paper.example", "hold", site="default")
    block_of_all = moderator.block("range", "198.51.100.0/24", "hold")
    rule = moderator.rule({"emails": ["mallory@paper.example"]}, site="default", name="Quarterly")
    rule_of_all = moderator.rule({"networks": ["198.51.100.0/24"]}, name="Quarterly")
    service.run("user", "invite", "victim@paper.example", "--role", "admin")
    admin = Moderator(service.http(), service.run("token", "create", "--scope", "admin").strip())
    [chief] = admin.request("GET", "/people").json()["people"]
    hooked = {"url": "https://[2600::1]/", "events": ["comment.posted"]}
    hook = admin.request("POST", "/webhooks", json=hooked).json()
    of_all = {"action": "spam", "filter": {"site": "default"}}
    things = {
        "job": moderator.request("POST", "/jobs", json=of_all).json()["job"]["id"],
        "author": moderator.queue(article="a")[0]["author_id"],
        "comment": posted["comment"]["id"],
        "decision": held["decided"][0]["decision"],
        "edit_key": posted["edit_key"],
        "token_to_post": service.run("token", "create", "--scope", "post").strip(),
        "block": block["id"],
        "block_of_all": block_of_all["id"],
        "rule": rule["id"],
        "rule_of_all": rule_of_all["id"],
        "person": chief["id"],
        "token": service.run("token", "list").split()[0],
        "hook": hook["id"],
    }
    with closing(service), closing(sqlite3.connect(service.data_dir / "comments.db")) as database:
        yield TwoSites(service, moderator, things, database)


@pytest.fixture(scope="module")
def by_token(sites: TwoSites) -> Callable[..., httpx.Response]:
    """A program with a token of the site `sports`."""
    token = sites.service.moderator("sports").token
    http = sites.service.http()
    return lambda *tried: sites.send(http, *tried, **bearer(token))


@pytest.fixture(scope="module")
def by_session(sites: TwoSites) -> Callable[..., httpx.Response]:
    """A moderator of the site `sports`, signed in."""
    sites.service.run("user", "add", "sporty@paper.example", "--site", "sports", input=PASSWORD + "\n")
    return signed_in(sites, "sporty@paper.example")


def signed_in(sites: TwoSites, email: str) -> Callable[..., httpx.Response]:
    """Somebody with an account, who signs in again where an attempt signed them out."""
    desk = Desk(sites.service.http(), email)

    def send(method: str, rule: str, attempt: Attempt) -> httpx.Response:
        if (page := desk.account()).status_code == 303:
            assert desk.sign_in().status_code == 303
            page = desk.account()
        token = csrf_token(page)
        if rule.startswith("/moderation") and method == "POST":
            attempt = attempt | {"data": attempt.get("data", {}) | {"csrf_token": token}}
        return sites.send(desk.http, method, rule, attempt, **{"X-CSRFToken": token})

    return send


@pytest.fixture(scope="module")
def readers(sites: TwoSites) -> dict[str, Callable[..., httpx.Response]]:
    """Who may read all that moderators do, on all sites, and change nothing of it."""
    sites.service.run("user", "add", "auditor@law.example", "--role", "auditor", input=PASSWORD + "\n")
    token = sites.service.run("token", "create", "--scope", "read").strip()
    http = sites.service.http()
    return {
        "an auditor": signed_in(sites, "auditor@law.example"),
        "a token to read": lambda *tried: sites.send(http, *tried, **bearer(token)),
    }


def private_routes(service: InProcess) -> set[tuple[str, str]]:
    return {
        (method, rule.rule)
        for rule in service.app.url_map.iter_rules()
        if rule.rule.startswith(("/moderation", "/api/v1/moderation"))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_of_the_moderators_is_tried_here(service: InProcess) -> None:
    assert private_routes(service) == set(ATTEMPTS)


def shows_nothing(answer: httpx.Response, attempt: Attempt) -> bool:
    """What the attempt itself typed may be shown to whoever typed it."""
    typed = str(attempt)
    return not any(secret in answer.text for secret in SECRETS if secret not in typed)


@pytest.mark.parametrize(("method", "rule", "attempt"), EACH)
def test_a_token_of_one_site_sees_and_changes_nothing_of_another(
    sites: TwoSites, by_token: Callable[..., httpx.Response], method: str, rule: str, attempt: Attempt
) -> None:
    before = sites.everything()

    answer = by_token(method, rule, attempt)

    assert answer.status_code < 500
    assert shows_nothing(answer, attempt)
    assert sites.everything() == before


@pytest.mark.parametrize(("method", "rule", "attempt"), EACH)
def test_a_moderator_of_one_site_sees_and_changes_nothing_of_another(
    sites: TwoSites, by_session: Callable[..., httpx.Response], method: str, rule: str, attempt: Attempt
) -> None:
    before = sites.everything()

    answer = by_session(method, rule, attempt)

    assert answer.status_code < 500
    assert shows_nothing(answer, attempt)
    assert sites.everything() == before


@pytest.mark.parametrize("who", ["an auditor", "a token to read"])
@pytest.mark.parametrize(("method", "rule", "attempt"), EACH)
def test_who_may_only_read_changes_nothing_and_sees_no_address(
    sites: TwoSites,
    readers: dict[str, Callable[..., httpx.Response]],
    who: str,
    method: str,
    rule: str,
    attempt: Attempt,
) -> None:
    before = sites.everything()

    answer = readers[who](method, rule, attempt)

    assert answer.status_code < 500
    assert sites.everything() == before
    assert not [one for one in ADDRESSES if one in answer.text and one not in str(attempt)]
    if rule.startswith("/api/") and any(
        f"'{name}': " in str(attempt) for name in ("email", "email_of", "network")
    ):
        assert answer.status_code == 403


@pytest.mark.parametrize("who", ["nobody", "a wrong token", "a token to post", "an edit key"])
@pytest.mark.parametrize(("method", "rule"), ATTEMPTS)
def test_who_is_no_moderator_sees_and_changes_nothing(
    sites: TwoSites, method: str, rule: str, who: str
) -> None:
    before = sites.everything()
    credentials = {
        "nobody": {},
        "a wrong token": bearer("csvc_" + "x" * 43),
        "a token to post": bearer(sites.things["token_to_post"]),
        "an edit key": bearer(sites.things["edit_key"]),
    }[who]

    answer = sites.send(sites.service.http(), method, rule, ATTEMPTS[method, rule][0], **credentials)

    if rule.startswith("/api/"):
        assert answer.status_code == 403
        assert answer.headers["Content-Type"] == "application/problem+json"
    elif rule not in OPEN_TO_ALL:
        assert (answer.status_code, answer.headers["Location"]) == (303, "/moderation/sign-in")
    assert shows_nothing(answer, ATTEMPTS[method, rule][0])
    assert sites.everything() == before


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT"])
@pytest.mark.parametrize(
    "rule", [*sorted({rule for _, rule in ATTEMPTS}), "/moderation/none", "/api/v1/moderation/none"]
)
def test_nothing_of_it_may_be_kept_framed_or_read_from_another_origin(
    sites: TwoSites, method: str, rule: str
) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}

    answer = sites.send(sites.service.http(), method, rule, {"path": "x"} if "<" in rule else {}, **headers)

    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "ETag" not in answer.headers


def test_a_moderator_of_one_site_does_the_work_of_that_site(reader: Reader, sports: Moderator) -> None:
    comment = reader.comment("a", "Of sports.", site="sports")

    assert [queued["id"] for queued in sports.queue()] == [comment]
    assert sports.decide("spam", comment)["missing"] == []
    assert sports.set_thread("a", site="sports", open=False).status_code == 200
    block = sports.block("word", "lottery", "hold")
    assert block["site"] == "sports"
    assert sports.request("GET", "/blocks", params={"site": "sports"}).json()["blocks"] == [block]
    assert sports.request("DELETE", f"/blocks/{block['id']}").status_code == 204
    assert len(sports.request("GET", "/decisions").json()["decisions"]) == 1


def test_blocks_on_all_sites_are_set_by_an_admin(service: InProcess) -> None:
    service.run("user", "add", "plain@paper.example", input=PASSWORD + "\n")
    desk = Desk(service.http(), "plain@paper.example")
    desk.sign_in()
    headers = {"X-CSRFToken": csrf_token(desk.queue())}
    block = {"kind": "word", "value": "lottery", "action": "hold"}

    of_all = desk.http.post("/api/v1/moderation/blocks", json=block, headers=headers)
    of_one = desk.http.post("/api/v1/moderation/blocks", json=block | {"site": "default"}, headers=headers)

    assert (of_all.status_code, of_one.status_code) == (403, 201)


def test_blocks_on_all_sites_are_lifted_by_an_admin(service: InProcess, moderator: Moderator) -> None:
    block = moderator.block("word", "sample", "hold")["id"]
    service.run("user", "add", "plain@paper.example", input="correct horse battery\n")
    plain = Desk(service.http(), "plain@paper.example")
    plain.sign_in()
    proof = {"X-CSRFToken": csrf_token(plain.queue())}

    answer = plain.http.delete(f"/api/v1/moderation/blocks/{block}", headers=proof)

    assert answer.status_code == 403
    assert len(moderator.request("GET", "/blocks").json()["blocks"]) == 1
