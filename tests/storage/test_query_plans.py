"""No request reads or sorts a whole thread: every statement goes by an index, on both databases."""

from __future__ import annotations

import re
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from bench.seed import fill, fill_many
from commentsvc.access.permissions import OF_ROLE
from commentsvc.actions import desk, persons, retention, sites
from commentsvc.actions import moderate as moderate_actions
from commentsvc.actions.erase_person import erase_person
from commentsvc.actions.moderation_figures import count_decisions
from commentsvc.jobs.runner import Runner
from commentsvc.model import Actor, JobState, ReportReason, Role, Seen, State
from commentsvc.model import Moderator as Decider
from commentsvc.privacy.sealing import seal
from commentsvc.service import Service
from commentsvc.storage.tables import (
    AuditRow,
    CommentRow,
    DecisionRow,
    ErasureRow,
    JobRow,
    NetworkRow,
    ReportRow,
    SentFormRow,
    SpentTokenRow,
)
from tests.databases import on_both
from tests.people import Moderator, Reader
from tests.running_service import InProcess, written
from tests.storage.plans import Recorder, Statement, analyse, engine_of, faults, samples
from tests.storage.telling import fill_follows, fill_outbox, use_outbox

__all__ = ["on_both"]

LONG = 6_000
ARTICLES = 1_500
PAST = 3_000  # of what was sent and decided
MESSAGES = 20_000
QUIET = 30_000  # threads without a comment yet: their table must be worth an index
STATES: list[dict[str, Any]] = [{}, {"state": "pending"}, {"state": "trash"}, {"state": ["pending", "spam"]}]
PLACES: list[dict[str, Any]] = [
    {},
    {"site": "default"},
    {"site": "weekend"},
    {"article": "long"},
    {"article": "article-7"},
    {"site": "default", "article": "long"},
    {"email": "reader-7@mail.example"},
    {"site": "weekend", "email": "reader-7@mail.example"},
    {"network": "192.0.7.0/24"},
    {"site": "default", "network": "192.0.7.0/24"},
]
FILTERS = [state | place for state in STATES for place in PLACES]
OF_LATELY = re.compile(
    r"DELETE FROM sent_form .*comment_id IN|UPDATE spent_token .*comment_id IN|SELECT job.id, job.arguments"
)
NOW = datetime(2026, 11, 24, tzinfo=UTC)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def seeded(shared_service: InProcess) -> InProcess:
    """A service with a long thread, many short ones, and a past."""
    shared_service.run("site", "add", "weekend", "--origin", "https://weekend.example")
    shared_service.run("site", "set", "weekend", "--moderation", "all")
    shared_service.run("site", "set", "default", "--retain", "networks=30")
    ours = shared_service.ours
    fill(ours, "long", LONG, hidden=0.05)
    fill_many(ours, ARTICLES)
    with ours.unit_of_work() as work:
        work.bulk.open_threads(1, [f"quiet-{number}" for number in range(QUIET)])
    add_a_past(shared_service)
    with written(shared_service) as connection:
        fill_outbox(connection, ours.now(), MESSAGES)
        comments = connection.execute(select(CommentRow.id, CommentRow.site_id, CommentRow.thread_id)).all()
        fill_follows(connection, ours.now(), comments)
    with ours.unit_of_work() as work:
        while work.chain.take_in():
            pass
        while count_decisions(work):
            pass
    networks = [seal(f"192.0.{number}.0/24", "", ours.address_keys) for number in range(250)]
    with written(shared_service) as connection:
        comments = connection.execute(select(CommentRow.id, CommentRow.site_id)).all()
        rows = [
            {
                "comment_id": row,
                "site_id": site,
                "sealed": one.sealed,
                "lookup": one.lookup,
                "created_at": NOW,
            }
            for row, site in comments
            for one in [networks[row % len(networks)]]
        ]
        connection.execute(insert(NetworkRow), rows)
        connection.execute(insert(ReportRow), [_report(row, site, ours) for row, site in comments[:5_000]])
        connection.execute(insert(ErasureRow), [_erasure(number) for number in range(5_000)])
    return shared_service


def add_a_past(service: InProcess) -> None:
    """Some thousand forms that were sent, and lines of the log."""
    tokens, forms, decisions, audit = [], [], [], []
    for number in range(PAST):
        sent = {"comment_id": number + 1, "expires_at": NOW + timedelta(hours=number)}
        tokens.append({"nonce": f"nonce {number}", "digest": b"digest", **sent})
        forms.append({"digest": b"form %d" % number, **sent})
        decisions.append(
            {
                "public_id": f"{number:016}", "decided_at": NOW, "by": "rule", "by_name": "Rule",
                "comment": f"comment {number}", "site_id": 1, "article": "long", "action": "hold",
                "to_state": State.PENDING, "reason": "A rule.",
            }
        )  # fmt: skip
        audit.append(
            {
                "public_id": f"{number:016}", "at": NOW, "by": "operator", "by_name": "Operator",
                "kind": f"kind {number % 9}", "what": {},
            }
        )  # fmt: skip
    with written(service) as connection:
        for table, rows in (
            (SpentTokenRow, tokens),
            (SentFormRow, forms),
            (DecisionRow, decisions),
            (AuditRow, audit),
        ):
            connection.execute(insert(table), rows)


def _report(row: int, site: int, ours: Service) -> dict[str, Any]:
    address = seal(f"reporter-{row}@mail.example", f"report {row}", ours.address_keys)
    closed = None if row % 20 == 0 else NOW
    return {
        "public_id": f"report {row}", "comment_id": row, "site_id": site, "reason": ReportReason.OTHER, "text": "Look.",
        "name": "Bo", "sealed": address.sealed, "lookup": address.lookup, "good_faith": True, "created_at": NOW,
        "closed_at": closed,
    }  # fmt: skip


def _erasure(number: int) -> dict[str, Any]:
    return {
        "public_id": f"erasure {number}", "person": f"{number:064}", "site_id": None, "keep_text": False,
        "begun_at": NOW, "finished_at": NOW, "counts": {},
    }  # fmt: skip


@pytest.fixture(scope="module")
def statements(seeded: InProcess) -> list[Statement]:
    """All that goes to the database while people read, post and moderate."""
    recorder = Recorder(engine_of(seeded))
    reader, moderator = seeded.reader(), seeded.moderator()
    oldest = read(recorder, reader)
    post(recorder, reader, oldest)
    moderate(recorder, moderator, oldest)
    look_at_figures(recorder, seeded, moderator)
    list_queue(recorder, moderator, "all sites")
    list_queue(recorder, seeded.moderator("weekend"), "another site")
    sit_at_the_desk(recorder, seeded)
    ask_about_persons(recorder, seeded)
    run_jobs(recorder, seeded)
    use_outbox(seeded.ours, recorder.during)
    return recorder.statements


def run_jobs(recorder: Recorder, seeded: InProcess) -> None:
    """Some steps of each kind, where some comments are of older rules and many jobs have ended."""
    with written(seeded) as connection:
        connection.execute(update(CommentRow).where(CommentRow.id % 50 == 0).values(rules=0, html="old"))
        jobs = [
            {
                "public_id": f"job {number}", "kind": "rerender", "state": JobState.DONE, "arguments": {},
                "cursor": {}, "done": 0, "failures": 0, "due_at": NOW, "created_at": NOW,
                "finished_at": NOW + timedelta(hours=number),
            }
            for number in range(PAST)
        ]  # fmt: skip
        connection.execute(insert(JobRow), jobs)
    looks = iter(
        [False] * 100
    )  # more than it takes to forget all that is old: a short table is read in one go
    with recorder.during("jobs"):
        Runner(seeded.ours, lambda _seconds: next(looks, True)).run()


def read(recorder: Recorder, reader: Reader) -> str:
    """Read in every way; give the oldest comment that can be answered."""
    for order in ("oldest", "newest"):
        seen = walk(recorder, reader, order)
        for place in (0, len(seen) // 2, len(seen) - 1):
            with recorder.during(f"the page of comment {place}, {order}"):
                reader.get("/thread/fragment", article="long", order=order, comment=seen[place])
    with recorder.during("one comment"):
        assert reader.get(f"/api/v1/comments/{seen[-1]}").status_code == 200
    with recorder.during("counts of 200 articles"):
        counted = reader.get("/api/v1/counts", article=[f"article-{n}" for n in range(200)]).json()["counts"]
    assert sum(counted.values()) > 200
    for feed in ("thread.atom?article=long", "site.atom", "site.atom?site=weekend"):
        with recorder.during(f"the feed {feed}"):
            assert reader.get(f"/feeds/{feed}").status_code == 200
    return next(c["id"] for c in reader.thread("long")["comments"] if not c["removed"])


def walk(recorder: Recorder, reader: Reader, order: str) -> list[str]:
    """Go through the long thread, and listen at its first, its middle and its last pages."""
    seen: list[str] = []
    cursor = None
    for number in range(LONG // 200 + 1):
        listening = number in {0, LONG // 400} or number > LONG // 200 - 5
        with recorder.during(f"page {number}, {order}") if listening else nullcontext():
            page = reader.thread("long", order=order, limit=200, **({"cursor": cursor} if cursor else {}))
        seen += [comment["id"] for comment in page["comments"]]
        if (cursor := page["next"]) is None:
            return seen
    raise AssertionError("the walk does not end")


def post(recorder: Recorder, reader: Reader, oldest: str) -> None:
    for what, fields in (("root", {}), ("reply to the oldest", {"parent": oldest})):
        submission = reader.submission("long", f"A {what}.", **fields)
        with recorder.during(f"posting a {what}"):
            posted = reader.send(submission)
        assert posted.status_code == 201, posted.text
        form = submission | {"token": reader.token("long")}
        for deed in ("sending the page's form", "sending it again"):
            with recorder.during(f"{deed}, a {what}"):
                sent = reader.http.post("/thread", params={"article": "long"}, data=form)
            assert sent.status_code == 303, sent.text
            form["token"] = reader.token("long")
        with recorder.during(f"sending a {what} again"):
            assert reader.send(submission).status_code == 200
        comment, key = posted.json()["comment"]["id"], posted.json()["edit_key"]
        with recorder.during(f"editing a {what}"):
            assert reader.edit(comment, key, "Another text.").status_code == 200
        with recorder.during(f"deleting a {what}"):
            assert reader.delete(comment, key).status_code == 204
    waits = reader.submission("new", site="weekend")
    with recorder.during("posting what waits, in a new thread"):
        assert reader.send(waits).status_code == 202


def moderate(recorder: Recorder, moderator: Moderator, oldest: str) -> None:
    for action in ("spam", "approve"):
        with recorder.during(f"a decision on the oldest: {action}"):
            moderator.decide(action, oldest)
    (seen,) = moderator.queue(article="long", limit=1)
    with recorder.during("a decision about what another decided about"):
        stale = {"id": oldest, "state": "trash"}
        moderator.request("POST", "/decisions", json={"ids": [stale], "action": "spam"})
    for action in ("hold", "approve"):
        with recorder.during(f"a decision about all of an author: {action}"):
            body = {"author": seen["author_id"], "action": action}
            assert moderator.request("POST", "/decisions", json=body).status_code == 200
    for query in ({}, {"site": "default"}, {"comment": oldest}):
        with recorder.during(f"the audit log {query}"):
            assert moderator.request("GET", "/decisions", params=query).status_code == 200
    for query in ({}, {"kind": "decision"}, {"kind": "sign-in"}):
        with recorder.during(f"the chain {query}"):
            assert moderator.request("GET", "/audit", params=query).status_code == 200
    with recorder.during("a note"):
        assert (
            moderator.request("POST", f"/comments/{oldest}/notes", json={"text": "Look."}).status_code == 201
        )
        assert moderator.request("GET", f"/comments/{oldest}/notes").status_code == 200


def list_queue(recorder: Recorder, moderator: Moderator, of: str) -> None:
    for filters in FILTERS:
        with recorder.during(f"the queue of {of}, {filters}"):
            answer = moderator.request("GET", "/comments", params=filters)
        assert answer.status_code in {200, 403}, answer.text
        if answer.json().get("next"):
            with recorder.during(f"the queue of {of}, {filters}, further"):
                moderator.queue(**filters, cursor=answer.json()["next"])


def look_at_figures(recorder: Recorder, seeded: InProcess, moderator: Moderator) -> None:
    """Of days on which nobody posted: it reads an entry of an index for each comment of the days that it is about."""
    seeded.clock.move(days=400)
    for query in ({}, {"site": "default", "days": 366}):
        with recorder.during(f"figures {query}"):
            assert moderator.request("GET", "/figures", params=query).status_code == 200
    seeded.clock.move(days=-400)


def sit_at_the_desk(recorder: Recorder, seeded: InProcess) -> None:
    """What a page of the desk reads besides its list."""
    ours = seeded.ours
    ada = Decider("Ada", OF_ROLE[Role.ADMIN], None, Actor("a", "Ada"))
    with ours.reading() as work:
        page, _ = moderate_actions.list_queue(ours, work, ada, moderate_actions.QueueRequest(article="long"))
        with recorder.during("what helps to judge a page of comments"):
            assert len(desk.contexts(ours, work, ada, page)) == len(page) == 50
        seen = [Seen(one.id, one.revision, State.TRASH) for one in page]
        with recorder.during("what others decided about a page of comments"):
            assert desk.changes(work, ada, seen)
        with recorder.during("the log at the desk"):
            assert desk.decision_log(ours, work, ada, None, None, None)[0]
        with recorder.during("one comment at the desk"):
            assert desk.read_comment(ours, work, ada, page[0].id) == page[0]


def ask_about_persons(recorder: Recorder, seeded: InProcess) -> None:
    """What belongs to a person is shown, taken along and erased, on one site and on all."""
    ours = seeded.ours
    with ours.reading() as work:
        site = sites.site_of(ours, work, "default")
    # PostgreSQL rightly reads some thousand rows one after the other where it needs hundreds of them.
    for number, of in ((11, site), (12, None)) if engine_of(seeded).dialect.name == "sqlite" else ():
        email = f"reader-{number}@mail.example"
        with recorder.during(f"what belongs to person {number}"), ours.reading() as work:
            assert persons.show_person(ours, work, None, email, of).comments
            assert persons.export_person(ours, work, None, email, of).comments
        with recorder.during(f"all of person {number} is erased"):
            erased = erase_person(ours, None, email, of, keep_text=of is None)
            assert erase_person(ours, None, email, of, keep_text=of is None).id == erased.id
    with recorder.during("reports of a person are erased"):
        assert erase_person(ours, None, "reporter-7@mail.example", None, keep_text=False).erased[
            "reports_made"
        ]
    for one in retention.PASSES:
        with recorder.during(f"what is too old: {one.name}"), ours.unit_of_work() as work:
            rows = one.look(work, 0, one.most)
            assert one.forget(ours, work, rows[:10])
    # Forms that were sent are kept for two hours, and jobs at their end for some days: to look through them takes a few ms.
    recorder.statements[:] = samples([one for one in recorder.statements if not OF_LATELY.match(one.text)])


@pytest.mark.slow_on_postgresql
def test_every_statement_goes_by_an_index(seeded: InProcess, statements: list[Statement]) -> None:
    engine = engine_of(seeded)
    found: dict[str, str] = {}

    def look(how: str) -> None:
        for statement in statements:
            for fault in faults(engine, statement):
                found[f"{statement.deed}, {how}: {fault}"] = statement.text

    if engine.dialect.name == "sqlite":  # which has statistics only when told to
        look("as it is")
    analyse(engine)
    look("with statistics")

    assert not found, "\n\n".join(f"{fault}\n{text}" for fault, text in found.items())
    assert len(statements) > 400
