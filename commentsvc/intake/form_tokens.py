"""Form tokens: at once the proof against forged posts, the time trap and the idempotency key.

Signed and not stored: nonce, time of issue, and the site and article it is good for. The nonce names the site, too, since
a report may come with the token of any article; it stands there for nodes of an earlier version, which take it whole.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from commentsvc.errors import Invalid, TokenExpired, TooFast
from commentsvc.messages import message
from commentsvc.model import Site
from commentsvc.service import Service

LIFETIME = 7200  # seconds; long enough to write a long comment, short enough to sweep
# Seconds that a token may be from the future: a clock that is set right steps back by less.
MOST_AHEAD = LIFETIME
NONCE_BYTES = 12
LONGEST = 300  # characters
BOUND = "form token article"

UNKNOWN = message(
    "This form was not made by us for this article. Please open the page again and send it once more."
)
EXPIRED = message("This form has expired. Please submit it again.")
TOO_EARLY = message("Submitted too quickly. Please wait a moment and try again.")


@dataclass(frozen=True, slots=True)
class FormToken:
    """A token whose signature is ours and whose article is the one asked for."""

    nonce: str
    issued_at: datetime

    def expires_at(self) -> datetime:
        """When it stops to be good."""
        return self.issued_at + timedelta(seconds=LIFETIME)

    def is_too_young(self, now: datetime, min_seconds: float) -> bool:
        """Whether nobody can have typed since it was issued; one from before the clock stepped back is old enough."""
        return timedelta(0) <= now - self.issued_at < timedelta(seconds=min_seconds)


def issue(service: Service, site: Site, article: str) -> str:
    """Make a fresh token for that article."""
    nonce = f"{urlsafe_b64encode(service.random_bytes(NONCE_BYTES)).decode()}.{site.id}"
    milliseconds = int(service.now().timestamp() * 1000)
    token: str = _signer(service).dumps(
        [nonce, milliseconds, service.keys.sign(BOUND, _bound_to(site, article))]
    )
    return token


def check(service: Service, site: Site, article: str, token: str) -> FormToken:
    """Give what *token* says, if a comment on that article may be posted with it now.

    :raises Invalid: we did not make it for that article, or it is further from the future than `MOST_AHEAD`.
    :raises TokenExpired, TooFast: it is too old, or was issued quicker than people type.
    """
    issued, binding = _read(service, token)
    if not service.keys.is_signature(BOUND, _bound_to(site, article), binding):
        raise Invalid({"token": [UNKNOWN]})
    _require_timely(service, issued)
    return issued


def site_of_token(service: Service, token: str) -> int:
    """Give the row number of the site for one of whose articles *token* was made, if a report may come with it now.

    :raises Invalid: we did not make it, or an earlier version did, which did not write the site down.
    :raises TokenExpired, TooFast: as `check` does.
    """
    issued, _ = _read(service, token)
    _, has_site, site_id = issued.nonce.partition(".")
    if not has_site:
        raise Invalid({"token": [UNKNOWN]})
    _require_timely(service, issued)
    return int(site_id)


def _require_timely(service: Service, issued: FormToken) -> None:
    now = service.now()
    if now >= issued.expires_at():
        raise TokenExpired({"token": [EXPIRED]})
    if issued.is_too_young(now, service.settings.form_min_seconds):
        raise TooFast({"token": [TOO_EARLY]})


def _read(service: Service, token: str) -> tuple[FormToken, str]:
    """What we signed: the token, and what binds it to its article.

    :raises Invalid: we did not, or it is further from the future than `MOST_AHEAD`.
    """
    try:
        if len(token) > LONGEST:
            raise ValueError("It was not made here.")
        nonce, milliseconds, binding = _signer(service).loads(token)
    except (BadData, ValueError, TypeError):
        raise Invalid({"token": [UNKNOWN]}) from None
    issued_at = datetime.fromtimestamp(milliseconds / 1000, UTC)
    if issued_at - service.now() > timedelta(seconds=MOST_AHEAD):
        raise Invalid({"token": [UNKNOWN]})
    return FormToken(nonce, issued_at), binding


def _signer(service: Service) -> URLSafeSerializer:
    return URLSafeSerializer(
        [keys.derive("form token") for keys in service.keys.each()][::-1],  # the last one signs
        salt=b"form token",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )


def _bound_to(site: Site, article: str) -> str:
    return f"{site.slug}\0{article}"
