"""Streams of events (server-sent events): a thread of this process writes to all of them.

A stream is a connection that was taken over from the server (`serving/handover.py`). One thread waits for all of
them, another looks at the versions of all open threads when something was committed. An event names
a thread and its version, never a comment: who fetches that sees what is public by then.

The answer promises `LENGTH` bytes and is complete when they are sent, after which the reader connects again. All that is sent
fills `BLOCK`s: programs that read a body of known length by blocks wait for whole ones.
"""

from __future__ import annotations

import ctypes
import select
import socket
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue

import structlog
from msgspec import json

from commentsvc.cache.versions import Versions
from commentsvc.metrics import Metrics
from commentsvc.model import ThreadState, WatchedThread
from commentsvc.serving import handover
from commentsvc.serving.fair_semaphore import Caller, FairSemaphore, NoPermit
from commentsvc.serving.handover import Failed, Handover, Listening

BLOCK = 512
LENGTH = 256 * BLOCK
PING_SECONDS = 20  # between two things that are sent: proxies end what is silent, often after 60
LOOK_SECONDS = 0.25  # between two looks whether something was committed
OUT_SECONDS = 2  # until the database is asked again that did not answer
HAND_SECONDS = 0.001  # between two looks whether the server has let go of a connection
GONE_SECONDS = 60  # for which a client may leave bytes unacknowledged
SEND_BUFFER = 8192  # bytes that wait in the kernel for a client, who is dropped if there are more
WIDER = 4  # times as many streams for each wider network that a client is counted as
WAITING = 64  # openings that wait for their turn, each with a thread of the server
TURN_SECONDS = 5
TRIES = 10  # after which nothing is tried for a while, if it never worked here; clients who leave at once are among them
PAUSE_SECONDS = 600
ARTICLES_AT_A_TIME = 500  # in one look-up
LAST = 8 * BLOCK  # an answer that lacks no more than this is completed: no event is longer
OPEN = b"retry: 5000"  # ms after which a browser connects again that was cut off
PING = b":"
SEND_FLAGS = socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL
LEFT = select.EPOLLIN | select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR

# Python's own gives the interpreter away for each call: beside busy readers, to have it back takes longer than to send,
# 2,000 times for one event. This one does not wait, so it need not.
_send = ctypes.PyDLL(None).send
_send.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int)
_send.restype = ctypes.c_ssize_t

log = structlog.get_logger("commentsvc.streams")


class TooManyStreams(Exception):
    """There is no room for a stream; *of_client*: of this client, and not in all."""

    def __init__(self, *, of_client: bool) -> None:
        super().__init__()
        self.of_client = of_client


def framed(text: bytes) -> bytes:
    """The lines of *text*, which end an event where it is one, in whole blocks."""
    return filled(text, len(text) + 4 + -(len(text) + 4) % BLOCK)


def filled(text: bytes, size: int) -> bytes:
    """The lines of *text*, with a comment before them that makes *size* bytes of it."""
    return b":%b\n%b\n\n" % (b" " * (size - len(text) - 4), text)


def event(watched: WatchedThread) -> bytes:
    """The event that tells of which version the thread is."""
    state = watched.state
    data = {"site": watched.site, "article": watched.article, "version": state.version, "count": state.count}
    return framed(b"event: changed\nid: %d\ndata: %b" % (state.version, json.encode(data)))


@dataclass(slots=True, eq=False)
class _Stream:
    """One stream; its reader knows of *state*."""

    connection: socket.socket
    caller: Caller
    key: tuple[int, str]
    state: ThreadState | None
    left: int = LENGTH - BLOCK  # bytes of the answer that are not sent yet
    sent_at: float = field(default_factory=time.monotonic)


@dataclass(slots=True, eq=False)
class _Topic:
    """An open thread as it was last looked at, and who is told of it."""

    watched: WatchedThread
    streams: set[_Stream] = field(default_factory=set)
    is_settled: bool = False  # whether all who are told know of that state


@dataclass(frozen=True, slots=True)
class _Opening:
    handed: Handover
    watched: WatchedThread
    caller: Caller
    is_behind: bool


class Streams:
    """The streams of this process; there are none before `begin`, nor under another server than ours."""

    def __init__(self, versions: Versions, metrics: Metrics, per_client: int) -> None:
        self._versions = versions
        self._metrics = metrics
        self._per_client = per_client
        self._limit = 0
        self._listening = Listening()
        self._least = 0
        self._counting = threading.Lock()
        self._held: Counter[str] = Counter()
        self._open = 0
        self._turn = FairSemaphore(1, 1, waiting=WAITING)
        self._waiting = threading.BoundedSemaphore(WAITING)
        self._has_worked = False
        self._failed = 0
        self._silent_until = 0.0  # on the monotonic clock
        self._inbox: SimpleQueue[_Opening | list[WatchedThread]] = SimpleQueue()
        self._topics: dict[tuple[int, str], _Topic] = {}
        self._by_silence: OrderedDict[int, _Stream] = OrderedDict()  # by descriptor; silent for longest first
        self._openings: list[_Opening] = []
        self._needed = threading.Event()  # whether any thread is open
        self._is_new = False  # whether one was opened since all were looked at

    def begin(self, listening: Listening, least: int, limit: int) -> None:
        """Take connections over from now on; copies get numbers from *least* on.

        :param limit: streams at a time.
        """
        if not handover.OPEN_FILES.is_dir() or not limit:
            return
        self._listening, self._least = listening, least
        self._epoll = select.epoll()
        self._woken, self._wakes = socket.socketpair()
        self._woken.setblocking(False)
        self._wakes.setblocking(False)
        self._epoll.register(self._woken, select.EPOLLIN)
        for name, target in ("streams", self._write), ("versions of streams", self._look):
            threading.Thread(target=target, name=name, daemon=True).start()
        self._limit = limit

    @property
    def can_open(self) -> bool:
        """Whether a stream can be opened under this server."""
        return bool(self._limit) and (self._has_worked or time.monotonic() >= self._silent_until)

    # In the threads of the server

    def open(self, watched: WatchedThread, seen: str | None, caller: Caller) -> Handover:
        """Give the body of an answer by which its connection becomes a stream.

        :param seen: the version that the reader saw last, who is told at once if it is another.
        :raises TooManyStreams: this client, or all together, have as many as they may.
        :raises NoPermit: too many are being opened.
        """
        self._count(caller)
        try:
            handed = self._begun(caller)
        except BaseException:
            self._discount(caller)
            raise
        is_behind = seen is not None and seen != str(watched.state.version)
        self._tell(_Opening(handed, watched, caller, is_behind))
        return handed

    def _begun(self, caller: Caller) -> Handover:
        """Wait for a turn, which ends where the connection was taken over, and begin."""
        if not self._waiting.acquire(blocking=False):
            raise NoPermit
        try:
            if not self._turn.acquire(caller, TURN_SECONDS):
                raise NoPermit
        finally:
            self._waiting.release()
        try:
            return handover.begin(self._listening, self._least, framed(OPEN))
        except OSError as why:
            self._turn.release(caller)
            log.error("no connection can be taken over", kind=type(why).__name__, number=why.errno)
            raise NoPermit from None
        except BaseException:
            self._turn.release(caller)
            raise

    def _count(self, caller: Caller) -> None:
        with self._counting:
            if self._open >= self._limit:
                raise TooManyStreams(of_client=False)
            for width, network in enumerate(caller.networks):
                if self._held[network] >= self._per_client * WIDER**width:
                    raise TooManyStreams(of_client=True)
            self._open += 1
            self._held.update(caller.networks)
            self._metrics.set(self._open, "streams")

    def _discount(self, caller: Caller) -> None:
        with self._counting:
            self._open -= 1
            self._held.subtract(caller.networks)
            for network in caller.networks:
                if not self._held[network]:
                    del self._held[network]
            self._metrics.set(self._open, "streams")

    def _tell(self, what: _Opening | list[WatchedThread]) -> None:
        self._inbox.put(what)
        with suppress(BlockingIOError):  # enough was told already
            self._wakes.send(b"!")

    # In the thread that writes

    def _write(self) -> None:
        while True:
            try:
                self._write_once()
            except Exception as why:
                log.error("streams", kind=type(why).__name__, exc_info=True)
                time.sleep(1)

    def _write_once(self) -> None:
        for file, _ in self._epoll.poll(HAND_SECONDS if self._openings else PING_SECONDS / 20, 1024):
            if file == self._woken.fileno():
                with suppress(BlockingIOError):
                    self._woken.recv(4096)
            elif stream := self._by_silence.get(file):
                self._end(stream)  # it left, or says more than there is to say
        self._read_inbox()
        self._openings = [opening for opening in self._openings if not self._taken(opening)]
        self._ping()

    def _read_inbox(self) -> None:
        with suppress(Empty):
            while True:
                told = self._inbox.get_nowait()
                if isinstance(told, _Opening):
                    self._openings.append(told)
                else:
                    self._tell_changed(told)

    def _taken(self, opening: _Opening) -> bool:
        """Make a stream of it if the server has let go; give whether it is done, or has failed."""
        try:
            connection = opening.handed.taken()
        except Failed:
            self._turn.release(opening.caller)
            self._discount(opening.caller)
            self._note(worked=False)
            return True
        if connection is None:
            return False
        self._turn.release(opening.caller)
        self._note(worked=True)
        try:
            _configure(connection)
        except OSError:  # it was reset at this very moment
            connection.close()
            self._discount(opening.caller)
            return True
        watched = opening.watched
        state = None if opening.is_behind else watched.state
        self._add(_Stream(connection, opening.caller, (watched.site_id, watched.article), state), watched)
        return True

    def _note(self, *, worked: bool) -> None:
        """After some first tries that fail, under a server or kernel that does otherwise, nothing is tried for a while."""
        self._has_worked |= worked
        self._failed = 0 if worked else self._failed + 1
        if not self._has_worked and self._failed >= TRIES:
            self._failed = 0
            self._silent_until = time.monotonic() + PAUSE_SECONDS
            log.warning("no streams: the server does not let go of connections", again_seconds=PAUSE_SECONDS)

    def _add(self, stream: _Stream, watched: WatchedThread) -> None:
        file = stream.connection.fileno()
        self._by_silence[file] = stream
        self._epoll.register(file, LEFT)
        topic = self._topics.setdefault(stream.key, _Topic(watched))
        topic.streams.add(stream)
        topic.is_settled = False
        self._is_new = True
        self._needed.set()
        if stream.state is None:
            self._tell_state([stream], watched)

    def _tell_changed(self, looked_at: list[WatchedThread]) -> None:
        for watched in looked_at:
            topic = self._topics.get((watched.site_id, watched.article))
            if topic is None or (topic.is_settled and topic.watched.state == watched.state):
                continue
            topic.watched = watched
            topic.is_settled = True
            self._tell_state([one for one in topic.streams if one.state != watched.state], watched)

    def _tell_state(self, streams: Sequence[_Stream], watched: WatchedThread) -> None:
        for stream in streams:
            stream.state = watched.state
        self._send(streams, event(watched))

    def _ping(self) -> None:
        """Send something to those who were sent nothing for long: so it shows who is no longer there."""
        now = time.monotonic()
        silent = []
        for stream in self._by_silence.values():
            if now - stream.sent_at < PING_SECONDS:
                break
            silent.append(stream)
        self._send(silent, framed(PING))

    def _send(self, streams: Sequence[_Stream], frame: bytes) -> None:
        now = time.monotonic()
        for stream in streams:
            file = stream.connection.fileno()
            is_sent = _send(file, frame, len(frame), SEND_FLAGS) == len(
                frame
            )  # else it left, or takes nothing
            stream.left -= len(frame)
            if is_sent and stream.left < LAST:
                with suppress(OSError):
                    stream.connection.send(filled(b"", stream.left))
                is_sent = False
            if not is_sent:
                self._end(stream)
                continue
            stream.sent_at = now
            self._by_silence.move_to_end(file)

    def _end(self, stream: _Stream) -> None:
        file = stream.connection.fileno()
        del self._by_silence[file]
        self._epoll.unregister(file)
        stream.connection.close()
        topic = self._topics[stream.key]
        topic.streams.discard(stream)
        if not topic.streams:
            del self._topics[stream.key]
        if not self._topics:
            self._needed.clear()
        self._discount(stream.caller)

    # In the thread that looks

    def _look(self) -> None:
        seen: object = None
        while True:
            self._needed.wait()
            time.sleep(LOOK_SECONDS)
            try:
                mark = self._versions.mark()  # before the look-up: what is committed after, differs
                if mark is not None and mark == seen and not self._is_new:
                    continue
                self._is_new = False
                self._tell(self._looked_at())
                seen = mark
            except Exception as why:  # whatever the driver raises
                log.warning("no versions for streams", kind=type(why).__name__)
                self._is_new = True
                time.sleep(OUT_SECONDS)

    def _looked_at(self) -> list[WatchedThread]:
        """All open threads as they are now, by one look-up for many of one site."""
        by_site: dict[int, list[WatchedThread]] = {}
        for topic in list(self._topics.values()):
            by_site.setdefault(topic.watched.site_id, []).append(topic.watched)
        now: list[WatchedThread] = []
        for site, threads in by_site.items():
            for start in range(0, len(threads), ARTICLES_AT_A_TIME):
                some = threads[start : start + ARTICLES_AT_A_TIME]
                states = self._versions.states(site, [one.article for one in some])
                now += [replace(one, state=states[one.article]) for one in some]
        return now


def _configure(connection: socket.socket) -> None:
    """Let no more wait in the kernel than a few events, and not for long."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    if connection.family != socket.AF_UNIX:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, GONE_SECONDS * 1000)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
