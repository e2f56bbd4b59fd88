"""Plain forms: by what one that is sent again is known, though it comes with a fresh form token.

Without a script, people go back in their browser, get the page and its fresh token, and press the button again.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from commentsvc.model import Submission
from commentsvc.service import Service

REMEMBERED_SECONDS = 600


def of_plain_form(service: Service, submission: Submission, network: str) -> Submission:
    """Give *submission* as that of a plain form which came from *network* (as the limits count clients).

    Its digest is keyed, so that a thief of the database cannot try addresses. The network is in it, so that
    nobody elsewhere can, by sending what somebody just posted under a guessed address. So is the comment that
    is answered: “Thank you!” may be said to two people.
    """
    parts = (
        network,
        submission.site.slug,
        submission.article,
        submission.parent or "",
        _folded(submission.name),
        _folded(submission.email),
        _folded(submission.text),
    )
    return replace(submission, form_digest=_digest(service, "plain form", parts))


def digest_of_answer(service: Service, moderator: str, parent: str, text: str) -> bytes:
    """That of a moderator's answer: its button may be pressed twice, or a client may ask again after a lost answer."""
    return _digest(service, "staff answer", (moderator, parent, _folded(text)))


def _digest(service: Service, purpose: str, parts: Sequence[str]) -> bytes:
    content = b"".join(len(part.encode()).to_bytes(4) + part.encode() for part in parts)
    return hmac.digest(service.keys.derive(purpose), content, hashlib.sha256)


def _folded(text: str) -> str:
    """Without what differs where one person types the same twice: case and spaces."""
    return unicodedata.normalize("NFC", "".join(unicodedata.normalize("NFC", text).casefold().split()))
