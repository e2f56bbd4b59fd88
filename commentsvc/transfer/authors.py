"""Who wrote an imported comment: the fields as `intake` takes them, and an id that means nothing elsewhere."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from functools import lru_cache

from commentsvc.intake import fields
from commentsvc.intake.guest_keys import AUTHOR_ID_BYTES
from commentsvc.privacy.sealing import lookup
from commentsvc.service import Service
from commentsvc.unicode_text import TURNING, without_invisible

NAMELESS = "Anonymous"
# What most names and addresses look like passes as it is; `intake` takes some 50 µs to find that out.
USUAL_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 .'-]{0,78}[A-Za-z0-9])?", re.ASCII)
USUAL_EMAIL = re.compile(
    r"[A-Za-z0-9_+-]{1,30}(?:\.[A-Za-z0-9_+-]{1,30})?@(?:[a-z0-9]{1,28}(?:-[a-z0-9]{1,28})?\.){1,3}"
    r"(?!(?:arpa|invalid|localhost|onion)$)[a-z]{2,18}",
    re.ASCII,
)
CACHED = 10_000  # names and addresses of people who write again and again


class Authors:
    """Reads the fields of authors, and gives each author an id.

    The id is a keyed hash: the same address on the same site has the same one in every import, and so has a name
    without an address within one system. Nobody has an author key with such an id, so nothing that anybody posts is
    ever trusted, or refused, for an imported comment's sake. Who has neither name nor address is never the same twice.
    """

    def __init__(self, service: Service, site_id: int, format_name: str) -> None:
        self._secret = service.keys.derive("imported author")
        self._keys = service.address_keys
        self._site_id, self._format = site_id, format_name
        self.name: Callable[[str], tuple[str, str | None]] = lru_cache(CACHED)(_name)
        self.email: Callable[[str], tuple[str | None, str | None]] = lru_cache(CACHED)(_email)
        self.id_of: Callable[[str, str | None, bool, bytes], str] = self._id_of

    def _id_of(self, name: str, email: str | None, is_anonymous: bool, digest: bytes) -> str:
        if email is not None:
            return self._hash(b"email", lookup(email, self._keys))
        if is_anonymous or name == NAMELESS:
            return self._hash(b"comment", digest)
        return self._hash(b"name", f"{self._format}\0{name.casefold()}".encode())

    def _hash(self, kind: bytes, value: bytes) -> str:
        said = b"%b\0%d\0%b" % (kind, self._site_id, value)
        made = hmac.digest(self._secret, said, hashlib.sha256)[:AUTHOR_ID_BYTES]
        return urlsafe_b64encode(made).decode().rstrip("=")


def website(raw: str | None) -> tuple[str | None, str | None]:
    """The website that *raw* spells, and what is wrong where it spells none."""
    if raw is None or not raw.strip():
        return None, None
    try:
        return fields.read_website(raw.strip()), None
    except ValueError as wrong:
        return None, str(wrong)


def _email(raw: str) -> tuple[str | None, str | None]:
    if USUAL_EMAIL.fullmatch(raw):
        return raw, None
    try:
        return fields.read_email(raw), None
    except ValueError:
        return (
            None,
            "no e-mail address",
        )  # the text says nothing of what stands there: it may be one, misspelt


def _name(raw: str) -> tuple[str, str | None]:
    if not raw.strip():
        return NAMELESS, None
    if USUAL_NAME.fullmatch(raw) and "  " not in raw:
        return raw, None
    try:
        return fields.read_name(raw), None
    except ValueError as wrong:
        return _mended(raw), str(wrong)


def _mended(raw: str) -> str:
    """A name that passes, as near to *raw* as one is; of an address nothing is left, as a part of it is told by nobody."""
    shown = "".join(
        character
        for character in without_invisible(raw)
        if character.isprintable() and character not in TURNING
    )
    short = " ".join(shown.split())[: fields.LONGEST_NAME].strip()
    try:
        return fields.read_name(short)
    except ValueError:
        return NAMELESS
