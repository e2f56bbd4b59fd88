"""Rate limits, by Flask-Limiter. One method for each thing that is counted."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from functools import wraps
from ipaddress import IPv4Address, ip_address, ip_network
from pathlib import Path
from typing import Any

from flask import Flask, g, request
from flask_limiter import Limiter, RequestLimit
from limits import parse_many

from commentsvc.moderation import accounts
from commentsvc.service import Service
from commentsvc.web import current

ATTEMPTS_PER_POST = 10  # so that mistyping an address locks nobody out


class Limits:
    """What one client may do in a time, exact over all processes that share the storage.

    Each method is one atomic hit and raises `flask_limiter.errors.RateLimitExceeded`.
    A client is an IPv4 address or an IPv6 /64, kept as a keyed hash alone.
    """

    spend_post: Callable[[], None]
    spend_attempt: Callable[[], None]
    spend_read: Callable[[], None]

    def __init__(self, app: Flask, service: Service) -> None:
        settings = service.settings
        self._key = service.keys.derive("rate limits")
        options: dict[str, Any] = {} if settings.redis_url else {"clock": lambda: service.now().timestamp()}
        self._limiter = Limiter(
            self._client_key,
            app=app,
            strategy="moving-window",
            storage_uri=settings.redis_url or _in_file(settings.data_dir / "limits.db"),
            storage_options=options,
            headers_enabled=False,
        )

        # Flask-Limiter knows a limit by its function's name: one function for each.
        def post() -> None:
            """A comment is made."""

        def attempt() -> None:
            """A comment was tried."""

        def read() -> None:
            """Something is rendered or made for a reader."""

        def sign_in_of_client() -> None:
            """A client tries to sign in."""

        def sign_in_of_account() -> None:
            """Somebody tries to sign in to an account."""

        sign_in = settings.rate_limit_sign_in
        self._written = {
            "post": settings.rate_limit_post,
            "attempt": _attempts(settings.rate_limit_post),
            "read": settings.rate_limit_read,
            "sign-in": sign_in,
            "account": sign_in,
        }
        # No limit holds for every request: each is spent where it is due, and Flask-Limiter's own look
        # before each request would only find that out, in a tenth of the time of a reading.
        self._limiter.request_filter(lambda: "spending" not in g)
        self.spend_post = self._limit(post, settings.rate_limit_post, "post")
        self.spend_attempt = self._limit(attempt, _attempts(settings.rate_limit_post), "attempt")
        self.spend_read = self._limit(read, settings.rate_limit_read, "read")
        self._sign_in_of_client = self._limit(sign_in_of_client, sign_in, "sign-in")
        self._sign_in_of_account = self._limit(sign_in_of_account, sign_in, "account", self._account_key)

    def _limit(
        self, what: Callable[[], None], limit: str, scope: str, key: Callable[[], str] | None = None
    ) -> Callable[[], None]:
        hit = self._limiter.shared_limit(limit, scope=scope, key_func=key or self._client_key)(what)

        @wraps(what)
        def spend() -> None:
            g.spending = True
            hit()

        return spend

    def spend_sign_in(self) -> None:
        """One attempt to sign in, of the client and to the account that the form names."""
        self._sign_in_of_client()
        self._sign_in_of_account()

    def reached(self) -> RequestLimit | None:
        """The limit that keeps this client out for longest, where this request broke one.

        A minute's limit may be broken by what the hour's had refused already; who waited for
        the minute alone would be refused again.
        """
        broken = self._limiter.current_limit
        if broken is None or not broken.breached:
            return broken
        where = broken.request_args
        together = [
            RequestLimit(self._limiter, limit, where, True, broken.shared)
            for limit in parse_many(self._written[where[-1]])
        ]
        return max((limit for limit in together if limit.remaining <= 0), key=_end, default=broken)

    def can_count(self) -> bool:
        """Whether the storage of the counters can be reached."""
        return bool(self._limiter.storage.check())

    def _client_key(self) -> str:
        return self._hashed(network_of(current.client().address))

    def _account_key(self) -> str:
        return self._hashed("account " + accounts.address_of(request.form.get("email", "")))

    def _hashed(self, name: str) -> str:
        return hmac.digest(self._key, name.encode(errors="replace"), hashlib.sha256)[:16].hex()


def _end(limit: RequestLimit) -> int:
    return limit.reset_at


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


def _attempts(posts: str) -> str:
    tenfold = [type(limit)(limit.amount * ATTEMPTS_PER_POST, limit.multiples) for limit in parse_many(posts)]
    return "; ".join(f"{limit.amount} per {limit.multiples} {limit.GRANULARITY.name}" for limit in tenfold)
