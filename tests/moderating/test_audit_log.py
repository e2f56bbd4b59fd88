"""`GET /api/v1/moderation/decisions`: who, when, what, from, to, why."""

from __future__ import annotations

import re

from tests.conftest import MakeService
from tests.moderating.desk import PASSWORD, Desk
from tests.people import Json, Moderator, Reader
from tests.running_service import InProcess


def log(moderator: Moderator, **query: object) -> list[Json]:
    answer = moderator.request("GET", "/decisions", params=query)
    assert answer.status_code == 200, answer.text
    decisions: list[Json] = answer.json()["decisions"]
    return decisions


def test_a_decision_is_kept_with_who_when_and_why(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    comment = reader.comment("a")
    service.clock.move(minutes=5)

    moderator.decide("spam", comment, reason="Sells watches.")

    line = log(moderator)[0]
    by = line.pop("by")
    assert re.fullmatch(r"[\w-]{16}", by)
    assert line.pop("by_name") == f"API token {by}"
    assert re.fullmatch("[0-9a-f]{64}", line.pop("hash"))
    assert line.pop("id")
    assert line == {
        "decided_at": "2026-11-24T09:05:00Z",
        "comment": comment,
        "site": "default",
        "article": "a",
        "action": "spam",
        "from": "approved",
        "to": "spam",
        "reason": "Sells watches.",
    }


def test_an_account_is_named_by_an_opaque_id_and_its_display_name(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    service.run("user", "add", "kim@paper.example", "--name", "Kim Sample", input=PASSWORD + "\n")
    comment = reader.comment("a")
    kim = Desk(service.http(), "kim@paper.example")
    kim.sign_in()

    kim.press(kim.queue(state="approved"), "trash", comment)

    line = log(moderator)[0]
    account = moderator.request("GET", "/audit", params={"kind": "user-added"}).json()["entries"][0]["what"][
        "account"
    ]
    assert (line["by"], line["by_name"]) == (account, "Kim Sample")


def test_a_purge_is_kept_and_tells_nothing_of_what_was_purged(reader: Reader, moderator: Moderator) -> None:
    comment = reader.comment("a", "Unspeakable.", name="Nemo Nobody")

    moderator.decide("purge", comment)

    line = log(moderator)[0]
    assert (line["action"], line["from"], line["to"]) == ("purge", "approved", None)
    assert not {"Unspeakable", "Nemo", "ada"} & set(re.findall(r"\w+", str(line)))


def test_a_rule_is_named_as_such_and_says_which(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    service.clock.move(milliseconds=1500)
    moderator.block("word", "lottery", "spam")
    comment = reader.comment("a", "Win the lottery.")

    line = log(moderator)[0]

    assert (line["by"], line["comment"], line["from"], line["to"]) == ("rule", comment, None, "spam")
    assert (line["reason"], line["decided_at"]) == ("blocked word: lottery", "2026-11-24T09:00:01Z")


def test_a_rule_that_catches_an_edit_is_kept_too(reader: Reader, moderator: Moderator) -> None:
    moderator.block("word", "lottery", "hold")
    posted = reader.posted("a", "Harmless.")
    reader.edit(posted["comment"]["id"], posted["edit_key"], "Win the lottery.")

    line = log(moderator)[0]

    assert (line["by"], line["from"], line["to"]) == ("rule", "approved", "pending")


def test_what_waits_as_a_strangers_is_kept_like_what_a_block_caught(make_service: MakeService) -> None:
    service = make_service(MODERATION="first")
    moderator = service.moderator()
    moderator.block("email", "bob@paper.example", "reject")
    reader = service.reader()
    stranger, blocked = reader.comment("a"), reader.comment("a", email="bob@paper.example")

    lines = [(line["by"], line["comment"], line["to"], line["reason"]) for line in reversed(log(moderator))]

    assert lines == [
        ("rule", stranger, "pending", "first comment of this author"),
        ("rule", blocked, "trash", "blocked address; first comment of this author"),
    ]


def test_a_rule_on_an_address_does_not_write_it_down(reader: Reader, moderator: Moderator) -> None:
    moderator.block("email", reader.email, "spam")
    reader.comment("a")

    answer = moderator.request("GET", "/decisions").text

    assert '"by":"rule"' in answer
    assert "ada" not in answer


def test_the_log_is_listed_newest_first_and_page_by_page(reader: Reader, moderator: Moderator) -> None:
    comments = [reader.comment("a", f"Number {n}.") for n in range(5)]
    for comment in comments:
        moderator.decide("spam", comment)

    first = moderator.request("GET", "/decisions", params={"limit": 3}).json()
    second = moderator.request("GET", "/decisions", params={"limit": 3, "cursor": first["next"]}).json()

    walked = [line["comment"] for line in first["decisions"] + second["decisions"]]
    assert walked == comments[::-1]
    assert second["next"] is None


def test_the_log_of_one_comment_tells_its_story(reader: Reader, moderator: Moderator) -> None:
    comment, other = reader.comment("a"), reader.comment("a")
    for action in ("hold", "approve", "spam"):
        moderator.decide(action, comment)
        moderator.decide("trash", other)

    story = [(line["from"], line["to"]) for line in reversed(log(moderator, comment=comment))]

    assert story == [("approved", "pending"), ("pending", "approved"), ("approved", "spam")]
