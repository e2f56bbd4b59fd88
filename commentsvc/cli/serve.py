"""`commentsvc serve`: the production server."""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import click
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from commentsvc.actions import keys
from commentsvc.actions.scripts import store_scripts
from commentsvc.backends import check_installed
from commentsvc.cli import heap
from commentsvc.cli.application import service_of, told_plainly
from commentsvc.cli.children import apart, end_with_parent
from commentsvc.cli.terminal import announce
from commentsvc.errors import BadSetting, Problem
from commentsvc.jobs.runner import run_beside
from commentsvc.serving import slow_connections
from commentsvc.serving.data_lock import alone_on
from commentsvc.settings import PREFIX, Settings, is_chosen, is_loopback, shown
from commentsvc.storage.database import close_whole

# A thread waits for each slow body: 200 of them stopped a server of 64 threads, not one of 512 (41 MB).
THREADS = 512
THREAD_IDLE_SECONDS = 5  # the least that the server takes
CONNECTIONS = 16_384  # of one process; further ones wait in the kernel, and are not refused
BACKLOG = 2048  # of those that wait; the kernel takes no more than net.core.somaxconn
FILES_OF_A_THREAD = 4  # what a thread opens for a moment, and its part in the databases
OWN_FILES = 48  # of a process at work: of its databases, its event loop, and what it opens for a moment
LEAST_CONNECTIONS = 8
HEAD_SECONDS = 15  # for the request line and headers; an idle connection is closed after as many
HEAD_BYTES = 128 * 1024  # read at once; a head of more than two such reads is refused, 431
REQUEST_SECONDS = 60  # from one answer to the next request's last byte: 30 for a body, whatever came before
STOP_SECONDS = 8  # for requests under way when told to stop; 10 s must be enough for all of it


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.pass_context
def serve(context: click.Context, host: str, port: int, workers: int) -> None:
    """Run the production server; an empty data directory gets its database and keys."""
    with told_plainly():
        announce_address(host, port)
        check_port(host, port)
        data_dir = folder_to_serve()

    def make_ready() -> None:
        with service_of(context) as service:
            store_scripts(service)
            base_url = service.settings.base_url
        announce(f"commentsvc serves {base_url} on {host}:{port}; Ctrl-C stops it.")

    ignore_signals()
    with told_plainly(), alone_on(data_dir):
        apart(make_ready)
        run(host, port, workers)


def folder_to_serve() -> Path:
    """The data directory.

    :raises BadSetting: a setting is wrong or names what is not installed; the directory is as it was then.
    """
    settings = Settings.from_environ(os.environ)
    check_installed(settings.database_url, settings.redis_url)
    return settings.data_dir


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


def check_port(host: str, port: int) -> None:
    """Say at once, and in one line, if the address cannot be listened on.

    :raises BadSetting: it is in use, or not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as why:
            raise BadSetting(
                f"Cannot listen on {shown(host)}:{port}: {why.strerror}. Choose another with --port."
            ) from None
        except UnicodeError:  # a part of a name that is empty or too long
            raise BadSetting(
                f"Cannot listen on {shown(host)}:{port}: that is no host. Choose another with --host."
            ) from None


def ignore_signals() -> None:
    """Let signals pass that other services reopen their logs at: ours goes to standard error."""
    for number in (signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)


def begin_work(app: Any) -> None:
    """Make sure that a worker's service has the right keys, which may have been exchanged since the start; then run jobs.

    :raises Problem: its keys are not those of the database.
    """
    service = app.extensions["commentsvc"]
    keys.settle(service)
    service.database.disconnect()
    run_beside(service)


def run(
    host: str,
    port: int,
    workers: int,
    target: str = "commentsvc.app:create_app",
    request_seconds: float = REQUEST_SECONDS,
    begin: Callable[[Any], None] = begin_work,
) -> None:
    """Serve until told to stop; settings reach the worker processes by the environment.

    :param target: names the function that makes the application, which each worker process hands to *begin*.
    """
    heap.share()
    server = Granian(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=workers,
        blocking_threads=THREADS,
        blocking_threads_idle_timeout=THREAD_IDLE_SECONDS,
        backlog=BACKLOG,
        backpressure=connections_within(raise_open_files()),
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_SECONDS * 1000, max_buffer_size=HEAD_BYTES),
        workers_kill_timeout=STOP_SECONDS,
        respawn_failed_workers=True,
        log_level=LogLevels.error,  # it warns of many threads, which are meant
    )
    signal.signal(signal.SIGQUIT, server.signal_handler_interrupt)
    try:
        server.serve(target_loader=partial(_load, port=port, request_seconds=request_seconds, begin=begin))
    finally:
        close_whole(Settings.from_environ(os.environ))


def _load(target: str, *, port: int, request_seconds: float, begin: Callable[[Any], None]) -> Any:
    """Make the application, in a worker process.

    What is wrong is told once, and not again and again: the server ends where its workers do at once.
    """
    # A terminal sends these to all its processes; the parent tells this one to stop. Both at once, the server
    # does not stop before it is killed, eight seconds later.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGQUIT})
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # until the server has its own way to stop
    end_with_parent(STOP_SECONDS)
    slow_connections.watch(port, request_seconds)
    try:
        app = resolve_name(target)()
        begin(app)
    except Problem as refused:
        click.echo(f"Error: {refused.detail}", err=True)
        sys.exit(1)
    return app


def raise_open_files() -> int:
    """Let this process and its children open as many files as they need and may; give how many."""
    soft, hard = (
        sys.maxsize if limit == resource.RLIM_INFINITY else limit
        for limit in resource.getrlimit(resource.RLIMIT_NOFILE)
    )
    wanted = min(CONNECTIONS + FILES_OF_A_THREAD * THREADS, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(soft, wanted)


def connections_within(open_files: int) -> int:
    """How many connections a process takes that may open so many files.

    It must never run out of them: the server would try to accept again and again, without a pause.
    """
    few = max(LEAST_CONNECTIONS, min(open_files // 2, open_files - OWN_FILES))
    return min(max(open_files - FILES_OF_A_THREAD * THREADS, few), CONNECTIONS)
