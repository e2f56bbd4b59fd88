"""Authors are told why their comment is not public, by the edit key and at any time, and may object."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import httpx
import pytest

from tests.conftest import MakeService
from tests.moderating.desk import Desk
from tests.moderating.test_reports import report_from, reports_of, state_of
from tests.people import Json, Moderator, Reader, bearer
from tests.posting.html_page import Page
from tests.running_service import InProcess

LINKS = " ".join(f"https://n{n}.example/" for n in range(6)) + " to read."


def asked(reader: Reader, posted: Json, key: str | None = None, **headers: str) -> httpx.Response:
    where = f"/api/v1/comments/{posted['comment']['id']}/reasons"
    return reader.http.get(where, headers=bearer(key or posted["edit_key"]) | headers)


def reasons(reader: Reader, posted: Json) -> Json:
    answer = asked(reader, posted)
    assert answer.status_code == 200, answer.text
    assert (answer.headers["Cache-Control"], answer.headers["Access-Control-Allow-Origin"]) == (
        "no-store",
        "*",
    )
    return answer.json()


def objected(reader: Reader, posted: Json, text: object) -> httpx.Response:
    where = f"/api/v1/comments/{posted['comment']['id']}/reasons"
    return reader.http.post(where, json={"text": text}, headers=bearer(posted["edit_key"]))


def test_what_a_moderator_decided_is_told_for_months(
    service: InProcess, reader: Reader, moderator: Moderator, tmp_path: Path
) -> None:
    texts = tmp_path / "reasons.txt"
    texts.write_text("\ufeffRule 1: No insults.\n\nRule 2: No advertising.\n", encoding="utf-8")
    service.run("site", "set", "default", "--reasons", str(texts))
    posted, other = reader.posted("a"), reader.posted("a", "Another.")
    assert asked(reader, posted).status_code == 404

    moderator.decide("trash", posted["comment"]["id"], reason="Rule 1: No insults. You call her a fool.")
    service.clock.move(days=150)

    told = reasons(reader, posted)
    assert told.pop("how_to_object").startswith("You can object here")
    assert told == {
        "decided_at": "2026-11-24T09:00:00Z",
        "action": "trash",
        "scope": "Nobody but you sees the comment any more.",
        "facts": "Rule 1: No insults. You call her a fool.",
        "automated": False,
        "ground": "Rule 1: No insults.",
        "objection": None,
        "can_object": True,
    }
    assert asked(reader, posted, other["edit_key"]).status_code == 403
    assert reader.get(f"/api/v1/comments/{posted['comment']['id']}/reasons").status_code == 403
    german = asked(reader, posted, None, **{"Accept-Language": "de"})
    assert german.headers["Content-Language"] == "de" if "Content-Language" in german.headers else True


def test_what_stands_is_told_and_nothing_else(reader: Reader, moderator: Moderator) -> None:
    posted = reader.posted("a")
    comment = posted["comment"]["id"]

    (held,) = moderator.decide("hold", comment)["decided"]
    assert (reasons(reader, posted)["action"], reasons(reader, posted)["ground"]) == (
        "hold",
        "The rules of this site for comments.",
    )
    (spam,) = moderator.decide("spam", comment, reason="Advertising.")["decided"]
    assert reasons(reader, posted)["facts"] == "Advertising."
    moderator.request("POST", "/decisions/undo", json={"decisions": [spam["decision"]]}).raise_for_status()
    assert reasons(reader, posted)["action"] == "hold"
    moderator.request("POST", "/decisions/undo", json={"decisions": [held["decision"]]}).raise_for_status()
    assert asked(reader, posted).status_code == 404
    moderator.decide("purge", comment, reason="A name.")
    told = reasons(reader, posted)
    assert (told["action"], told["facts"], told["can_object"]) == ("purge", "A name.", False)
    assert objected(reader, posted, "But why?").status_code == 404


def test_a_program_is_told_as_one(service: InProcess, reader: Reader, moderator: Moderator) -> None:
    caught, reported = reader.posted("a", LINKS), reader.posted("a")
    moderator.block("word", "warehouse", "spam")
    blocked = reader.posted("a", "Our warehouse.")
    report_from(service, reported["comment"]["id"], *(f"192.0.2.{n}" for n in range(10, 13)))

    told = [reasons(reader, one) for one in (caught, blocked, reported)]

    assert [(one["action"], one["automated"], one["facts"]) for one in told] == [
        ("hold", True, "An automatic check found: too many links"),
        (
            "spam",
            True,
            "An automatic check found: This site does not accept a word or phrase of this comment.",
        ),
        ("hold", True, "Readers reported the comment."),
    ]


@pytest.mark.parametrize("mode", ["none", "first", "all"])
@pytest.mark.parametrize("outcome", ["hold", "spam", "reject"])
def test_nothing_is_told_that_an_address_has_a_part_in(
    make_service: MakeService, mode: str, outcome: str
) -> None:
    service = make_service(MODERATION=mode)
    moderator = service.moderator()
    moderator.block("email", "blocked@paper.example", outcome)
    moderator.rule({"email_domains": ["shop.example"]}, outcome)
    told = []
    for email in ("ada@paper.example", "blocked@paper.example", "ada@shop.example"):
        reader = service.reader(email=email)
        plain, caught = reader.posted("a", f"Of {email}."), reader.posted("a", LINKS)
        if email == "ada@paper.example":
            moderator.request("POST", "/decisions", json={"ids": [], "action": "hold"})
        told.append([(one.status_code, one.content) for one in (asked(reader, plain), asked(reader, caught))])

    assert told[0] == told[1] == told[2]
    assert [status for status, _ in told[0]] == [404, 200]


def test_an_objection_returns_to_the_queue_and_is_answered(reader: Reader, moderator: Moderator) -> None:
    posted = reader.posted("a")
    comment = posted["comment"]["id"]
    assert objected(reader, posted, "Why?").status_code == 404
    moderator.decide("spam", comment, reason="Advertising.")

    for text in ("It is a review.", "It is no advertising."):
        assert objected(reader, posted, text).status_code == 202

    assert state_of(moderator, comment) == "pending"
    (objection,) = reports_of(moderator, comment)["objections"]
    assert (objection["text"], objection["answered_at"]) == ("It is no advertising.", None)
    told = reasons(reader, posted)
    assert (told["action"], told["facts"], told["objection"]["text"]) == (
        "spam",
        "Advertising.",
        "It is no advertising.",
    )
    moderator.decide("hold", comment)
    assert reasons(reader, posted)["objection"]["answered_at"] is None
    moderator.decide("trash", comment, reason="It sells something all the same.")
    told = reasons(reader, posted)
    assert (told["action"], told["objection"]["answer"], told["can_object"]) == (
        "trash",
        "It sells something all the same.",
        False,
    )
    assert objected(reader, posted, "Once more.").status_code == 409
    moderator.decide("approve", comment)
    assert asked(reader, posted).status_code == 404
    moderator.decide("spam", comment)
    assert objected(reader, posted, "Once more.").status_code == 409


def test_who_was_right_may_object_to_what_comes_later(reader: Reader, moderator: Moderator) -> None:
    posted = reader.posted("a")
    comment = posted["comment"]["id"]
    moderator.decide("trash", comment)
    objected(reader, posted, "It is true.")
    moderator.decide("approve", comment)

    moderator.decide("spam", comment)

    assert reasons(reader, posted)["objection"] is None
    assert objected(reader, posted, "It is still true.").status_code == 202


@pytest.mark.any_database
@pytest.mark.parametrize("text", ["", " \n", "x" * 4001, "\0", 5, None, "\ud800"])
def test_an_objection_says_something(reader: Reader, moderator: Moderator, text: object) -> None:
    posted = reader.posted("a")
    moderator.decide("trash", posted["comment"]["id"])

    answer = objected(reader, posted, text) if text != "\ud800" else objected(reader, posted, "\0")

    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["text"])


def test_without_a_script_the_private_link_opens_it(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    sent = Page.of(reader).send(name="Ada Sample", email="ada@paper.example", text="Buy now.").followed()
    comment = moderator.queue()[0]["id"]
    opened = sent.press("Edit or delete your comment")
    assert "Why your comment is not public" not in opened.answer.text
    moderator.decide("spam", comment, reason="Advertising.")
    service.clock.move(days=30)

    page = sent.press("Edit or delete your comment")

    assert page.answer.status_code == 403
    assert "Why your comment is not public" in page.answer.text
    assert "Advertising." in page.answer.text
    empty = page.press("Object to this decision", objection=" ")
    assert (empty.answer.status_code, empty.error_of("objection")) == (422, "Please write why you object.")
    done = empty.press("Object to this decision", objection="It is *no* advertising.")
    assert done.answer.status_code == 200
    assert done.find(role="status").text == "We received your objection, and a moderator will read it."
    assert state_of(moderator, comment) == "pending"


def test_the_widget_shows_it_to_its_author(service: InProcess, reader: Reader, moderator: Moderator) -> None:
    posted = reader.posted("a")
    comment = posted["comment"]["id"]
    moderator.decide("trash", comment, reason="<b>Rude</b>.")
    service.clock.move(days=30)

    answer = reader.http.get("/thread/own", params={"comment": comment}, headers=bearer(posted["edit_key"]))

    assert answer.status_code == 200
    assert "&lt;b&gt;Rude&lt;/b&gt;." in answer.text
    assert f"#key={posted['edit_key']}" in answer.text


@pytest.mark.any_database
def test_the_decisions_of_a_year_are_a_table(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    posted = reader.posted("=1+1", LINKS)
    moderator.decide("trash", posted["comment"]["id"], reason='Says "no", twice.')
    service.clock.move(days=60)
    moderator.decide("approve", posted["comment"]["id"])

    answer = moderator.request("GET", "/decisions.csv", params={"year": "2026"})

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    first, second = csv.DictReader(io.StringIO(answer.text))
    assert (first["article"], first["from"], first["to"], first["automated"]) == (
        "'=1+1",
        "",
        "pending",
        "yes",
    )
    assert (second["to"], second["automated"], second["reason"]) == ("trash", "no", 'Says "no", twice.')
    of_next = moderator.request("GET", "/decisions.csv", params={"year": "2027"})
    assert [one["action"] for one in csv.DictReader(io.StringIO(of_next.text))] == ["approve"]
    for year in ("", "x", "99999", "1", "²"):
        assert moderator.request("GET", "/decisions.csv", params={"year": year}).status_code == 422


def test_at_the_desk_a_text_of_the_site_is_chosen_as_the_reason(
    service: InProcess, reader: Reader, moderator: Moderator, desk: Desk, tmp_path: Path
) -> None:
    posted, other = reader.posted("a", "An advertisement."), reader.posted("a", "Another one.")
    comment = posted["comment"]["id"]
    assert 'name="reason"' not in desk.queue(state="approved").text  # the site has no texts
    texts = tmp_path / "reasons.txt"
    texts.write_text("Rule 1: No insults.\nRule 2: No <ads> & the like.\n", encoding="utf-8")
    service.run("site", "set", "default", "--reasons", str(texts))
    page = desk.queue(state="approved")

    desk.press(page, "trash", comment, reason="Rule 2: No <ads> & the like.")
    desk.press(page, "spam", other["comment"]["id"], reason="Of nobody.\0")

    told = reasons(reader, posted)
    assert told["facts"] == "Rule 2: No <ads> & the like."
    assert told["ground"] == "Rule 2: No <ads> & the like."
    assert asked(reader, other).status_code == 404
    assert "This page has expired." in desk.queue(state="trash").text
    desk.press(desk.queue(state="trash"), "approve", comment, reason="Rule 1: No insults.")
    line = moderator.request("GET", "/decisions", params={"comment": comment}).json()["decisions"][0]
    assert (line["action"], line["reason"]) == ("approve", None)
