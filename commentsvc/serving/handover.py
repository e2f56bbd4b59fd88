"""Takes a connection over from the server, so that an answer without end costs no thread.

The server (granian, by WSGI) has a thread wait for each answer, and gives out neither a connection nor its port. What it
does with a body that ends before its `Content-Length` is what HTTP wants: the answer cannot be completed, so it
lets go of the connection. It closes its descriptor and does not shut the connection down, so a copy of that
descriptor has it from then on. Which one it was shows by that alone: of the descriptors that were copied
before the answer, it is the one that the server has closed, while the connection still stands.

One is taken over at a time, as two could be mistaken for each other (docs/decisions/0071).
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import stat
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

# `struct tcp_info` of linux/tcp.h: the state; how many ms ago data was sent and received last, at bytes 44 and
# 52; and the number of segments with data that were sent, at 156.
TCP_INFO = struct.Struct("=B43xI4xI100xI")
TCP_ESTABLISHED = 1
OPEN_FILES = Path("/proc/self/fd")
HEAD_SECONDS = 2  # until the server has sent the head, at most: where the body ends before, it sends neither
LOOK_SECONDS = 0.001  # between two looks whether it has
OTHERS_SECONDS = 0.03  # the same, from when something was sent that can have been another's
FLUSH_SECONDS = 0.002  # after all that was seen
UNSEEN_SECONDS = 0.01  # in which the head is sent where that cannot be seen
PATIENCE_SECONDS = 0.5  # from the end of the body on: far longer than the server takes to let go
LEFT_SECONDS = 0.05  # the same, where the server let go of one whose client has left: mostly it is that
ANSWER_SECONDS = 5  # until the body has ended


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the server listens: a *port*, or else the path of a Unix socket."""

    port: int | None = None
    path: str = ""

    def has(self, connection: socket.socket) -> bool:
        """Whether somebody connected there."""
        if connection.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            return False
        if self.port is None:
            return connection.family == socket.AF_UNIX and connection.getsockname() == self.path
        return connection.family != socket.AF_UNIX and connection.getsockname()[1] == self.port


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A connection of the server's that may be the one: its number there, and our copy."""

    number: int
    copy: socket.socket
    inode: int
    segments: int

    def is_released(self) -> bool:
        """Whether the server has closed its descriptor, whatever the number stands for by now."""
        try:
            return os.fstat(self.number).st_ino != self.inode
        except OSError:
            return True

    def has_sent(self) -> bool:
        """Whether something was sent since it was copied."""
        return _segments(self.copy) > self.segments

    def was_answered(self) -> bool:
        """Whether the connection stands in both directions, and the head of an answer went out on it.

        Whether it did cannot be told of a Unix socket.
        """
        try:
            self.copy.send(b"", socket.MSG_DONTWAIT)
            self.copy.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return self.has_sent() or self.copy.family == socket.AF_UNIX
        except OSError:
            return False
        return False  # it said more, or left


@dataclass(slots=True)
class Handover:
    """One connection on its way, from before the answer until it is known which it is.

    As the body of an answer, which must promise more than *first*, it makes the server let go.
    """

    first: bytes
    copies: list[_Candidate]
    began: float = field(default_factory=time.monotonic)
    _ended: float | None = None
    _sent: int = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        """The first part of the body; then it ends too early."""
        self._sent += 1
        if self._sent == 1:
            return self.first
        with suppress(OSError):  # a copy was closed: it is known already which it is
            self._wait_for_head()
        raise StopIteration

    def _wait_for_head(self) -> None:
        """Until something was sent on each that may be it, or a little longer than on the first of them."""
        seen = [one for one in self.copies if one.copy.family != socket.AF_UNIX]
        if not seen:
            time.sleep(UNSEEN_SECONDS)
            return
        silent, until = seen, time.monotonic() + HEAD_SECONDS
        while silent and time.monotonic() < until:
            time.sleep(LOOK_SECONDS)
            still = [one for one in silent if not (one.has_sent() or one.is_released())]
            if len(still) < len(silent) == len(seen):
                until = time.monotonic() + OTHERS_SECONDS
            silent = still
        time.sleep(FLUSH_SECONDS)

    def close(self) -> None:
        """The server is done with the body (PEP 3333)."""
        self._ended = time.monotonic()

    def taken(self) -> socket.socket | None:
        """The connection, once the server has let go of it; all other copies are closed then.

        :raises Failed: it is not known which it is.
        """
        released = [one for one in self.copies if one.is_released()]
        answered = [one for one in released if one.was_answered()]
        if len(answered) == 1:
            self._close_all_but(answered[0])
            answered[0].copy.setblocking(False)
            return answered[0].copy
        if answered or not self.copies or self._is_late(LEFT_SECONDS if released else PATIENCE_SECONDS):
            self._close_all_but(None)
            raise Failed
        return None

    def _is_late(self, patience: float) -> bool:
        now = time.monotonic()
        return now > (self.began + ANSWER_SECONDS if self._ended is None else self._ended + patience)

    def _close_all_but(self, kept: _Candidate | None) -> None:
        for one in self.copies:
            if one is not kept:
                one.copy.close()
        self.copies = []


class Failed(Exception):
    """A connection could not be taken over: mostly its client left meanwhile."""


def begin(listening: Listening, least: int, first: bytes) -> Handover:
    """Copy all that may be the connection of the request at hand, to numbers from *least* on.

    :raises OSError: there are too many, or the machine cannot do it.
    """
    copies: list[_Candidate] = []
    try:
        for number in _numbers_below(least):
            try:
                copies += _candidates(number, listening, least)
            except OSError as why:  # it was closed meanwhile, or is no connection
                if why.errno == errno.EMFILE:
                    raise
    except BaseException:
        for one in copies:
            one.copy.close()
        raise
    return Handover(first, copies)


def _candidates(number: int, listening: Listening, least: int) -> list[_Candidate]:
    """That open file, if it may be the connection; as a list of one or none.

    :raises OSError: it is closed or no socket, or there is no number left for a copy.
    """
    with borrowed(number) as connection:
        if not listening.has(connection) or not _may_wait_for_answer(connection):
            return []
        segments = _segments(connection)
    return [
        _Candidate(number, copy, os.fstat(copy.fileno()).st_ino, segments) for copy in _copied(number, least)
    ]


def _numbers_below(least: int) -> Iterator[int]:
    """The open files below *least*, in order; those above are connections that were taken over, and are many."""
    with os.scandir(OPEN_FILES) as files:
        for file in files:
            number = int(file.name)
            if number >= least:
                return
            yield number


@contextmanager
def borrowed(file: int) -> Iterator[socket.socket]:
    """Look at a socket of the server's; it is not ours to close.

    A number may come to stand for another file at any moment, and to close any descriptor of
    the database drops the locks that SQLite holds on it (https://sqlite.org/howtocorrupt.html §2.2).

    :raises OSError: it is closed, or no socket.
    """
    connection = socket.socket(fileno=file)
    try:
        yield connection
    finally:
        connection.detach()


def _copied(number: int, least: int) -> Iterator[socket.socket]:
    """A copy of that socket; none where it is another kind of file by now, whose copy stays open for the reason above.

    :raises OSError: there is no number left, or it is closed.
    """
    copy = fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, least)
    if stat.S_ISSOCK(os.fstat(copy).st_mode):
        yield socket.socket(fileno=copy)


def _may_wait_for_answer(connection: socket.socket) -> bool:
    """Whether nothing was sent on it since something came; of a Unix socket that cannot be told."""
    if connection.family == socket.AF_UNIX:
        return True
    state, sent_ago, received_ago, _ = _tcp_info(connection)
    return state == TCP_ESTABLISHED and received_ago <= sent_ago


def _segments(connection: socket.socket) -> int:
    return 0 if connection.family == socket.AF_UNIX else _tcp_info(connection)[3]


def _tcp_info(connection: socket.socket) -> tuple[int, int, int, int]:
    told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO.size)
    state, sent_ago, received_ago, segments = TCP_INFO.unpack(told)
    return state, sent_ago, received_ago, segments
