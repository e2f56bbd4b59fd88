"""The version of the database: made at first start, checked at each, changed when told to."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, nullcontext
from pathlib import Path

import pytest
from alembic.command import downgrade
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, column, select, table, update

from commentsvc.settings import PREFIX
from commentsvc.storage import schema
from commentsvc.storage.tables import SCHEMA
from tests.command_line import create_service, refusal, typed
from tests.databases import POSTGRESQL
from tests.postgresql import Cluster
from tests.running_service import InProcess, open_in_process

SITE = table("site", column("origins", JSON))
ROOT = Path(__file__).parents[2]
NEXT = '''
"""A migration of the next version of the program."""
from alembic import op
revision, down_revision, branch_labels, depends_on = "9998", "SCHEMA", None, None
def upgrade():
    op.execute("ALTER TABLE site ADD COLUMN motto TEXT")
def downgrade():
    pass
'''


def stamp(data_dir: Path, version: str) -> None:
    with closing(sqlite3.connect(data_dir / "comments.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = ?", (version,))
        database.commit()


def test_an_upgrade_of_what_is_up_to_date_changes_nothing(service: InProcess) -> None:
    reader = service.reader()
    reader.comment("a", "Kept.")

    assert service.run("db", "upgrade") == "The database is up to date.\n"

    assert reader.texts("a") == ["Kept."]


@pytest.mark.parametrize(
    "command", [["serve"], ["demo"], ["site", "list"], ["rerender"], ["db", "upgrade"]], ids=" ".join
)
def test_a_newer_database_is_refused_and_it_is_said_what_to_do(
    service: InProcess, command: list[str]
) -> None:
    stamp(service.data_dir, "9999")

    said = refusal(typed(*command, data_dir=service.data_dir, BASE_URL="https://talk.example"))

    assert "version 9999" in said
    assert "newer" in said
    assert "backup" in said


def test_a_service_that_runs_says_that_its_database_is_of_an_older_version(service: InProcess) -> None:
    stamp(service.data_dir, "0001")

    answer = service.reader().get("/readyz")

    assert (answer.status_code, "another version" in answer.json()["detail"]) == (503, True)


def test_a_service_that_runs_stays_ready_where_the_schema_goes_ahead_of_it(service: InProcess) -> None:
    """Nodes are upgraded one after the other: until its turn comes, each serves as before."""
    stamp(service.data_dir, "9999")

    answer = service.reader().get("/readyz")

    assert (answer.status_code, answer.text) == (200, "ok")


@pytest.mark.soak
@pytest.mark.slow
def test_an_older_database_is_refused_until_it_is_upgraded(service: InProcess, tmp_path: Path) -> None:
    service.reader().comment("a", "Kept.")
    next_version = tmp_path / "next"
    shutil.copytree(ROOT / "commentsvc", next_version / "commentsvc")  # with what was compiled
    shutil.copytree(ROOT / "templates", next_version / "templates")
    (next_version / "commentsvc/storage/migrations/versions/9998_next.py").write_text(
        NEXT.replace("SCHEMA", SCHEMA)
    )
    tables = next_version / "commentsvc/storage/tables/__init__.py"
    tables.write_text(tables.read_text().replace(f'SCHEMA = "{SCHEMA}"', 'SCHEMA = "9998"'))
    environ = os.environ | {PREFIX + "DATA_DIR": str(service.data_dir), "PYTHONPATH": str(next_version)}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "commentsvc", *words]
        return subprocess.run(
            command, cwd=next_version, env=environ, capture_output=True, text=True, timeout=60, check=False
        )

    refused = run("serve")
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Error: The database has version {SCHEMA}, this program needs 9998.")
    assert refused.stderr.rstrip().endswith("Make a backup, then run: commentsvc db upgrade")
    assert run("db", "upgrade").stdout == "The database is up to date.\n"
    listed = run("site", "list")
    assert (listed.returncode, listed.stdout.splitlines()[0]) == (0, "default")
    assert "newer" in refusal(typed("site", "list", data_dir=service.data_dir))


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["sqlite", POSTGRESQL])
def test_older_origins_are_spelt_as_browsers_do(
    tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    older = [
        "https://b\u00fccher.example",
        "https://news.example",
        "https://news.example.",
        "https://no host",
    ]
    cluster: Cluster | None = request.getfixturevalue("postgresql") if kind == "postgresql" else None
    with cluster.database() if cluster else nullcontext({}) as where:
        create_service(tmp_path, **where)
        service = open_in_process(tmp_path, **where)
        with service.ours.database.engine.connect().execution_options(write=True) as connection:
            config = Config()
            config.set_main_option("script_location", schema.MIGRATIONS)
            config.attributes["connection"] = connection
            downgrade(config, "0002")
            connection.execute(update(SITE).values(origins=older))
            connection.commit()

        assert typed("db", "upgrade", data_dir=tmp_path, **where).exit_code == 0

        with service.ours.database.engine.connect() as connection:
            assert connection.scalar(select(SITE.c.origins)) == [
                "https://xn--bcher-kva.example",
                "https://news.example",
                "https://no host",
            ]
        assert service.reader().post("a").status_code == 201
        service.close()


def test_the_version_that_the_program_names_is_that_of_its_newest_migration() -> None:
    assert ScriptDirectory(schema.MIGRATIONS).get_current_head() == SCHEMA
