"""What a role and a scope may do: one table, and what is left out for who may not see addresses."""

from __future__ import annotations

import re

import pytest

from commentsvc.access.permissions import OF_ROLE, OF_SCOPE
from commentsvc.model import Role, Scope
from commentsvc.moderation.unseen import LEFT_OUT, without_addresses
from tests.moderating.desk import PASSWORD, Desk, csrf_token
from tests.moderating.people import admin_of
from tests.people import Moderator, Reader, bearer
from tests.running_service import InProcess


@pytest.mark.unit
def test_the_table_says_what_each_may() -> None:
    assert set(OF_ROLE) == set(Role)
    assert set(OF_SCOPE) == set(Scope)
    may = {str(word): "".join(sorted(str(one)[0] for one in OF_ROLE[word])) for word in OF_ROLE}
    assert OF_ROLE[Role.ADMIN] > OF_ROLE[Role.MODERATOR]
    assert not OF_ROLE[Role.AUDITOR] & {"decide", "see-addresses", "manage", "set-for-all", "post"}
    assert OF_SCOPE[Scope.READ] == OF_ROLE[Role.AUDITOR]
    assert OF_SCOPE[Scope.POST] == {"post"}
    assert "manage" not in OF_SCOPE[Scope.MODERATE]
    assert len(set(may.values())) == len(Role)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("spam of bo@paper.example, again", f"spam of {LEFT_OUT}, again"),
        ("blocked range: 198.51.100.0/24", f"blocked range: {LEFT_OUT}"),
        ("from 2001:db8::/48; and [2001:db8::7].", f"from {LEFT_OUT}; and {LEFT_OUT}"),
        ("3 links, 12:30 UTC, at 2 @ noon, 10.5 %", "3 links, 12:30 UTC, at 2 @ noon, 10.5 %"),
        ("", ""),
    ],
)
def test_a_text_is_shown_without_addresses(text: str, left: str) -> None:
    assert without_addresses(text) == left


def test_an_auditor_reads_all_but_addresses(service: InProcess, moderator: Moderator, reader: Reader) -> None:
    reader.email = "victim@paper.example"
    moderator.block("word", "zanzibar", "hold", site="default", note="See mail of bo@paper.example.")
    moderator.block("range", "198.51.100.0/24", "hold")
    moderator.rule({"emails": ["bo@paper.example"], "networks": ["198.51.100.0/24"]}, site="default")
    comment = reader.comment("a", "Zanzibar is far.")
    moderator.decide("spam", comment, reason="Told by bo@paper.example")
    moderator.request("POST", f"/comments/{comment}/notes", json={"text": "Asked 198.51.100.7 about it."})
    service.run("user", "add", "law@paper.example", "--role", "auditor", input=PASSWORD + "\n")
    auditor = Desk(service.http(), "law@paper.example")
    auditor.sign_in()
    api = "/api/v1/moderation"

    [listed] = auditor.http.get(f"{api}/comments").json()["comments"]
    blocks = auditor.http.get(f"{api}/blocks").json()["blocks"]
    [rule] = auditor.http.get(f"{api}/rules").json()["rules"]
    lines = auditor.http.get(f"{api}/decisions").json()["decisions"]
    trail = auditor.http.get(f"{api}/audit")
    desk = auditor.queue(state="spam")

    assert (listed["id"], listed["email"], listed["text"]) == (comment, None, "Zanzibar is far.")
    assert {(one["kind"], one["value"]) for one in blocks} == {("word", "zanzibar"), ("range", None)}
    assert rule["when"] == {"emails": [LEFT_OUT], "networks": [LEFT_OUT]}
    assert lines[0]["reason"] == f"Told by {LEFT_OUT}"
    assert (trail.status_code, "bo@paper.example" in trail.text) == (200, False)
    [note] = auditor.http.get(f"{api}/comments/{comment}/notes").json()["notes"]
    assert note["text"] == f"Asked {LEFT_OUT} about it."
    assert "victim@" not in desk.text
    assert "Zanzibar is far." in desk.text
    assert not re.search(r'name="(action|email|block)"', desk.text)
    pressed = auditor.http.post(
        "/moderation/decide",
        data={"comment": comment, "action": "approve", "csrf_token": csrf_token(desk)},
    )
    assert pressed.status_code == 403
    for asked in ({"email": "victim@paper.example"}, {"email_of": comment}):
        assert auditor.http.get(f"{api}/comments", params=asked).status_code == 403
        assert auditor.http.get("/moderation", params=asked).status_code == 403


def test_a_token_made_by_a_token_ends_with_it(service: InProcess) -> None:
    admin = admin_of(service)
    made = admin.request("POST", "/tokens", json={"scope": "admin", "label": "a day", "expires": "1d"}).json()
    child = Moderator(service.http(), made["token"])

    for asked in ({}, {"expires": "30d"}):
        token = child.request("POST", "/tokens", json={"scope": "admin", "label": "more"} | asked).json()
        assert token["expires_at"] == made["expires_at"]


def test_tokens_are_made_with_a_scope_and_good_for_that_alone(service: InProcess, reader: Reader) -> None:
    admin = admin_of(service)
    made = {}
    for scope in ("read", "post", "moderate", "admin"):
        answer = admin.request("POST", "/tokens", json={"scope": scope, "label": scope, "expires": "30d"})
        assert answer.status_code == 201
        made[scope] = answer.json()
        assert made[scope]["expires_at"] == "2026-12-24T09:00:00Z"
    comment = reader.comment("a")
    status: dict[str, list[int]] = {}
    for scope, token in made.items():
        http, headers = service.http(), bearer(token["token"])
        api = "/api/v1/moderation"
        post = {"article": "a", "name": "Bo", "email": "bo@paper.example", "text": f"By {scope}."}
        status[scope] = [
            http.get(f"{api}/comments", headers=headers).status_code,
            http.post(
                f"{api}/decisions", json={"ids": [comment], "action": "hold"}, headers=headers
            ).status_code,
            http.get(f"{api}/people", headers=headers).status_code,
            http.post("/api/v1/comments", json=post, headers=headers).status_code,
        ]

    assert status == {
        "read": [200, 403, 403, 403],
        "post": [403, 403, 403, 201],
        "moderate": [200, 200, 403, 403],
        "admin": [200, 200, 200, 403],
    }
    listed = {one["label"]: one for one in admin.request("GET", "/tokens").json()["tokens"]}
    assert listed["read"]["used_at"] == "2026-11-24T09:00:00Z"
    assert made["read"]["token"] not in str(listed)
    assert admin.request("DELETE", f"/tokens/{made['read']['id']}").status_code == 204
    assert admin.request("DELETE", f"/tokens/{made['read']['id']}").status_code == 404
    assert service.http().get(f"{api}/comments", headers=bearer(made["read"]["token"])).status_code == 403


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"scope": "king"}, 422, "scope"),
        ({"scope": "read", "expires": "soon"}, 422, "expires"),
        ({"scope": "read", "expires": "2020-01-01"}, 422, "expires"),
        ({"scope": "read", "label": "a\nb"}, 422, "label"),
        ({"scope": "read", "site": "nowhere"}, 404, ""),
    ],
)
def test_a_token_that_cannot_be_is_refused(
    service: InProcess, body: dict[str, str], status: int, field: str
) -> None:
    answer = admin_of(service).request("POST", "/tokens", json=body)

    assert answer.status_code == status
    assert list(answer.json().get("errors", {"": ""})) == [field]


def test_tokens_are_made_and_revoked_at_the_desk(service: InProcess, desk: Desk) -> None:
    page = desk.http.get("/moderation/tokens")
    form = {"csrf_token": csrf_token(page), "scope": "read", "label": "Statistics", "expires": "soon"}
    wrong = desk.http.post("/moderation/tokens", data=form)
    assert (wrong.status_code, 'value="Statistics"' in wrong.text) == (422, True)

    created = re.search(
        r"csvc_[\w-]{43}", desk.http.post("/moderation/tokens", data=form | {"expires": ""}).text
    )

    assert created is not None
    assert service.http().get("/api/v1/moderation/comments", headers=bearer(created[0])).status_code == 200
    listed = desk.http.get("/moderation/tokens").text
    assert created[0] not in listed
    token = re.search(r'name="token" value="([\w-]+)"', listed.partition("Statistics")[2])
    assert token is not None
    gone = form | {"token": token[1]}
    assert desk.http.post("/moderation/tokens/revoke", data=gone).status_code == 303
    assert desk.http.post("/moderation/tokens/revoke", data=gone).status_code == 404
    assert service.http().get("/api/v1/moderation/comments", headers=bearer(created[0])).status_code == 403
