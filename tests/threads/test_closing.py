"""Threads that close by time, and slow mode."""

from __future__ import annotations

import json
from typing import Any

import pytest

from commentsvc.jobs import queue
from commentsvc.jobs.kinds import NEEDED_IN_TIME
from commentsvc.jobs.runner import Runner
from tests.moderating.desk import EMAIL, PASSWORD, Desk, csrf_token
from tests.people import Moderator, Reader
from tests.running_service import InProcess


def kind_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition("/")[2]


CLOSED = (409, "thread-closed")


def run_due_jobs(service: InProcess) -> None:
    """What a runner does as time goes by."""
    queue.start_needed(service.ours, NEEDED_IN_TIME)
    looks = iter([False] * 10)
    Runner(service.ours, lambda _seconds: next(looks, True)).run()


@pytest.mark.slow_on_postgresql
def test_a_thread_closes_by_time(service: InProcess, reader: Reader, moderator: Moderator) -> None:
    first = reader.posted("a", "First.")
    service.clock.move(minutes=5)
    reader.comment("a", "Second.")
    facts = moderator.set_thread("a", close_after_days=2).json()
    assert (facts["open"], facts["close_after_days"]) == (True, 2)
    service.clock.move(days=2, minutes=-6)
    assert reader.post("a", "Third.").status_code == 201
    tag = reader.get("/api/v1/thread", article="a").headers["ETag"]
    service.clock.move(minutes=1)

    assert kind_of(reader.post("a", "Too late.")) == CLOSED
    run_due_jobs(service)
    answer = reader.get("/api/v1/thread", article="a")
    assert (answer.json()["open"], answer.headers["ETag"] != tag) == (False, True)
    assert "This discussion is closed." in reader.get("/thread", article="a").text
    assert 'data-open="false"' in reader.get("/thread/fragment", article="a").text
    assert reader.get(f"/api/v1/comments/{first['comment']['id']}").status_code == 200

    assert moderator.set_thread("a", close_after_days=3).json()["open"] is True
    assert reader.post("a", "Open again.").status_code == 201
    assert moderator.set_thread("a", close_after_days=0).json()["open"] is False
    assert kind_of(reader.post("a", "Closed again.")) == CLOSED
    assert moderator.set_thread("a", open=True).json()["open"] is True
    assert reader.post("a", "Opened by hand.").status_code == 201
    assert moderator.set_thread("a", close_after_days=None).json()["close_after_days"] is None


def test_a_site_closes_its_threads_by_time_but_those_that_say_otherwise(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    reader.comment("old")
    reader.comment("longer")
    moderator.set_thread("longer", close_after_days=30)
    service.clock.move(days=8)
    service.run("site", "set", "default", "--close-after", "7")
    reader.comment("new")

    assert [reader.thread(article)["open"] for article in ("old", "longer", "new")] == [False, True, True]
    service.clock.move(days=7)
    assert kind_of(reader.post("new")) == CLOSED
    assert reader.post("longer").status_code == 201
    service.run("site", "set", "default", "--close-after", "never")
    assert reader.post("old", "After all.").status_code == 201
    assert reader.post("new", "Here, too.").status_code == 201


def test_slow_mode_is_for_all_networks_of_a_customer(service: InProcess, moderator: Moderator) -> None:
    moderator.set_thread("a", slow_mode_seconds=90)
    assert service.reader("2001:db8:0:1::1").post("a", "One.").status_code == 201

    assert kind_of(service.reader("2001:db8:0:2::1").post("a", "Two.")) == (429, "slow-mode")
    assert service.reader("2001:db8:0:102::1").post("a", "Somebody else.").status_code == 201


def test_nobody_waits_on_for_a_pause_that_was_set_too_long(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    moderator.set_thread("a", slow_mode_seconds=604_800)
    reader.comment("a", "One.")

    moderator.set_thread("a", slow_mode_seconds=10)

    assert reader.post("a", "Two.").status_code == 201
    assert kind_of(reader.post("a", "Three.")) == (429, "slow-mode")


def test_slow_mode_takes_one_comment_per_author_and_network(service: InProcess, moderator: Moderator) -> None:
    moderator.set_thread("a", slow_mode_seconds=90)
    here, elsewhere = service.reader(), service.reader("198.51.100.9")
    submission = here.submission("a", "One.")
    posted = here.send(submission).json()
    late = here.submission("a", "Two.")
    service.clock.move(seconds=30)

    refused = here.send(late)
    assert kind_of(refused) == (429, "slow-mode")
    assert 58 <= int(refused.headers["Retry-After"]) <= 61
    known = elsewhere.submission("a", "The same person.", author_key=posted["author_key"])
    assert kind_of(elsewhere.send(known)) == (429, "slow-mode")
    assert elsewhere.post("a", "Somebody else.").status_code == 201
    assert here.send(submission).status_code == 200, "a resend is no second comment"
    assert here.post("b", "Another thread.").status_code == 201
    form = here.submission("a", "Careful words.")
    page = here.http.post("/thread", params={"article": "a"}, data=form)
    assert (page.status_code, "Careful words." in page.text, "slow mode" in page.text) == (429, True, True)
    assert here.thread("a")["slow_mode_seconds"] == 90
    service.clock.move(seconds=61)
    assert here.send(late).status_code == 201, "nothing of the refused one was spent"
    moderator.set_thread("a", slow_mode_seconds=None)
    assert here.post("a", "Three.").status_code == 201


@pytest.mark.any_database
@pytest.mark.parametrize("name", ["close_after_days", "slow_mode_seconds"])
@pytest.mark.parametrize("value", [-1, 10**9, 1.5, "2", True])
def test_numbers_that_cannot_be_are_refused(moderator: Moderator, name: str, value: Any) -> None:
    answer = moderator.set_thread("a", **{name: value})

    assert (answer.status_code, list(answer.json()["errors"])) == (422, [name])


@pytest.mark.any_database
def test_the_operator_sees_when_discussions_close(service: InProcess) -> None:
    service.run("site", "set", "default", "--close-after", "30")

    assert "    days until a discussion closes: 30\n" in service.run("site", "list")


@pytest.mark.any_database
def test_what_was_opened_after_its_time_stays_open_whatever_else_is_set(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    service.run("site", "set", "default", "--close-after", "30")
    service.run("user", "add", EMAIL, "--role", "admin", input=PASSWORD + "\n")
    reader.comment("a", "First.")
    reader.comment("b", "First.")
    service.clock.move(days=40)
    assert kind_of(reader.post("a", "Too late.")) == (409, "thread-closed")
    moderator.set_thread("a", open=True)
    desk = Desk(service.http())
    desk.sign_in()

    form = {"csrf_token": csrf_token(desk.http.get("/moderation/thread?article=a")), "action": "save"}
    saved = desk.http.post("/moderation/thread?article=a", data=form | {"title": "A title"})
    assert saved.status_code == 303, saved.text
    assert reader.post("a", "After a title.").status_code == 201
    service.run("site", "set", "default", "--close-after", "35")
    assert reader.post("a", "After another number of days.").status_code == 201
    assert kind_of(reader.post("b", "Too late.")) == (409, "thread-closed")
    merged = moderator.set_thread("b", rename_to="a", merge=True)
    assert (merged.status_code, merged.json()["open"]) == (200, True)

    exported = json.loads(
        next(line for line in service.run("export").splitlines() if '"type":"thread"' in line)
    )
    assert (exported["reopened"], exported["closes_at"]) == (True, None)
    assert moderator.set_thread("a", close_after_days=35).json()["open"] is False, "days were set again"
