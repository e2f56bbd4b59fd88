"""Rules: what each condition catches, what happens then, how they are tried, and who may set them."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.people import Json, Moderator, Reader
from tests.running_service import InProcess

STATE = {"hold": "pending", "spam": "spam"}

# Each condition, a comment that it catches, and one that it leaves alone.
CONDITIONS: dict[str, tuple[Json, Json, Json]] = {
    "a word of the text": ({"words": ["lottery"]}, {"text": "Win the LOTTERY."}, {"text": "Allottery."}),
    "a word of the name": ({"words": ["lottery"]}, {"name": "Lottery Joe"}, {"name": "Joe"}),
    "one of several words": ({"words": ["x1", "lottery"]}, {"text": "A lottery."}, {"text": "None of them."}),
    "a pattern": ({"pattern": "BUY +now"}, {"text": "BUY   now"}, {"text": "buy now"}),
    "a pattern in any case": ({"pattern": "(?i)buy now"}, {"text": "BUY now"}, {"text": "buy later"}),
    "a pattern in what is read": ({"pattern": "buy now"}, {"text": "b*uy* now"}, {"text": "b u y"}),
    "a pattern of the text alone": ({"pattern": "Joe"}, {"text": "Joe!"}, {"name": "Joe"}),
    "a number of links": (
        {"links_at_least": 2},
        {"text": "https://a.example/ and https://b.example/"},
        {"text": "https://a.example/", "url": "https://b.example/"},
    ),
    "a domain, and those below it": (
        {"domains": ["spam.example"]},
        {"text": "See https://www.spam.example/win."},
        {"text": "See https://nospam.example/win.", "url": "https://spam.example/"},
    ),
    "a network": ({"networks": ["192.0.2.0/24"]}, {}, {"text": "From elsewhere.", "from": "198.51.100.7"}),
    "an address": ({"emails": ["Bob@Paper.example"]}, {"email": "bob@paper.example"}, {}),
    "a domain of addresses": (
        {"email_domains": ["mail.example"]},
        {"email": "bob@eu.mail.example"},
        {"email": "bob@notmail.example"},
    ),
    "a name": ({"names": ["Cheap Shoes"]}, {"name": "CHEAP SHOES"}, {"name": "Cheap Shoes Ltd"}),
    "a script": (
        {"scripts": ["Cyrl"]},
        {"text": "Привет, мир! Hi."},
        {"text": "Hello world, and greetings to Мир."},
    ),
    "all of several": (
        {"words": ["lottery"], "links_at_least": 1},
        {"text": "A lottery: https://a.example/"},
        {"text": "A lottery."},
    ),
}
NO_RULES: list[tuple[Json, str]] = [
    ({}, "at least one condition"),
    ({"first_comment": False}, "at least one condition"),
    ({"colour": "red"}, "colour"),
    ({"words": []}, "words"),
    ({"words": [" "]}, "characters that can be seen"),
    ({"words": "lottery"}, "words"),
    ({"pattern": ""}, "1 to 500 characters"),
    ({"pattern": "a" * 501}, "1 to 500 characters"),
    ({"pattern": "(a"}, "missing )"),
    ({"pattern": "(?=a)"}, "cannot read"),
    ({"pattern": r"(a)\1"}, "cannot read"),
    ({"pattern": "(?:.?){300}!"}, "could be slow"),
    ({"pattern": "a{1001}"}, "cannot read"),
    ({"links_at_least": 0}, "links_at_least"),
    ({"domains": ["https://spam.example/"]}, "host name"),
    ({"networks": ["192.0.2.300"]}, "network"),
    ({"emails": ["bob"]}, "@-sign"),
    ({"scripts": ["Klingon"]}, "ISO 15924"),
    ({"hours": "9-5"}, "full hours"),
    ({"hours": "22-25"}, "full hours"),
    ({"hours": "07-07"}, "full hours"),
    ({"thread_older_than_days": -1}, "thread_older_than_days"),
]


def asked_for(
    moderator: Moderator, when: Json, outcome: str = "hold", mode: str = "on", **more: Any
) -> httpx.Response:
    body = {"name": "A sample rule", "when": when, "outcome": outcome, "mode": mode} | more
    return moderator.request("POST", "/rules", json=body)


def tried(moderator: Moderator, when: Json, **more: Any) -> Json:
    answer = moderator.request("POST", "/rules/try", json={"rule": {"when": when}} | more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def sent(service: InProcess, comment: Json) -> httpx.Response:
    fields = {name: value for name, value in comment.items() if name != "from"}
    return service.reader(comment.get("from")).post("a", **fields)


@pytest.mark.parametrize(("when", "caught", "left"), CONDITIONS.values(), ids=CONDITIONS)
def test_a_rule_catches_what_its_conditions_say_and_nothing_else(
    service: InProcess, moderator: Moderator, when: Json, caught: Json, left: Json
) -> None:
    moderator.rule(when)

    assert sent(service, left).status_code == 201
    assert sent(service, caught).status_code == 202
    assert [queued["state"] for queued in moderator.queue()] == ["approved", "pending"]


@pytest.mark.parametrize(("outcome", "state"), STATE.items())
def test_a_finding_names_the_rule_and_what_shows_it(
    reader: Reader, moderator: Moderator, outcome: str, state: str
) -> None:
    moderator.rule({"words": ["lottery"], "links_at_least": 1}, outcome, name="Lotteries")

    reader.post("a", "A lottery: https://a.example/")

    queued = moderator.queue()[0]
    assert (queued["state"], queued["reasons"]) == (state, ["rule: Lotteries"])
    assert queued["findings"] == [
        {
            "check": "rules",
            "outcome": outcome,
            "score": 1.0,
            "message": "rule: Lotteries",
            "evidence": "1 links; lottery",
            "watching": False,
        }
    ]


def test_a_rule_that_watches_records_what_it_would_have_done(reader: Reader, moderator: Moderator) -> None:
    moderator.rule({"words": ["lottery"]}, "reject", "watching")

    assert reader.post("a", "A lottery.").status_code == 201

    (finding,) = moderator.queue()[0]["findings"]
    assert (finding["check"], finding["outcome"], finding["watching"]) == ("rules", "reject", True)
    assert moderator.queue()[0]["reasons"] == []


def test_a_rule_that_is_off_does_nothing(reader: Reader, moderator: Moderator) -> None:
    moderator.rule({"words": ["lottery"]}, "reject", "off")

    assert reader.post("a", "A lottery.").status_code == 201
    assert moderator.queue()[0]["findings"] == []


def test_a_rule_ends_at_its_time(service: InProcess, reader: Reader, moderator: Moderator) -> None:
    until = service.clock() + timedelta(days=1)
    moderator.rule({"words": ["lottery"]}, until=until.isoformat())

    assert reader.post("a", "A lottery.").status_code == 202
    service.clock.move(days=1)
    assert reader.post("a", "A lottery again.").status_code == 201


@pytest.mark.parametrize(
    ("when", "fields", "status", "field"),
    [
        ({"words": ["lottery"]}, {"text": "A lottery."}, 422, "text"),
        ({"words": ["lottery"]}, {"name": "Lottery Joe"}, 422, "name"),
        ({"names": ["Joe"]}, {"name": "Joe"}, 422, "name"),
        ({"domains": ["spam.example"]}, {"text": "https://spam.example/"}, 422, "text"),
        ({"pattern": "lot+ery"}, {"text": "A lottery."}, 422, "text"),
        ({"first_comment": True}, {}, 422, "text"),
        ({"networks": ["192.0.2.1"]}, {}, 403, None),
        ({"networks": ["192.0.2.1"], "words": ["lottery"]}, {"text": "A lottery."}, 403, None),
    ],
)
def test_what_is_rejected_is_not_kept_and_its_sender_is_told_where(
    reader: Reader, moderator: Moderator, when: Json, fields: Json, status: int, field: str | None
) -> None:
    moderator.rule(when, "reject", name="Sample secret")

    answer = reader.post("a", **fields)

    assert answer.status_code == status
    assert list(answer.json().get("errors", {})) == ([field] if field else [])
    assert "secret" not in answer.text
    assert moderator.queue() == []


def test_an_author_is_rejected_by_their_key(reader: Reader, moderator: Moderator) -> None:
    posted = reader.posted("a")
    author = moderator.queue()[0]["author_id"]
    moderator.rule({"authors": [author]}, "reject")

    assert reader.post("a", "Again.", author_key=posted["author_key"]).status_code == 403
    assert reader.post("a", "Another person.").status_code == 201


def test_an_edit_meets_the_rules_too(reader: Reader, moderator: Moderator) -> None:
    moderator.rule({"words": ["lottery"]}, "hold")
    moderator.rule({"words": ["casino"]}, "reject")
    posted = reader.posted("a", "Harmless.", email="bob@mail.example")
    comment, key = posted["comment"]["id"], posted["edit_key"]

    assert reader.edit(comment, key, "A casino.").status_code == 422
    assert reader.edit(comment, key, "A lottery.").status_code == 202


def test_an_edit_is_caught_by_the_domain_of_its_address(reader: Reader, moderator: Moderator) -> None:
    posted = reader.posted("a", "Harmless.", email="bob@mail.example")
    moderator.rule({"email_domains": ["mail.example"], "words": ["lottery"]})

    assert reader.edit(posted["comment"]["id"], posted["edit_key"], "A lottery.").status_code == 202


def test_a_first_comment_is_one_of_whom_nobody_approved(reader: Reader, moderator: Moderator) -> None:
    moderator.rule({"first_comment": True})
    posted = reader.posted("a", "My first.")
    moderator.decide("approve", posted["comment"]["id"])

    assert reader.edit(posted["comment"]["id"], posted["edit_key"], "My first!").status_code == 200
    assert reader.post("a", "My second.", author_key=posted["author_key"]).status_code == 201
    assert reader.post("a", "Of a stranger.").status_code == 202


def test_a_thread_is_old_by_its_first_comment(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    moderator.rule({"thread_older_than_days": 30})

    assert reader.post("a", "The first.").status_code == 201
    service.clock.move(days=30)
    assert reader.post("a", "In time.").status_code == 201
    service.clock.move(seconds=1)
    assert reader.post("a", "Late.").status_code == 202
    assert reader.post("b", "Elsewhere.").status_code == 201


@pytest.mark.parametrize(("when", "said"), NO_RULES)
def test_what_is_no_rule_is_told(moderator: Moderator, when: Json, said: str) -> None:
    for answer in (
        asked_for(moderator, when),
        moderator.request("POST", "/rules/try", json={"rule": {"when": when}}),
    ):
        assert answer.status_code == 422
        assert said in answer.text
    assert moderator.request("GET", "/rules").json() == {"rules": [], "next": None}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "bob@paper.example"}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"until": "2001-01-01T00:00:00Z"}, "until"),
        ({"note": "x" * 501}, "note"),
        ({"outcome": "none"}, "outcome"),
        ({"mode": "perhaps"}, "mode"),
    ],
)
def test_what_else_is_wrong_is_told_at_its_field(moderator: Moderator, wrong: Json, field: str) -> None:
    answer = moderator.request(
        "POST",
        "/rules",
        json={"name": "A", "when": {"words": ["x"]}, "outcome": "hold", "mode": "on"} | wrong,
    )

    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])


def test_a_rule_is_listed_read_changed_and_removed(reader: Reader, moderator: Moderator) -> None:
    when = {"words": ["lottery"], "emails": ["bob@paper.example"]}
    made = moderator.rule(when, mode="off", note="Since the fair.")
    path = f"/rules/{made['id']}"

    assert made["when"] == when
    assert moderator.request("GET", "/rules").json() == {"rules": [made], "next": None}
    assert moderator.request("GET", path).json() == made

    changed = moderator.request("PATCH", path, json={"mode": "on", "when": {"words": ["casino"]}})
    assert changed.status_code == 200
    assert changed.json() == made | {"mode": "on", "when": {"words": ["casino"]}}
    assert reader.post("a", "A casino.").status_code == 202

    assert moderator.request("DELETE", path).status_code == 204
    assert reader.post("a", "A casino again.").status_code == 201
    for method in ("GET", "PATCH", "DELETE"):
        assert moderator.request(method, path, json={}).status_code == 404


def test_rules_come_in_pages(moderator: Moderator) -> None:
    made = [moderator.rule({"words": [word]})["id"] for word in ("one", "two", "three")]

    first = moderator.request("GET", "/rules", params={"limit": 2}).json()
    second = moderator.request("GET", "/rules", params={"limit": 2, "cursor": first["next"]}).json()

    assert [one["id"] for one in first["rules"] + second["rules"]] == made
    assert second["next"] is None


def test_each_change_of_a_rule_is_in_the_audit_trail(moderator: Moderator) -> None:
    made = moderator.rule({"emails": ["bob@paper.example"]}, mode="off")
    moderator.request("PATCH", f"/rules/{made['id']}", json={"mode": "on"})
    moderator.request("PATCH", f"/rules/{made['id']}", json={"mode": "on"})
    moderator.request("DELETE", f"/rules/{made['id']}")

    trail = moderator.request("GET", "/audit")
    entries = [one for one in trail.json()["entries"] if one["kind"].startswith("rule-")]

    assert [one["kind"] for one in entries] == ["rule-removed", "rule-changed", "rule-added"]
    assert entries[1]["what"]["changed"] == ["mode"]
    assert "bob@" not in trail.text


def test_a_rule_is_tried_and_nothing_is_changed(reader: Reader, moderator: Moderator) -> None:
    spam, liked, unread = (reader.comment("a", f"A lottery, {one}.") for one in ("spam", "liked", "unread"))
    reader.comment("a", "Harmless.")
    moderator.decide("spam", spam)
    moderator.decide("approve", liked)
    before = moderator.queue()

    trial = tried(moderator, {"words": ["lottery"]})

    assert (trial["looked_at"], trial["caught"]) == (4, 3)
    assert trial["by_state"] == {"approved": 2, "pending": 0, "spam": 1, "trash": 0}
    assert [comment["id"] for comment in trial["wrongly"]] == [liked]
    assert trial["wrongly"][0] == next(one for one in before if one["id"] == liked)
    assert unread not in str(trial)
    assert moderator.queue() == before
    assert moderator.request("GET", "/rules").json()["rules"] == []


@pytest.mark.parametrize(
    ("when", "caught", "left"),
    [CONDITIONS[name] for name in CONDITIONS if name != "a network"],
    ids=[name for name in CONDITIONS if name != "a network"],
)
def test_what_is_tried_is_judged_as_what_comes_in(
    service: InProcess, moderator: Moderator, when: Json, caught: Json, left: Json
) -> None:
    sent(service, left)
    newest = sent(service, caught)
    assert newest.status_code == 201

    assert tried(moderator, when)["caught"] == 1
    assert tried(moderator, when, last=1) == tried(moderator, when) | {"looked_at": 1}


def test_a_trial_knows_what_was_known_when_a_comment_came(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    posted = reader.posted("a", "My first.")
    moderator.decide("approve", posted["comment"]["id"])
    service.clock.move(days=31)
    reader.posted("a", "My second.", author_key=posted["author_key"])

    assert tried(moderator, {"first_comment": True})["caught"] == 1
    assert tried(moderator, {"thread_older_than_days": 30})["caught"] == 1


@pytest.mark.soak
def test_a_rule_that_catches_all_of_the_last_hundred_must_be_confirmed(
    service: InProcess, moderator: Moderator
) -> None:
    reader = service.reader()
    for number in range(100):
        assert reader.post("a", f"Number {number}.").status_code == 201
        service.clock.move(seconds=3600)

    assert asked_for(moderator, {"pattern": "Number"}).status_code == 409
    assert asked_for(moderator, {"pattern": "Number"}, mode="watching").status_code == 201
    confirmed = asked_for(moderator, {"pattern": "Number"}, mode="on", confirm=True)
    assert confirmed.status_code == 201
    off = moderator.rule({"pattern": "Number"}, mode="off")
    path = f"/rules/{off['id']}"
    assert moderator.request("PATCH", path, json={"mode": "on"}).status_code == 409
    assert moderator.request("PATCH", path, json={"mode": "on", "confirm": True}).status_code == 200
    assert moderator.request("PATCH", path, json={"note": "Meant."}).status_code == 200
    assert asked_for(moderator, {"pattern": "Number 1"}).status_code == 201


def test_a_moderator_of_one_site_has_rules_of_that_site_alone(
    reader: Reader, moderator: Moderator, sports: Moderator
) -> None:
    of_all = moderator.rule({"words": ["lottery"]})
    of_other = moderator.rule({"emails": ["victim@paper.example"]}, site="default")
    own = sports.rule({"words": ["casino"]})

    assert (of_all["site"], own["site"]) == (None, "sports")
    assert sports.request("GET", "/rules").json()["rules"] == [own]
    for foreign in (of_all, of_other):
        for method in ("GET", "PATCH", "DELETE"):
            assert sports.request(method, f"/rules/{foreign['id']}", json={"mode": "off"}).status_code == 404
    assert asked_for(sports, {"words": ["x"]}, site="default").status_code == 403
    assert reader.post("a", "A casino.").status_code == 201
    assert reader.post("a", "A casino.", site="sports").status_code == 202
    assert reader.post("a", "A lottery.", site="sports").status_code == 202
    assert tried(sports, {"pattern": "."})["looked_at"] == 2


def test_there_are_as_many_rules_as_a_post_can_bear(
    moderator: Moderator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commentsvc.moderation.rules.MOST_RULES", 2)
    moderator.rule({"words": ["one"]})
    moderator.rule({"words": ["two"]}, site="sports")
    moderator.rule({"words": ["three"]})

    assert asked_for(moderator, {"words": ["four"]}).status_code == 422
    assert asked_for(moderator, {"words": ["four"]}, site="sports").status_code == 201


def test_a_trial_of_long_comments_ends_in_time(
    reader: Reader, moderator: Moderator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commentsvc.actions.rules.MOST_CHARACTERS", 50)
    for letter in "abc":
        reader.comment("a", letter * 20)

    assert tried(moderator, {"pattern": "a|b|c"})["looked_at"] == 2


def test_two_changes_at_the_same_time_both_stay(
    moderator: Moderator, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/rules/{moderator.rule({'words': ['x']})['id']}"

    def meanwhile(*_looked_at: object, **_confirmed: object) -> None:
        monkeypatch.undo()
        with ThreadPoolExecutor() as another:
            another.submit(moderator.request, "PATCH", path, json={"name": "Renamed"}).result()

    monkeypatch.setattr("commentsvc.actions.rules._refuse_catching_all", meanwhile)
    moderator.request("PATCH", path, json={"outcome": "spam"})

    rule = moderator.request("GET", path).json()
    assert (rule["name"], rule["outcome"]) == ("Renamed", "spam")


def test_a_rule_that_there_is_is_tried_by_its_id(
    reader: Reader, moderator: Moderator, sports: Moderator
) -> None:
    reader.comment("a", "A lottery.", email="bob@paper.example")
    reader.comment("a", "A lottery.", site="sports")
    when = {"words": ["lottery"], "emails": ["bob@paper.example"]}
    rule = moderator.rule(when, mode="off", site="default")

    trial = moderator.request("POST", "/rules/try", json={"rule": rule["id"]})

    assert (trial.json()["looked_at"], trial.json()["caught"]) == (1, 1)
    assert sports.request("POST", "/rules/try", json={"rule": rule["id"]}).status_code == 404


def test_a_rule_can_be_switched_off_whose_end_has_passed_or_whose_addresses_cannot_be_opened(
    service: InProcess, moderator: Moderator
) -> None:
    until = service.clock() + timedelta(days=1)
    rule = moderator.rule({"emails": ["bob@paper.example"]}, until=until.isoformat())
    service.clock.move(days=2)
    with closing(sqlite3.connect(service.data_dir / "comments.db")) as database, database:
        database.execute("UPDATE rule_address SET sealed = x'00'")

    changed = moderator.request("PATCH", f"/rules/{rule['id']}", json={"mode": "off"})

    assert changed.status_code == 200
    assert changed.json()["mode"] == "off"
    assert changed.json()["when"]["emails"] == ["(sealed with a key that is not here)"]
