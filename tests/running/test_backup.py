"""`commentsvc backup` and `commentsvc restore`: a service is made again, elsewhere, over the old one, or on the other database."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from threading import Event
from zipfile import ZipFile

import pytest
from alembic import command
from alembic.config import Config

from commentsvc.settings import PREFIX
from commentsvc.storage.schema import MIGRATIONS
from commentsvc.storage.tables import SCHEMA
from tests.command_line import create_service, refusal, typed
from tests.databases import POSTGRESQL
from tests.people import Json, Reader
from tests.postgresql import Cluster
from tests.running_service import InProcess, open_in_process, serving
from tests.storage.plans import engine_of

ARTICLES = ("a", "Übung/2", "日本")


@pytest.fixture(params=["sqlite", POSTGRESQL])
def where(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The settings that name a new database."""
    if request.param == "sqlite":
        yield {}
        return
    with request.getfixturevalue("postgresql").database() as settings:
        yield settings


@pytest.fixture
def empty(postgresql: Cluster) -> Callable[[], dict[str, str]]:
    """Makes databases of PostgreSQL's without any table."""

    def make() -> dict[str, str]:
        name = f"moved_{next(postgresql._numbers)}"
        postgresql.admin.execute(f"CREATE DATABASE {name} OWNER service TEMPLATE template0")
        return {"DATABASE_URL": postgresql.url(name)}

    return make


def discussed(service: InProcess) -> InProcess:
    """Fill the service with what is worth a backup."""
    reader = service.reader()
    service.run("site", "set", "default", "--retain", "networks=30")
    for article in ARTICLES:
        first = reader.comment(article, "What *exactly*?\n\n> 😀", url="https://ada.example/")
        reader.comment(article, "This.", parent=first, email="bo@paper.example")
    moderator = service.moderator()
    moderator.decide("approve", reader.comment("a", "Held."))
    moderator.decide("trash", reader.comment("a", "Gone."))
    moderator.block("email", "troll@paper.example", "spam")
    service.run("user", "add", "chief@news.example", input="four words of my own\n")
    return service


def shown(service: InProcess) -> dict[str, Json]:
    """What readers see of it."""
    return {article: service.reader().thread(article) for article in ARTICLES}


def origins(service: InProcess) -> list[tuple[str, str]]:
    """What moderators alone see of it."""
    queue = service.moderator().queue(state="approved")
    return sorted((comment["email"], comment["network"]) for comment in queue)


def backed_up(service: InProcess, to: Path, *options: str) -> Path:
    service.close()
    url = service.app.extensions["commentsvc"].settings.database_url
    done = typed(
        "backup", str(to), *options, data_dir=service.data_dir, **({"DATABASE_URL": url} if url else {})
    )
    assert done.exit_code == 0, done.output
    return to


def restored(backup: Path, data_dir: Path, *options: str, **settings: str) -> InProcess:
    done = typed("restore", str(backup), *options, data_dir=data_dir, **settings)
    assert done.exit_code == 0, done.output
    assert "ok     " in done.stdout
    return open_in_process(data_dir, **settings)


@pytest.fixture
def service(tmp_path: Path, where: dict[str, str]) -> Iterator[InProcess]:
    data_dir = tmp_path / "data"
    create_service(data_dir, **where)
    service = open_in_process(data_dir, **where)
    yield discussed(service)
    service.close()


@pytest.mark.any_database
def test_it_is_the_same_service_elsewhere(
    service: InProcess, tmp_path: Path, empty: Callable[[], dict[str, str]]
) -> None:
    before, addresses = shown(service), origins(service)
    backup = backed_up(service, tmp_path / "backup.zip", "--with-keys")
    elsewhere = {} if service.data_dir.joinpath("comments.db").exists() else empty()

    again = restored(backup, tmp_path / "elsewhere", **elsewhere)

    assert shown(again) == before
    assert origins(again) == addresses
    assert again.reader().comment("a", "It goes on.")
    again.close()


@pytest.mark.any_database
def test_what_came_later_is_gone_where_it_replaces(
    service: InProcess, tmp_path: Path, where: dict[str, str]
) -> None:
    before = shown(service)
    backup = backed_up(service, tmp_path / "backup.zip")
    later = open_in_process(service.data_dir, **where)
    later.reader().comment("a", "Too late.")
    later.close()

    said = refusal(typed("restore", str(backup), data_dir=service.data_dir, **where))
    assert said.startswith("There is a database already, ")
    assert said.endswith(" To lose what is in it, add: --replace")
    again = restored(backup, service.data_dir, "--replace", **where)

    assert shown(again) == before
    again.close()


@pytest.mark.soak
@pytest.mark.slow
@pytest.mark.any_database
def test_where_a_lone_worker_uses_the_database_nothing_is_replaced(
    service: InProcess, tmp_path: Path, where: dict[str, str]
) -> None:
    """One of another node, which has a data directory of its own."""
    backup = backed_up(service, tmp_path / "backup.zip")
    node = shutil.copytree(service.data_dir, tmp_path / "node", ignore=shutil.ignore_patterns("*.db*"))
    if where:  # operators may name the sessions, so as to tell services apart
        where["DATABASE_URL"] += "&application_name=paper"
    shared = where or {"DATABASE_URL": f"sqlite:///{service.data_dir}/comments.db"}
    with working(node, **shared) as worker:
        said = refusal(typed("restore", str(backup), "--replace", data_dir=service.data_dir, **where))

        assert "uses the database" in said
        assert said.endswith("Stop all nodes and workers first.")
        assert worker.poll() is None
    later = open_in_process(service.data_dir, **where)
    assert later.reader().comment("a", "It went on.")
    later.close()

    restored(backup, service.data_dir, "--replace", **where).close()


@contextmanager
def working(data_dir: Path, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """Run `commentsvc worker` until the block ends."""
    environ = {PREFIX + name: value for name, value in (settings | {"DATA_DIR": str(data_dir)}).items()}
    with subprocess.Popen(
        [sys.executable, "-m", "commentsvc", "worker"],
        env=os.environ | environ, stderr=subprocess.PIPE, text=True,
    ) as worker:  # fmt: skip
        assert worker.stderr is not None
        try:
            assert "works on jobs" in worker.stderr.readline()
            yield worker
        finally:
            worker.terminate()
            worker.communicate(timeout=60)


@pytest.mark.soak
def test_it_moves_to_the_other_database_and_back(tmp_path: Path, empty: Callable[[], dict[str, str]]) -> None:
    create_service(tmp_path / "first")
    first = discussed(open_in_process(tmp_path / "first"))
    before, addresses = shown(first), origins(first)
    one = backed_up(first, tmp_path / "one.zip", "--with-keys")
    postgresql = empty()

    said = refusal(typed("restore", str(one), data_dir=tmp_path / "second", **postgresql))
    assert said.endswith(
        "is of sqlite, COMMENTSVC_DATABASE_URL names postgresql. To move, add: --to postgresql"
    )
    said = refusal(typed("restore", str(one), "--to", "postgresql", data_dir=tmp_path / "second"))
    assert (
        said
        == "COMMENTSVC_DATABASE_URL names sqlite; set it to the postgresql database that is to be filled."
    )
    second = restored(one, tmp_path / "second", "--to", "postgresql", **postgresql)
    assert shown(second) == before
    assert origins(second) == addresses
    assert second.reader().comment("elsewhere", "The numbers go on.")
    two = backed_up(second, tmp_path / "two.zip", "--with-keys")
    third = restored(two, tmp_path / "third", "--to", "sqlite")

    assert shown(third) == before
    assert third.reader().texts("elsewhere") == ["The numbers go on."]
    third.close()


@pytest.mark.soak
def test_nobody_is_signed_in_and_no_cached_answer_is_of_it(tmp_path: Path) -> None:
    create_service(tmp_path / "data")
    service = discussed(open_in_process(tmp_path / "data"))
    signed_in = service.http()
    page = signed_in.get("/moderation/sign-in")
    token = page.text.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    signed_in.post(
        "/moderation/sign-in",
        data={"csrf_token": token, "email": "chief@news.example", "password": "four words of my own"},
    )
    backup = backed_up(service, tmp_path / "backup.zip", "--with-keys")

    restored(backup, tmp_path / "elsewhere").close()

    def read(data_dir: str, question: str) -> object:
        with closing(sqlite3.connect(tmp_path / data_dir / "comments.db")) as database:
            return database.execute(question).fetchone()[0]

    assert read("data", "SELECT count(*) FROM session") == 1
    assert read("elsewhere", "SELECT count(*) FROM session") == 0
    assert read("elsewhere", "SELECT epoch FROM site") != read("data", "SELECT epoch FROM site")


@pytest.mark.slow_on_postgresql
@pytest.mark.slow
def test_it_is_made_while_people_post_and_holds_whole_comments(tmp_path: Path, where: dict[str, str]) -> None:
    backup, stopped = tmp_path / "backup.zip", Event()

    def post_on(reader: Reader, article: str) -> None:
        number = 0
        while not stopped.is_set():
            reader.comment(article, f"Comment {number}.")
            number += 1

    with serving(tmp_path / "data", **where) as live, ThreadPoolExecutor(4) as pool:
        for article in ARTICLES:
            live.reader().comment(article, "Before.")
        posters = [pool.submit(post_on, live.reader(), article) for article in ARTICLES]
        try:
            done = typed("backup", str(backup), "--with-keys", data_dir=tmp_path / "data", **where)
        finally:
            stopped.set()
        for poster in posters:
            poster.result(60)
        while_serving = refusal(
            typed("restore", str(backup), "--replace", data_dir=tmp_path / "data", **where)
        )
        if where:
            other = refusal(typed("restore", str(backup), "--replace", data_dir=tmp_path / "other", **where))
            assert "A service uses the database" in other

    assert done.exit_code == 0, done.output
    assert "runs on the data directory" in while_serving
    again = restored(backup, tmp_path / "data", "--replace", **where)
    for article in ARTICLES:
        texts = again.reader().texts(article)
        assert texts == ["Before.", *(f"Comment {number}." for number in range(len(texts) - 1))]
    again.close()


@pytest.mark.soak
@pytest.mark.slow_on_postgresql
def test_one_of_an_older_schema_is_brought_up_to_this_one(
    service: InProcess, tmp_path: Path, empty: Callable[[], dict[str, str]]
) -> None:
    before = shown(service)
    engine = engine_of(service)
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    with engine.connect().execution_options(write=True) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0007")
    engine.dispose()

    backup = backed_up(service, tmp_path / "backup.zip", "--with-keys")
    with ZipFile(backup) as archive:
        assert json.loads(archive.read("manifest.json"))["schema"] == "0007"
    elsewhere = {} if service.data_dir.joinpath("comments.db").exists() else empty()
    again = restored(backup, tmp_path / "elsewhere", **elsewhere)

    assert {article: thread["comments"] for article, thread in shown(again).items()} == {
        article: thread["comments"] for article, thread in before.items()
    }
    again.close()


# What may be wrong with the file, the place or the keys.


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A backup, with its keys, of a service on SQLite."""
    create_service(tmp_path / "small")
    service = open_in_process(tmp_path / "small")
    service.reader().comment("a")
    file = backed_up(service, tmp_path / "small.zip", "--with-keys")
    service.close()  # else it may write its logs back while a test compares files
    return file


def test_a_backup_is_for_its_owner_alone_and_appears_whole_or_not_at_all(small: Path, tmp_path: Path) -> None:
    assert stat.S_IMODE(small.stat().st_mode) == 0o600
    with ZipFile(small) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert (manifest["schema"], manifest["rows"]["comment"], manifest["source"]) == (SCHEMA, 1, "sqlite")

    (tmp_path / "letter.txt").write_text("Dear Ada")
    said = refusal(typed("backup", str(tmp_path / "letter.txt"), data_dir=tmp_path / "small"))
    assert said == f"{tmp_path}/letter.txt exists and is no backup; name another file."
    assert typed("backup", str(small), data_dir=tmp_path / "small").exit_code == 0
    assert typed("backup", str(tmp_path / "no/folder/x"), data_dir=tmp_path / "small").exit_code == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["letter.txt", "small", "small.zip"]


def damage(database: Path) -> None:
    """Overwrite a part of the page on which the comments begin."""
    with closing(sqlite3.connect(database)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'comment'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with database.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xa5" * 200)


def cut(database: Path) -> None:
    os.truncate(database, 5000)


@pytest.mark.parametrize("harm", [damage, cut])
def test_a_damaged_database_takes_the_place_of_no_good_backup(
    small: Path, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    good = small.read_bytes()
    harm(tmp_path / "small" / "comments.db")

    said = refusal(typed("backup", str(small), data_dir=tmp_path / "small"))

    assert "atabase" in said
    assert small.read_bytes() == good
    assert not list(tmp_path.glob(".commentsvc-*"))


def test_what_a_killed_backup_left_is_removed_after_a_day_and_nothing_else(
    small: Path, tmp_path: Path
) -> None:
    """It is a copy of all that the service knows, and nobody looks for it."""
    left, young = tmp_path / ".commentsvc-backup-a1b2c3d_", tmp_path / ".commentsvc-backup-00000000"
    others = [tmp_path / name for name in (".backup-2025-photos", ".commentsvc-backup-of-mine", "elsewhere")]
    for folder in (left, young, *others):
        folder.mkdir()
        (folder / "comments.db").write_bytes(b"all")
    link = tmp_path / ".commentsvc-backup-a_link__"
    link.symlink_to(others[2])
    for folder in (left, *others):
        os.utime(folder, (0, 0))
    os.utime(link, (0, 0), follow_symlinks=False)
    (tmp_path / ".backup-list").write_text("a file")

    assert typed("backup", str(small), data_dir=tmp_path / "small").exit_code == 0

    assert (left.exists(), young.exists(), link.is_symlink()) == (False, True, False)
    assert all((folder / "comments.db").exists() for folder in others)


@pytest.mark.parametrize("ignored", [False, True], ids=["", "nohup"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_command_in_order(tmp_path: Path, number: signal.Signals, ignored: bool) -> None:
    """What it has in a folder for a time is removed, as by Ctrl-C; who is told to ignore the signal goes on."""
    script = f"""if True:
        import signal, sys, tempfile, time
        from commentsvc.cli import terminal
        if {ignored}:
            signal.signal({number:d}, signal.SIG_IGN)
        terminal.end_in_order()
        with tempfile.TemporaryDirectory(dir=sys.argv[1]):
            print("ready", flush=True)
            time.sleep(1 if {ignored} else 60)
    """
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)

        assert process.wait(20) == (0 if ignored else 128 + number)
    assert list(tmp_path.iterdir()) == []


def test_where_there_is_no_service_there_is_none_afterwards(tmp_path: Path) -> None:
    said = refusal(typed("backup", str(tmp_path / "x.zip"), data_dir=tmp_path / "nothing"))

    assert said.startswith(
        f"There is no service in the data directory {tmp_path}/nothing and the database {tmp_path}/nothing/comments.db."
    )
    assert list(tmp_path.iterdir()) == []


def cut_off(backup: Path) -> None:
    backup.write_bytes(backup.read_bytes()[:-100])


def with_one_bit_changed(backup: Path) -> None:
    with zipfile.ZipFile(backup) as archive:
        largest = max(archive.infolist(), key=lambda one: one.compress_size)
    whole = backup.read_bytes()
    for place in count(
        largest.header_offset + largest.compress_size // 2
    ):  # in its data, not in a header's time
        content = bytearray(whole)
        content[place] ^= 1
        backup.write_bytes(content)
        if is_damaged(backup):  # a run of zeros can be said in several ways
            return


def is_damaged(backup: Path) -> bool:
    try:
        with ZipFile(backup) as archive:
            return archive.testzip() is not None
    except zlib.error:
        return True


def of_something_else(backup: Path) -> None:
    backup.write_text("Dear Ada")


def without_its_manifest(backup: Path) -> None:
    with ZipFile(backup, "w") as archive:
        archive.writestr("comments.db", b"")


def gone(backup: Path) -> None:
    backup.unlink()


def with_manifest(backup: Path, **changes: object) -> None:
    with ZipFile(backup) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(content["manifest.json"]) | changes
    with ZipFile(backup, "w") as archive:
        for name, data in (content | {"manifest.json": json.dumps(manifest).encode()}).items():
            archive.writestr(name, data)


def of_another_format(backup: Path) -> None:
    with_manifest(backup, format=2, program="9.0")


def with_other_digests(backup: Path) -> None:
    with_manifest(backup, digests={"comments.db": "0" * 64})


@pytest.mark.parametrize(
    "harm",
    [
        cut_off,
        with_one_bit_changed,
        of_something_else,
        without_its_manifest,
        gone,
        of_another_format,
        with_other_digests,
    ],
)
def test_a_file_that_is_no_whole_backup_changes_nothing(
    small: Path, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    harm(small)
    before = {
        path: path.read_bytes()
        for path in (tmp_path / "small").iterdir()
        if path.suffix in {".db", ".key", ".keys"}
    }

    said = refusal(typed("restore", str(small), "--replace", data_dir=tmp_path / "small"))

    assert str(small) in said
    assert {path: path.read_bytes() for path in before} == before
    assert not list((tmp_path / "small").glob(".restore*"))


def test_one_of_a_newer_program_is_refused(small: Path, tmp_path: Path) -> None:
    with ZipFile(small) as archive:
        archive.extractall(tmp_path / "apart")
    newer = tmp_path / "apart/comments.db"
    with closing(sqlite3.connect(newer)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    create_service(tmp_path / "other")
    shutil.copy(newer, tmp_path / "other/comments.db")
    backup = tmp_path / "newer.zip"
    assert typed("backup", str(backup), "--with-keys", data_dir=tmp_path / "other").exit_code == 0

    said = refusal(typed("restore", str(backup), data_dir=tmp_path / "third"))

    assert "9999" in said
    assert not (tmp_path / "third/comments.db").exists()


def test_without_keys_it_needs_those_of_the_place(small: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.zip"
    assert typed("backup", str(bare), data_dir=tmp_path / "small").exit_code == 0
    with ZipFile(bare) as archive:
        assert sorted(archive.namelist()) == ["comments.db", "manifest.json"]

    said = refusal(typed("restore", str(bare), data_dir=tmp_path / "new"))
    assert said.startswith(f"{tmp_path}/new/secret.key is missing.")
    assert not (tmp_path / "new/comments.db").exists()
    for name in ("secret.key", "address.keys"):
        shutil.copy(tmp_path / "small" / name, tmp_path / "new")

    assert restored(bare, tmp_path / "new").reader().thread("a")["count"] == 1


def test_other_keys_that_are_there_stay_beside_those_of_the_backup(small: Path, tmp_path: Path) -> None:
    create_service(tmp_path / "other")
    former = (tmp_path / "other/secret.key").read_text()

    restored(small, tmp_path / "other", "--replace").close()

    assert [path.read_text() for path in (tmp_path / "other").glob("secret.key.before-*")] == [former]
    assert (tmp_path / "other/secret.key").read_text() == (tmp_path / "small/secret.key").read_text()


def test_keys_of_the_environment_are_not_replaced(small: Path, tmp_path: Path) -> None:
    said = refusal(typed("restore", str(small), data_dir=tmp_path / "new", SECRET_KEY="x" * 40))
    assert "COMMENTSVC_SECRET_KEY is not the one that this database is used with" in said

    secret = (tmp_path / "small/secret.key").read_text().strip()
    restored(small, tmp_path / "new", SECRET_KEY=secret).close()
    assert not (tmp_path / "new/secret.key").exists()


def test_who_was_erased_at_another_node_comes_back_from_no_backup(
    tmp_path: Path, empty: Callable[[], dict[str, str]]
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    where = empty()
    typed("init", data_dir=one, **where)
    shutil.copytree(one, other)  # nodes share the keys and the database
    with closing(open_in_process(one, **where)) as service:
        service.reader(email="ada@tea.example").comment("a", "Of Ada.")
        service.reader(email="bo@tea.example").comment("a", "Of Bo.")
    before = tmp_path / "before.zip"
    assert typed("backup", str(before), data_dir=other, **where).exit_code == 0
    assert typed("person", "erase", "ada@tea.example", data_dir=one, **where).exit_code == 0
    assert not (other / "erased.jsonl").exists()

    later = tmp_path / "elsewhere" / "later.zip"
    later.parent.mkdir()
    assert typed("backup", str(later), data_dir=other, **where).exit_code == 0
    assert (later.parent / "erased.jsonl").read_bytes().count(b"\n") == 1
    done = typed("restore", str(before), "--replace", data_dir=other, **where)

    assert done.exit_code == 0, done.output
    with closing(open_in_process(other, **where)) as service:
        assert service.reader().texts("a") == ["Of Bo."]
