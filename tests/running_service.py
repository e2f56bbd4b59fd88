"""A service to test: within this process, or as the operator runs it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import IO, Any

import httpx
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Connection

from commentsvc.actions.tokens import create_token
from commentsvc.app import create_app
from commentsvc.model import Scope
from commentsvc.service import Service
from commentsvc.settings import PREFIX, Settings
from commentsvc.storage import schema
from tests.people import Moderator, Reader
from tests.preloaded import Forked

FROM_NOTHING = ("-m", "commentsvc")
WHOLE = "WHOLE_BROWSER" in os.environ  # `make soak` has neither a part of a browser nor of a start
BASE_URL = "http://127.0.0.1:5000"
# Nothing here is asked by TLS, and to load the certificates for each client takes 27 ms, as long as some requests.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
# What tests mostly want: posts are public at once, and nobody is too quick or too many.
EASY = {
    "DATABASE_TIMEOUT": "20",  # a busy machine may take long, and passes
    "MODERATION": "none",
    "FORM_MIN_SECONDS": "0",
    "RATE_LIMIT_POST": "100000 per minute",
    "RATE_LIMIT_READ": "1000000 per minute",
    "RATE_LIMIT_RENDER": "100000 per minute",
    "RATE_LIMIT_REPORT": "100000 per minute",
    "RATE_LIMIT_SIGN_IN": "100000 per minute",
    "RATE_LIMIT_THREADS": "100000 per minute",
}


class CompiledTemplates(BytecodeCache):
    """Templates compiled once for all applications of a process: that takes longer than to make one and ask it."""

    def __init__(self) -> None:
        self._codes: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._codes.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key] = bucket.bytecode_to_string()


COMPILED_TEMPLATES = CompiledTemplates()


@dataclass
class TestClock:
    """A clock that stands still until it is moved."""

    __test__ = False
    now: datetime = datetime(2026, 11, 24, 9, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@dataclass
class InProcess:
    """The application in this process, reached through its WSGI door."""

    app: Flask
    clock: TestClock
    data_dir: Path
    client_address: str = "192.0.2.1"
    _open: list[httpx.Client] = field(default_factory=list)

    def http(self, address: str | None = None, **more: Any) -> httpx.Client:
        transport = httpx.WSGITransport(self.app, remote_addr=address or self.client_address)
        client = httpx.Client(transport=transport, base_url=BASE_URL, **more)
        self._open.append(client)
        return client

    @property
    def ours(self) -> Service:
        """The service itself, as its commands and jobs know it."""
        ours: Service = self.app.extensions["commentsvc"]
        return ours

    def reader(self, address: str | None = None, **who: Any) -> Reader:
        return Reader(self.http(address), **who)

    def run(self, *words: str, input: str | None = None) -> str:
        """Run a command of the operator's on the same data; give what it printed."""
        from click.testing import CliRunner

        from commentsvc.cli import commands

        # To make a second application for every command would take most of the tests' time.
        result = CliRunner().invoke(
            commands.main, list(words), obj=lambda _settings, **_: self.app, input=input
        )
        assert result.exit_code == 0, result.output
        return result.stdout

    def sweep(self) -> None:
        """What happens once an hour."""
        from commentsvc.jobs.runner import IDLE_SECONDS, Runner

        self.run("job", "start", "sweep")
        Runner(self.ours, lambda seconds: seconds == IDLE_SECONDS).run()

    def moderator(self, site: str | None = None) -> Moderator:
        """One by a token, made as the command does, in a fourth of its time."""
        return Moderator(self.http(), create_token(self.ours, Scope.MODERATE, site).token)

    def restarted(self, **settings: str) -> InProcess:
        """A service on the same data, with other settings."""
        url = self.app.extensions["commentsvc"].settings.database_url
        where = {"DATABASE_URL": url} if url else {}
        return open_in_process(self.data_dir, **where, **settings)

    def close(self) -> None:
        for client in self._open:
            client.close()
        self.ours.database.disconnect()
        self.ours.versions.close()


@contextmanager
def written(service: InProcess) -> Iterator[Connection]:
    """A transaction in which a test writes past the service."""
    with service.ours.database.engine.connect().execution_options(write=True) as connection:
        yield connection
        connection.commit()


def make_in_process(data_dir: Path, template: Path, *, seed: int | None = None, **settings: str) -> InProcess:
    """Make a service on a copy of the empty database in *template*."""
    data_dir.mkdir(parents=True, exist_ok=True)
    for file in template.iterdir():
        shutil.copy(file, data_dir)
    return open_in_process(data_dir, seed=seed, **settings)


def open_in_process(data_dir: Path, *, seed: int | None = None, **settings: str) -> InProcess:
    """Make a service on what lies in *data_dir*, as after a restart with other settings."""
    chosen = EASY | settings | {"DATA_DIR": str(data_dir)}
    clock = TestClock()
    chance = os.urandom if seed is None else Random(seed).randbytes
    app = create_app(
        Settings.from_environ({PREFIX + name: value for name, value in chosen.items()}),
        now=clock,
        random_bytes=chance,
    )
    app.jinja_env.bytecode_cache = COMPILED_TEMPLATES
    return InProcess(app, clock, data_dir)


def make_template(folder: Path, **settings: str) -> Path:
    """Empty databases, the comments' and the limits', made once and copied for each test."""
    chosen = settings | {"DATA_DIR": str(folder)}
    app = create_app(Settings.from_environ({PREFIX + name: value for name, value in chosen.items()}))
    service: Service = app.extensions["commentsvc"]
    schema.prepare(service.database, service.settings)
    assert app.extensions["commentsvc.limits"].can_count()
    service.database.disconnect()
    for name in ("secret.key", "address.keys", ".lock"):
        (folder / name).unlink(missing_ok=True)
    return folder


@dataclass
class Live:
    """`commentsvc serve` in processes of its own."""

    process: subprocess.Popen[bytes] | Forked
    base_url: str
    data_dir: Path
    environ: dict[str, str]
    log: Path

    def http(self) -> httpx.Client:
        return httpx.Client(base_url=self.base_url, timeout=30, verify=NO_TLS)

    def reader(self, **who: Any) -> Reader:
        return Reader(self.http(), **who)

    def run(self, *words: str, input: str | None = None) -> str:
        """Run a command of the operator's beside it; give what it printed.

        In this process: to start another takes as long as twenty commands.
        """
        from tests.command_line import typed

        settings = {
            name.removeprefix(PREFIX): value
            for name, value in self.environ.items()
            if name.startswith(PREFIX)
        }
        done = typed(*words, data_dir=self.data_dir, input=input, **settings)
        assert done.exit_code == 0, done.output
        return done.stdout

    def moderator(self, site: str | None = None) -> Moderator:
        limited = ["--site", site] if site else []
        token = self.run("token", "create", "--scope", "moderate", *limited).split()[-1]
        return Moderator(self.http(), token)

    def stop(self, *, within: float = 20) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within)

    def kill(self) -> None:
        """End all its processes at once, as a crash of the machine would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        until = time.monotonic() + 10
        while _is_running(self.process.pid) and time.monotonic() < until:
            time.sleep(0.005)


def _is_running(group: int) -> bool:
    """Whether a process of that group still runs: the kernel takes a moment to end one that was killed.

    Of proc_pid_stat(5), behind the name: the state (Z: its first thread has ended), the parent, the group. Until the
    others have ended, too, its files are open.
    """
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, of_group = file.read_text().rpartition(")")[2].split()[:3]
            threads = len(list((file.parent / "task").iterdir()))
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile
        if int(of_group) == group and (state != "Z" or threads > 1):
            return True
    return False


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for what is expected, for half a minute."""
    until = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < until, "it does not come"
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    data_dir: Path,
    *words: str,
    command: str = "serve",
    port: int | None = None,
    program: Sequence[str] | None = None,
    **settings: str,
) -> Iterator[Live]:
    """Run `commentsvc serve` (or another command that serves) until the block ends.

    :param program: what Python runs, from nothing; else the program is preloaded, but in `make soak`.
    """
    port = port or free_port()
    chosen = EASY | settings | {"DATA_DIR": str(data_dir)}
    environ = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environ |= {PREFIX + name: value for name, value in chosen.items()}
    data_dir.mkdir(parents=True, exist_ok=True)
    log = data_dir.parent / f"{data_dir.name}.{port}.log"
    words = (command, "--port", str(port), *words)
    with log.open("wb") as output:
        process = started(words, environ, output, program)
    live = Live(process, f"http://127.0.0.1:{port}", data_dir, environ, log)
    try:
        _wait_until_ready(live)
        yield live
    finally:
        if process.poll() is None:
            try:
                live.stop()
            except subprocess.TimeoutExpired:
                live.kill()


def started(
    words: Sequence[str], environ: dict[str, str], output: IO[bytes], program: Sequence[str] | None = None
) -> subprocess.Popen[bytes] | Forked:
    """Start a command in a session of its own; see `serving`."""
    if program is None and WHOLE:
        program = FROM_NOTHING
    if program is None:
        return Forked(words, environ, output)
    return subprocess.Popen(
        [sys.executable, *program, *words],
        env=environ, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip


def _wait_until_ready(live: Live) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        assert live.process.poll() is None, live.log.read_text()
        try:
            if httpx.get(live.base_url + "/readyz", timeout=5, verify=NO_TLS).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"the service does not answer: {live.log.read_text()}")
