"""Where the service listens: an address, a Unix socket, or a socket that systemd opened for it."""

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from commentsvc.errors import BadSetting
from commentsvc.settings.values import shown

BACKLOG = 2048  # connections that wait to be accepted; the kernel takes no more than net.core.somaxconn
FIRST_FILE = 3  # of those that systemd hands over, sd_listen_fds(3)


@dataclass(frozen=True, slots=True)
class Listener:
    """Where the service listens.

    With no *opened* socket each process opens one of its own at *host* and *port*, so that the kernel spreads
    connections among them. A Unix socket has a path in place of *host*, and no *port*.
    """

    name: str
    host: str
    port: int | None = None
    opened: socket.socket | None = None


def at_address(host: str, port: int) -> Listener:
    """Listen on *host*, a name or an address; of a name with several addresses the first IPv4 one is taken.

    :raises BadSetting: it is in use, not ours, or no host.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as why:  # a part of a name may be empty or too long
        reason = why.strerror if isinstance(why, OSError) else "that is no host"
        raise BadSetting(
            f"Cannot listen on {shown(host)}:{port}: {reason}. Choose another with --host."
        ) from None
    family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as why:
            raise BadSetting(
                f"Cannot listen on {shown(host)}:{port}: {why.strerror}. Choose another with --port."
            ) from None
    return Listener(f"{host}:{port}", str(address[0]), port)


@contextmanager
def at_path(path: Path, mode: int) -> Iterator[Listener]:
    """Listen on a Unix socket at *path* with the permissions *mode*, until the block ends.

    One that a killed service left is replaced.

    :raises BadSetting: another program listens there, or something else is there.
    """
    try:
        _remove_abandoned(path)
        before = os.umask(0o777 & ~mode)  # so that it never has other permissions
        try:
            opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            opened.bind(os.fspath(path))
        finally:
            os.umask(before)
        opened.listen(BACKLOG)
        opened.setblocking(False)
    except OSError as why:
        reason = why.strerror or str(why)  # a path that is too long has no number
        raise BadSetting(f"Cannot listen on {path}: {reason}. Choose another with --socket.") from None
    with opened:
        ours = path.stat().st_ino
        try:
            yield Listener(f"unix:{path}", os.fspath(path), opened=opened)
        finally:
            if path.is_socket() and path.stat().st_ino == ours:
                path.unlink()


def _remove_abandoned(path: Path) -> None:
    """Remove a socket at which nobody listens any more.

    :raises OSError: somebody does, or it is no socket.
    """
    try:
        is_socket = stat.S_ISSOCK(path.lstat().st_mode)
    except FileNotFoundError:
        return
    if not is_socket:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)  # a full queue is an answer, too
        try:
            probe.connect(os.fspath(path))
        except ConnectionRefusedError:
            path.unlink()
            return
        except BlockingIOError:
            pass
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))


def handed_over(environ: MutableMapping[str, str]) -> Listener | None:
    """Give the socket that systemd opened for this process, and take it out of *environ*; None where there is none.

    :raises BadSetting: it is more than one, or none of streams.
    """
    number = environ.pop("LISTEN_FDS", "")
    process = environ.pop("LISTEN_PID", "")
    environ.pop("LISTEN_FDNAMES", None)
    if not number or process != str(os.getpid()):
        return None
    if number != "1":
        raise BadSetting(
            f"systemd opened {number} sockets, and the service takes one. Remove a Listen… line."
        )
    try:
        opened = socket.socket(fileno=FIRST_FILE)
        listens = opened.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as why:
        raise BadSetting(f"The socket of systemd cannot be used: {why.strerror}.") from None
    if opened.type != socket.SOCK_STREAM or not listens:
        raise BadSetting("The socket of systemd is no listening stream: write ListenStream= and Accept=no.")
    opened.set_inheritable(False)
    opened.setblocking(False)
    if opened.family == socket.AF_UNIX:
        return Listener(f"unix:{opened.getsockname()}", opened.getsockname(), opened=opened)
    host, port = opened.getsockname()[:2]
    return Listener(f"{host}:{port}", host, port, opened)
