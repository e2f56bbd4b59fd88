"""Two services on one data directory: the second refuses; commands work beside, and a kill leaves no lock."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from commentsvc.errors import BadSetting
from commentsvc.serving import data_lock
from commentsvc.settings import PREFIX
from tests.command_line import refusal, typed
from tests.running_service import free_port, serving

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("command", ["serve", pytest.param("demo", marks=pytest.mark.soak)])
def test_the_second_refuses_and_commands_work_beside(tmp_path: Path, command: str) -> None:
    data = tmp_path / "data"
    with serving(data) as live:
        said = refusal(typed(command, "--port", str(free_port()), data_dir=data))

        assert said == (
            f"Another service (process {live.process.pid}) runs on the data directory {data}. "
            "Stop it first, or set COMMENTSVC_DATA_DIR to another."
        )
        for words in (["site", "list"], ["db", "upgrade"], ["doctor"], ["token", "list"], ["rerender"]):
            live.run(*words)
        assert live.reader().post("a").status_code == 201
        live.kill()

    with serving(data) as live:
        assert live.reader().thread("a")["count"] == 1


@pytest.mark.soak
@pytest.mark.slow
def test_a_worker_runs_beside_a_service(tmp_path: Path) -> None:
    with serving(tmp_path / "data", JOBS="worker") as live:
        worker = subprocess.Popen(
            [sys.executable, "-m", "commentsvc", "worker"],
            env=live.environ,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert worker.stderr is not None
        assert "works on jobs" in worker.stderr.readline()

        worker.terminate()
        assert live.reader().post("a").status_code == 201
        assert "Database: " in worker.communicate(timeout=60)[1]

    assert worker.returncode == 0


def test_the_lock_ends_with_its_block(tmp_path: Path) -> None:
    with data_lock.alone_on(tmp_path), pytest.raises(BadSetting, match=f"process {os.getpid()}"):
        data_lock.share(tmp_path)

    with data_lock.alone_on(tmp_path):
        assert (tmp_path / data_lock.NAME).stat().st_mode & 0o077 == 0


@pytest.mark.slow
@pytest.mark.soak
def test_processes_of_another_server_run_together_and_not_beside_ours(tmp_path: Path) -> None:
    environ = os.environ | {PREFIX + "DATA_DIR": str(tmp_path)}
    program = [sys.executable, "-c", "import wsgi; print('ready', flush=True); input()"]

    def started() -> subprocess.Popen[str]:
        return subprocess.Popen(
            program, cwd=ROOT, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    with started() as first, started() as second:
        assert first.stdout
        assert second.stdout
        assert [first.stdout.readline(), second.stdout.readline()] == ["ready\n", "ready\n"]

        said = refusal(typed("serve", "--port", str(free_port()), data_dir=tmp_path))

        first.communicate("\n")
        second.communicate("\n")
    assert "Another service (process " in said
