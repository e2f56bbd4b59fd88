"""A number of permits that are shared fairly by clients, however many requests each of them has."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks for a permit.

    `networks` are those that count as this client, from the narrowest to the widest. One that is
    *privileged* may take the permits that are reserved.
    """

    networks: Sequence[str]
    privileged: bool = False

    @property
    def turn(self) -> tuple[str, bool]:
        """Who takes turns: the widest network, and its privileged requests apart from its others."""
        return self.networks[-1], self.privileged


class NoPermit(Exception):
    """No permit became free in time, or too many of this client wait already."""


@dataclass(slots=True, eq=False)
class _Waiter:
    caller: Caller
    permitted: Lock = field(default_factory=Lock)  # locked until then

    def __post_init__(self) -> None:
        self.permitted.acquire()


class FairSemaphore:
    """So many permits; one that becomes free goes to the client whose turn it is.

    Clients take turns, so one with many requests delays the others by one of its own; the requests of
    one client are served in the order in which they came. (A semaphore of the standard library gives
    a permit to whoever comes next: of 64 posters at once, some waited three times as long as most.)

    :param size: permits in all.
    :param per_client: permits that the narrowest network of a client holds at most; a wider one holds at
        most half of all, or as many as that where it is more.
    :param waiting: requests of one client that wait at most; those beyond are refused at once.
    :param reserved: permits that privileged callers alone may take.
    """

    def __init__(self, size: int, per_client: int, *, waiting: int, reserved: int = 0) -> None:
        self._free = size
        self._per_client = per_client
        self._per_wider = max(per_client, size // 2)
        self._most_waiting = waiting
        self._reserved = reserved
        self._held: Counter[tuple[str, bool]] = Counter()
        self._queues: OrderedDict[tuple[str, bool], deque[_Waiter]] = OrderedDict()  # who is next, first
        self._lock = Lock()

    @contextmanager
    def permit(self, caller: Caller, timeout: float) -> Iterator[None]:
        """Hold a permit within the block.

        :raises NoPermit: there was none within *timeout* seconds.
        """
        if not self.acquire(caller, timeout):
            raise NoPermit
        try:
            yield
        finally:
            self.release(caller)

    def acquire(self, caller: Caller, timeout: float) -> bool:
        """Wait for a permit for at most *timeout* seconds, and say whether it was given."""
        with self._lock:
            if self._may_hold(caller):  # of those who wait, nobody may
                self._take(caller)
                return True
            queue = self._queues.get(caller.turn, ())
            if timeout <= 0 or len(queue) >= self._most_waiting:
                return False
            waiter = _Waiter(caller)
            self._queues.setdefault(caller.turn, deque()).append(waiter)
        if waiter.permitted.acquire(timeout=timeout):
            return True
        with self._lock:
            given = waiter not in self._queues.get(caller.turn, ())  # at the very last moment
            if not given:
                self._leave(waiter)
            return given

    def release(self, caller: Caller) -> None:
        """Give the permit of *caller* back, and to whom it is due."""
        with self._lock:
            self._free += 1
            self._count(caller, -1)
            while self._free and (waiter := self._next()):
                self._take(waiter.caller)
                waiter.permitted.release()

    def _next(self) -> _Waiter | None:
        """Take the next out of its queue that may have a permit now; its client is last from then on."""
        for turn, queue in self._queues.items():
            waiter = next((one for one in queue if self._may_hold(one.caller)), None)
            if waiter is not None:
                self._queues.move_to_end(turn)
                self._leave(waiter)
                return waiter
        return None

    def _may_hold(self, caller: Caller) -> bool:
        if self._free <= (0 if caller.privileged else self._reserved):
            return False
        narrowest, *wider = self._keys(caller)
        return self._held[narrowest] < self._per_client and all(
            self._held[network] < self._per_wider for network in wider
        )

    def _take(self, caller: Caller) -> None:
        self._free -= 1
        self._count(caller, 1)

    def _count(self, caller: Caller, change: int) -> None:
        for key in self._keys(caller):
            self._held[key] += change
            if not self._held[key]:
                del self._held[key]

    def _keys(self, caller: Caller) -> list[tuple[str, bool]]:
        return [(network, caller.privileged) for network in caller.networks]

    def _leave(self, waiter: _Waiter) -> None:
        turn = waiter.caller.turn
        self._queues[turn].remove(waiter)
        if not self._queues[turn]:
            del self._queues[turn]
