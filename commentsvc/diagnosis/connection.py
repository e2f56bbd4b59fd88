"""What the running service says of a request that reached it, to who proves to have its key.

Nothing but the service knows which address it takes for the client's. What it says is of the one request alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from commentsvc.service import Service

PATH = "/healthz/connection"
LIFETIME = timedelta(days=1)  # long, as a clock that is wrong is among what is looked for
_PURPOSE = "doctor"


@dataclass(frozen=True, slots=True)
class Connection:
    """One request, as the service sees it.

    :param client: whom it counts the request as.
    :param peer: the other end of the connection; empty on a Unix socket.
    :param forwarded_for: what `X-Forwarded-For` holds.
    :param server: the program that took the connection.
    """

    client: str
    peer: str
    forwarded_for: list[str]
    host: str
    server: str
    base_url: str
    trusted_proxies: int
    now: datetime


def prove(service: Service) -> str:
    """Give what shows that its sender has the service's key."""
    at = str(int(service.now().timestamp()))
    return f"{at}.{service.keys.sign(_PURPOSE, at)}"


def is_proof(service: Service, proof: str) -> bool:
    """Whether `prove` gave *proof*, with the key of *service*, less than a day ago or ahead."""
    at, _, signature = proof.partition(".")
    if not service.keys.is_signature(_PURPOSE, at, signature):
        return False
    return abs(service.now().timestamp() - int(at)) < LIFETIME.total_seconds()
