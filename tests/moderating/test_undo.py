"""`POST /api/v1/moderation/decisions/undo`, and “Undo” at the desk: a decision is taken back, also hours later."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from unittest.mock import Mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commentsvc.model import State
from commentsvc.moderation.standing import is_superseded, stands, undo_of, would_publish_unread
from commentsvc.records import StoredDecision
from tests.conftest import MakeService
from tests.moderating.desk import Desk, forms
from tests.moderating.test_reasons import objected, reasons
from tests.moderating.test_reports import report_from
from tests.people import Json, Moderator, Reader
from tests.running_service import InProcess

TO = {"approve": "approved", "hold": "pending", "spam": "spam", "trash": "trash"}


def decided(moderator: Moderator, action: str, comment: str) -> str:
    """Decide, and give the decision's id."""
    (one,) = moderator.decide(action, comment)["decided"]
    decision = one["decision"]
    assert isinstance(decision, str)
    return decision


def undo(moderator: Moderator, *decisions: str) -> Json:
    answer = moderator.request("POST", "/decisions/undo", json={"decisions": list(decisions)})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("action", ["hold", "spam", "trash"])
def test_the_comment_is_in_the_state_of_before(reader: Reader, moderator: Moderator, action: str) -> None:
    root = reader.comment("a", "Root.")
    reader.comment("a", "Reply.", parent=root)
    before = reader.thread("a")
    decision = decided(moderator, action, root)

    (undone,) = undo(moderator, decision)["undone"]

    assert undone.pop("undo") != decision
    assert undone == {"decision": decision, "id": root, "from": TO[action], "to": "approved"}
    assert reader.thread("a") == before


def test_it_is_seen_at_once(reader: Reader, moderator: Moderator) -> None:
    comment = reader.comment("a")
    decision = decided(moderator, "trash", comment)
    seen = reader.get("/api/v1/thread", article="a").headers["ETag"]

    undo(moderator, decision)

    unless_changed = {"If-None-Match": seen}
    answer = reader.http.get("/api/v1/thread", params={"article": "a"}, headers=unless_changed)
    assert (answer.status_code, answer.json()["count"]) == (200, 1)


def test_a_day_later_it_can_still_be_undone(service: InProcess, reader: Reader, moderator: Moderator) -> None:
    comment = reader.comment("a")
    decision = decided(moderator, "spam", comment)
    service.clock.move(days=1)

    assert undo(moderator, decision)["refused"] == []
    assert reader.thread("a")["count"] == 1


def test_where_a_later_decision_stands_it_is_refused(reader: Reader, moderator: Moderator) -> None:
    comment = reader.comment("a")
    first, second = decided(moderator, "hold", comment), decided(moderator, "spam", comment)

    answer = undo(moderator, first)

    assert answer == {"undone": [], "refused": [{"decision": first, "why": "superseded"}]}
    assert moderator.queue()[0]["state"] == "spam"
    assert undo(moderator, first, second)["refused"] == []  # the later one first, whatever their order
    assert moderator.queue()[0]["state"] == "approved"


def test_an_undo_can_itself_be_undone(reader: Reader, moderator: Moderator) -> None:
    comment = reader.comment("a")
    decision = decided(moderator, "spam", comment)
    (undone,) = undo(moderator, decision)["undone"]

    (again,) = undo(moderator, undone["undo"])["undone"]

    assert (again["from"], again["to"]) == ("approved", "spam")
    assert undo(moderator, decision)["undone"][0]["to"] == "approved"  # the decision stands again


def test_sent_again_it_is_answered_as_it_was(reader: Reader, moderator: Moderator) -> None:
    comment = reader.comment("a")
    decision = decided(moderator, "spam", comment)
    first = undo(moderator, decision)
    log = moderator.request("GET", "/decisions").json()

    assert undo(moderator, decision) == first
    assert moderator.request("GET", "/decisions").json() == log


def test_what_was_erased_or_never_was_is_told(reader: Reader, moderator: Moderator) -> None:
    purged, held = reader.comment("a"), reader.comment("a")
    before = decided(moderator, "hold", purged)
    purge = decided(moderator, "purge", purged)
    still = decided(moderator, "hold", held)

    answer = undo(moderator, purge, before, "no-such-decision", still)

    assert {one["decision"]: one["why"] for one in answer["refused"]} == {
        purge: "erased",
        before: "erased",
        "no-such-decision": "unknown",
    }
    assert [one["decision"] for one in answer["undone"]] == [still]


def test_another_sites_decision_is_unknown(reader: Reader, moderator: Moderator, sports: Moderator) -> None:
    decision = decided(moderator, "spam", reader.comment("a"))

    assert undo(sports, decision)["refused"] == [{"decision": decision, "why": "unknown"}]


def test_it_stands_in_the_log(reader: Reader, moderator: Moderator) -> None:
    comment = reader.comment("a")
    decision = decided(moderator, "spam", comment)

    (undone,) = undo(moderator, decision)["undone"]

    line = moderator.request("GET", "/decisions").json()["decisions"][0]
    assert (line["id"], line["action"], line["from"], line["to"]) == (
        undone["undo"],
        "undo",
        "spam",
        "approved",
    )


def waits(service: InProcess, author_key: str) -> bool:
    """Whether what that author posts has to wait."""
    reader = service.reader(author_key=author_key)
    return reader.post("trust", "Something else to say.").status_code == 202


@pytest.fixture
def first_only(service: InProcess) -> InProcess:
    """A service on which strangers wait, until one of their comments was approved."""
    service.run("site", "set", "default", "--moderation", "first")
    return service


def test_trust_that_a_decision_ended_comes_back_with_its_undo(
    first_only: InProcess, moderator: Moderator
) -> None:
    author = first_only.reader()
    posted = author.posted("a")
    author.author_key = posted["author_key"]
    moderator.decide("approve", posted["comment"]["id"])
    other = author.posted("a", "Another.")["comment"]["id"]

    decision = decided(moderator, "spam", other)
    assert waits(first_only, posted["author_key"])
    undo(moderator, decision)

    assert not waits(first_only, posted["author_key"])


def test_the_undo_of_an_approval_takes_the_trust_that_it_gave(
    first_only: InProcess, moderator: Moderator
) -> None:
    author = first_only.reader()
    posted = author.posted("a")
    decision = decided(moderator, "approve", posted["comment"]["id"])

    undo(moderator, decision)

    assert waits(first_only, posted["author_key"])


def test_one_press_at_the_desk_undoes_one_click(desk: Desk, reader: Reader) -> None:
    comment = reader.comment("a")
    page = desk.queue(state="approved")
    decided_page = desk.http.get(desk.press(page, "spam", comment).headers["Location"])

    back = desk.press_undo(decided_page)

    assert reader.thread("a")["count"] == 1
    assert "Undone." in desk.http.get(back.headers["Location"]).text


def test_one_press_undoes_what_was_decided_about_an_author(desk: Desk, reader: Reader) -> None:
    key = reader.posted("a")["author_key"]
    reader.author_key = key
    comment = reader.comment("b")
    page = desk.queue(state="approved")
    decided_page = desk.http.get(desk.press_for_author(page, "trash", comment).headers["Location"])
    assert reader.thread("a")["count"] == reader.thread("b")["count"] == 0

    desk.press_undo(decided_page)

    assert reader.thread("a")["count"] == reader.thread("b")["count"] == 1


def test_the_desk_offers_no_undo_where_nothing_was_changed(
    desk: Desk, reader: Reader, moderator: Moderator
) -> None:
    comment = reader.comment("a")
    page = desk.queue(state="approved")
    moderator.decide("purge", comment)

    answer = desk.http.get(desk.press(page, "spam", comment).headers["Location"])

    assert "This comment no longer exists." in answer.text
    assert not [form for form in forms(answer) if "Undo" in form]


def line(number: int, undoes: int | None = None) -> StoredDecision:
    return StoredDecision(
        str(number),
        "Ada",
        "c",
        1,
        "spam",
        State.APPROVED,
        State.SPAM,
        None if undoes is None else str(undoes),
        None,
        None,
        datetime(2026, 11, 28, tzinfo=UTC),
    )


@pytest.mark.unit
@given(st.lists(st.one_of(st.none(), st.integers(0, 30)), max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_neither_an_undone_decision_nor_its_undo_stands(targets: list[int | None]) -> None:
    lines: list[StoredDecision] = []
    for number, target in enumerate(targets):
        of = None if target is None or not lines else target % len(lines)
        if of is not None and (undo_of(lines[of], lines) or is_superseded(lines[of], lines)):
            continue  # as the service refuses it
        lines.append(line(number, None if of is None else int(lines[of].public_id)))

    for one in lines:
        by = undo_of(one, lines)
        assert stands(one, lines) is (one.undoes is None and by is None)
        if by is not None:
            assert not stands(by, lines)
        if stands(one, lines):
            assert all(is_superseded(earlier, lines) for earlier in lines[: lines.index(one)])


# What happened in between


def test_what_its_author_wrote_since_is_not_published_unread(reader: Reader, moderator: Moderator) -> None:
    posted = reader.posted("a", "My neighbour Jane is a thief.")
    comment, key = posted["comment"]["id"], posted["edit_key"]
    moderator.request("PATCH", f"/comments/{comment}", json={"redact": [{"from": 13, "to": 17}]})
    decision = decided(moderator, "trash", comment)
    assert reader.edit(comment, key, "Jane of Elm Street is a thief.").status_code == 202

    answer = undo(moderator, decision)

    assert answer == {"undone": [], "refused": [{"decision": decision, "why": "edited"}]}
    assert moderator.queue()[0]["state"] == "trash"
    moderator.decide("approve", comment)
    assert reader.thread("a")["count"] == 1


def test_nor_is_an_edit_that_a_check_caught(desk: Desk, reader: Reader, moderator: Moderator) -> None:
    moderator.block("word", "casino", "hold")
    posted = reader.posted("a", "A kind word.")
    assert reader.edit(posted["comment"]["id"], posted["edit_key"], "Casino!").status_code == 202
    (line,) = moderator.request("GET", "/decisions").json()["decisions"]

    assert undo(moderator, line["id"])["refused"] == [{"decision": line["id"], "why": "edited"}]
    assert not [form for form in forms(desk.http.get("/moderation/log")) if "Undo" in form]


def test_an_edit_before_the_decision_is_of_no_matter(reader: Reader, moderator: Moderator) -> None:
    posted = reader.posted("a", "First.")
    reader.edit(posted["comment"]["id"], posted["edit_key"], "Second.")  # in the same second
    decision = decided(moderator, "trash", posted["comment"]["id"])

    assert undo(moderator, decision)["refused"] == []
    assert reader.texts("a") == ["Second."]


def test_what_readers_reported_is_open_again(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    comment = reader.comment("a")
    report_from(service, comment, "192.0.2.10", "192.0.2.11")
    moderator.decide("approve", comment)
    service.clock.move(seconds=1)
    report_from(service, comment, "192.0.2.12")
    decision = decided(moderator, "trash", comment)
    assert moderator.queue(reported="1") == []

    (undone,) = undo(moderator, decision)["undone"]

    assert [one["reports"] for one in moderator.queue(reported="1")] == [1]  # those of before stay closed
    service.clock.move(seconds=1)
    undo(moderator, undone["undo"])
    assert (moderator.queue(reported="1"), moderator.queue()[0]["state"]) == ([], "trash")


def test_an_objection_waits_again_for_an_answer(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    posted = reader.posted("a")
    comment = posted["comment"]["id"]
    moderator.decide("trash", comment)
    assert objected(reader, posted, "It was a joke.").status_code in {200, 202}
    (line, _) = moderator.request("GET", "/decisions").json()["decisions"]
    assert undo(moderator, line["id"])["refused"] == [{"decision": line["id"], "why": "superseded"}]
    (answer,) = moderator.decide("spam", comment, reason="No.")["decided"]
    assert reasons(reader, posted)["objection"]["answer"] == "No."

    undo(moderator, answer["decision"])

    objection = reasons(reader, posted)["objection"]
    assert (objection["text"], objection["answered_at"], objection["answer"]) == (
        "It was a joke.",
        None,
        None,
    )
    assert objected(reader, posted, "It was a bad joke.").status_code in {200, 202}


def test_what_another_decision_took_of_trust_stays_taken(service: InProcess, moderator: Moderator) -> None:
    service.run("site", "set", "default", "--moderation", "first")
    author = service.reader()
    first = author.posted("a", "One.")
    author.author_key = first["author_key"]
    moderator.decide("approve", first["comment"]["id"])
    second, third = author.comment("a", "Two."), author.comment("a", "Three.")
    against = [decided(moderator, "spam", comment) for comment in (second, third)]
    assert author.post("a", "Four.").status_code == 202

    undo(moderator, against[0])
    assert author.post("a", "Five.").status_code == 202

    undo(moderator, against[1])
    assert author.post("a", "Six.").status_code == 201


def test_in_whatever_order_decisions_are_undone_trust_is_back(
    service: InProcess, moderator: Moderator
) -> None:
    service.run("site", "set", "default", "--moderation", "first")
    author = service.reader()
    first = author.posted("a", "One.")
    author.author_key = first["author_key"]
    moderator.decide("approve", first["comment"]["id"])
    against = [
        decided(moderator, "spam", author.comment("a", "Two.")),
        decided(moderator, "hold", first["comment"]["id"]),
    ]

    for decision in against:
        assert author.post("a", "Not yet.").status_code == 202
        undo(moderator, decision)

    assert author.post("a", "Again.").status_code == 201


def test_an_undo_can_be_undone_when_the_log_has_forgotten_what_it_undid(make_service: MakeService) -> None:
    service = make_service(RETAIN_LOG="30")
    reader, moderator = service.reader(), service.moderator()
    decision = decided(moderator, "spam", reader.comment("a"))
    service.clock.move(days=20)
    (undone,) = undo(moderator, decision)["undone"]
    service.clock.move(days=11)
    service.sweep()

    assert undo(moderator, undone["undo"])["refused"] == []
    assert moderator.queue()[0]["state"] == "spam"


@pytest.mark.unit
def test_of_a_decision_of_an_older_program_the_times_tell() -> None:
    comment = Mock(revision=2, edited_at=datetime(2026, 11, 28, 12, tzinfo=UTC))
    taken = replace(line(1), decided_at=datetime(2026, 11, 28, 11, tzinfo=UTC))

    assert would_publish_unread(taken, comment)
    assert not would_publish_unread(
        replace(taken, decided_at=datetime(2026, 11, 28, 13, tzinfo=UTC)), comment
    )
    assert not would_publish_unread(taken, Mock(revision=1, edited_at=None))
    assert not would_publish_unread(replace(taken, from_state=State.PENDING), comment)
