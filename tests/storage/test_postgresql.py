"""What PostgreSQL does and SQLite does not: it gives up a transaction for another's sake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import httpx
import pytest
from sqlalchemy.exc import InternalError

from tests.conftest import MakeService
from tests.databases import on_postgresql
from tests.people import Moderator, Reader
from tests.running_service import InProcess
from tests.storage.rival import Rival, rival_of

__all__ = ["on_postgresql"]  # found here by the tests

# No room, no memory, too many connections, shut down, cancelled, read-only, a standby, locked, a broken disk, damaged, no right.
OUT = ["53100", "53200", "53300", "57P01", "57014", "25006", "0A000", "55P03", "58030", "XX001", "42501"]
Act = Callable[[], httpx.Response]


@pytest.fixture
def service(make_service: MakeService) -> InProcess:
    """A service that gives up no statement by itself, however long its rival takes on a busy machine."""
    return make_service(DATABASE_TIMEOUT="60")


@pytest.fixture
def rival(service: InProcess) -> Iterator[Rival]:
    with rival_of(service) as rival:
        yield rival


@pytest.fixture
def acts(reader: Reader, moderator: Moderator) -> dict[str, Act]:
    """What people do to the thread "a", in which somebody posted; each answers 200, 201 or 204."""
    posted = reader.posted("a", "First.")
    comment, key = posted["comment"]["id"], posted["edit_key"]
    submission = reader.submission("a", "Second.")
    decision = {"ids": [comment], "action": "spam"}
    block = {"kind": "word", "value": "casino", "action": "hold"}
    return {
        "post": lambda: reader.send(submission),
        "edit": lambda: reader.edit(comment, key, "Edited."),
        "delete": lambda: reader.delete(comment, key),
        "decide": lambda: moderator.request("POST", "/decisions", json=decision),
        "close the thread": lambda: moderator.set_thread("a", open=False),
        "block": lambda: moderator.request("POST", "/blocks", json=block),
    }


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("act", "table"),
    [
        ("post", "spent_token"),
        ("edit", "comment"),
        ("delete", "address"),
        ("decide", "decision"),
        ("close the thread", "thread"),
        ("block", "block"),
    ],
)
def test_what_was_given_up_is_done_again(acts: dict[str, Act], rival: Rival, act: str, table: str) -> None:
    rival.give_up(table, times=2)

    answer = acts[act]()

    assert answer.status_code in {200, 201, 204}, answer.text
    assert rival.tries() > 2


def test_what_is_given_up_again_and_again_is_refused_for_now_and_nothing_of_it_kept(
    reader: Reader, rival: Rival
) -> None:
    submission = reader.submission("a", "Once.")
    rival.give_up("spent_token", times=1000)

    refused = reader.send(submission)

    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert 3 <= rival.tries() <= 10
    assert reader.thread("a")["count"] == 0

    rival.leave("spent_token")
    assert [reader.send(submission).status_code for _ in range(2)] == [201, 200]
    assert reader.texts("a") == ["Once."]


def test_what_the_server_cannot_do_now_is_not_the_programs_fault(reader: Reader, rival: Rival) -> None:
    for state in OUT:
        submission = reader.submission("a", f"Once, in spite of {state}.")
        rival.fail("spent_token", state)

        refused = reader.send(submission)

        assert (refused.status_code, refused.headers["Retry-After"].isdecimal()) == (503, True), state
        assert "stored" not in refused.text
        rival.leave("spent_token")
        assert reader.send(submission).status_code == 201, state


def test_a_post_that_meets_a_deadlock_is_made_once(
    acts: dict[str, Act], reader: Reader, rival: Rival
) -> None:
    with rival.in_deadlock("comment"):
        answer = acts["post"]()

    assert (answer.status_code, rival.tries()) == (201, 2)
    assert acts["post"]().json() == answer.json()
    assert reader.texts("a") == ["First.", "Second."]
    assert reader.thread("a")["count"] == 2


def test_a_decision_that_meets_a_deadlock_is_made_once(
    acts: dict[str, Act], reader: Reader, moderator: Moderator, rival: Rival
) -> None:
    with rival.in_deadlock("decision"):
        answer = acts["decide"]()

    assert rival.tries() == 1 + 2  # given up at the line of the log; then that line, and its hash
    assert [(one["from"], one["to"]) for one in answer.json()["decided"]] == [("approved", "spam")]
    assert len(moderator.request("GET", "/decisions").json()["decisions"]) == 1
    assert reader.thread("a")["count"] == 0


@pytest.mark.soak
def test_a_post_waits_for_the_one_before_even_where_the_database_would_give_it_up(
    service: InProcess, reader: Reader, rival: Rival
) -> None:
    reader.comment("a", "First.")
    rival.beside.execute(
        f"ALTER DATABASE {rival.beside.info.dbname} SET default_transaction_isolation = serializable"
    )
    submission = reader.submission("a", "Second.")
    rival.transaction.execute("UPDATE thread SET claimed_title = 'Meanwhile'")

    with closing(service.restarted()) as strict, ThreadPoolExecutor(1) as pool:
        sent = pool.submit(strict.reader().send, submission)
        rival.wait_for(1)
        rival.transaction.commit()
        assert sent.result().status_code == 201

    assert reader.send(submission).status_code == 200
    assert reader.texts("a") == ["First.", "Second."]


@pytest.mark.soak
def test_many_sendings_at_once_that_are_given_up_make_one_comment(service: InProcess, rival: Rival) -> None:
    readers, together = [service.reader() for _ in range(6)], Barrier(6)
    submission = readers[0].submission("a", "Once.")
    rival.give_up("spent_token", times=2)

    def send(reader: Reader) -> tuple[int, object]:
        together.wait(10)
        answer = reader.send(submission)
        return answer.status_code, answer.json().get("comment")

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, readers))

    assert sorted(status for status, _ in answers) == [200] * 5 + [201]
    assert readers[0].texts("a") == ["Once."]
    assert {str(comment) for _, comment in answers} == {str(answers[0][1])}


@pytest.mark.parametrize(
    ("change", "html"),
    [
        ("text = 'After.', html = '<p>After.</p>'", "<p>After.</p>"),
        ("text = '', html = '', erased_at = now()", ""),
    ],
    ids=["an edit", "an erasure"],
)
def test_what_comes_between_is_not_undone_by_rendering_again(
    service: InProcess, reader: Reader, rival: Rival, change: str, html: str
) -> None:
    reader.comment("a", "Before.")
    rival.beside.execute("UPDATE comment SET rules = 0, html = 'as older rules made it'")
    rival.transaction.execute(f"UPDATE comment SET {change}")

    with ThreadPoolExecutor(1) as pool:
        rendered = pool.submit(service.run, "rerender")
        rival.wait_for(1)
        rival.transaction.commit()

    assert rendered.result().startswith("Rendered")
    assert rival.beside.execute("SELECT html FROM comment").fetchall() == [(html,)]


def test_what_only_reads_cannot_write(service: InProcess, reader: Reader) -> None:
    reader.comment("a", "First.")

    with service.ours.reading() as work, pytest.raises(InternalError, match="read-only"):
        work.comments.erase(1, service.clock.now)

    assert reader.texts("a") == ["First."]
