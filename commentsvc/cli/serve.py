"""`commentsvc serve`: the production server."""

from __future__ import annotations

import os
import re
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import click
import structlog
from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from commentsvc.backends import check_installed
from commentsvc.cli import heap
from commentsvc.cli.application import service_of, told_plainly
from commentsvc.cli.children import apart, end_with_parent
from commentsvc.cli.loading import loading
from commentsvc.cli.owner import settings_as_owner
from commentsvc.cli.terminal import announce, end_at_once
from commentsvc.errors import BadSetting, Problem
from commentsvc.log import log_fault, server_config, take_uncaught
from commentsvc.serving import logs, metrics_port, slow_connections
from commentsvc.serving.data_lock import alone_on
from commentsvc.serving.handover import Listening
from commentsvc.serving.listening import BACKLOG, Listener, at_address, at_path, handed_over
from commentsvc.serving.log_writer import write_apart
from commentsvc.serving.systemd import notify, report
from commentsvc.serving.worker_exits import tell_why_workers_end
from commentsvc.settings import PREFIX, Settings, is_chosen
from commentsvc.settings.hosts import is_loopback
from commentsvc.storage.sqlite_files import close_whole

# A thread waits for each slow body: 200 of them stopped a server of 64 threads, not one of 512 (41 MB).
THREADS = 512
THREAD_IDLE_SECONDS = 5  # the least that the server takes
CONNECTIONS = 16_384  # of one process; further ones wait in the kernel, and are not refused
FILES_OF_A_THREAD = 4  # what a thread opens for a moment, and its part in the databases
OWN_FILES = 48  # of a process at work: of its databases, its event loop, and what it opens for a moment
LEAST_CONNECTIONS = 8
COPIES = 1024  # of connections of which one becomes a stream, for some milliseconds
STREAMS_PART = (
    4  # one part in so many of a process's open files is for streams of events, where these are few
)
HEAD_SECONDS = 15  # for the request line and headers; an idle connection is closed after as many
HEAD_BYTES = 128 * 1024  # read at once; a head of more than two such reads is refused, 431
REQUEST_SECONDS = 60  # from one answer to the next request's last byte: 30 for a body, whatever came before
OUT_SECONDS = 2  # between two tries where the database cannot be used
STOP_SECONDS = 8  # for requests under way when told to stop; 10 s must be enough for all of it


class Mode(click.ParamType[int]):
    """Permissions of a file, in octal digits."""

    name = "mode"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read *value*.

        :raises click.BadParameter: it is none.
        """
        if isinstance(value, str) and re.fullmatch("0?[0-7]{3}", value):
            return int(value, 8)
        self.fail(f"“{value}” is no mode in octal digits, such as 0660.", param, ctx)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address or name to listen on.")
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--socket",
    "path",
    type=click.Path(path_type=Path),
    help="Unix socket to listen on, for a proxy in front, which says who the client is.",
)
@click.option("--socket-mode", default="0660", show_default=True, type=Mode(), help="Who may connect to it.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.pass_context
def serve(
    context: click.Context, host: str, port: int, path: Path | None, socket_mode: int, workers: int
) -> None:
    """Run the production server; an empty data directory gets its database and keys.

    Where systemd hands over a socket, that is listened on.
    """
    ignore_signals()
    with told_plainly():
        listening = choose_listener(host, port, path, socket_mode)
        settings = settings_to_serve()
        metrics_port.require_free(settings)
        with alone_on(settings.data_dir), listening() as listener:
            metrics_port.require_other(settings, listener.port)

            def make_ready() -> None:
                from commentsvc.actions.scripts import store_scripts

                with service_of(context, create=True) as service:
                    store_scripts(service)
                    base_url, database = service.settings.base_url, service.database.name()
                announce(
                    f"commentsvc serves {base_url} on {listener.name}; Ctrl-C stops it. Database: {database}"
                )

            apart(make_ready)
            run(listener, workers)


def settings_to_serve() -> Settings:
    """The settings, and the log as they say.

    :raises BadSetting: one is wrong or names what is not installed; the data directory is as it was then.
    """
    settings = settings_as_owner()
    check_installed(settings.database_url, settings.redis_url, settings.notify_urls)
    logs.begin(settings)
    return settings


def choose_listener(
    host: str, port: int, path: Path | None, mode: int
) -> Callable[[], AbstractContextManager[Listener]]:
    """Settle on where to listen, which the address of the service may hang on; what is given does so.

    :raises BadSetting: nobody said under which address readers reach the service.
    """
    if handed := handed_over(os.environ):
        if handed.port is None:
            announce_proxy()
        else:
            announce_address(handed.host, handed.port)
        return lambda: nullcontext(handed)
    if path is not None:
        announce_proxy()
        return partial(at_path, path.absolute(), mode)
    announce_address(host, port)
    return lambda: nullcontext(at_address(host, port))


def announce_address(host: str, port: int) -> None:
    """Make BASE_URL the address that is listened on, where that is this machine's alone.

    :raises BadSetting: others reach the address, and nobody said by which name.
    """
    if is_chosen(os.environ, "BASE_URL"):
        return
    if not is_loopback(host):
        raise BadSetting(
            f"{PREFIX}BASE_URL must say under which address readers reach {host}:{port}, "
            "such as https://comments.example."
        )
    name = f"[{host}]" if ":" in host else host
    os.environ[PREFIX + "BASE_URL"] = f"http://{name}:{port}"


def announce_proxy() -> None:
    """Take the client's address from the proxy: who connects to a Unix socket has none.

    :raises BadSetting: nobody said under which address readers reach the proxy.
    """
    if not is_chosen(os.environ, "BASE_URL"):
        raise BadSetting(
            f"{PREFIX}BASE_URL must say under which address readers reach the proxy before the socket, "
            "such as https://comments.example."
        )
    if not is_chosen(os.environ, "TRUSTED_PROXIES"):
        os.environ[PREFIX + "TRUSTED_PROXIES"] = "1"


def ignore_signals() -> None:
    """Let signals pass that other services reopen their logs at: ours needs none."""
    end_at_once()
    for number in (signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)


@dataclass(frozen=True, slots=True)
class WorkerPart:
    """What one worker process has of the server: where it listens, numbers of files for streams, and how many share the work."""

    listening: Listening
    numbers: range
    workers: int


def begin_work(app: Any, part: WorkerPart) -> None:
    """Make sure that a worker's service has the right keys, which may have been exchanged since the start; then run jobs.

    From then on it opens streams, too.

    :raises Problem: its keys are not those of the database.
    """
    from commentsvc.actions import keys
    from commentsvc.jobs.runner import run_beside

    service = app.extensions["commentsvc"]
    while_out(lambda: keys.settle(service))
    service.database.disconnect()
    metrics_port.listen_beside(service)
    run_beside(service)
    begin_streams(app, part)


def while_out(ask: Callable[[], object]) -> None:
    """Do what asks the database, and wait for that where it is out: it was there at the start.

    Else a worker that takes the place of another would end, and the server with it, though all others are well.
    """
    from commentsvc.storage.faults import is_of_database

    log = structlog.get_logger("commentsvc")
    while True:
        try:
            ask()
        except Exception as why:
            if not is_of_database(why):
                raise
            log.error("a worker waits for the database", error=type(why).__name__)
            time.sleep(OUT_SECONDS)
        else:
            return


class Server(MPServer):
    """The server, which listens on a socket that was opened for it, and tells systemd how it goes."""

    def __init__(self, listener: Listener, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._listener = listener
        self.on_startup(partial(report, listener))

    def _init_shared_socket(self) -> None:
        opened = self._listener.opened
        if opened is None:
            super()._init_shared_socket()  # type: ignore[no-untyped-call]
            return
        self._shd = SocketHolder(opened.fileno(), opened.family == socket.AF_UNIX, BACKLOG)  # type: ignore[call-arg,assignment]
        self._sso = None

    def shutdown(self, exit_code: int = 0) -> None:
        """Stop the processes."""
        notify("STOPPING=1")
        super().shutdown(exit_code)  # type: ignore[no-untyped-call]


def run(
    listener: Listener,
    workers: int,
    target: str = "commentsvc.app:create_app",
    request_seconds: float = REQUEST_SECONDS,
    begin: Callable[[Any, WorkerPart], None] = begin_work,
) -> None:
    """Serve until told to stop; settings reach the worker processes by the environment.

    :param target: names the function that makes the application, which each worker process hands to *begin*.
    """
    take_uncaught()
    if workers > 1:
        load_for_all(target)
    streams = -(-Settings.from_environ(os.environ).events_limit // workers) + COPIES
    open_files = raise_open_files(streams)
    numbers = numbers_for_streams(open_files, streams)
    server = Server(
        listener,
        target,
        address=listener.host,
        port=listener.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=workers,
        blocking_threads=THREADS,
        blocking_threads_idle_timeout=THREAD_IDLE_SECONDS,
        backlog=BACKLOG,
        backpressure=connections_within(open_files - len(numbers)),
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_SECONDS * 1000, max_buffer_size=HEAD_BYTES),
        workers_kill_timeout=STOP_SECONDS,
        respawn_failed_workers=True,
        log_level=LogLevels.error,  # it warns of many threads, which are meant
        log_dictconfig=server_config(),
    )
    tell_why_workers_end(server)
    signal.signal(signal.SIGQUIT, server.signal_handler_interrupt)
    load = partial(
        _load,
        listening=Listening(listener.port, listener.host if listener.port is None else ""),
        request_seconds=request_seconds,
        begin=begin,
        numbers=numbers,
        workers=workers,
    )
    try:
        server.serve(target_loader=load)
    finally:
        close_whole(Settings.from_environ(os.environ))


def _load(
    target: str,
    *,
    listening: Listening,
    request_seconds: float,
    begin: Callable[[Any, WorkerPart], None],
    numbers: range,
    workers: int,
) -> Any:
    """Make the application, in a worker process.

    What is wrong is told once, and not again and again: the server ends where its workers do at once.
    """
    # A terminal sends these to all its processes; the parent tells this one to stop. Both at once, the server
    # does not stop before it is killed, eight seconds later.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGQUIT})
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # until the server has its own way to stop
    end_with_parent(STOP_SECONDS)
    if listening.port is not None:  # a proxy before a Unix socket bounds the time itself
        slow_connections.watch(listening.port, request_seconds)
    try:
        with loading():
            create = resolve_name(target)
        app = create()
        heap.share()  # with nobody, but no collection looks through it again
        write_apart()
        begin(app, WorkerPart(listening, numbers, workers))
    except Problem as refused:
        structlog.get_logger("commentsvc").error("cannot serve", detail=str(refused.detail))
        sys.exit(1)
    except Exception as why:
        log_fault(why, None)
        sys.exit(1)
    return app


def load_for_all(target: str) -> None:
    """Load the application before there are workers, which share what they do not change of it.

    A single one loads it by itself: the process that watches over it would hold 60 MB more than it needs.
    """
    with loading():
        resolve_name(target)
    heap.share()


def raise_open_files(streams: int) -> int:
    """Let this process and its children open as many files as they need and may; give how many.

    :param streams: files of a process that its streams of events take.
    """
    soft, hard = (
        sys.maxsize if limit == resource.RLIM_INFINITY else limit
        for limit in resource.getrlimit(resource.RLIMIT_NOFILE)
    )
    wanted = min(CONNECTIONS + FILES_OF_A_THREAD * THREADS + streams, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(soft, wanted)


def numbers_for_streams(open_files: int, streams: int) -> range:
    """The numbers that a process keeps for streams of events, which leave the server's own and the rest their room.

    They are as low as that lets them be: the kernel's table of open files is as long as the highest number.
    """
    end = min(open_files, CONNECTIONS + FILES_OF_A_THREAD * THREADS + streams)
    return range(end - min(streams, end // STREAMS_PART), end)


def begin_streams(app: Any, part: WorkerPart) -> None:
    """Let the application open streams of events: as many as are this process's part, and as there are numbers for."""
    limit = app.extensions["commentsvc"].settings.events_limit
    room = len(part.numbers) - min(COPIES, len(part.numbers) // 2)
    most = min(-(-limit // part.workers), room)
    app.extensions["commentsvc.streams"].begin(part.listening, part.numbers.start, most)


def connections_within(open_files: int) -> int:
    """How many connections a process takes that may open so many files.

    It must never run out of them: the server would try to accept again and again, without a pause.
    """
    few = max(LEAST_CONNECTIONS, min(open_files // 2, open_files - OWN_FILES))
    return min(max(open_files - FILES_OF_A_THREAD * THREADS, few), CONNECTIONS)
