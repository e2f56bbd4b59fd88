"""An article's ID is renamed, and two threads become one."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import select

from bench.seed import fill
from commentsvc.actions import move
from commentsvc.jobs.runner import Runner
from commentsvc.model import JobState
from commentsvc.storage.merging import Merging
from commentsvc.storage.tables import JobRow
from tests.command_line import examined
from tests.people import Json, Moderator, Reader
from tests.running_service import InProcess


def facts(answer: Any) -> Json:
    assert answer.status_code == 200, answer.text
    return answer.json()


def sound(service: InProcess) -> bool:
    code, said = examined(service)
    assert code == 0, said
    return True


@pytest.mark.slow_on_postgresql
def test_a_renamed_article_is_reached_by_both_ids(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    submission = reader.submission("old", "One.")
    posted = reader.send(submission).json()
    comment, key = posted["comment"]["id"], posted["edit_key"]
    reply = reader.comment("old", "Two.", parent=comment)
    late = reader.submission("old", "Three.", parent=reply)
    tags = {a: reader.get("/api/v1/thread", article=a).headers["ETag"] for a in ("old", "new")}
    cursor = reader.thread("old", limit=1)["next"]

    assert facts(moderator.set_thread("old", rename_to="new", title="Kites"))["article"] == "new"

    assert reader.send(submission).json()["comment"]["id"] == comment, "a resend still answers"
    assert reader.send(late).status_code == 201
    for article in ("old", "new"):
        thread = reader.thread(article)
        assert (thread["article"], thread["title"], thread["count"]) == ("new", "Kites", 3)
        assert reader.get("/api/v1/thread", article=article).headers["ETag"] != tags[article]
        assert reader.thread(article, cursor=cursor)["comments"][0]["id"] == reply
        assert "Two." in reader.get("/thread/fragment", article=article).text
        assert "Two." in reader.get("/thread", article=article, comment=reply).text
        assert reader.get("/feeds/thread.atom", article=article).text.count("<entry>") == 3
        assert {c["article"] for c in moderator.queue(article=article)} == {"new"}
    assert all("article=new&" in c["permalink"] for c in reader.thread("old")["comments"])
    counts = reader.get("/api/v1/counts", article=["old", "new", "other"]).json()["counts"]
    assert counts == {"old": 3, "new": 3, "other": 0}
    assert reader.edit(comment, key, "Edited.").status_code == 200
    opened = reader.http.post(
        "/thread/edit", params={"article": "old", "comment": comment}, data={"key": key, "open": "1"}
    )
    assert "Edited." in opened.text
    form = reader.submission("old", "By the page.")
    assert reader.http.post("/thread", params={"article": "old"}, data=form).status_code == 303

    assert facts(moderator.set_thread("old", rename_to="newest"))["article"] == "newest"
    assert facts(moderator.set_thread("new", rename_to="old"))["article"] == "old", "back to the first"
    assert [reader.thread(a)["count"] for a in ("old", "new", "newest")] == [4, 4, 4]
    assert sound(service)


@pytest.mark.any_database
def test_an_older_id_takes_comments_where_the_site_says_which_articles_it_has(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    """It is still on the publisher's page; what counts is the ID that the thread has now."""
    reader.comment("2019/kim", "One.")
    moderator.set_thread("2019/kim", rename_to="news/kim")
    service.run("site", "set", "default", "--articles", "news/*")

    assert reader.thread("2019/kim")["open"] is True
    assert reader.post("2019/kim", "Two.").status_code == 201
    form = reader.submission("2019/kim", "By the page.")
    assert reader.http.post("/thread", params={"article": "2019/kim"}, data=form).status_code == 303

    service.run("site", "set", "default", "--articles", "2019/*")
    assert reader.thread("2019/kim")["open"] is False
    answer = reader.get("/api/v1/form", article="2019/kim")
    assert (answer.status_code, "no such article" in answer.text) == (422, True)


@pytest.mark.slow_on_postgresql
def test_what_cannot_be_renamed_is_refused(reader: Reader, moderator: Moderator, service: InProcess) -> None:
    reader.comment("a")
    reader.comment("b")

    taken = moderator.set_thread("a", rename_to="b", title="Not stored")
    assert taken.status_code == 409
    assert reader.thread("a")["title"] is None
    assert moderator.set_thread("nobody", rename_to="c").status_code == 404
    for bad in (" ", "x" * 256, 5, None):
        answer = moderator.set_thread("a", rename_to=bad)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["rename_to"])
    assert facts(moderator.set_thread("a", rename_to="a"))["count"] == 1
    service.run("site", "set", "default", "--articles", "a", "b")
    assert moderator.set_thread("a", rename_to="c").status_code == 422


def ended(*_given: Any) -> None:
    raise ConnectionError("killed")


def two_threads(service: InProcess, reader: Reader) -> dict[str, Json]:
    """Comments that came by turns to `one` and to `two`."""
    posted: dict[str, Json] = {}
    for article, text, parent in (
        ("two", "t1", None), ("one", "o1", None), ("two", "t2", "t1"), ("one", "o2", "o1"), ("two", "t3", None),
        ("one", "o3", None), ("two", "t4", "t2"), ("one", "o4", "o2"),
    ):  # fmt: skip
        parent_id = posted[parent]["comment"]["id"] if parent else None
        posted[text] = reader.posted(article, text, **({"parent": parent_id} if parent_id else {}))
        service.clock.move(seconds=10)
    return posted


def test_two_threads_become_one_in_the_order_of_time(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    submission = reader.submission("one", "o0")
    reader.send(submission)
    service.clock.move(seconds=10)
    posted = two_threads(service, reader)
    ids = {text: answer["comment"]["id"] for text, answer in posted.items()}
    moderator.decide("hold", ids["o2"])
    assert moderator.request("PATCH", f"/comments/{ids['o3']}", json={"pinned": True}).status_code == 200
    assert moderator.request("PATCH", f"/comments/{ids['t3']}", json={"pinned": True}).status_code == 200
    assert moderator.request("PATCH", f"/comments/{ids['o1']}", json={"locked": True}).status_code == 200
    moderator.set_thread("two", title="Two")
    moderator.set_thread("one", rename_to="older", title="One")
    assert facts(moderator.set_thread("older", rename_to="one"))["count"] == 4
    cursor = reader.thread("one", limit=2)["next"]

    merged = facts(moderator.set_thread("one", rename_to="two", merge=True))

    assert (merged["article"], merged["title"], merged["count"]) == ("two", "Two", 8)
    pinned, rest = ["t3", "o3"], ["o0", "t1", "t2", "t4", "o1", "", "o4"]
    for article in ("one", "two", "older"):
        assert reader.texts(article) == pinned + rest
    assert reader.texts("one", order="newest") == [*pinned, "o1", "", "o4", "t1", "t2", "t4", "o0"]
    assert reader.texts("two", cursor=cursor)[-1] == "o4"
    assert reader.texts("two", comment=ids["o4"], limit=3) == ["o1", "", "o4"]
    assert reader.send(submission).status_code == 200, "a resend still answers"
    assert reader.edit(ids["t4"], posted["t4"]["edit_key"], "t4!").status_code == 200
    assert reader.post("one", "No.", parent=ids["o4"]).status_code == 409, "the lock came with it"
    reader.comment("one", "o5")
    reader.comment("two", "t5", parent=ids["t1"])
    assert reader.texts("two") == [*pinned, "o0", "t1", "t2", "t4!", "t5", "o1", "", "o4", "o5"]
    moderator.decide("approve", ids["o2"])
    assert reader.thread("two")["count"] == 11
    assert sound(service)


def test_long_threads_are_merged_by_a_job(
    service: InProcess, reader: Reader, moderator: Moderator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(move, "MERGED_AT_ONCE", 5)
    two_threads(service, reader)
    answer = moderator.set_thread("one", rename_to="two", merge=True)
    again = moderator.set_thread("one", rename_to="two", merge=True)

    assert (answer.status_code, again.status_code) == (202, 202)
    job = answer.json()["job"]
    assert (job["state"], job["total"], job["done"]) == ("queued", 8, 0)
    assert again.json()["job"]["id"] == job["id"]
    assert reader.texts("one") == ["o1", "o2", "o4", "o3"], "nothing is done yet"
    reader.comment("one", "o5")
    with monkeypatch.context() as broken:  # it ends in the midst: all have moved, and nobody counts them yet
        broken.setattr(Merging, "fill_target", ended)
        looks = iter([False])
        Runner(service.ours, lambda _seconds: next(looks, True)).run_job(job["id"])
    assert reader.texts("one") == ["o1", "o2", "o4", "o3", "o5"], "nothing was done"
    assert sound(service)
    service.clock.move(minutes=1)
    Runner(service.ours, lambda _seconds: False).run_job(job["id"])
    assert (
        reader.texts("one") == reader.texts("two") == ["t1", "t2", "t4", "o1", "o2", "o4", "t3", "o3", "o5"]
    )
    with service.ours.database.engine.connect() as connection:
        assert connection.scalar(select(JobRow.state).where(JobRow.public_id == job["id"])) is JobState.DONE
    assert sound(service)


def test_what_is_posted_while_threads_are_merged_is_in_the_one(
    service: InProcess, moderator: Moderator
) -> None:
    with closing(service.http()):
        readers = [service.reader(f"198.51.100.{number}") for number in range(4)]
    for article in ("one", "two"):
        readers[0].comment(article, f"first of {article}")
    begun, answers = threading.Barrier(5, timeout=60), []

    def post(number: int) -> None:
        sent = [readers[number].submission(["one", "two"][number % 2], f"{number} {n}") for n in range(5)]
        begun.wait()
        answers.extend([readers[number].send(one).status_code for one in sent])

    posting = [threading.Thread(target=post, args=(number,)) for number in range(4)]
    for one in posting:
        one.start()
    begun.wait()
    facts(moderator.set_thread("one", rename_to="two", merge=True))
    for one in posting:
        one.join()

    assert answers == [201] * 20
    assert len(set(service.reader().texts("one"))) == service.reader().thread("two")["count"] == 22
    assert sound(service)


@pytest.mark.soak
def test_ten_thousand_comments_are_merged(service: InProcess, reader: Reader, moderator: Moderator) -> None:
    fill(service.ours, "one", 5_000, hidden=0.05)
    fill(service.ours, "two", 5_000, hidden=0.05)
    both = reader.thread("one")["count"] + reader.thread("two")["count"]

    job = moderator.set_thread("one", rename_to="two", merge=True).json()["job"]
    Runner(service.ours, lambda _seconds: False).run_job(job["id"])

    assert reader.thread("one")["count"] == both
    assert sound(service)
