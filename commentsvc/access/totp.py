"""Codes of authenticator apps (TOTP, RFC 6238): six digits, another every 30 seconds. None is taken twice."""

from __future__ import annotations

import hmac
import unicodedata
from datetime import datetime

import pyotp
import segno

from commentsvc.model import SafeHtml
from commentsvc.privacy.keys import AddressKeys
from commentsvc.privacy.opening import open_address
from commentsvc.privacy.sealing import seal
from commentsvc.records import StoredAccount
from commentsvc.storage.unit_of_work import UnitOfWork

DIGITS = 6
STEP_SECONDS = 30
STEPS_AROUND = 1  # before and after now: clocks differ, and people take their time


def begin(work: UnitOfWork, account: StoredAccount, keys: AddressKeys) -> None:
    """Store a fresh secret of 160 bits for an app of *account*, sealed as an address is; see `uri`."""
    sealed = seal(pyotp.random_base32(), account.public_id, keys)
    work.second_factors.put_totp(account.id, sealed.sealed, sealed.lookup)


def uri(sealed: bytes, account: StoredAccount, issuer: str, keys: AddressKeys) -> str:
    """What an app reads to have the secret (https://github.com/google/google-authenticator/wiki/Key-Uri-Format)."""
    totp = pyotp.TOTP(open_address(sealed, account.public_id, keys))
    return totp.provisioning_uri(name=account.email, issuer_name=issuer)


def secret(sealed: bytes, account: StoredAccount, keys: AddressKeys) -> str:
    """The secret, to be typed where no camera is."""
    return open_address(sealed, account.public_id, keys)


def drawing(text: str) -> SafeHtml:
    """A QR code as SVG: attributes alone, so that it may stand under a strict policy."""
    return SafeHtml(segno.make(text, error="m", micro=False).svg_inline(scale=4, light="#fff"))


def matching_step(
    sealed: bytes, account: StoredAccount, code: str, now: datetime, keys: AddressKeys
) -> int | None:
    """The time step of which *code* is the code, if it is one of those around *now*."""
    digits = without_blanks(code)
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        codes = pyotp.HOTP(open_address(sealed, account.public_id, keys))
        current = int(now.timestamp()) // STEP_SECONDS
        steps = range(current - STEPS_AROUND, current + STEPS_AROUND + 1)
        return next((step for step in steps if hmac.compare_digest(codes.at(step), digits)), None)
    except ValueError:  # the key that sealed the secret is not here
        return None


def without_blanks(code: str) -> str:
    """Give what was typed without blanks, and full-width digits as others."""
    return "".join(unicodedata.normalize("NFKC", code).split())
