"""The audit trail: who did what to people, tokens, sites, blocks and threads, and who tried to come in."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from tests.moderating.desk import EMAIL, PASSWORD, Desk, csrf_token
from tests.people import Json, Moderator
from tests.running_service import InProcess

NEW = "another horse battery"
WHO = {"person": r"[\w-]{16}", "token": r"[\w-]{16}", "operator": "operator", "stranger": ""}


def trail(moderator: Moderator, **query: object) -> list[Json]:
    answer = moderator.request("GET", "/audit", params=query)
    assert answer.status_code == 200, answer.text
    entries: list[Json] = answer.json()["entries"]
    return entries


def newest(moderator: Moderator) -> Json:
    return trail(moderator)[0]


def by_desk(act: Callable[[Desk], Any]) -> Callable[[InProcess, Desk, Moderator], Any]:
    return lambda _service, desk, _moderator: act(desk)


def by_operator(*words: str, input: str | None = None) -> Callable[[InProcess, Desk, Moderator], Any]:
    return lambda service, _desk, _moderator: service.run(*words, input=input)


def by_api_client(act: Callable[[Moderator], Any]) -> Callable[[InProcess, Desk, Moderator], Any]:
    return lambda _service, _desk, moderator: act(moderator)


def end_own_session(desk: Desk) -> None:
    session = desk.http.get("/api/v1/moderation/sessions").json()["sessions"][0]["id"]
    token = csrf_token(desk.account())
    desk.http.post("/moderation/account/sessions/end", data={"csrf_token": token, "session": session})


def lift_a_block(moderator: Moderator) -> None:
    block = moderator.block("email", "mallory@paper.example", "hold")["id"]
    moderator.request("DELETE", f"/blocks/{block}")


def revoke_a_token(service: InProcess, _desk: Desk, _moderator: Moderator) -> None:
    service.run("token", "create", "--scope", "post")
    service.run("token", "revoke", service.run("token", "list").splitlines()[-1].split()[0])


@pytest.mark.parametrize(
    ("kind", "by", "act"),
    [
        ("sign-in", "person", by_desk(lambda desk: desk.sign_in())),
        ("sign-in-failed", "stranger", by_desk(lambda desk: desk.sign_in(password="wrong"))),
        ("sign-in-failed", "stranger", by_desk(lambda desk: desk.sign_in(email="nobody@paper.example"))),
        ("sign-out", "person", by_desk(lambda desk: desk.sign_out())),
        ("session-ended", "person", by_desk(end_own_session)),
        ("user-added", "operator", by_operator("user", "add", "bo@paper.example", input=NEW)),
        ("user-role", "operator", by_operator("user", "role", EMAIL, "moderator")),
        ("user-signed-out", "operator", by_operator("user", "sign-out", EMAIL)),
        ("user-removed", "operator", by_operator("user", "remove", EMAIL)),
        ("password-changed", "operator", by_operator("user", "password", EMAIL, input=NEW)),
        ("token-created", "operator", by_operator("token", "create", "--scope", "post", "--label", "Bot")),
        ("token-revoked", "operator", revoke_a_token),
        ("site-added", "operator", by_operator("site", "add", "blog", "--origin", "https://blog.example")),
        ("site-changed", "operator", by_operator("site", "set", "sports", "--moderation", "all")),
        ("block-added", "token", by_api_client(lambda m: m.block("email", "mallory@paper.example", "hold"))),
        ("block-lifted", "token", by_api_client(lift_a_block)),
        ("thread-changed", "token", by_api_client(lambda m: m.set_thread("a", open=False, title="Anew"))),
    ],
)
def test_what_was_done_is_written_down_without_any_address(
    service: InProcess,
    moderator: Moderator,
    desk: Desk,
    kind: str,
    by: str,
    act: Callable[[InProcess, Desk, Moderator], Any],
) -> None:
    before = len(trail(moderator))

    act(service, desk, moderator)

    line = newest(moderator)
    assert len(trail(moderator)) > before
    assert line["kind"] == kind
    assert set(line) == {"id", "at", "by", "by_name", "kind", "what", "hash"}
    assert line["at"] == "2026-11-24T09:00:00Z"
    assert re.fullmatch(WHO[by], line["by"])
    assert "@" not in str(line)
    assert "paper.example" not in str(line)


def test_ones_own_changed_password_is_written_down(moderator: Moderator, desk: Desk) -> None:
    desk.change_password(PASSWORD, NEW)

    assert [line["kind"] for line in trail(moderator)[:2]] == ["sign-in", "password-changed"]


def test_a_person_is_named_by_an_opaque_id_and_a_display_name(
    service: InProcess, moderator: Moderator
) -> None:
    service.run("user", "add", "kim@paper.example", "--name", "Kim Sample", input=PASSWORD + "\n")
    Desk(service.http(), "kim@paper.example").sign_in()

    signed_in, added = trail(moderator)[:2]

    assert (signed_in["by_name"], added["by_name"]) == ("Kim Sample", "Operator")
    assert signed_in["by"] == added["what"]["account"]


def test_a_failed_sign_in_names_the_account_or_hides_what_was_typed(
    service: InProcess, moderator: Moderator, account: str
) -> None:
    for email in ("nobody@paper.example", "NOBODY@paper.example", "else@paper.example", EMAIL):
        Desk(service.http(), email, "wrong").sign_in()

    known, other, again, first = [line["what"] for line in trail(moderator, kind="sign-in-failed")]

    assert first == again != other
    assert set(first) == {"unknown"}
    assert set(known) == {"account"}
    with closing(sqlite3.connect(service.data_dir / "comments.db")) as database:
        assert "nobody" not in "\n".join(database.iterdump()).lower()


def test_what_changes_nothing_is_not_written_down(moderator: Moderator) -> None:
    moderator.set_thread("a", open=False)
    before = trail(moderator)

    moderator.set_thread("a", open=False)
    moderator.set_thread("a", title="x" * 1000)
    moderator.request("DELETE", "/blocks/nothing")

    assert trail(moderator) == before


def test_the_trail_is_walked_page_by_page(service: InProcess, moderator: Moderator) -> None:
    for number in range(5):
        moderator.set_thread(f"article-{number}", open=False)
    walked: list[Json] = []
    cursor: dict[str, str] = {}
    while True:
        page = moderator.request(
            "GET", "/audit", params={"limit": 2, "kind": "thread-changed"} | cursor
        ).json()
        walked += page["entries"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}

    assert [line["what"]["article"] for line in walked] == [f"article-{n}" for n in reversed(range(5))]


@pytest.mark.parametrize("query", [{"kind": "gossip"}, {"cursor": "x"}, {"limit": 0}])
def test_a_question_that_cannot_be_is_told_so(moderator: Moderator, query: dict[str, object]) -> None:
    assert moderator.request("GET", "/audit", params=query).status_code == 422


def test_the_trail_is_for_admins_of_all_sites(service: InProcess, sports: Moderator, desk: Desk) -> None:
    assert desk.http.get("/api/v1/moderation/audit").status_code == 200
    assert sports.request("GET", "/audit").status_code == 403
    service.run("user", "role", EMAIL, "moderator")
    assert desk.http.get("/api/v1/moderation/audit").status_code == 403


def test_the_operator_lists_the_newest_entries(service: InProcess, moderator: Moderator) -> None:
    moderator.set_thread("a", open=False)
    service.run("site", "set", "sports", "--moderation", "all")

    lines = service.run("audit", "list", "--last", "2").splitlines()

    assert lines[0] == (
        '2026-11-24 09:00:00 UTC  Operator (operator)  site-changed  {"site":"sports","changes":{"mode":"all"}}'
    )
    assert "thread-changed" in lines[1]
    assert len(lines) == 2
    assert service.run("audit", "list", "--kind", "site-added").count("\n") == 1
