"""Commands do not invent a service, and nothing but its own user writes into its directory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path

import pytest

from commentsvc.cli.heap import HEAPS
from commentsvc.settings import PREFIX
from tests.command_line import create_service, refusal, typed
from tests.running.test_odd_machines import COMMANDS

ROOT = Path(__file__).parents[2]
OTHERS = {
    "serve",
    "demo",
    "init",
    "config",
    "restore",
    "privacy-check",
    "mail test",
}  # which create a service, or need none
OWNER, STRANGER = 4711, 4712  # users without a name

# What is imported late is imported before: Python may lie where other users cannot read.
AS_USER = """
import glob, importlib, os, sys, urllib.request
import commentsvc.actions.backup, commentsvc.app, commentsvc.cli.commands, commentsvc.storage.schema
import alembic.runtime.environment, concurrent.futures.thread, encodings.idna, encodings.latin_1, encodings.unicode_escape, encodings.utf_8_sig, importlib.util, sqlite3.dump
from commentsvc.__main__ import main
list(commentsvc.cli.commands.main.commands.values())
if user := int(sys.argv.pop(1)):
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
main()
"""

# Only root can be several users: in a namespace of their own anybody is root, and has a range of them (/etc/subuid).
IN_NAMESPACE = ["unshare", "--map-auto", "--map-root-user"]


def by_root(test: Callable[..., None]) -> Callable[..., None]:
    """Run *test* as root; where that is not who runs the tests, in a namespace, by a process of its own."""
    if os.geteuid() == 0:
        return test

    @wraps(test)
    def apart(**_: object) -> None:
        this = os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")[0]
        command = [*IN_NAMESPACE, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-m", "", this]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr

    return apart


def tree(folder: Path) -> dict[str, int]:
    """Everything in *folder*, with the user whom it belongs to."""
    return {str(path.relative_to(folder)): path.stat().st_uid for path in folder.rglob("*")}


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in OTHERS])
def test_where_there_is_no_service_it_is_told_and_nothing_is_made(tmp_path: Path, command: str) -> None:
    words = {"backup": [str(tmp_path / "backup.zip")], "keys accept": ["--yes"]}.get(
        command, COMMANDS[command]
    )
    data_dir = tmp_path / "data"

    said = refusal(typed(*command.split(), *words, data_dir=data_dir, input="four words of my own\n"))

    assert said.startswith(
        f"There is no service in the data directory {data_dir} and the database {data_dir}/comments.db."
    )
    assert "--data-dir, COMMENTSVC_DATA_DIR or --env-file" in said
    assert list(tmp_path.iterdir()) == []


def test_so_it_is_told_where_the_database_is_another(tmp_path: Path) -> None:
    data_dir = create_service(tmp_path / "data")
    before = tree(tmp_path)

    said = refusal(typed("site", "list", data_dir=data_dir, DATABASE_URL="sqlite:///other.db"))

    assert f"the database {data_dir}/other.db" in said
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    "command", [["site", "list"], ["rerender"], ["db", "upgrade"], ["token", "list"]], ids=" ".join
)
def test_what_was_done_names_the_database(tmp_path: Path, command: list[str]) -> None:
    create_service(tmp_path)

    done = typed(*command, data_dir=tmp_path)

    assert (done.exit_code, done.stderr) == (0, f"Database: {tmp_path}/comments.db\n")


def test_a_log_that_was_asked_for_is_there_beside_the_words(tmp_path: Path) -> None:
    create_service(tmp_path)

    done = typed("rerender", data_dir=tmp_path, LOG_LEVEL="debug")
    assert typed("rerender", data_dir=tmp_path, LOG_FILE=str(tmp_path / "log")).stderr.count("\n") == 1

    assert '"job is done"' in done.stderr
    assert '"job is done"' in (tmp_path / "log").read_text()


def test_init_may_be_typed_again(tmp_path: Path) -> None:
    create_service(tmp_path)
    key = (tmp_path / "secret.key").read_text()

    again = typed("--data-dir", str(tmp_path), "init", data_dir=Path("/nowhere"))

    assert (again.exit_code, (tmp_path / "secret.key").read_text()) == (0, key)
    assert str(tmp_path / "comments.db") in again.stdout


def test_the_demo_touches_no_other_database(tmp_path: Path) -> None:
    create_service(tmp_path)
    (tmp_path / "moderator.password").write_text("left by somebody\n")  # alone it proves nothing

    said = refusal(typed("demo", data_dir=tmp_path))

    assert said.startswith(f"The database {tmp_path}/comments.db is not a demo's")
    assert "demo-created" not in typed("audit", "list", data_dir=tmp_path).stdout
    assert typed("user", "list", data_dir=tmp_path).stdout == ""


def run_as(user: int, data_dir: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command as *user*; root, 0, is the one whom the tests run as."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return subprocess.run(
        [sys.executable, "-c", AS_USER, str(user), *words],
        env=clean | {PREFIX + "DATA_DIR": str(data_dir), HEAPS: "1"}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.fixture
def owned() -> Iterator[Path]:
    """The data directory of a service that belongs to another user than root."""
    with tempfile.TemporaryDirectory() as folder:  # those of pytest are closed to other users
        Path(folder).chmod(0o755)
        data_dir = Path(folder, "data")
        data_dir.mkdir(mode=0o700)
        if os.geteuid() == 0:  # see `by_root`
            os.chown(data_dir, OWNER, OWNER)
        yield data_dir


@by_root
@pytest.mark.slow
@pytest.mark.parametrize(
    "commands",
    [
        [["init"], ["rerender"]],
        pytest.param(
            [["init"], ["token", "create", "--scope", "post"], ["site", "list"]], marks=pytest.mark.soak
        ),
    ],
)
@pytest.mark.soak
def test_root_works_as_the_owner_of_the_data(owned: Path, commands: list[list[str]]) -> None:
    for words in commands:
        done = run_as(0, owned, *words)
        assert done.returncode == 0, done.stderr

    made = tree(owned)
    assert {"comments.db", "secret.key", "address.keys", ".lock"} <= set(made)
    assert set(made.values()) == {OWNER}


@pytest.mark.soak
@by_root
@pytest.mark.slow
@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    "command", [["serve"], ["init"], ["site", "list"], ["doctor"], ["restore", "/x.zip"]], ids=" ".join
)
def test_any_other_user_is_refused_before_a_file_is_made(owned: Path, command: list[str]) -> None:
    owned.chmod(0o777)  # as careless as can be

    done = run_as(STRANGER, owned, *command)

    assert done.returncode == 1
    assert done.stderr == (
        f"Error: The data directory {owned} belongs to the user #{OWNER}, and this is #{STRANGER}. "
        f"Run the command as #{OWNER}, such as by: sudo -u '#{OWNER}'\n"
    )
    assert tree(owned) == {}
