"""`commentsvc serve`: the production server."""

from __future__ import annotations

import os
import socket

import click
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from commentsvc.actions.sites import begin_epoch
from commentsvc.cli.application import service_of, told_plainly
from commentsvc.errors import BadSetting
from commentsvc.settings import PREFIX, is_loopback

# A thread waits for each slow body: 200 of them stopped a server of 64 threads, not one of 512 (41 MB).
THREADS = 512
STOP_SECONDS = 10  # what a request under way may still take when the server is told to stop


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
    with service_of(context) as service:
        begin_epoch()
        base_url = service.settings.base_url
    click.echo(f"commentsvc serves {base_url} on {host}:{port}; Ctrl-C stops it.", err=True)
    run(host, port, workers)


def announce_address(host: str, port: int) -> None:
    """Make BASE_URL the address that is listened on, where that is this machine's alone.

    :raises BadSetting: others reach the address, and nobody said by which name.
    """
    if os.environ.get(PREFIX + "BASE_URL"):
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
                f"Cannot listen on {host}:{port}: {why.strerror}. Choose another with --port."
            ) from None


def run(host: str, port: int, workers: int, target: str = "commentsvc.app:create_app") -> None:
    """Serve until told to stop; settings reach the worker processes by the environment."""
    Granian(
        target,
        address=host,
        port=port,
        factory=True,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=workers,
        blocking_threads=THREADS,
        backlog=2048,
        http1_settings=HTTP1Settings(header_read_timeout=15_000, max_buffer_size=128 * 1024),
        workers_kill_timeout=STOP_SECONDS,
        respawn_failed_workers=True,
        log_level=LogLevels.error,  # it warns of many threads, which are meant,
    ).serve()
