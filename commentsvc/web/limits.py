"""Rate limits, in a storage of Flask-Limiter's. One method for each thing that is counted."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask_limiter import Limiter
from limits import RateLimitItem, parse_many

from commentsvc.access.accounts import normalised_login
from commentsvc.errors import TooMany, TooManyPosts
from commentsvc.model import Site
from commentsvc.rate_limits.limiter import Otherwise, RateLimiter
from commentsvc.rate_limits.networks import networks_of
from commentsvc.rate_limits.windows import Window
from commentsvc.service import Service
from commentsvc.web import context

ATTEMPTS_PER_POST = 10  # so that mistyping an address locks nobody out
WIDER = 4  # times as many for each wider network that a client is counted as: an IPv6 /56, and a /48
RENDER_UNIT = 0.020  # seconds: a text that takes longer to render counts again for each
REDIS_SECONDS = 0.5  # that an answer of Redis may take; without it, a dead one would hold us for minutes


@dataclass(frozen=True, slots=True)
class Limit:
    """How often a client may do one thing, in several times at once.

    `otherwise` says what becomes of it where nothing can be counted.
    """

    name: str
    times: Sequence[RateLimitItem]
    otherwise: Otherwise

    def windows(self, clients: Iterable[str]) -> list[Window]:
        """Where a hit is counted; *clients* go from the narrowest to the widest."""
        return [
            Window(
                f"{self.name} {one.amount}/{one.get_expiry()} {client}",
                one.amount * WIDER**width,
                one.get_expiry(),
            )
            for width, client in enumerate(clients)
            for one in self.times
        ]


# Failed attempts to sign in, as multiples of RATE_LIMIT_SIGN_IN: how many, within how much longer a time.
# With 10 per minute that is 20 in 5 minutes, 40 in 25, 80 in two hours: 960 guesses a day.
GROWING_PAUSES = ((2, 5), (4, 25), (8, 125))


class Limits:
    """What one client may do in a time, exact over all processes that share the storage.

    Each `spend_…` is one atomic hit of every window of its limit, and raises `TooMany`. A client is an
    IPv4 address or an IPv6 /64, kept as a keyed hash alone; an IPv6 /56 may do 4 times, a /48 16 times as much.
    Where nothing can be counted, reads are let through, what is posted is counted by each process by
    itself, and a sign-in is `Busy`.
    """

    def __init__(self, app: Flask, service: Service) -> None:
        settings = service.settings
        self._key = service.keys.derive("rate limits")

        def clock() -> float:
            return service.now().timestamp()

        timeouts: dict[str, Any] = {"socket_connect_timeout": REDIS_SECONDS, "socket_timeout": REDIS_SECONDS}
        storage = Limiter(
            self._client_key,
            app=app,
            strategy="moving-window",
            storage_uri=settings.redis_url or _in_file(settings.data_dir / "limits.db"),
            storage_options=timeouts if settings.redis_url else {"clock": clock},  # type: ignore[dict-item]
            headers_enabled=False,
        )
        # No limit holds for every request: each is spent where it is due. To let Flask-Limiter find it
        # by the name of a decorated function takes as long as the hit (docs/decisions/0011).
        storage.request_filter(lambda: True)
        self._limiter = RateLimiter(storage.storage, clock)  # type: ignore[arg-type]

        post, sign_in = _times(settings.rate_limit_post), _times(settings.rate_limit_sign_in)
        attempts = [type(one)(one.amount * ATTEMPTS_PER_POST, one.multiples) for one in post]
        self._post = Limit("post", post, Otherwise.COUNT_HERE)
        self._attempt = Limit("attempt", attempts, Otherwise.COUNT_HERE)
        self._render = Limit("render", _times(settings.rate_limit_render), Otherwise.COUNT_HERE)
        self._read = Limit("read", _times(settings.rate_limit_read), Otherwise.LET_THROUGH)
        self._thread = Limit("thread", _times(settings.rate_limit_threads), Otherwise.COUNT_HERE)
        self._sign_in = Limit("sign-in", sign_in, Otherwise.REFUSE)
        failed = [
            type(one)(one.amount * times, one.multiples * longer)
            for one in sign_in
            for times, longer in GROWING_PAUSES
        ]
        self._failed = Limit("failed sign-in", failed, Otherwise.REFUSE)

    def spend_post(self) -> None:
        """A comment is made."""
        with _told_to_poster():
            self._spend(self._post)

    def spend_attempt(self) -> None:
        """A comment was tried."""
        with _told_to_poster():
            self._spend(self._attempt)

    def spend_read(self) -> None:
        """Something is rendered or made for a reader."""
        self._spend(self._read)

    def spend_render(self) -> None:
        """A guest's text is rendered."""
        with _told_to_poster():
            self._spend(self._render)

    def add_render_time(self, seconds: float) -> None:
        """It took so long, which counts once for every 20 ms, and once was spent before.

        Nothing is raised, as the work is done: the next one is refused where this was too much.
        """
        try:
            for _ in range(int(seconds / RENDER_UNIT)):
                self._spend(self._render)
        except TooMany:
            return

    def spend_thread(self, site: Site) -> None:
        """A guest's comment begins a thread; counted for all guests of the site together."""
        with _told_to_poster():
            self._limiter.hit(
                self._thread.windows([self._hashed(f"site {site.slug}")]), self._thread.otherwise
            )

    def spend_sign_in(self, email: str, device: str | None) -> None:
        """One attempt to sign in, of the client and to the account of *email*.

        A browser on which that account signed in before, named by *device*, has a count of its own, so
        that nobody else's attempts keep the owner out.
        """
        for who in self._who_signs_in(email, device):
            self._limiter.hit(self._sign_in.windows([who]), self._sign_in.otherwise)
            self._limiter.require_room(self._failed.windows([who]), self._failed.otherwise)

    def spend_failed_sign_in(self, email: str, device: str | None) -> None:
        """That attempt failed: many of them make the pauses grow."""
        for who in self._who_signs_in(email, device):
            with suppress(TooMany):  # the next attempt is told
                self._limiter.hit(self._failed.windows([who]), self._failed.otherwise)

    def _who_signs_in(self, email: str, device: str | None) -> list[str]:
        login = normalised_login(email)
        if device is not None:
            return [self._hashed(f"device {device} {login}")]
        return [self._client_key(), self._hashed(f"account {login}")]

    def can_count(self) -> bool:
        """Whether the storage of the counters can be reached."""
        return self._limiter.can_count()

    def _spend(self, limit: Limit) -> None:
        clients = map(self._hashed, networks_of(context.client().ip))
        self._limiter.hit(limit.windows(clients), limit.otherwise)

    def _client_key(self) -> str:
        return self._hashed(networks_of(context.client().ip)[0])

    def _hashed(self, name: str) -> str:
        return hmac.digest(self._key, name.encode(errors="replace"), hashlib.sha256)[:16].hex()


@contextmanager
def _told_to_poster() -> Iterator[None]:
    """Let who wrote a text know that it is not lost."""
    try:
        yield
    except TooMany as refused:
        raise TooManyPosts(refused.limit, refused.seconds) from None


def _times(setting: str) -> list[RateLimitItem]:
    return sorted(set(parse_many(setting)))  # one that is written twice counts once


def _in_file(path: Path) -> str:
    return path.as_uri().replace("file:", "commentsvc-sqlite:", 1)
