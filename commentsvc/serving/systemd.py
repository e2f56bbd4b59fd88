"""What systemd is told: that the service is ready, that it stops, and that it still answers (sd_notify(3))."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from threading import Thread

from commentsvc.serving.listening import Listener

ASK_SECONDS = 0.1  # between questions until the service is ready
PATIENCE_SECONDS = 10.0  # for one answer, where systemd sets no other
QUESTION = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
READY = b"HTTP/1.1 200 "


def notify(state: str, environ: Mapping[str, str] = os.environ) -> None:
    """Tell systemd *state*, such as `READY=1`; nothing happens where it does not ask."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel, suppress(OSError):
        channel.sendto(state.encode(), address)  # one that is lost, systemd notices by its own timeouts


def report(listener: Listener, environ: Mapping[str, str] = os.environ) -> None:
    """Tell systemd when the service answers for the first time; and again and again, where it watches it."""
    if environ.get("NOTIFY_SOCKET"):
        interval = int(environ.get("WATCHDOG_USEC") or 0) / 2_000_000  # twice in the time that it has
        Thread(target=_report, args=(listener, interval), name="systemd", daemon=True).start()


def _report(listener: Listener, interval: float) -> None:
    while not answers(listener, PATIENCE_SECONDS):
        time.sleep(ASK_SECONDS)
    notify("READY=1")
    while interval:
        if answers(listener, interval):
            notify("WATCHDOG=1")
        time.sleep(interval)


def answers(listener: Listener, seconds: float) -> bool:
    """Whether the service says within *seconds* that it is alive."""
    try:
        with _connected(listener, seconds) as connection:
            connection.sendall(QUESTION)
            return connection.recv(len(READY), socket.MSG_WAITALL) == READY
    except OSError:
        return False


def _connected(listener: Listener, seconds: float) -> socket.socket:
    if listener.port is not None:
        return socket.create_connection((_reached_at(listener.host), listener.port), seconds)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(seconds)
    connection.connect(listener.host)
    return connection


def _reached_at(host: str) -> str:
    """Where this machine reaches what listens on *host*, which may stand for all its addresses."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared with
