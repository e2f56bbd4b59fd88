"""The operator at the command line, where what was typed may be refused."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
from pathlib import Path

from click.testing import CliRunner, Result

from commentsvc.app import create_app
from commentsvc.cli import commands
from commentsvc.notifications.fan_out import fan_out
from commentsvc.settings import PREFIX
from tests.running_service import InProcess, make_template


def typed(*words: str, data_dir: Path, input: str | None = None, **settings: str) -> Result:
    """Type a command in this process; give what it answered, whether or not it was taken."""
    environ = {PREFIX + name: value for name, value in settings.items()}
    environ[PREFIX + "DATA_DIR"] = str(data_dir)
    before = dict(os.environ)
    try:
        return CliRunner().invoke(commands.main, list(words), obj=create_app, env=environ, input=input)
    finally:  # `serve` hands its settings to its processes by the environment
        os.environ.clear()
        os.environ.update(before)


def create_service(data_dir: Path, **settings: str) -> Path:
    """Create a service for commands to work on; give its data directory."""
    if not settings:  # to make the tables takes the most time of it
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy(_empty_database(), data_dir)
    done = typed("init", data_dir=data_dir, **settings)
    assert done.exit_code == 0, done.output
    return data_dir


@functools.cache
def _empty_database() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="commentsvc-empty-"))
    atexit.register(shutil.rmtree, folder)
    return make_template(folder) / "comments.db"


def examined(service: InProcess) -> tuple[int, str]:
    """What `doctor --deep` says of a service whose runner is done with what happened, and its exit code."""
    while fan_out(service.ours):
        pass
    url = service.app.extensions["commentsvc"].settings.database_url
    where = {"DATABASE_URL": url} if url else {}
    done = typed("doctor", "--deep", data_dir=service.data_dir, **where)
    return done.exit_code, done.stdout


def refusal(result: Result) -> str:
    """The one line in which a command was refused."""
    assert result.exit_code != 0, result.output
    assert "Traceback" not in result.output
    # click shows how the command is used before it says what is wrong, and indents a list of choices
    said = [
        line for line in result.stderr.splitlines() if line and not line.startswith(("Usage:", "Try ", "\t"))
    ]
    assert len(said) == 1, result.stderr
    return said[0].removeprefix("Error: ")
