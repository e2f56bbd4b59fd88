"""Rate limits: what a request counts as, and how often a client may do it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
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
from commentsvc.rate_limits.limiter import RateLimiter, SharedWindows
from commentsvc.rate_limits.networks import networks_of
from commentsvc.rate_limits.postgresql import PostgresqlMovingWindow
from commentsvc.rate_limits.redis import RedisMovingWindow
from commentsvc.rate_limits.sqlite import SqliteMovingWindow
from commentsvc.rate_limits.windows import Clock, Hit, Otherwise, Window
from commentsvc.service import Service
from commentsvc.web import context

ATTEMPTS_PER_POST = 10  # so that mistyping an address locks nobody out
WIDER = 4  # times as many for each wider network that a client is counted as: an IPv6 /56, and a /48
RENDER_UNIT = 0.020  # seconds: a text that takes longer to render counts again for each
REDIS_SECONDS = 0.5  # that an answer of Redis may take; without it, a dead one would hold us for minutes


@dataclass(frozen=True, slots=True)
class Limit:
    """How often a client may do one thing, in several times at once.

    `otherwise` says what becomes of it where nothing can be counted, `refusal` what is raised beyond it.
    """

    name: str
    times: Sequence[RateLimitItem]
    otherwise: Otherwise
    refusal: type[TooMany] = TooMany

    def hit(self, clients: Sequence[str], more: int = 0) -> Hit:
        """One hit of all windows; *clients* go from the narrowest to the widest."""
        windows = [
            Window(
                f"{self.name} {one.amount}/{one.get_expiry()} {client}",
                one.amount * WIDER**width,
                one.get_expiry(),
            )
            for width, client in enumerate(clients)
            for one in self.times
        ]
        return Hit(windows, more=more, otherwise=self.otherwise, refusal=self.refusal, limit=self.name)


# Failed attempts to sign in, as multiples of RATE_LIMIT_SIGN_IN: how many, within how much longer a time.
# With 10 per minute that is 20 in 5 minutes, 40 in 25, 80 in two hours: 960 guesses a day.
GROWING_PAUSES = ((2, 5), (4, 25), (8, 125))


class Limits:
    """What one client may do in a time, exact over all processes that share the storage.

    What a request counts as is counted in one transaction, when the block of `counting` ends. A client is an
    IPv4 address or an IPv6 /64, kept as a keyed hash alone; an IPv6 /56 may do 4 times, a /48 16 times as much.
    Where nothing can be counted, reads are let through, what is posted is counted by each process by
    itself, and a sign-in is `Busy`.
    """

    def __init__(self, app: Flask, service: Service) -> None:
        settings = service.settings
        self._key = service.keys.derive("rate limits")

        def clock() -> float:
            return service.now().timestamp()

        self._limiter = RateLimiter(
            self._windows(app, service, clock), clock, lambda limit: service.metrics.add("limited", limit)
        )

        post, sign_in = _times(settings.rate_limit_post), _times(settings.rate_limit_sign_in)
        attempts = [type(one)(one.amount * ATTEMPTS_PER_POST, one.multiples) for one in post]
        render, thread = _times(settings.rate_limit_render), _times(settings.rate_limit_threads)
        self.post = Limit("post", post, Otherwise.COUNT_HERE, TooManyPosts)
        self.attempt = Limit("attempt", attempts, Otherwise.COUNT_HERE, TooManyPosts)
        self.render = Limit("render", render, Otherwise.COUNT_HERE, TooManyPosts)
        self.thread = Limit("thread", thread, Otherwise.COUNT_HERE, TooManyPosts)
        self.report = Limit("report", _times(settings.rate_limit_report), Otherwise.COUNT_HERE)
        self.read = Limit("read", _times(settings.rate_limit_read), Otherwise.LET_THROUGH)
        self._access = Limit("access", sign_in, Otherwise.REFUSE)
        self._sign_in = Limit("sign-in", sign_in, Otherwise.REFUSE)
        failed = [
            type(one)(one.amount * times, one.multiples * longer)
            for one in sign_in
            for times, longer in GROWING_PAUSES
        ]
        self._failed = Limit("failed sign-in", failed, Otherwise.REFUSE)

    def _windows(self, app: Flask, service: Service, clock: Clock) -> SharedWindows:
        """Where windows are counted: in Redis where there is one, else in PostgreSQL, else in a file."""
        settings, engine = service.settings, service.database.engine
        if settings.redis_url is None and engine.dialect.name == "postgresql":
            return PostgresqlMovingWindow(engine, clock, service.database.outage)
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
        return _windows_in(storage.storage)

    @contextmanager
    def counting(self) -> Iterator[Counting]:
        """Count what is told within the block, when it ends in whichever way; what is limited is done after it.

        :raises TooMany: there is no room for one of it. What was told before that one is counted.
        """
        counting = Counting(self, self._limiter, [self._hashed(one) for one in _networks()])
        try:
            yield counting
        finally:
            self._limiter.hit(counting.told)

    def client_of(self, site: Site) -> str:
        """As whom all guests of *site* are counted together."""
        return self._hashed(f"site {site.slug}")

    def spend_read(self) -> None:
        """Count a read.

        :raises TooMany: it is one too many.
        """
        with self.counting() as counting:
            counting.read()

    def spend_sign_in(self, email: str, device: str | None) -> None:
        """One attempt to sign in, of the client and to the account of *email*.

        A browser on which that account signed in before, named by *device*, has a count of its own, so
        that nobody else's attempts keep the owner out.
        """
        for who in self._who_signs_in(email, device):
            self._limiter.hit([self._sign_in.hit([who])])
            self._limiter.require_room(self._failed.hit([who]))

    def spend_access(self, email: str) -> None:
        """One request for what belongs to *email*, of the client and for that address: as often as one may sign in.

        :raises TooMany: it is one too many, whether anything is known of the address or not.
        """
        for who in self._who_signs_in(email, None):
            self._limiter.hit([self._access.hit([who])])

    def spend_failed_sign_in(self, email: str, device: str | None) -> None:
        """That attempt failed: many of them make the pauses grow."""
        for who in self._who_signs_in(email, device):
            with suppress(TooMany):  # the next attempt is told
                self._limiter.hit([self._failed.hit([who])])

    def _who_signs_in(self, email: str, device: str | None) -> list[str]:
        login = normalised_login(email)
        if device is not None:
            return [self._hashed(f"device {device} {login}")]
        return [self._client_key(), self._hashed(f"account {login}")]

    def can_count(self) -> bool:
        """Whether the storage of the counters can be reached."""
        return self._limiter.can_count()

    def _client_key(self) -> str:
        return self._hashed(_networks()[0])

    def _hashed(self, name: str) -> str:
        return hmac.digest(self._key, name.encode(errors="replace"), hashlib.sha256)[:16].hex()


class Counting:
    """What one request counts as; see `Limits.counting`.

    Each method raises `TooMany` where it is known already that there is no room.
    """

    def __init__(self, limits: Limits, limiter: RateLimiter, client: Sequence[str]) -> None:
        self.told: list[Hit] = []
        self._of_comment: list[Hit] = []
        self._limits = limits
        self._limiter = limiter
        self._client = client

    def read(self) -> None:
        """Something is rendered or made for a reader."""
        self._tell(self._limits.read.hit(self._client))

    def attempt(self) -> None:
        """A comment is tried."""
        self._tell(self._limits.attempt.hit(self._client))

    def post(self) -> None:
        """A comment is made."""
        self._tell_of_comment(self._limits.post.hit(self._client))

    def report(self) -> None:
        """A comment is reported."""
        self._tell(self._limits.report.hit(self._client))

    def thread(self, site: Site) -> None:
        """A guest's comment begins a thread; counted for all guests of the site together."""
        self._tell_of_comment(self._limits.thread.hit([self._limits.client_of(site)]))

    def no_comment(self) -> None:
        """None was made after all: it was refused. To try it counts all the same."""
        self._limiter.take_back(self._of_comment)

    def before_rendering(self) -> None:
        """A guest's text is going to be rendered."""
        self._limiter.raise_known(self._limits.render.hit(self._client))

    def rendered(self, seconds: float) -> None:
        """It was, in so long; which counts once, and once more for every 20 ms, as far as there is room.

        The work is done then: the next one is refused where this was too much.
        """
        self.told.append(self._limits.render.hit(self._client, more=int(seconds / RENDER_UNIT)))

    def _tell_of_comment(self, hit: Hit) -> None:
        self._tell(hit)
        self._of_comment.append(hit)

    def _tell(self, hit: Hit) -> None:
        self._limiter.raise_known(hit)
        self.told.append(hit)


def _networks() -> tuple[str, ...]:
    return networks_of(context.client().ip)


def _windows_in(storage: Any) -> SharedWindows:
    """The windows in a storage of Flask-Limiter's: ours counts as it is, Redis's by a script of ours."""
    return storage if isinstance(storage, SqliteMovingWindow) else RedisMovingWindow(storage)


def _times(setting: str) -> list[RateLimitItem]:
    return sorted(set(parse_many(setting)))  # one that is written twice counts once


def _in_file(path: Path) -> str:
    return path.as_uri().replace("file:", "commentsvc-sqlite:", 1)
