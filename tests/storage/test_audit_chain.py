"""The audit log proves itself: no entry can be changed, removed or slipped in without being named."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result

from commentsvc.actions.audit import verify
from commentsvc.audit.verification import Broken, Whole
from commentsvc.storage.unit_of_work import UnitOfWork
from tests.command_line import refusal, typed
from tests.conftest import MakeService
from tests.databases import on_both
from tests.people import Json, Moderator
from tests.running_service import InProcess, written
from tests.storage.plans import engine_of
from tests.storage.test_people import migrate

__all__ = ["on_both"]

KIM, PASSWORD = "kim@paper.example", "correct horse battery"


def entries(moderator: Moderator, **query: Any) -> list[Json]:
    """The audit log, newest first."""
    answer = moderator.request("GET", "/audit", params={"limit": 200} | query)
    assert answer.status_code == 200, answer.text
    listed: list[Json] = answer.json()["entries"]
    return listed


def verified(service: InProcess, *words: str) -> Result:
    """What the command says."""
    url = service.ours.settings.database_url
    return typed(
        "audit", "verify", *words, data_dir=service.data_dir, **({"DATABASE_URL": url} if url else {})
    )


def recomputed(listed: list[Json]) -> list[str]:
    """The hashes that entries must have, oldest first, as anybody can work them out from the listing."""
    last, hashes = "0" * 64, []
    for entry in reversed(listed):
        said = {name: value for name, value in entry.items() if name != "hash"}
        text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        last = hashlib.sha256(bytes.fromhex(last) + text.encode()).hexdigest()
        hashes.append(last)
    return hashes


@pytest.fixture
def moderator(service: InProcess) -> Moderator:
    """Somebody who decided about some comments, and did other things in between."""
    service.run("user", "add", KIM, "--name", "Kim Sample", "--role", "admin", input=PASSWORD + "\n")
    moderator, reader = service.moderator(), service.reader()
    comments = [reader.comment("a", f"Number {number}.") for number in range(4)]
    moderator.decide("spam", *comments[:2], reason="Sells watches to müde people.")
    moderator.set_thread("a", title="Watches")
    moderator.decide("approve", comments[0])
    moderator.decide("trash", comments[3])
    return moderator


@pytest.mark.slow_on_postgresql
def test_every_entry_has_a_hash_that_anybody_can_work_out(service: InProcess, moderator: Moderator) -> None:
    listed = entries(moderator)

    assert [entry["hash"] for entry in reversed(listed)] == recomputed(listed)
    assert [entry["kind"] for entry in listed] == [
        "decision", "decision", "thread-changed", "decision", "decision", "token-created", "user-added",
    ]  # fmt: skip
    done = verified(service)
    assert (done.exit_code, done.stdout.strip()) == (0, listed[0]["hash"])
    assert "7 entries are as they were written." in done.stderr
    assert "watches to" not in str(listed)
    by = {entry["kind"]: (entry["by"], entry["by_name"]) for entry in listed}
    assert by["user-added"] == ("operator", "Operator")
    assert by["decision"] == by["thread-changed"]
    assert by["decision"][1].startswith("API token ")


BROKEN = {
    "UPDATE decision SET action = 'approve' WHERE position = 4": (4, "not as it was written"),
    "UPDATE decision SET by_name = 'Nobody' WHERE position = 3": (3, "not as it was written"),
    "UPDATE decision SET by = 'x', decided_at = '2001-01-01 00:00:00' WHERE position = 7": (
        7,
        "not as it was",
    ),
    "UPDATE decision SET reason = 'Too short.' WHERE position = 3": (3, "another reason"),
    "UPDATE decision SET from_state = 'gossip' WHERE position = 6": (6, "not as it was written"),
    "UPDATE audit SET what = '{}' WHERE position = 5": (5, "not as it was written"),
    "UPDATE audit SET hash = 'ff' WHERE position = 1": (1, "not as it was written"),
    "UPDATE decision SET position = position + 100 WHERE position = 7": (7, "is missing before it"),
    "DELETE FROM audit WHERE position = 5": (6, "number 5 is missing before it"),
    "DELETE FROM audit WHERE position = 1": (2, "number 1 is missing before it"),
    "DELETE FROM decision WHERE position = 7": (6, "is missing: the log ended with number 7"),
    "UPDATE audit_chain SET hash = gone_hash": (7, "is missing"),
    "DELETE FROM audit_chain": (7, "is missing: the log ended with number 0"),
}


@pytest.mark.slow_on_postgresql
def test_the_first_entry_that_is_wrong_is_named(service: InProcess, moderator: Moderator) -> None:
    ids = [entry["id"] for entry in reversed(entries(moderator))]

    for tampering, (number, fault) in BROKEN.items():
        with engine_of(service).connect().execution_options(write=True) as connection:
            connection.execute(sa.text(tampering.replace(" by =", ' "by" =')))
            found = verify(UnitOfWork(connection), None)
            connection.rollback()

        assert isinstance(found, Broken), tampering
        assert ids[number - 1] in found.fault, tampering
        assert fault in found.fault, tampering


def test_garbage_in_the_database_is_named_and_stops_nothing(service: InProcess, moderator: Moderator) -> None:
    with written(service) as connection:
        if connection.dialect.name == "sqlite":  # the other refuses it
            connection.execute(sa.text("UPDATE audit SET what = '{', at = 'never' WHERE position = 5"))
        connection.execute(sa.text("UPDATE decision SET action = 'x' WHERE position = 6"))

    done = verified(service)
    assert done.exit_code == 1
    assert "is not as it was written." in done.stdout
    assert len(entries(moderator)) == 7
    moderator.set_thread("a", title="More watches")
    assert len(entries(moderator)) == 8


def test_what_was_cut_off_at_the_end_is_told_by_a_hash_that_was_noted(
    service: InProcess, moderator: Moderator
) -> None:
    noted = verified(service).stdout.strip()
    moderator.set_thread("a", title="More watches")
    assert verified(service, "--head", noted.upper()).exit_code == 0

    last = entries(moderator)[2]
    with written(service) as connection:
        connection.execute(sa.text("DELETE FROM decision WHERE position = 7"))
        connection.execute(sa.text("DELETE FROM audit WHERE position = 8"))
        connection.execute(sa.text(f"UPDATE audit_chain SET position = 6, hash = '{last['hash']}'"))

    assert verified(service).exit_code == 0
    done = verified(service, "--head", noted)
    assert done.exit_code == 1
    assert f"Entry {last['id']} " in done.stdout
    assert f"was cut off: no entry has the hash {noted}." in done.stdout
    assert "64 hexadecimal digits" in refusal(verified(service, "--head", "newest"))


def test_what_is_erased_leaves_the_chain_whole(service: InProcess, moderator: Moderator) -> None:
    comment = entries(moderator)[0]["what"]["comment"]
    moderator.decide("purge", comment)
    with written(service) as connection:
        connection.execute(sa.text("UPDATE decision SET reason = NULL, salt = NULL"))

    assert verified(service).exit_code == 0


def older_lines(service: InProcess) -> None:
    """What a program of before writes into the log: addresses, and no names."""
    line = sa.text(
        'INSERT INTO decision (public_id, decided_at, "by", comment, site_id, article, action, from_state, to_state, reason)'
        " VALUES (:id, '2026-11-24 09:00:00+00:00', :by, :id, 1, 'a', 'spam', 'approved', 'spam', 'Spam.')"
    )
    if engine_of(service).dialect.name == "sqlite":
        line = sa.text(line.text.replace("+00:00", ".000000"))
    with written(service) as connection:
        token = connection.scalar(sa.text("SELECT public_id FROM api_token"))
        for number, by in enumerate([KIM, f"API token {token}", "gone@paper.example", "rule", KIM]):
            connection.execute(line, {"id": f"older-{number}", "by": by})


def test_lines_of_an_older_program_that_runs_beside_are_taken_in(
    service: InProcess, moderator: Moderator
) -> None:
    older_lines(service)
    kim = entries(moderator, kind="user-added")[0]["what"]["account"]

    def lines() -> list[tuple[str, str, bool]]:
        answer = moderator.request("GET", "/decisions", params={"limit": 5})
        assert "@" not in answer.text
        listed = reversed(answer.json()["decisions"])
        return [(one["by"], one["by_name"], one["hash"] is None) for one in listed]

    before = lines()
    assert before[0] == before[4] == (kim, "Kim Sample", True)
    assert before[1][1] == f"API token {before[1][0]}"
    assert (before[2][1], before[3]) == ("Moderator", ("rule", "Rule", True))
    done = verified(service)
    assert done.exit_code == 0
    assert "5 lines of an older program are not among them yet." in done.stderr

    moderator.set_thread("a", title="Taken in")

    assert [line[:2] for line in lines()][:2] == [line[:2] for line in before][:2]
    assert not any(is_new for *_, is_new in lines())
    assert len(entries(moderator)) == 13
    assert verified(service).exit_code == 0
    with engine_of(service).connect() as connection:
        assert not connection.scalar(sa.text("SELECT count(*) FROM decision WHERE \"by\" LIKE '%@%'"))


@pytest.mark.soak
@pytest.mark.slow_on_postgresql
def test_the_log_of_before_has_its_chain_after_the_upgrade(service: InProcess, moderator: Moderator) -> None:
    before = [(entry["kind"], entry["what"]) for entry in entries(moderator)]
    migrate(service, "0013", back=True)
    older_lines(service)
    url = service.ours.settings.database_url
    done = typed("db", "upgrade", data_dir=service.data_dir, **({"DATABASE_URL": url} if url else {}))
    assert done.exit_code == 0, done.output

    assert verified(service).exit_code == 0
    listed = entries(moderator)
    assert len(listed) == len(before) + 5
    assert [e["what"] for e in listed if e["kind"] != "decision"] == [
        w for kind, w in before if kind != "decision"
    ]
    with engine_of(service).connect() as connection:
        assert not connection.scalar(sa.text("SELECT count(*) FROM decision WHERE \"by\" LIKE '%@%'"))


@pytest.mark.slow_on_postgresql
def test_entries_go_by_age_and_what_is_left_is_proved(make_service: MakeService) -> None:
    service = make_service(RETAIN_LOG="30")
    moderator = service.moderator()
    comment = service.reader().comment("a")
    moderator.decide("spam", comment)
    old = entries(moderator)
    service.clock.move(days=20)
    moderator.decide("approve", comment)
    newest = entries(moderator)[0]
    service.clock.move(days=11)
    service.sweep()

    assert entries(moderator) == [newest]
    done = verified(service)
    assert (done.exit_code, done.stdout.strip()) == (0, newest["hash"])
    assert "all that was written since 2026-11-24 09:00:00 UTC" in done.stderr
    assert verified(service, "--head", old[0]["hash"]).exit_code == 0
    assert "may also be older" in verified(service, "--head", old[1]["hash"]).stdout
    moderator.decide("spam", comment)
    assert verified(service).exit_code == 0


def test_many_write_at_once_into_one_chain(service: InProcess, moderator: Moderator) -> None:
    comments = [service.reader().comment(f"article-{number}") for number in range(12)]
    people = [Moderator(service.http(), moderator.token) for _ in comments]

    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(lambda who, comment: who.decide("spam", comment), people, comments))

    assert verified(service).exit_code == 0
    listed = entries(moderator)
    assert {entry["what"].get("comment") for entry in listed[:12]} == set(comments)
    assert [entry["hash"] for entry in reversed(listed)] == recomputed(listed)


@pytest.mark.any_database
def test_as_csv_it_is_the_same_and_holds_no_formula(service: InProcess, moderator: Moderator) -> None:
    service.run("user", "add", "eve@paper.example", "--name", '=HYPERLINK("x")', input=PASSWORD + "\n")
    with written(service) as connection:
        connection.execute(sa.text("UPDATE audit SET by_name = '=1+1, \"x\"' WHERE position = 8"))

    answer = moderator.request("GET", "/audit.csv")

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.text.count("\r\n") == 9
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    same = [{name: text.removeprefix("'") for name, text in row.items()} for row in rows]
    assert [row | {"what": json.loads(row["what"])} for row in same] == entries(moderator)
    assert rows[0]["by_name"] == '\'=1+1, "x"'
    assert not re.search(r"(?m)(^|,)\"?[=+@-]", answer.text)
    only = moderator.request("GET", "/audit.csv", params={"kind": "decision"}).text
    assert only.count("\r\n") == 5
    assert moderator.request("GET", "/audit.csv", params={"kind": "gossip"}).status_code == 422
    assert (
        Moderator(service.http(), service.moderator("default").token).request("GET", "/audit.csv").status_code
        == 403
    )


@pytest.mark.soak
def test_ten_thousand_entries_are_proved_within_a_second(service: InProcess, moderator: Moderator) -> None:
    with service.ours.unit_of_work() as work:
        for number in range(10_000):
            now = service.clock()
            work.audit.add(f"{number:016}", now, "operator", "Operator", "site-changed", {"site": "default"})
    for _ in range(10):
        service.sweep()

    with service.ours.reading() as work:
        found = verify(work, None)

    assert isinstance(found, Whole)
    assert (found.entries, found.waiting) == (10_007, 0)
