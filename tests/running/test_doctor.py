"""`commentsvc doctor`: the operator asks whether all is well, and is told what is not."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.seed import fill, fill_many
from commentsvc.notifications.fan_out import fan_out
from tests.command_line import create_service, examined, refusal, typed
from tests.conftest import MakeService
from tests.people import Reader
from tests.running_service import InProcess, open_in_process

QUICK = "ok     data directory\nok     database: {}\nok     address keys\nok     search\nok     outbox\nok     jobs\nok     rate limits\n"
LAST = "(SELECT max(id) FROM comment WHERE text = 'last')"


@dataclass
class Discussed:
    """A thread in which everything has happened, beside one with a single comment."""

    service: InProcess

    def break_by(self, statement: str) -> None:
        with closing(sqlite3.connect(self.service.data_dir / "comments.db")) as database:
            changed = database.execute(statement).rowcount
            database.commit()
        assert changed > 0, "nothing was broken"


@pytest.fixture(scope="module")
def used(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory after a discussion with removed, erased, held and deep comments."""
    folder = tmp_path_factory.mktemp("used")
    for file in template.iterdir():
        shutil.copy(file, folder)
    service = open_in_process(folder, MAX_DEPTH="3")
    service.run("site", "list")  # as each start does, a command lets the database know the keys
    discuss(service)
    while fan_out(service.ours):  # nobody waits to be told of it
        pass
    service.close()
    return folder


def discuss(service: InProcess) -> None:
    reader, moderator = service.reader(), service.moderator()
    root = reader.comment("a-1", "root")
    middle = reader.comment("a-1", "middle", parent=root)
    deepest = reader.comment("a-1", "deepest", parent=middle)
    beside = reader.comment("a-1", "beside", parent=deepest)
    reader.comment("a-1", "beside that", parent=beside)
    for action in ("hold", "spam", "purge"):
        moderator.decide(action, reader.comment("a-1", f"to {action}", parent=middle))
    moderator.decide("purge", deepest)  # a placeholder stays
    moderator.decide("trash", middle)
    reader.comment("a-1", "last", parent=root)
    reader.comment("b-2", "alone")


@pytest.fixture
def discussed(used: Path, tmp_path: Path) -> Discussed:
    shutil.copytree(used, tmp_path / "broken")
    return Discussed(open_in_process(tmp_path / "broken", MAX_DEPTH="3"))


def test_a_service_that_is_well_is_said_to_be(discussed: Discussed) -> None:
    quick = QUICK.format(discussed.service.data_dir / "comments.db")

    assert typed("doctor", data_dir=discussed.service.data_dir).stdout == quick
    assert examined(discussed.service) == (0, quick + "ok     10 comments in 2 threads\n")


@pytest.mark.parametrize(
    ("statement", "faults"),
    [
        (
            f"UPDATE comment SET path = substr(path, 1, 6) || '00000z' WHERE id = {LAST}",
            ["a path that does not end in the comment's own number (1)"],
        ),
        (
            "UPDATE comment SET path = '000009' || path WHERE text = 'to spam'",
            [
                "a root that is not the path's (1)",
                "a depth that is not the path's (1)",
                "a path that does not continue that of the comment answered (1)",
            ],
        ),
        (
            f"UPDATE comment SET path = '000007' || substr(path, 7), root_seq = 7 WHERE id = {LAST}",
            ["a path that does not continue that of the comment answered (1)"],
        ),
        (f"UPDATE comment SET depth = 2 WHERE id = {LAST}", ["a depth that is not the path's (1)"]),
        (f"UPDATE comment SET root_seq = 2 WHERE id = {LAST}", ["a root that is not the path's (1)"]),
        (f"UPDATE comment SET root_seq = -1 WHERE id = {LAST}", ["a root that is not the path's (1)"]),
        (
            f"UPDATE comment SET parent_id = (SELECT id FROM comment WHERE text = 'alone') WHERE id = {LAST}",
            ["an answer to a later comment, or to one of another thread (1)"],
        ),
        (
            f"UPDATE comment SET parent_id = id WHERE id = {LAST}",
            ["an answer to a later comment, or to one of another thread (1)"],
        ),
        (
            f"UPDATE comment SET parent_id = NULL WHERE id = {LAST}",
            ["a path that does not continue that of the comment answered (1)"],
        ),
        (
            "UPDATE comment SET public_below = public_below + 1 WHERE thread_id = 1 AND depth < 2",
            ["a wrong number of public replies (3)"],
        ),
        (
            "UPDATE comment SET public_below = 0 WHERE text = 'beside'",
            ["a wrong number of public replies (1)"],
        ),
        (
            "UPDATE comment SET shown = 0 WHERE text = 'middle'",
            ["a comment shown or hidden against its state (1)"],
        ),
        (
            "UPDATE comment SET shown = 1 WHERE state = 'pending'",
            ["a comment shown or hidden against its state (1)"],
        ),
        (
            f"UPDATE comment SET state = 'spam' WHERE id = {LAST}",
            [
                "a comment shown or hidden against its state (1)",
                "a wrong number of public replies (1)",
                "a wrong count of public comments (1)",
            ],
        ),
        ("UPDATE thread SET count = 9 WHERE article = 'a-1'", ["a wrong count of public comments (1)"]),
        (
            "UPDATE thread SET last_seq = 8 WHERE article = 'a-1'",
            ["a last number below that of a comment (1)"],
        ),
        ("UPDATE thread SET version = 0 WHERE article = 'a-1'", ["comments shown under version 0 (1)"]),
        (
            "INSERT INTO address SELECT id, x'01', x'02' FROM comment WHERE erased_at IS NOT NULL",
            ["an erased comment with a text, a name or an address (2)"],
        ),
        (
            "UPDATE comment SET text = 'still here' WHERE erased_at IS NOT NULL AND shown = 1",
            ["an erased comment with a text, a name or an address (1)"],
        ),
        (
            "UPDATE comment SET author_name = 'Ada' WHERE erased_at IS NOT NULL",
            ["an erased comment with a text, a name or an address (2)"],
        ),
        (
            f"INSERT INTO site (id, slug, origins, articles, epoch) VALUES (2, 'other', '[]', '[]', 'e');"
            f"UPDATE comment SET site_id = 2 WHERE id = {LAST}",
            ["a comment of another site than its thread (1)"],
        ),
    ],
)
def test_what_must_never_be_is_named_with_its_thread(
    discussed: Discussed, statement: str, faults: list[str]
) -> None:
    for part in statement.split(";"):
        discussed.break_by(part)

    code, said = examined(discussed.service)

    told = said.removeprefix(QUICK.format(discussed.service.data_dir / "comments.db")).splitlines()
    told = [line for line in told if "counted by state" not in line]  # what else follows from some of it
    assert code == 1
    assert sorted(told[:-1]) == sorted(f"wrong  default 'a-1': {fault}" for fault in faults)
    assert said.endswith("\nwrong  10 comments in 2 threads\n")


def test_it_prints_no_address_no_name_and_no_text(discussed: Discussed) -> None:
    discussed.break_by("UPDATE comment SET public_below = 7, shown = 0")

    _, said = examined(discussed.service)

    assert "wrong" in said
    assert not any(word in said for word in ("ada@paper.example", "Ada", "middle", "beside that"))


def test_an_article_cannot_write_lines_of_its_own(service: InProcess) -> None:
    service.reader().comment("a\nok     all is well\x1b[2J", "text")
    Discussed(service).break_by("UPDATE thread SET count = 5")

    _, said = examined(service)

    assert r"wrong  default 'a\nok     all is well\x1b[2J': a wrong count of public comments (1)" in said


def test_what_was_seeded_is_well(service: InProcess) -> None:
    ours = service.app.extensions["commentsvc"]
    fill(ours, "long", 800, hidden=0.2)
    fill_many(ours, 40)

    code, said = examined(service)

    assert (code, said.splitlines()[-1].split()[0]) == (0, "ok")
    assert "in 41 threads" in said


def test_comments_of_a_time_with_other_levels_are_well(make_service: MakeService) -> None:
    service = make_service(MAX_DEPTH="4")
    bottom = chain(service.reader(), 6)
    for depth in ("2", "1", "5"):
        service = open_in_process(service.data_dir, MAX_DEPTH=depth)
        chain(service.reader(), 3, bottom)
        service.close()

    assert examined(service)[0] == 0


def chain(reader: Reader, length: int, parent: str | None = None) -> str:
    """Post comments of which each answers the one before; give the last."""
    for number in range(length):
        parent = reader.comment("a-1", f"c{number}", parent=parent)
    assert parent
    return parent


def test_a_file_that_others_may_read_is_named(discussed: Discussed) -> None:
    key = discussed.service.data_dir / "address.keys"
    key.chmod(0o644)

    done = typed("doctor", data_dir=discussed.service.data_dir)

    assert done.exit_code == 1
    assert f"wrong  data directory: other users of this machine may open or exchange {key}\n" in done.stdout


def test_a_folder_in_which_others_may_write_is_named(discussed: Discussed) -> None:
    discussed.service.data_dir.chmod(0o777)

    done = typed("doctor", data_dir=discussed.service.data_dir)

    assert done.exit_code == 1
    assert f"may open or exchange {discussed.service.data_dir}\n" in done.stdout


def test_keys_that_did_not_seal_the_addresses_are_noticed(discussed: Discussed, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    create_service(fresh)
    shutil.copy(fresh / "address.keys", discussed.service.data_dir)

    done = typed("doctor", "--deep", data_dir=discussed.service.data_dir)

    assert done.exit_code == 1
    assert "wrong  address keys: they are not those that sealed the addresses\n" in done.stdout


@pytest.mark.parametrize("name", ["secret.key", "address.keys"])
def test_a_missing_key_is_named_and_not_made(discussed: Discussed, name: str) -> None:
    key = discussed.service.data_dir / name
    key.unlink()

    said = refusal(typed("doctor", data_dir=discussed.service.data_dir))

    assert said.startswith(f"There is no key in {key}. Restore it from a backup")
    assert not key.exists()


def test_a_missing_database_is_named_and_not_made(discussed: Discussed) -> None:
    database = discussed.service.data_dir / "comments.db"
    database.unlink()

    done = typed("doctor", "--deep", data_dir=discussed.service.data_dir)

    assert done.exit_code == 1
    assert "wrong  database: it is not there" in done.stdout
    assert not database.exists()


def test_a_database_of_another_version_is_named(discussed: Discussed) -> None:
    discussed.break_by("UPDATE alembic_version SET version_num = '0000'")

    done = typed("doctor", data_dir=discussed.service.data_dir)

    assert done.exit_code == 1
    assert "wrong  database: it is of another version; run: commentsvc db upgrade\n" in done.stdout


def test_limits_that_cannot_be_counted_are_named(discussed: Discussed) -> None:
    limits = discussed.service.data_dir / "limits.db"
    limits.unlink()
    limits.mkdir(mode=0o700)

    done = typed("doctor", data_dir=discussed.service.data_dir)

    assert done.exit_code == 1
    assert "wrong  rate limits: their storage cannot be used\n" in done.stdout


def test_a_job_that_failed_and_was_not_done_since_is_named(discussed: Discussed) -> None:
    folder = discussed.service.data_dir
    typed("rerender", data_dir=folder)
    discussed.break_by("UPDATE job SET state = 'failed', error = 'KeyError'")

    done = typed("doctor", data_dir=folder)

    assert done.exit_code == 1
    assert "wrong  jobs: failed last: rerender (KeyError); the log says where" in done.stdout
    typed("rerender", data_dir=folder)
    assert typed("doctor", data_dir=folder).exit_code == 0


def test_a_damaged_database_is_told_as_json_too(discussed: Discussed) -> None:
    file = discussed.service.data_dir / "comments.db"
    with closing(sqlite3.connect(file)) as database:
        page = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'comment'").fetchone()[0]
        size = database.execute("PRAGMA page_size").fetchone()[0]
    with file.open("r+b") as written:
        written.seek((page - 1) * size)
        written.write(b"\xff" * size)

    done = typed("doctor", "--deep", "--json", data_dir=discussed.service.data_dir)

    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert not told["ok"]
    assert {"name": "database", "ok": False}.items() <= told["checks"][-1].items()


def test_an_empty_folder_is_no_service(tmp_path: Path) -> None:
    said = refusal(typed("doctor", data_dir=tmp_path / "nothing"))

    assert "commentsvc serve" in said
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO search_index (search_index, rowid, folded) SELECT 'delete', comment_id, folded FROM search_text LIMIT 1",
        "DELETE FROM search_text WHERE comment_id = 1",
    ],
)
def test_an_index_that_is_not_that_of_the_comments_is_told(discussed: Discussed, statement: str) -> None:
    discussed.break_by(statement)

    status, said = examined(discussed.service)

    assert (status, "wrong  search: " in said) == (1, True)
