"""What signs: made at random, shown once, stored sealed as addresses are."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime, timedelta

from standardwebhooks import Webhook as Signer

from commentsvc.model import RandomBytes
from commentsvc.privacy.keys import AddressKeys
from commentsvc.privacy.opening import UNREADABLE, open_address
from commentsvc.privacy.sealing import seal
from commentsvc.records import StoredWebhook
from commentsvc.storage.unit_of_work import UnitOfWork

PREFIX = "whsec_"
SECRET_BYTES = 32  # the standard asks for 24 to 64
OVERLAP = timedelta(days=1)  # for which one that was replaced signs too


def renew(
    work: UnitOfWork, row_id: int, public_id: str, keys: AddressKeys, random_bytes: RandomBytes, now: datetime
) -> str:
    """Give a webhook a new secret, and give that; what signed before does so for a day yet."""
    secret = PREFIX + b64encode(random_bytes(SECRET_BYTES)).decode()
    sealed = seal(secret, public_id, keys)
    work.webhooks.add_secret(row_id, sealed.sealed, sealed.lookup, now, now + OVERLAP)
    return secret


def signers(work: UnitOfWork, hook: StoredWebhook, keys: AddressKeys, now: datetime) -> list[Signer]:
    """What signs now, the newest first; none whose key is not here."""
    opened = (open_address(sealed, hook.public_id, keys) for sealed in work.webhooks.secrets(hook.id, now))
    return [Signer(secret) for secret in opened if secret != UNREADABLE]


def headers(signing: list[Signer], message_id: str, body: str, now: datetime) -> dict[str, str]:
    """The headers by which a receiver knows *body* as ours."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(one.sign(message_id, now, body) for one in signing),
    }
