"""A service in which there is of everything, for exports that must lose nothing of it."""

from __future__ import annotations

from tests.people import Json
from tests.running_service import InProcess

EMAILS = ("ada@paper.example", "bo@paper.example", "reporter@paper.example")


def fill(service: InProcess) -> dict[str, str]:
    """Post, judge, mark, answer, note and report; give ids of comments by what became of them."""
    moderator, ada = service.moderator(), service.reader()
    bo = service.reader("192.0.2.7", name="Bo “B” Müller 🌻", email=EMAILS[1])
    service.run(
        "site",
        "set",
        "default",
        "--articles",
        "*",
        "--close-after",
        "400",
        "--check",
        "links=watching",
        "--retain",
        "networks=30",
        "--retain",
        "emails=400",
        "--retain",
        "spam=never",
    )
    ids: dict[str, str] = {}

    root = ada.posted("news/1", "**One**, with 東京\nand <b>no markup</b>.", url="https://ada.example/")
    ids["root"] = root["comment"]["id"]
    service.clock.move(seconds=90)
    ids["reply"] = bo.comment("news/1", "Two.", parent=ids["root"], author_key=root["author_key"])
    parent = ids["reply"]
    for level in range(7):  # below the last level they stand beside each other
        parent = ada.comment("news/1", f"Level {level}.", parent=parent)
    ids["deepest"] = parent
    edited = ada.posted("news/1", "Befor.")
    service.clock.move(seconds=30)
    assert ada.edit(edited["comment"]["id"], edited["edit_key"], "Before.").status_code == 200
    ids["edited"] = edited["comment"]["id"]
    for state in ("hold", "spam", "trash", "purge"):
        ids[state] = ada.comment("news/1", f"To become {state}.")
        moderator.decide(state, ids[state], reason="Rule 1.")
    removed = bo.posted("news/1", "To be removed.")
    ids["removed"] = removed["comment"]["id"]
    ids["below"] = ada.comment("news/1", "Below what is removed.", parent=ids["removed"])
    assert bo.delete(ids["removed"], removed["edit_key"]).status_code == 204
    ids["staff"] = _given(
        moderator.request("POST", "/comments", json={"parent": ids["root"], "text": "From us."})
    )
    ids["second"] = ada.comment("news/1", "A secret number: 12345.")
    _mark(moderator, ids["second"], pinned=True, redact=[{"from": 17, "to": 22}])
    _mark(moderator, ids["root"], pinned=True)
    _mark(moderator, ids["reply"], locked=True)
    moderator.request("POST", f"/comments/{ids['reply']}/notes", json={"text": "Asked the author."})
    report = {"token": bo.token("any"), "reason": "abuse", "text": "Rude.", "email": EMAILS[2], "name": "C"}
    assert bo.http.post(f"/api/v1/comments/{ids['root']}/reports", json=report).status_code == 202

    ada.comment("old", "In the older thread.")
    ada.comment("=news/2", "In the newer thread.")
    assert moderator.set_thread("old", rename_to="=news/2", merge=True).status_code == 200
    moderator.set_thread("=news/2", title="Kites & more", url="https://news.example/2", slow_mode_seconds=60)
    moderator.set_thread("=news/2", open=False)
    moderator.set_thread("planned", title="Nothing yet")
    return ids


def _given(answer: Json) -> str:
    assert answer.status_code == 201, answer.text
    body = answer.json()
    return str(body.get("id") or body["comment"]["id"])


def _mark(moderator: Json, comment: str, **changes: object) -> None:
    answer = moderator.request("PATCH", f"/comments/{comment}", json=changes)
    assert answer.status_code == 200, answer.text
