"""Ends connections on which the service has had nothing to send for too long.

The server bounds the time of a request's head and of an idle connection, but waits without end for
a body, and for a reader who takes nothing; and nothing in Python interrupts either. The kernel knows
of each connection when data last went out on it (`TCP_INFO`), and to shut one down for reading ends
the wait for its body. What comes of it: a request must arrive within `seconds` of the answer before it,
whether its bytes drip or stop, and a reader must take something within the same time.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from contextlib import suppress
from pathlib import Path
from threading import Thread

from commentsvc.serving.handover import borrowed

# `struct tcp_info` of linux/tcp.h: the state, and at byte 44 the milliseconds since data was last
# sent, or since the connection was made.
TCP_INFO = struct.Struct("=B43xI")
TCP_LISTEN = 10
ROUNDS = 6  # looks at the connections within the time that they have
OPEN_FILES = Path("/proc/self/fd")


def watch(port: int, seconds: float) -> None:
    """Begin to end what is overdue among this process's connections to *port*.

    Nothing is watched where there is no Linux to ask; a proxy in front bounds the time too.
    """
    if OPEN_FILES.is_dir():
        Thread(target=_watch, args=(port, seconds), name="overdue", daemon=True).start()


def _watch(port: int, seconds: float) -> None:
    while True:
        time.sleep(seconds / ROUNDS)
        for file in _open_files():
            # It may have been closed meanwhile, be no connection, or be one that is over.
            with suppress(OSError), borrowed(int(file)) as connection:
                _end_if_overdue(connection, port, seconds)


def _open_files() -> list[str]:
    """The numbers of the open files; none where to look would take one too many: the next round will do."""
    try:
        return os.listdir(OPEN_FILES)
    except OSError:
        return []


def _end_if_overdue(connection: socket.socket, port: int, seconds: float) -> None:
    state, milliseconds = TCP_INFO.unpack(
        connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO.size)
    )
    if state == TCP_LISTEN or connection.getsockname()[1] != port or milliseconds < seconds * 1000:
        return
    # First it reads no more, so that whoever sent too slowly is told so; a round later it is over.
    late = milliseconds > seconds * 1000 * (1 + 1 / ROUNDS)
    connection.shutdown(socket.SHUT_RDWR if late else socket.SHUT_RD)
