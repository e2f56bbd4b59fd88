"""Machines as they are: full devices, closed pipes, no directory, no input, Ctrl-C, a database that does not answer.

Each command is tried on each. What goes wrong is told in one line and not by a traceback.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click
import httpx
import pytest

from commentsvc.cli import commands
from commentsvc.settings import PREFIX
from tests.command_line import create_service, typed
from tests.running_service import NO_TLS, free_port, serving

pytestmark = [pytest.mark.slow, pytest.mark.sampled(24)]

# Each command, as it could be typed: a new one is tried here as well.
COMMANDS = {
    "serve": ["--host", "192.0.2.1"],  # which is no address of this machine
    "demo": ["--port", "0"],
    "init": [],
    "config": [],
    "db upgrade": [],
    "doctor": ["--deep"],
    "backup": ["/dev/null/backup.zip"],  # which is no folder
    "restore": ["/dev/null/backup.zip"],
    "export": [],
    "import": ["."],  # where nothing is an export
    "imports list": [],
    "imports undo": ["1"],
    "rerender": [],
    "worker": [],
    "job list": [],
    "job start": ["sweep"],
    "job cancel": ["abc"],
    "site add": ["weekend", "--origin", "https://weekend.example"],
    "site list": [],
    "site set": ["default", "--moderation", "all"],
    "user add": ["editor@news.example"],
    "user list": [],
    "user remove": ["chief@news.example"],
    "user reset-second-factor": ["nobody@paper.example"],
    "user mail": ["nobody@paper.example"],
    "user invite": ["new@paper.example"],
    "user role": ["chief@news.example", "admin"],
    "user password": ["chief@news.example"],
    "user sign-out": ["chief@news.example"],
    "mail test": ["ada@paper.example"],
    "mail bounce": [],
    "token create": ["--scope", "post"],
    "token list": [],
    "token revoke": ["abc"],
    "webhook add": ["http://localhost/", "--event", "comment.posted"],  # where nobody may be called
    "webhook list": [],
    "webhook remove": ["abc"],
    "webhook test": ["abc"],
    "keys list": [],
    "keys rotate": [],
    "keys accept": [],
    "audit list": [],
    "audit verify": [],
    "person show": ["ada@paper.example"],
    "person export": ["ada@paper.example"],
    "person erase": ["ada@paper.example"],
    "person verify": ["/dev/null"],
    "privacy-check": [],
    "privacy-text": [],
    "embed-snippet": ["a"],
}
SPEAKING = {
    "export",
    "audit verify",
    "user invite",
    "mail bounce",
    "person show",
    "person export",
    "person erase",
    "privacy-check",
    "privacy-text",
    "config",
    "doctor",
    "site list",
    "token create",
    "embed-snippet",
    "db upgrade",
    "keys list",
}
SERVING = {"serve", "demo"}
UNTIL_STOPPED = ["timeout", "--preserve-status", "5"]  # what "worker" works under, as it ends by no error


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[str]:
    if not isinstance(command, click.Group):
        yield " ".join(path)
        return
    for name, below in command.commands.items():
        yield from leaves(below, (*path, name))


def environ(data_dir: Path, **settings: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return clean | {PREFIX + name: value for name, value in ({"DATA_DIR": str(data_dir)} | settings).items()}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd") / "data"
    create_service(folder)
    added = typed("user", "add", "chief@news.example", data_dir=folder, input="four words of my own\n")
    assert added.exit_code == 0, added.output
    return folder


def run(command: str, shell: str, data_dir: Path) -> subprocess.CompletedProcess[str]:
    """Type *command* with what *shell* does to it: `$@` is the command."""
    stopped = UNTIL_STOPPED if command == "worker" else []
    words = [*stopped, sys.executable, "-m", "commentsvc", *command.split(), *COMMANDS[command]]
    return subprocess.run(
        ["bash", "-c", shell, "bash", *words],
        env=environ(data_dir), capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def one_line_at_most(text: str) -> bool:
    """Whether *text* says no more than one thing; click shows before it how the command is used. `{` begins the log."""
    lines = [line for line in text.splitlines() if line and not line.startswith(("Usage:", "Try ", "{"))]
    return "Traceback" not in text and "Exception ignored" not in text and len(lines) <= 1


def test_each_command_is_tried() -> None:
    assert sorted(leaves(commands.main)) == sorted(COMMANDS)


@pytest.mark.sampled(48)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_device_is_told_in_one_line(data_dir: Path, command: str) -> None:
    done = run(command, '"$@" < /dev/null > /dev/full', data_dir)

    assert one_line_at_most(done.stderr), done.stderr
    if command in SPEAKING:
        assert done.returncode == 1
        assert done.stderr == "Error: No space left on device.\n"


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.soak
def test_with_no_place_to_stand_to_read_from_or_to_write_to_it_ends_quietly(
    data_dir: Path, tmp_path: Path, command: str
) -> None:
    """The working directory was deleted, standard input is closed, and standard output a pipe that nobody reads."""
    shell = f'mkdir {tmp_path}/gone && cd {tmp_path}/gone && rmdir {tmp_path}/gone && "$@" <&- | true; exit ${{PIPESTATUS[0]}}'

    done = run(command, shell, data_dir)

    assert one_line_at_most(done.stderr), done.stderr
    if command in {"user add", "user password"}:
        assert done.stderr.startswith("Error: There is no password on standard input.")
        assert done.returncode == 1


@pytest.mark.soak
@pytest.mark.parametrize("command", ["site set", "user list", "user add", "keys accept", "rerender"])
def test_with_all_streams_closed_nothing_is_written_into_the_database(data_dir: Path, command: str) -> None:
    done = run(command, '"$@" <&- >&- 2>&-', data_dir)

    assert done.returncode in {0, 1}
    assert typed("doctor", "--deep", data_dir=data_dir).exit_code == 0


@pytest.mark.parametrize(
    ("command", "shell"),
    [
        ("site list", '"$@" $(printf "x\\xff")'),
        ("embed-snippet", '"$@" $(printf "x\\xff")'),
        ("site list", 'COMMENTSVC_DATA_DIR=$(printf "/tmp/x\\xff") "$@"'),
        ("user add", 'printf "\\xff\\xfe" | "$@"'),
    ],
    ids=["word", "argument", "environment", "input"],
)
def test_bytes_that_are_no_text_are_told(data_dir: Path, command: str, shell: str) -> None:
    done = run(command, shell, data_dir)

    assert done.returncode in {1, 2}
    assert "Traceback" not in done.stderr
    assert "UTF-8" in done.stderr.splitlines()[-1]


@pytest.mark.soak
def test_an_output_that_lacks_a_sign_gets_it_escaped(data_dir: Path) -> None:
    done = run("site set", 'PYTHONIOENCODING=latin-1 "$@"', data_dir)

    assert (done.returncode, done.stdout) == (0, "Changed site \\u201cdefault\\u201d.\n")


@pytest.mark.parametrize("output", ["2> /dev/full", "2>&-", "2> >(true)"])
@pytest.mark.soak
def test_a_service_whose_output_is_full_or_closed_serves_all_the_same(tmp_path: Path, output: str) -> None:
    port = free_port()
    words = [sys.executable, "-m", "commentsvc", "serve", "--port", str(port)]
    service = subprocess.Popen(
        ["bash", "-c", f'exec "$@" {output}', "bash", *words], env=environ(tmp_path / "data")
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/readyz")
        for article in ("a", "b"):
            assert httpx.get(f"http://127.0.0.1:{port}/thread?article={article}").status_code == 200
    finally:
        service.terminate()
        assert service.wait(20) == 0


def wait_for(url: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(httpx.TransportError):
            if httpx.get(url, timeout=30, verify=NO_TLS).status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError(f"{url} does not answer")


@contextmanager
def silent_database() -> Iterator[tuple[str, socket.socket]]:
    """A database that takes connections and never answers: its URL, and the socket that it listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        yield f"postgresql+psycopg://ada@127.0.0.1:{server.getsockname()[1]}/comments", server


_groups: list[subprocess.Popen[str]] = []


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """End what a test started, also where it failed."""
    yield
    while _groups:
        process = _groups.pop()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def started(command: str, **settings: str) -> subprocess.Popen[str]:
    """Begin a command in a group of processes of its own; its output ends when the last of them has."""
    words = [*command.split(), "--port", str(free_port())] if command in SERVING else command.split()
    return in_group(words, environ(**settings))


def in_group(words: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "commentsvc", *words],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    _groups.append(process)
    return process


@pytest.mark.soak
@pytest.mark.parametrize(
    ("command", "number", "tell"),
    [
        ("serve", signal.SIGTERM, os.kill),
        ("serve", signal.SIGINT, os.kill),
        ("serve", signal.SIGINT, os.killpg),
        ("serve", signal.SIGQUIT, os.kill),
        ("serve", signal.SIGQUIT, os.killpg),
        ("serve", signal.SIGHUP, os.kill),
        ("serve", signal.SIGKILL, os.kill),
        ("demo", signal.SIGTERM, os.kill),
    ],
)
def test_whatever_ends_a_start_that_waits_leaves_nothing_behind(
    tmp_path: Path, command: str, number: signal.Signals, tell: Callable[[int, int], None]
) -> None:
    with silent_database() as (url, server):
        process = started(command, data_dir=tmp_path, DATABASE_URL=url, DATABASE_TIMEOUT="600")
        with server.accept()[0]:
            tell(process.pid, number)
            told, _ = process.communicate(timeout=60)

    assert told.strip() == ("Aborted!" if number is signal.SIGINT else "")
    if number in {signal.SIGTERM, signal.SIGQUIT}:
        assert process.returncode == 0


@pytest.mark.soak
@pytest.mark.parametrize("command", ["site list", "doctor", "db upgrade"])
def test_so_does_ctrl_c_where_any_command_waits(tmp_path: Path, command: str) -> None:
    create_service(tmp_path)
    with silent_database() as (url, server):
        process = started(command, data_dir=tmp_path, DATABASE_URL=url, DATABASE_TIMEOUT="600")
        with server.accept()[0]:
            process.send_signal(signal.SIGINT)
            told, _ = process.communicate(timeout=60)

    assert (process.returncode, told.splitlines()[-1]) == (1, "Aborted!")
    assert "Traceback" not in told


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGUSR2])
@pytest.mark.soak
def test_a_start_goes_on_where_a_log_was_to_be_reopened(tmp_path: Path, number: signal.Signals) -> None:
    with silent_database() as (url, server):
        process = started("serve", data_dir=tmp_path, DATABASE_URL=url, DATABASE_TIMEOUT="2")
        with server.accept()[0]:
            process.send_signal(number)
            told, _ = process.communicate(timeout=60)

    assert told == "Error: The database cannot be used: connection timeout expired\n"


@pytest.mark.parametrize("command", ["serve", "site list", "db upgrade"])
@pytest.mark.soak
def test_to_connect_has_an_end(tmp_path: Path, command: str) -> None:
    with silent_database() as (url, _):
        process = started(command, data_dir=tmp_path, DATABASE_URL=url, DATABASE_TIMEOUT="1")
        told, _ = process.communicate(timeout=100)

    assert process.returncode == 1
    assert told == "Error: The database cannot be used: connection timeout expired\n"


@pytest.mark.soak
def test_ctrl_c_while_the_program_is_loaded_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "bleach.py").write_text(
        "import os, time; open(os.environ['LOADING'], 'w').close(); time.sleep(60)"
    )
    os.mkfifo(tmp_path / "loading")
    process = subprocess.Popen(
        [sys.executable, "-m", "commentsvc", "init"],
        env=os.environ | {"PYTHONPATH": str(tmp_path), "LOADING": str(tmp_path / "loading")},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    (tmp_path / "loading").read_text()  # it is in the midst of it now

    process.send_signal(signal.SIGINT)

    assert process.communicate(timeout=60)[0] == ""
    assert process.returncode == -signal.SIGINT


@pytest.mark.soak
@pytest.mark.parametrize(
    "number", [signal.SIGQUIT, signal.SIGINT, signal.SIGTERM, signal.SIGKILL, signal.SIGALRM]
)
def test_what_ends_the_parent_ends_all_of_the_service(tmp_path: Path, number: signal.Signals) -> None:
    process = started_service(tmp_path, "--workers", "2")

    process.send_signal(number)

    process.communicate(timeout=60)  # which ends when the last process has
    if number in {signal.SIGQUIT, signal.SIGINT, signal.SIGTERM}:
        assert process.returncode == 0


def started_service(tmp_path: Path, *words: str) -> subprocess.Popen[str]:
    port = free_port()
    process = in_group(["serve", "--port", str(port), *words], environ(tmp_path / "data"))
    wait_for(f"http://127.0.0.1:{port}/readyz")
    return process


@pytest.mark.parametrize("number", [signal.SIGQUIT, signal.SIGINT, signal.SIGTERM])
@pytest.mark.soak
def test_a_terminal_or_systemd_tells_all_of_them_to_stop_at_once(
    tmp_path: Path, number: signal.Signals
) -> None:
    process = started_service(tmp_path, "--workers", "2")

    os.killpg(process.pid, number)
    told, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert "Traceback" not in told
    assert "Error" not in told


@pytest.mark.soak
def test_signals_of_log_rotation_stop_nothing(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--workers", "2") as live:
        for number in (signal.SIGUSR1, signal.SIGUSR2):
            os.killpg(live.process.pid, number)
            assert live.reader().get("/readyz").text == "ok"

        assert live.process.poll() is None
        assert live.stop() == 0
