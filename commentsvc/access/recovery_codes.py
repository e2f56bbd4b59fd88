"""Recovery codes: each is good once, in place of a second factor that is lost."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import unicodedata

from commentsvc.storage.unit_of_work import UnitOfWork

MANY = 10
CHARACTERS = 16  # of base32: 80 bits
GROUP = 4


def renew(work: UnitOfWork, account_id: int) -> list[str]:
    """Make recovery codes in place of those there are, and give them; they cannot be shown again."""
    codes = [_fresh() for _ in range(MANY)]
    work.second_factors.put_recovery_codes(account_id, [_digest(code) for code in codes])
    return codes


def use(work: UnitOfWork, account_id: int, code: str) -> bool:
    """Use a code up; False where it is none of the account's, or was used before."""
    return work.second_factors.use_recovery_code(account_id, _digest(code))


def _fresh() -> str:
    code = base64.b32encode(secrets.token_bytes(CHARACTERS * 5 // 8)).decode().lower()
    return "-".join(code[start : start + GROUP] for start in range(0, CHARACTERS, GROUP))


def _digest(code: str) -> bytes:
    # 80 random bits, and the limit of sign-ins: a plain hash of them cannot be tried through.
    letters = re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", code).casefold())
    return hashlib.sha256(letters.encode(errors="replace")).digest()
