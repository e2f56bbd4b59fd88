"""Rate limits, by Flask-Limiter. One method for each thing that is counted."""

from __future__ import annotations

import hashlib
import hmac
import math
from ipaddress import IPv4Address, ip_address, ip_network
from pathlib import Path
from typing import Any

from flask import Flask
from flask_limiter import Limiter, RequestLimit
from limits import RateLimitItem, parse_many

from commentsvc.access.accounts import normalised_login
from commentsvc.errors import TooMany
from commentsvc.service import Service
from commentsvc.web import current

ATTEMPTS_PER_POST = 10  # so that mistyping an address locks nobody out

# Failed attempts to sign in, as multiples of RATE_LIMIT_SIGN_IN: how many, within how much longer a time.
# With 10 per minute that is 20 in 5 minutes, 40 in 25, 80 in two hours: 960 guesses a day.
GROWING_PAUSES = ((2, 5), (4, 25), (8, 125))


class Limits:
    """What one client may do in a time, exact over all processes that share the storage.

    Each `spend_…` is one atomic hit of every window of its limit, and raises `TooMany`.
    A client is an IPv4 address or an IPv6 /64, kept as a keyed hash alone.
    """

    def __init__(self, app: Flask, service: Service) -> None:
        settings = service.settings
        self._key = service.keys.derive("rate limits")
        self._now = service.now
        options: dict[str, Any] = {} if settings.redis_url else {"clock": lambda: service.now().timestamp()}
        self._limiter = Limiter(
            self._client_key,
            app=app,
            strategy="moving-window",
            storage_uri=settings.redis_url or _in_file(settings.data_dir / "limits.db"),
            storage_options=options,
            headers_enabled=False,
        )
        # No limit holds for every request: each is spent where it is due. To let Flask-Limiter find it
        # by the name of a decorated function takes as long as the hit (docs/decisions/0011).
        self._limiter.request_filter(lambda: True)
        post, sign_in = parse_many(settings.rate_limit_post), parse_many(settings.rate_limit_sign_in)
        self._windows: dict[str, list[RateLimitItem]] = {
            "post": sorted(post),
            "attempt": sorted(type(one)(one.amount * ATTEMPTS_PER_POST, one.multiples) for one in post),
            "read": sorted(parse_many(settings.rate_limit_read)),
            "sign-in": sorted(sign_in),
            "failed sign-in": sorted(
                type(one)(one.amount * times, one.multiples * longer)
                for one in sign_in
                for times, longer in GROWING_PAUSES
            ),
        }

    def spend_post(self) -> None:
        """A comment is made."""
        self._spend("post", self._client_key())

    def spend_attempt(self) -> None:
        """A comment was tried."""
        self._spend("attempt", self._client_key())

    def spend_read(self) -> None:
        """Something is rendered or made for a reader."""
        self._spend("read", self._client_key())

    def spend_sign_in(self, email: str, device: str | None) -> None:
        """One attempt to sign in, of the client and to the account of *email*.

        A browser on which that account signed in before, named by *device*, has a count of its own, so
        that nobody else's attempts keep the owner out.
        """
        for who in self._who_signs_in(email, device):
            self._spend("sign-in", who)
            self._refuse_if_full("failed sign-in", who)

    def spend_failed_sign_in(self, email: str, device: str | None) -> None:
        """That attempt failed: many of them make the pauses grow."""
        for who in self._who_signs_in(email, device):
            for window in self._windows["failed sign-in"]:
                self._limiter.limiter.hit(window, who, "failed sign-in")

    def _who_signs_in(self, email: str, device: str | None) -> list[str]:
        login = normalised_login(email)
        if device is not None:
            return [self._hashed(f"device {device} {login}")]
        return [self._client_key(), self._hashed(f"account {login}")]

    def _refuse_if_full(self, what: str, who: str) -> None:
        for window in self._windows[what]:
            if not self._limiter.limiter.test(window, who, what):
                raise self._too_many(what, who, window)

    def _spend(self, what: str, who: str) -> None:
        hit = self._limiter.limiter.hit
        for window in self._windows[what]:
            if not hit(window, who, what):
                raise self._too_many(what, who, window)

    def _too_many(self, what: str, who: str, broken: RateLimitItem) -> TooMany:
        """Tell of the window that keeps the client out for longest.

        A minute's may be broken by what the hour's had refused already; who waited for the minute
        alone would be refused again.
        """
        windows = [RequestLimit(self._limiter, one, [who, what], False, True) for one in self._windows[what]]
        full = [window for window in windows if window.remaining <= 0]
        reached = max(full, key=lambda window: window.window[0], default=None)
        if reached is None:  # this very moment there is room again
            return TooMany(broken.amount, 1)
        # `reset_at` is that time cut to whole seconds and one more: up to two too late.
        return TooMany(reached.limit.amount, max(1, math.ceil(reached.window[0] - self._now().timestamp())))

    def can_count(self) -> bool:
        """Whether the storage of the counters can be reached."""
        return bool(self._limiter.storage.check())

    def _client_key(self) -> str:
        return self._hashed(network_of(current.client().address))

    def _hashed(self, name: str) -> str:
        return hmac.digest(self._key, name.encode(errors="replace"), hashlib.sha256)[:16].hex()


def _in_file(path: Path) -> str:
    return path.as_uri().replace("file:", "commentsvc-sqlite:", 1)


def network_of(address: str) -> str:
    """The network that counts as one client: an IPv4 address, or an IPv6 /64."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if not isinstance(parsed, IPv4Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    return str(ip_network((parsed, 64), strict=False))


def network_of_log(address: str) -> str:
    """The network that a log may name: an IPv4 /24 or an IPv6 /48, of which no person is left."""
    counted = network_of(address)
    if counted == "unknown":
        return counted
    network = ip_network(counted, strict=False)
    return str(network.supernet(new_prefix=24 if network.version == 4 else 48))
