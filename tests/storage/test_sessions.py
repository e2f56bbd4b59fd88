"""A session of PostgreSQL's is ours, whatever the role, the database or the environment would make of it.

The role of all services here has wrong settings (`tests/postgresql.py`), so that every test on
PostgreSQL tries them; these say it outright, and try the other places where they come from.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests.command_line import create_service, examined, refusal, typed
from tests.databases import on_postgresql
from tests.people import Reader
from tests.postgresql import SERVICE, WRONG, Cluster
from tests.running_service import InProcess, free_port, open_in_process
from tests.storage.rival import rival_of
from tests.storage.settings import READING, WRITING, settings_of

__all__ = ["on_postgresql"]  # found here by the tests

ARTICLE = "日本 € ’"
TEXTS = ["Five €.", "Жанна сказала.", "🎉 ＼(^o^)／", "日本語で。", "\\x41 \\101 %s '' E'\\n'"]
ENVIRONMENT = {
    "PGCLIENTENCODING": "LATIN1",
    "PGDATESTYLE": "German",
    "PGTZ": "Asia/Kathmandu",
    "PGOPTIONS": "-c bytea_output=escape -c default_transaction_read_only=on -c statement_timeout=200ms",
}


@pytest.fixture(scope="module")
def plain(postgresql: Cluster) -> Iterator[str]:
    """A role without settings, that may do all that the service's may."""
    postgresql.admin.execute(f"CREATE ROLE plain LOGIN IN ROLE {SERVICE}")
    yield "plain"
    postgresql.admin.execute("DROP ROLE plain")


@pytest.fixture(params=["role", "database", "environment"])
def set_wrong(
    request: pytest.FixtureRequest,
    postgresql: Cluster,
    plain: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[InProcess]:
    """A service whose sessions begin with wrong settings, from one of the places where they come from."""
    with postgresql.database() as where:
        url = make_url(where["DATABASE_URL"])
        if request.param != "role":
            url = url.set(username=plain)
        if request.param == "database":
            for name, value in WRONG.items():
                postgresql.admin.execute(f"ALTER DATABASE {url.database} SET {name} = '{value}'")
        if request.param == "environment":
            for name, value in ENVIRONMENT.items():
                monkeypatch.setenv(name, value)
        address = url.render_as_string(hide_password=False)
        with closing(open_in_process(tmp_path / "data", DATABASE_URL=address)) as service:
            yield service


@pytest.mark.sampled(3)
def test_what_people_write_is_stored_and_read(set_wrong: InProcess) -> None:
    reader, moderator = set_wrong.reader(name="Жанна"), set_wrong.moderator()
    assert reader.thread(ARTICLE)["count"] == 0

    for text in TEXTS:
        reader.comment(ARTICLE, text)

    assert reader.thread(ARTICLE)["count"] == len(TEXTS)
    assert {one["author"]["name"] for one in reader.thread(ARTICLE)["comments"]} == {"Жанна"}
    assert {one["text"] for one in moderator.queue(state="approved")} == set(TEXTS)
    assert "Жанна" in reader.get("/feeds/site.atom").text
    assert reader.get("/thread", article=ARTICLE).status_code == 200
    assert examined(set_wrong)[0] == 0


@pytest.mark.sampled(3)
def test_times_are_those_of_the_clock(set_wrong: InProcess) -> None:
    posted = set_wrong.reader().posted("a")

    assert posted["comment"]["posted_at"] == "2026-11-24T09:00:00Z"
    assert set_wrong.reader().thread("a")["comments"][0]["posted_at"] == "2026-11-24T09:00:00Z"


@pytest.mark.sampled(3)
def test_each_transaction_is_ours(set_wrong: InProcess) -> None:
    for _ in range(3):
        with set_wrong.ours.reading() as work:
            assert settings_of(work) == READING
        with set_wrong.ours.unit_of_work() as work:
            assert settings_of(work) == WRITING


@pytest.mark.soak
def test_one_that_waits_for_another_is_not_cut_off(service: InProcess, reader: Reader) -> None:
    reader.comment("a", "First.")
    submission = reader.submission("a", "Second.")
    with rival_of(service) as rival, ThreadPoolExecutor(1) as pool:
        rival.transaction.execute("UPDATE thread SET claimed_title = 'Meanwhile'")
        sent = pool.submit(reader.send, submission)
        rival.wait_for(1)
        rival.beside.execute("SELECT pg_sleep(0.7)")  # longer than any of the timeouts that the role sets
        rival.transaction.commit()
        assert sent.result().status_code == 201


@pytest.mark.parametrize(
    "command", [["serve"], ["site", "list"], ["db", "upgrade"], ["doctor"]], ids=" ".join
)
def test_a_database_that_cannot_hold_all_texts_is_refused(
    postgresql: Cluster, tmp_path: Path, command: list[str]
) -> None:
    create_service(tmp_path)  # its keys are there
    name = f"latin_{command[0]}"
    postgresql.admin.execute(
        f"CREATE DATABASE {name} OWNER {SERVICE} ENCODING LATIN1 TEMPLATE template0 LOCALE 'C' LOCALE_PROVIDER libc"
    )
    port = ["--port", str(free_port())] if command == ["serve"] else []

    result = typed(*command, *port, data_dir=tmp_path, DATABASE_URL=postgresql.url(name))

    assert result.exit_code == 1
    assert "stores texts in LATIN1" in result.output
    if command != ["doctor"]:
        assert "createdb --encoding UTF8" in refusal(result)
