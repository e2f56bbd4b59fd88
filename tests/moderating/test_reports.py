"""Readers report comments: where many do, a comment waits until a moderator has looked at it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.conftest import MakeService
from tests.people import Json, Moderator, Reader
from tests.posting.html_page import Page
from tests.running_service import InProcess, written

UNKNOWN = "AAAAAAAAAAAAAAAA"


def report(reader: Reader, comment: str, **fields: object) -> httpx.Response:
    """Report a comment, with the form token of some other article."""
    body = {"token": reader.token("any"), "reason": "abuse"} | fields
    return reader.http.post(f"/api/v1/comments/{comment}/reports", json=body)


def report_from(service: InProcess, comment: str, *addresses: str) -> None:
    for address in addresses:
        assert report(service.reader(address), comment).status_code == 202


def reports_of(moderator: Moderator, comment: str, **query: str) -> Json:
    answer = moderator.request("GET", f"/comments/{comment}/reports", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def state_of(moderator: Moderator, comment: str) -> str:
    return next(one["state"] for one in moderator.queue(limit="200") if one["id"] == comment)


def test_moderators_read_what_was_reported(reader: Reader, moderator: Moderator) -> None:
    comment = reader.comment("a")
    said = {"text": "It is a threat.", "email": "Bo@Paper.example", "name": "Bo", "good_faith": True}

    answer = report(reader, comment, reason="illegal", **said)

    assert (answer.status_code, answer.json()) == (202, {"received": True})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    (told,) = reports_of(moderator, comment)["reports"]
    assert told.pop("id")
    times = {"at": "2026-11-24T09:00:00Z", "closed_at": None}
    assert told == said | times | {"reason": "illegal", "email": "Bo@paper.example"}
    for query in ({}, {"article": "a"}, {"state": "approved"}, {"email": reader.email}):
        (listed,) = moderator.queue(reported="1", **query)
        assert (listed["id"], listed["reports"], listed["state"]) == (comment, 1, "approved")
    assert moderator.queue(reported="1", state="spam") == moderator.queue(reported="1", article="b") == []
    assert moderator.request("GET", "/counts").json()["reported"] == 1


def test_three_clients_hold_a_comment_and_a_decision_closes_their_reports(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    comment = reader.comment("a")
    tag = reader.get("/api/v1/thread", article="a").headers["ETag"]
    report_from(service, comment, "192.0.2.10", "192.0.2.10", "2001:db8::1", "2001:db8::2")
    assert (reader.thread("a")["count"], moderator.queue()[0]["reports"]) == (1, 2)

    report_from(service, comment, "192.0.2.11")

    assert (reader.thread("a")["count"], state_of(moderator, comment)) == (0, "pending")
    assert reader.get("/api/v1/thread", article="a").headers["ETag"] != tag
    (line,) = moderator.request("GET", "/decisions", params={"comment": comment}).json()["decisions"]
    assert (line["from"], line["to"], line["reason"]) == ("approved", "pending", "reported by 3 readers")
    moderator.decide("approve", comment)
    assert (reader.thread("a")["count"], moderator.queue(reported="1")) == (1, [])
    report_from(service, comment, "192.0.2.10", "192.0.2.11")
    assert reader.thread("a")["count"] == 1
    (again,) = moderator.decide("approve", comment)["decided"]  # it changes nothing but the reports
    assert (again["decision"], moderator.queue()[0]["reports"]) == (None, 0)
    assert [bool(one["closed_at"]) for one in reports_of(moderator, comment)["reports"]] == [True] * 5
    report_from(service, comment, *(f"192.0.2.{n}" for n in range(20, 23)))
    assert state_of(moderator, comment) == "pending"
    first = reports_of(moderator, comment, limit="5")
    rest = reports_of(moderator, comment, cursor=first["next"])
    assert (len(first["reports"]), len(rest["reports"]), rest["next"]) == (5, 3, None)


def test_a_customer_with_many_networks_of_ipv6_hides_nothing_alone(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    """A provider gives each customer up to 65,536 of them (RFC 6177)."""
    comment = reader.comment("a")

    report_from(service, comment, *(f"2001:db8:7:{number:x}::1" for number in (0, 1, 0x100, 0xFFFF)))
    assert (state_of(moderator, comment), moderator.queue()[0]["reports"]) == ("approved", 4)
    report_from(service, comment, "2001:db8:8::1", "192.0.2.10")

    assert state_of(moderator, comment) == "pending"


def test_how_many_is_the_sites_choice(service: InProcess, reader: Reader, moderator: Moderator) -> None:
    first, second = reader.comment("a"), reader.comment("a", "Another.")
    service.run("site", "set", "default", "--reports-hold", "1")
    report_from(service, first, "192.0.2.10")
    service.run("site", "set", "default", "--reports-hold", "0")
    report_from(service, second, *(f"192.0.2.{n}" for n in range(11, 16)))

    assert [state_of(moderator, one) for one in (first, second)] == ["pending", "approved"]
    assert "reports that hold a comment: never" in service.run("site", "list")


def test_the_answer_tells_nothing_of_the_comment(make_service: MakeService) -> None:
    service = make_service()
    service.run("site", "add", "other", "--origin", "https://other.example")
    reader, moderator = service.reader(), service.moderator()
    public, pending, erased = (reader.comment("a", f"Number {n}.") for n in range(3))
    foreign = reader.comment("a", site="other")
    moderator.decide("hold", pending)
    moderator.decide("purge", erased)
    ids = (public, public, pending, erased, foreign, UNKNOWN, "é", "x" * 300)

    answers = [report(reader, one, email="bo@paper.example") for one in ids]
    pages = [
        Page(reader, reader.get("/thread/report", comment=one)).send(reason="spam").answer for one in ids[:6]
    ]

    unknown = re.sub(
        'name="token" value="[^"]+"',
        "",
        reader.get("/thread/report", comment="X" * 16).text.replace("X" * 16, "ID"),
    )
    headers = [{n: v for n, v in one.headers.items() if n != "x-request-id"} for one in answers]
    assert {(one.status_code, one.content) for one in answers} == {(202, b'{"received":true}')}
    assert all(one == headers[0] for one in headers)
    assert {(one.status_code, one.text) for one in pages} == {(200, pages[0].text)}
    for one in (pending, erased, UNKNOWN):
        html = reader.get("/thread/report", comment=one).text.replace(one, "ID")
        assert re.sub('name="token" value="[^"]+"', "", html) == unknown
    assert service.moderator("other").queue()[0]["reports"] == 0
    assert [one["reports"] for one in moderator.queue(site="default")] == [1, 1]


WRONG = [
    ({"token": "no"}, ["token"]),
    ({"token": None}, ["token"]),
    ({"reason": "boring"}, ["reason"]),
    ({"reason": 5, "token": 7}, ["reason", "token"]),
    ({"email": "nobody"}, ["email"]),
    ({"name": "n" * 81, "text": "t" * 4001}, ["name", "text"]),
    ({"text": "\0", "name": "a\u202eb"}, ["name", "text"]),
    ({"good_faith": "yes"}, ["good_faith"]),
]


@pytest.mark.any_database
def test_what_is_wrong_is_told_at_its_field(reader: Reader, moderator: Moderator) -> None:
    comment = reader.comment("a")

    for fields, errors in WRONG:
        answer = report(reader, comment, **fields)
        assert (answer.status_code, sorted(answer.json()["errors"])) == (422, errors), fields
    for body in (b"{", b"[]", b"\xff"):
        sent = reader.http.post(
            f"/api/v1/comments/{comment}/reports", content=body, headers={"Content-Type": "application/json"}
        )
        assert sent.status_code == 400
    assert moderator.queue()[0]["reports"] == 0


def test_a_client_reports_no_more_than_it_may(make_service: MakeService) -> None:
    service = make_service(RATE_LIMIT_REPORT="5 per hour")
    reader = service.reader()
    comments = [reader.comment("a", f"Number {n}.") for n in range(6)]

    answers = [report(reader, one) for one in comments]

    assert [one.status_code for one in answers] == [202] * 5 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 3600
    assert report(service.reader("192.0.2.9"), comments[5]).status_code == 202


@pytest.mark.any_database
def test_a_page_of_another_site_reports_nothing(service: InProcess, reader: Reader) -> None:
    service.run("site", "set", "default", "--origin", "https://news.example")
    comment = reader.comment("a")
    body = {"token": reader.token("a"), "reason": "spam"}

    for origin, status in (("https://news.example", 202), ("https://evil.example", 403), ("null", 403)):
        answer = reader.http.post(
            f"/api/v1/comments/{comment}/reports", json=body, headers={"Origin": origin}
        )
        assert answer.status_code == status


def test_erasing_a_comment_erases_what_was_said_of_it(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    comment = reader.comment("a")
    report(reader, comment, text="He is a crook.", email="bo@paper.example", name="Bo Sample")

    moderator.decide("purge", comment)

    with written(service) as connection:
        (row,) = connection.exec_driver_sql(
            "SELECT text, name, sealed, lookup, client, reason, closed_at FROM report"
        ).all()
    assert tuple(row)[:6] == ("", "", None, None, None, "abuse")
    assert row.closed_at is not None
    assert moderator.request("GET", f"/comments/{comment}/reports").status_code == 404


def test_the_page_asks_the_same_without_a_script(reader: Reader, moderator: Moderator) -> None:
    comment = reader.comment("a-1", "Buy *now*.", name="Bo")
    page = Page.of(reader).follow("Report")
    assert "Buy <em>now</em>." in page.answer.text

    refused = page.send(text="It is a threat.", email="nobody", name="Ada Sample", reason="", good_faith="")

    assert refused.answer.status_code == 422
    assert refused.typed()["text"] == "It is a threat."
    assert "Please choose what is wrong." in refused.answer.text
    sent = refused.send(reason="illegal", email="ada@paper.example", good_faith="1")
    assert sent.answer.status_code == 200
    assert "We received your report on" in sent.answer.text
    (told,) = reports_of(moderator, comment)["reports"]
    assert (told["reason"], told["text"], told["good_faith"]) == ("illegal", "It is a threat.", True)


@pytest.mark.any_database
def test_the_operator_says_how_many_and_names_the_rules(service: InProcess, tmp_path: Path) -> None:
    texts = tmp_path / "reasons.txt"
    texts.write_text("No insults.\nNo insults.\n\n  No advertising. \n", encoding="utf-8")
    service.run("site", "set", "default", "--reasons", str(texts), "--reports-hold", "7")

    listed = service.run("site", "list")

    assert listed.count("reason: No insults.") == listed.count("reason: No advertising.") == 1
    assert "reports that hold a comment: 7" in listed
    for wrong in (b"\xff\xfe", b"a\x1bb", b"x" * 501, b"\n".join(b"%d" % n for n in range(101))):
        texts.write_bytes(wrong)
        with pytest.raises(AssertionError, match="--reasons"):
            service.run("site", "set", "default", "--reasons", str(texts))
    texts.write_bytes(b"")
    service.run("site", "set", "default", "--reasons", str(texts))
    assert "reason:" not in service.run("site", "list")


def test_reports_at_the_same_time_hold_once(service: InProcess, reader: Reader, moderator: Moderator) -> None:
    comment = reader.comment("a")
    readers = [service.reader(f"192.0.2.{n}") for n in range(10, 16)]

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda one: report(one, comment).status_code, readers))

    assert answers == [202] * 6
    assert (state_of(moderator, comment), moderator.queue()[0]["reports"]) == ("pending", 6)
    assert len(moderator.request("GET", "/decisions").json()["decisions"]) == 1
    assert reader.thread("a")["count"] == 0
