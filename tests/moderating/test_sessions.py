"""Signing in and out at the desk, and what a session is good for."""

from __future__ import annotations

import time

import pytest

from tests.conftest import MakeService
from tests.moderating.desk import EMAIL, PASSWORD, Desk, csrf_token
from tests.people import Moderator, Reader
from tests.running_service import InProcess


def test_the_desk_sends_a_stranger_to_the_form(service: InProcess) -> None:
    answer = Desk(service.http()).queue()

    assert (answer.status_code, answer.headers["Location"]) == (303, "/moderation/sign-in")


@pytest.mark.parametrize("email", [EMAIL, EMAIL.upper(), f" {EMAIL} "])
def test_the_right_password_opens_the_desk(service: InProcess, account: str, email: str) -> None:
    desk = Desk(service.http(), email)

    assert desk.sign_in().headers["Location"] == "/moderation"
    assert EMAIL in desk.queue().text


@pytest.mark.parametrize(
    "typed",
    [
        {"password": PASSWORD.upper()},
        {"password": ""},
        {"password": PASSWORD + "x" * 1000},
        {"email": "nobody@paper.example"},
        {"email": ""},
        {"email": "%"},
        {"email": "\0"},
    ],
    ids=str,
)
def test_anything_else_is_refused_in_the_same_words(
    service: InProcess, account: str, typed: dict[str, str]
) -> None:
    desk = Desk(service.http())

    answer = desk.sign_in(**typed)

    assert answer.status_code == 422
    assert "Incorrect email or password." in answer.text
    assert PASSWORD not in answer.text
    assert desk.queue().status_code == 303


def test_a_sign_in_that_does_not_come_from_our_form_is_refused(service: InProcess, account: str) -> None:
    desk = Desk(service.http())

    assert desk.sign_in(csrf_token="forged").status_code == 422
    assert desk.queue().status_code == 303


@pytest.mark.parametrize(
    ("base_url", "wanted"),
    [
        ("http://127.0.0.1:5000", {"httponly", "samesite=lax", "path=/"}),
        ("https://comments.example", {"httponly", "samesite=lax", "path=/", "secure"}),
        ("https://comments.example/talk", {"httponly", "samesite=lax", "path=/talk", "secure"}),
    ],
)
def test_the_cookie_reaches_no_script_and_no_other_host(
    make_service: MakeService, base_url: str, wanted: set[str]
) -> None:
    service = make_service(BASE_URL=base_url)

    answer = service.http().get(base_url + "/moderation/sign-in")

    name, *attributes = [part.strip() for part in answer.headers["Set-Cookie"].split(";")]
    # RFC 6265bis §4.1.3.2: over https and for the path "/" alone
    prefix = "__Host-" if base_url == "https://comments.example" else ""
    assert name.startswith(f"{prefix}commentsvc_session=")
    assert {attribute.lower() for attribute in attributes} - {"expires"} >= wanted
    assert not any(attribute.lower().startswith("domain") for attribute in attributes)


def test_a_session_ends_by_itself_after_a_day_of_work(desk: Desk) -> None:
    cookie = next(cookie for cookie in desk.http.cookies.jar if cookie.name == "commentsvc_session")

    assert cookie.expires is not None
    assert not cookie.discard


def test_a_node_whose_clock_is_behind_signs_nobody_out(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answer signs the cookie with the time of its node; clocks differ by fractions of a second."""
    assert desk.queue().status_code == 200
    behind = int(time.time()) - 5
    monkeypatch.setattr("itsdangerous.timed.TimestampSigner.get_timestamp", lambda _: behind)

    assert desk.queue().status_code == 200


def test_signing_out_ends_the_session_everywhere(service: InProcess, desk: Desk) -> None:
    elsewhere = Desk(service.http())
    assert elsewhere.sign_in().status_code == 303
    stolen = dict(desk.http.cookies)

    assert desk.sign_out().headers["Location"] == "/moderation/sign-in"

    assert desk.queue().status_code == 303
    assert elsewhere.queue().status_code == 303
    assert service.http(cookies=stolen).get("/moderation").status_code == 303
    assert service.http(cookies=stolen).get("/api/v1/moderation/comments").status_code == 403


def test_nobody_is_signed_out_by_a_page_of_others(desk: Desk) -> None:
    desk.http.post("/moderation/sign-out", data={"csrf_token": "forged"})

    assert desk.queue().status_code == 200


def test_a_session_ends_when_the_account_is_removed(service: InProcess, desk: Desk) -> None:
    service.run("user", "remove", EMAIL.upper())

    assert desk.queue().status_code == 303
    assert desk.http.get("/api/v1/moderation/comments").status_code == 403
    assert desk.sign_in().status_code == 422


def test_a_session_that_was_there_before_is_not_taken_over(service: InProcess, account: str) -> None:
    desk = Desk(service.http())
    desk.http.get("/moderation/sign-in")
    planted = dict(desk.http.cookies)

    desk.sign_in()

    assert service.http(cookies=planted).get("/moderation").status_code == 303


def test_a_session_reads_through_the_interface_for_programs(reader: Reader, desk: Desk) -> None:
    comment = reader.comment("a")

    answer = desk.http.get("/api/v1/moderation/comments")

    assert [queued["id"] for queued in answer.json()["comments"]] == [comment]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/decisions", {"ids": ["{comment}"], "action": "spam"}),
        ("PATCH", "/thread", {"article": "a", "open": False}),
        ("POST", "/blocks", {"kind": "word", "value": "x", "action": "hold"}),
    ],
)
def test_a_session_writes_only_with_proof_that_our_page_sent_it(
    reader: Reader, desk: Desk, method: str, path: str, body: dict[str, object]
) -> None:
    if "ids" in body:
        body = body | {"ids": [reader.comment("a")]}
    address = "/api/v1/moderation" + path

    without = desk.http.request(method, address, json=body)
    forged = desk.http.request(method, address, json=body, headers={"X-CSRFToken": "forged"})
    of_another = csrf_token(desk.queue()).swapcase()
    altered = desk.http.request(method, address, json=body, headers={"X-CSRFToken": of_another})
    right = desk.http.request(method, address, json=body, headers={"X-CSRFToken": csrf_token(desk.queue())})

    assert [answer.status_code for answer in (without, forged, altered)] == [403] * 3
    assert right.status_code in {200, 201}


def test_a_wrong_token_is_not_made_good_by_a_session(desk: Desk) -> None:
    headers = {"Authorization": "Bearer csvc_nothing"}

    assert desk.http.get("/api/v1/moderation/comments", headers=headers).status_code == 403


def test_a_moderator_who_reads_as_a_reader_gets_no_cookie_there(
    service: InProcess, moderator: Moderator, desk: Desk
) -> None:
    service.reader().comment("a")
    as_anybody = service.http()

    for address in ("/api/v1/thread?article=a", "/thread?article=a", "/embed.js", "/healthz", "/nothing"):
        theirs, anybodys = desk.http.get(address), as_anybody.get(address)
        assert "Set-Cookie" not in theirs.headers, address
        assert theirs.headers.get("Vary") == anybodys.headers.get("Vary")
