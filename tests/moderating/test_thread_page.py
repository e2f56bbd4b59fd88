"""The desk's page of a thread: everything by buttons, without a script."""

from __future__ import annotations

import re

import pytest

from tests.moderating.desk import Desk
from tests.people import Json, Moderator, Reader

PAGE = "/moderation/thread"


def send(desk: Desk, what: str = "", article: str = "a/1", **fields: str) -> str:
    """Press a button of the page; give the page that it leads to."""
    where = {"article": article, "site": "default"}
    token = re.search(r'name="csrf_token" value="([^"]+)"', desk.http.get(PAGE, params=where).text)
    assert token is not None
    sent = {"csrf_token": token[1]} | fields
    answer = desk.http.post(PAGE + what, params=where, data=sent)
    if answer.status_code != 303:
        return f"{answer.status_code} {answer.text}"
    return desk.http.get(answer.headers["Location"]).text


@pytest.fixture
def comment(reader: Reader) -> str:
    return reader.comment("a/1", "Call Jo Sample, or ask Jo Sample.")


def first(reader: Reader, article: str = "a/1") -> Json:
    return reader.thread(article)["comments"][0]


def test_one_gets_there_from_the_queue(desk: Desk, comment: str) -> None:
    page = desk.http.get("/moderation", params={"state": "approved"}).text
    link = re.search(r'href="(/moderation/thread\?[^"]+)"', page)

    assert link is not None
    shown = desk.http.get(link[1].replace("&amp;", "&"))
    assert shown.status_code == 200
    assert f'id="comment-{comment}"' in shown.text
    assert shown.headers["Cache-Control"] == "no-store"


def test_who_is_not_signed_in_is_led_to_the_form(reader: Reader, comment: str) -> None:
    assert reader.get(PAGE, article="a/1").status_code == 303
    for what in ("", "/comment", "/answer"):
        assert reader.http.post(PAGE + what, params={"article": "a/1"}).status_code == 303


def test_buttons_pin_lock_badge_and_black_out(desk: Desk, reader: Reader, comment: str) -> None:
    for action, name in (("pin", "pinned"), ("lock", "locked"), ("staff", "staff")):
        send(desk, "/comment", comment=comment, action=action)
        assert first(reader)[name] is True
        send(desk, "/comment", comment=comment, action=f"un{action}")
        assert first(reader)[name] is False
    assert "Blacked out." in send(desk, "/comment", comment=comment, action="redact", words="Jo Sample")
    assert "Blacked out." in send(desk, "/comment", comment=comment, action="redact", words="ask")
    assert first(reader)["html"] == "<p>Call █████, or █████ █████.</p>"
    assert send(desk, "/comment", comment=comment, action="redact", words="Nobody").startswith("422")
    assert send(desk, "/comment", comment=comment, action="rub out").startswith("422")
    send(desk, "/comment", comment=comment, action="lift")
    assert first(reader)["html"] == "<p>Call Jo Sample, or ask Jo Sample.</p>"


def test_one_answers_as_staff_and_nothing_typed_is_lost(
    desk: Desk, reader: Reader, moderator: Moderator, comment: str
) -> None:
    assert "Your answer is posted." in send(desk, "/answer", comment=comment, text="We open at nine.")
    assert [c["staff"] for c in reader.thread("a/1")["comments"]] == [False, True]
    moderator.decide("hold", comment)

    refused = send(desk, "/answer", comment=comment, text="We *also* open at ten.")
    assert refused.startswith("409")
    assert "We *also* open at ten.</textarea>" in refused
    moderator.decide("approve", comment)
    refused = send(desk, "/answer", comment=comment, text=" ")
    assert refused.startswith("422")


def test_a_thread_is_set_from_the_page(desk: Desk, reader: Reader, comment: str) -> None:
    assert "The discussion is closed." in send(desk, action="close")
    assert reader.thread("a/1")["open"] is False
    assert "The discussion is open." in send(desk, action="open")
    page = send(
        desk, action="save", title=" On  kites ", url="https://news.example/kites", close_after_days="30",
        slow_mode_seconds="60", rename_to="a/2",
    )  # fmt: skip
    thread = reader.thread("a/1")
    assert (thread["article"], thread["title"], thread["slow_mode_seconds"]) == ("a/2", "On kites", 60)
    assert 'value="30"' in page

    reader.comment("a/3", "Another discussion.")
    assert send(desk, action="save", rename_to="a/3", title="Kept").startswith("409")
    wrong = send(desk, action="save", title="Typed", close_after_days="soon")
    assert wrong.startswith("422")
    assert 'value="soon"' in wrong
    assert 'value="Typed"' in wrong
    assert "Saved." in send(desk, action="save", rename_to="a/3", merge="1")
    assert reader.thread("a/1")["count"] == 2
    assert send(desk, action="explode").startswith("422")
    assert send(desk, action="close", csrf_token="wrong").startswith("422")


def test_words_that_are_not_in_the_text_stay_as_typed(desk: Desk, comment: str) -> None:
    page = send(desk, "/comment", comment=comment, action="redact", words="Jo Exemple")

    assert page.startswith("422 ")
    assert 'name="words" value="Jo Exemple"' in page
