"""The version of the database: made at first start, checked at each, changed when told to."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from commentsvc.settings import PREFIX
from commentsvc.storage import schema
from commentsvc.storage.tables import SCHEMA
from tests.command_line import refusal, typed
from tests.running_service import InProcess, open_in_process

ROOT = Path(__file__).parents[2]
NEXT = '''
"""A migration of the next version of the program."""
from alembic import op
revision, down_revision, branch_labels, depends_on = "9998", "PREVIOUS", None, None
def upgrade():
    op.execute("ALTER TABLE site ADD COLUMN motto TEXT")
def downgrade():
    pass
'''


def stamp(data_dir: Path, version: str) -> None:
    with closing(sqlite3.connect(data_dir / "comments.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = ?", (version,))
        database.commit()


def test_an_upgrade_makes_what_is_not_there(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"

    upgraded = typed("db", "upgrade", data_dir=data_dir)

    assert (upgraded.exit_code, upgraded.stdout) == (0, "The database is up to date.\n")
    service = open_in_process(data_dir)
    assert service.reader().post("a").status_code == 201
    service.close()


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


def test_a_service_that_runs_says_that_its_database_changed(service: InProcess) -> None:
    stamp(service.data_dir, "9999")

    answer = service.reader().get("/readyz")

    assert (answer.status_code, "another version" in answer.json()["detail"]) == (503, True)


@pytest.mark.slow
def test_an_older_database_is_refused_until_it_is_upgraded(service: InProcess, tmp_path: Path) -> None:
    service.reader().comment("a", "Kept.")
    next_version = tmp_path / "next"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "commentsvc", next_version / "commentsvc", ignore=ignored)
    shutil.copytree(ROOT / "templates", next_version / "templates")
    (next_version / "commentsvc/storage/migrations/versions/9998_next.py").write_text(
        NEXT.replace("PREVIOUS", SCHEMA)
    )
    tables = next_version / "commentsvc/storage/tables.py"
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


def test_the_version_that_the_program_names_is_that_of_its_newest_migration() -> None:
    assert ScriptDirectory(schema.MIGRATIONS).get_current_head() == SCHEMA
