"""Every command that the documentation shows in a block marked `sh` is run, as it stands there."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import groupby
from pathlib import Path

import pytest

from commentsvc.settings import PREFIX
from tests.command_line import typed
from tests.preloaded import Forked
from tests.running_service import free_port

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGES = sorted(
    page for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")) if BLOCK.search(page.read_text())
)
TYPED = re.compile(rf"(?:{PREFIX}\w+=\S+ )*commentsvc ")
WITHIN = re.compile(r"\$\((commentsvc [^)]*)\)")
SERVE = re.compile(r"^commentsvc serve --port (\d+)$", re.MULTILINE)

Server = subprocess.Popen[bytes] | Forked

pytestmark = pytest.mark.slow


@pytest.mark.soak  # a process for each command
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_the_page_work(page: Path, tmp_path: Path) -> None:
    environ = _environ()

    def run(block: str) -> None:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block],
            cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"

    def begin(command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["bash", "-c", f"exec {command}"], cwd=tmp_path, env=environ, stderr=subprocess.DEVNULL
        )

    _follow(page, run, begin)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_the_page_work_in_one_process(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def run(block: str) -> None:
        block = WITHIN.sub(lambda found: shlex.quote(_type(found[1]).strip()), block)
        for is_typed, lines in groupby(block.splitlines(), lambda line: bool(TYPED.match(line))):
            if is_typed:
                for line in lines:
                    _type(line)
            else:
                subprocess.run(["bash", "-euo", "pipefail", "-c", "\n".join(lines)], check=True, timeout=60)

    def begin(command: str) -> Forked:
        with open(os.devnull, "wb") as nothing:
            return Forked(shlex.split(command)[1:], _environ(), nothing)

    _follow(page, run, begin)


def test_ci_runs_the_command_that_the_readme_gives() -> None:
    assert "$ make test" in (ROOT / "README.md").read_text()
    assert "exec make test" in (ROOT / ".ci/run").read_text()


def _follow(page: Path, run: Callable[[str], None], begin: Callable[[str], Server]) -> None:
    """Run each block of the page, and *begin* the server that it starts beside them."""
    port = str(free_port())
    blocks = [block.replace("5000", port) for block in BLOCK.findall(page.read_text())]
    with ExitStack() as served:
        # Where a page starts the server, its other commands are for a service that runs.
        found = [words for block in blocks for words in SERVE.finditer(block)]
        for words in found:
            served.enter_context(_served(begin(words[0]), int(words[1])))
        if not found:  # who reads it has a service already
            run("commentsvc init")
        for block in blocks:
            run(SERVE.sub("", block))


def _type(line: str) -> str:
    """Type a command as bash reads it: settings before it, and its input behind `<<<`; give what it printed."""
    words = shlex.split(line)
    command = words.index("commentsvc")
    settings = dict(word.removeprefix(PREFIX).split("=", 1) for word in words[:command])
    words, text = words[command + 1 :], None
    if "<<<" in words:
        *words, _, text = words
    done = typed(*words, data_dir=Path(settings.pop("DATA_DIR", "data")), input=text, **settings)
    assert done.exit_code == 0, f"{line}\n{done.output}"
    return done.stdout


def _environ() -> dict[str, str]:
    """That of somebody who has installed the service, and set nothing."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environ["PATH"] = f"{Path(sys.executable).parent}:{environ['PATH']}"
    return environ


@contextmanager
def _served(server: Server, port: int) -> Iterator[None]:
    try:
        _wait_until_ready(server, port)
        yield
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


def _wait_until_ready(server: Server, port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{server.args!r} does not answer")
