"""Every command that the documentation shows in a block marked `sh` is run, as it stands there."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from commentsvc.settings import PREFIX
from tests.running_service import free_port

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGES = sorted(
    page for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")) if BLOCK.search(page.read_text())
)
SERVE = re.compile(r"^commentsvc serve --port (\d+)$", re.MULTILINE)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_the_page_work(page: Path, tmp_path: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environ["PATH"] = f"{Path(sys.executable).parent}:{environ['PATH']}"
    port = str(free_port())
    blocks = [block.replace("5000", port) for block in BLOCK.findall(page.read_text())]
    servers: list[subprocess.Popen[bytes]] = []

    try:
        # Where a page starts the server, its other commands are for a service that runs.
        for block in blocks:
            if found := SERVE.search(block):
                servers.append(_start(found[0], int(found[1]), tmp_path, environ))
        if not servers:  # who reads it has a service already
            subprocess.run(["commentsvc", "init"], cwd=tmp_path, env=environ, check=True, timeout=60)
        for block in blocks:
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", SERVE.sub("", block)],
                cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120, check=False,
            )  # fmt: skip
            assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
    finally:
        for server in servers:
            server.send_signal(signal.SIGTERM)
            server.wait(20)


def test_ci_runs_the_command_that_the_readme_gives() -> None:
    assert "$ make test" in (ROOT / "README.md").read_text()
    assert "exec make test" in (ROOT / ".ci/run").read_text()


def _start(command: str, port: int, folder: Path, environ: dict[str, str]) -> subprocess.Popen[bytes]:
    server = subprocess.Popen(
        ["bash", "-c", f"exec {command}"], cwd=folder, env=environ, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return server
        except OSError:
            time.sleep(0.1)
    server.terminate()
    raise AssertionError(f"{command} does not answer")
