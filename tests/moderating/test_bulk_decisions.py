"""Decisions about all that match a search, which a job carries out."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from bench.seed import fill
from commentsvc.jobs.runner import Runner
from commentsvc.model import JobState
from commentsvc.storage.tables import DecisionRow
from tests.conftest import MakeService
from tests.databases import on_both
from tests.moderating.desk import EMAIL, PASSWORD, Desk, csrf_token
from tests.people import Moderator, Reader
from tests.running_service import InProcess, make_in_process, serving, wait_until, written

__all__ = ["on_both"]  # found here by the tests


class Killed(BaseException):
    """Nothing of ours catches it."""


@pytest.fixture
def service(make_service: MakeService) -> InProcess:
    return make_service(RATE_LIMIT_POST="1000 per minute", RATE_LIMIT_RENDER="10000 per minute")


@pytest.fixture
def moderator(service: InProcess) -> Moderator:
    return service.moderator()


def asked(moderator: Moderator, **filters: Any) -> dict[str, Any]:
    body = {"action": "spam", "filter": filters, "reason": "A wave."}
    answer = moderator.request("POST", "/jobs", json=body)
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json()["job"]
    return job


def carried_out(service: InProcess, job: dict[str, Any]) -> JobState:
    return Runner(service.ours, lambda _seconds: False).run_job(job["id"]).state


def asked_of(page: httpx.Response) -> dict[str, str]:
    """What the form of a page carries along."""
    read = re.search(r'name="read" value="([^"]+)"', page.text)
    assert read is not None, page.text
    return {"csrf_token": csrf_token(page), "read": read[1]}


def author_of_many(reader: Reader, moderator: Moderator, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of somebody with more comments than one request decides about, which are four then."""
    monkeypatch.setattr("commentsvc.actions.decide.MAX_OF_AUTHOR", 2)
    reader.author_key = reader.posted("a")["author_key"]
    for _ in range(3):
        reader.comment("a")
    author: str = moderator.queue(article="a")[0]["author_id"]
    return author


def states(moderator: Moderator, article: str) -> list[str]:
    return [one["state"] for one in moderator.queue(article=article)]


def decisions(moderator: Moderator) -> list[str]:
    """The comments that were decided about, as often as the log says."""
    return sorted(
        one["comment"] for one in moderator.request("GET", "/decisions?limit=200").json()["decisions"]
    )


def test_all_that_match_are_decided_about_once_and_what_comes_later_is_not(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    wave = [reader.comment("a", f"Casino {number}") for number in range(5)]
    other = reader.comment("a", "Good day")
    job = asked(moderator, article="a", q="casino")
    later = reader.comment("a", "Casino, later")

    assert (job["state"], job["total"], job["done"]) == ("queued", 5, 0)
    assert carried_out(service, job) is JobState.DONE

    shown = moderator.request("GET", f"/jobs/{job['id']}").json()["job"]
    assert (shown["state"], shown["total"], shown["done"]) == ("done", 5, 5)
    assert decisions(moderator) == sorted(wave)
    assert {one["id"] for one in moderator.queue(article="a", state="approved")} == {other, later}
    line = moderator.request("GET", "/decisions").json()["decisions"][0]
    assert (line["reason"], line["by_name"].startswith("API token")) == ("A wave.", True)


@pytest.mark.any_database
def test_many_are_decided_in_steps_and_a_kill_between_two_loses_and_doubles_none(
    service: InProcess, reader: Reader, moderator: Moderator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commentsvc.actions.bulk_decide.MAX_DECIDED", 3)
    wave = [reader.comment("a") for _ in range(10)]
    job = asked(moderator, article="a")
    steps = iter(range(2))

    def killed(_seconds: float) -> bool:
        if next(steps, None) is None:
            raise Killed
        return False

    with pytest.raises(Killed):
        Runner(service.ours, killed).run_job(job["id"])
    assert 0 < len(decisions(moderator)) < 10
    service.clock.move(minutes=5)

    assert carried_out(service, job) is JobState.DONE
    assert decisions(moderator) == sorted(wave)


@pytest.mark.any_database
def test_what_is_cancelled_stays_as_far_as_it_is(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    reader.comment("a")
    job = asked(moderator, article="a")

    assert moderator.request("DELETE", f"/jobs/{job['id']}").status_code == 204

    assert carried_out(service, job) is JobState.CANCELLED
    assert states(moderator, "a") == ["approved"]


@pytest.mark.any_database
def test_who_may_not_decide_any_more_ends_it(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    reader.comment("a")
    token = service.run("token", "create", "--scope", "moderate", "--label", "Gone").split()[-1]
    job = asked(Moderator(service.http(), token), article="a")
    line = next(line for line in service.run("token", "list").splitlines() if "Gone" in line)

    service.run("token", "revoke", line.split()[0])

    assert carried_out(service, job) is JobState.CANCELLED
    assert states(moderator, "a") == ["approved"]


@pytest.mark.any_database
@pytest.mark.parametrize("words", [("remove", EMAIL), ("role", EMAIL, "auditor")], ids=["removed", "demoted"])
def test_nor_does_who_was_removed_or_may_only_read(
    service: InProcess,
    reader: Reader,
    moderator: Moderator,
    monkeypatch: pytest.MonkeyPatch,
    words: Sequence[str],
) -> None:
    monkeypatch.setattr("commentsvc.actions.bulk_decide.MAX_DECIDED", 2)
    for _ in range(6):
        reader.comment("a")
    service.run("user", "add", "other@paper.example", "--role", "admin", input=PASSWORD + "\n")
    service.run("user", "add", EMAIL, input=PASSWORD + "\n")
    desk = Desk(service.http())
    desk.sign_in()
    page = desk.http.get("/moderation/decide/all", params={"state": "approved"})
    form = asked_of(page) | {"action": "trash"}
    job = {"id": desk.http.post(page.url, data=form).headers["Location"].rpartition("/")[2]}
    Runner(service.ours, lambda _seconds: True).run_job(job["id"])

    service.run("user", *words)

    assert carried_out(service, job) is JobState.CANCELLED
    assert states(moderator, "a").count("trash") == 2


@pytest.mark.any_database
def test_purging_all_leaves_nothing(service: InProcess, reader: Reader, moderator: Moderator) -> None:
    reader.comment("a", "Zanzibarquintet.")
    body = {"action": "purge", "filter": {"article": "a"}}
    job = moderator.request("POST", "/jobs", json=body).json()["job"]

    assert carried_out(service, job) is JobState.DONE
    assert moderator.queue(article="a") == []


@pytest.mark.any_database
def test_an_author_of_many_is_decided_about_by_a_job(
    service: InProcess, reader: Reader, moderator: Moderator, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = author_of_many(reader, moderator, monkeypatch)

    def send(**more: str) -> httpx.Response:
        body = {"author": author, "action": "trash", "decision_id": "one"} | more
        return moderator.request("POST", "/decisions", json=body)

    answer = send()
    later = reader.comment("b")
    assert (answer.status_code, answer.json()["job"]["total"]) == (202, 4)
    assert send().json() == answer.json()
    assert carried_out(service, answer.json()["job"]) is JobState.DONE

    again = send()
    assert (again.status_code, again.json()["job"]["id"]) == (202, answer.json()["job"]["id"])
    assert send(action="spam").status_code == 409
    assert states(moderator, "a") == ["trash"] * 4
    assert [one["id"] for one in moderator.queue(article="b", state="approved")] == [later]


@pytest.mark.any_database
def test_what_cannot_be_asked_for_is_told(service: InProcess, moderator: Moderator) -> None:
    def status(body: dict[str, Any]) -> int:
        return moderator.request("POST", "/jobs", json=body).status_code

    assert status({"action": "spam", "filter": {"colour": "red"}}) == 422
    assert status({"action": "spam"}) == 422
    assert status({"action": "sing", "filter": {}}) == 422
    assert status({"action": "spam", "filter": {"site": "nowhere"}}) == 404
    assert moderator.request("GET", "/jobs/none").status_code == 404
    assert moderator.request("DELETE", "/jobs/none").status_code == 404


@pytest.mark.any_database
def test_the_desk_asks_twice_and_shows_how_far_it_is(service: InProcess, reader: Reader) -> None:
    for number in range(3):
        reader.comment("a", f"Casino {number}")
    service.run("user", "add", EMAIL, "--role", "admin", input=PASSWORD + "\n")
    desk = Desk(service.http())
    desk.sign_in()

    asked = desk.http.get("/moderation/decide/all", params={"q": "casino", "state": "approved"})
    assert "3 comments match" in asked.text
    form = asked_of(asked) | {"action": "trash", "text": "A wave."}
    refused = desk.http.post(asked.url, data=form | {"text": "x" * 501})
    assert (refused.status_code, "x" * 501 in refused.text) == (422, True)
    for wrong in ({"csrf_token": "old"}, {"action": ""}, {"read": ""}, {"read": "1 2"}, {"read": "1 -2 3"}):
        refused = desk.http.post(asked.url, data=form | wrong)
        assert (refused.status_code, "A wave.</textarea>" in refused.text) == (422, True)
    started = desk.http.post(asked.url, data=form)
    job = desk.http.get(started.headers["Location"])
    assert (started.status_code, "0 of 3 comments are done" in job.text, job.headers["Refresh"]) == (
        303,
        True,
        "3",
    )

    assert carried_out(service, {"id": started.headers["Location"].rpartition("/")[2]}) is JobState.DONE
    job = desk.http.get(started.headers["Location"])
    assert ("3 of 3 comments are done" in job.text, "Refresh" in job.headers) == (True, False)


@pytest.mark.any_database
def test_what_came_since_the_page_was_read_is_not_meant(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    read, *_, other = [reader.comment("a", f"Number {number}.") for number in range(2)]
    moderator.decide("hold", read, other)
    edited = reader.posted("a", "Harmless.")
    moderator.decide("hold", edited["comment"]["id"])
    service.run("user", "add", EMAIL, "--role", "admin", input=PASSWORD + "\n")
    desk = Desk(service.http())
    desk.sign_in()
    service.clock.move(seconds=1)
    page = desk.http.get("/moderation/decide/all", params={"state": "pending"})

    reader.edit(edited["comment"]["id"], edited["edit_key"], "Buy chips!")
    moderator.decide("hold", reader.comment("a", "Later."))
    moderator.decide("spam", other)
    moderator.decide("hold", other)
    started = desk.http.post(page.url, data=asked_of(page) | {"action": "approve"})

    assert carried_out(service, {"id": started.headers["Location"].rpartition("/")[2]}) is JobState.DONE
    assert reader.texts("a") == ["Number 0."]
    waiting = {one["text"] for one in moderator.queue(article="a", state="pending")}
    assert waiting == {"Number 1.", "Buy chips!", "Later."}


@pytest.mark.any_database
def test_the_desk_decides_about_an_author_of_many_by_a_job(
    service: InProcess, reader: Reader, moderator: Moderator, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = author_of_many(reader, moderator, monkeypatch)
    service.run("user", "add", EMAIL, "--role", "admin", input=PASSWORD + "\n")
    desk = Desk(service.http())
    desk.sign_in()
    page = desk.queue(state="approved")

    form = {
        "csrf_token": csrf_token(page),
        "author": author,
        "action": "spam",
    }
    started = desk.http.post("/moderation/decide", data=form)

    assert carried_out(service, {"id": started.headers["Location"].rpartition("/")[2]}) is JobState.DONE
    assert states(moderator, "a") == ["spam"] * 4


@pytest.mark.soak
def test_kills_lose_and_double_none_of_ten_thousand(tmp_path: Path, template: Path) -> None:
    with closing(make_in_process(tmp_path / "data", template)) as service:
        fill(service.ours, "a", 10_000)
        moderator = service.moderator()
        job = asked(moderator, article="a")

        def progress() -> dict[str, Any]:
            shown: dict[str, Any] = moderator.request("GET", f"/jobs/{job['id']}").json()["job"]
            return shown

        for _ in range(5):
            aim = progress()["done"] + 600
            with serving(tmp_path / "data") as live:
                wait_until(lambda aim=aim: progress()["done"] >= aim)
                live.kill()
        with serving(tmp_path / "data"):
            wait_until(lambda: progress()["done"] > aim)
            while progress()["state"] == "running":
                time.sleep(0.1)

        assert progress()["state"] == "done"
        counts = moderator.request("GET", "/counts").json()
        assert (counts["spam"], counts["approved"]) == (10_000, 0)
        with written(service) as connection:
            decided = select(func.count(), func.count(DecisionRow.comment.distinct()))
            assert tuple(connection.execute(decided).one()) == (10_000, 10_000)
