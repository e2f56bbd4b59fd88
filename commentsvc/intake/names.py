"""What people may be called, and the addresses they may give."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from commentsvc.characters import TURNING, is_far_longer, is_noncharacter, is_visible

LONGEST_NAME = 80  # characters after NFC
LONGEST_URL = 200
LONGEST_EMAIL = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets

_NOT_IN_URL = re.compile(r"[\s<>\"'`\\^{|}\x00-\x1f\x7f]")
_BARE_HOST = re.compile(r"[^\s/:?#@]+\.[^\s/:?#@]+(:[0-9]+)?([/?#].*)?")


def read_name(raw: str) -> str:
    """Give the display name that *raw* spells: NFC, trimmed, runs of spaces folded.

    :raises ValueError: it is none; the text says why.
    """
    name = " ".join(raw.split())
    if is_far_longer(name, LONGEST_NAME):
        raise ValueError(f"A name has at most {LONGEST_NAME} characters; this one has {len(name)}.")
    name = unicodedata.normalize("NFC", name)
    if not name:
        raise ValueError("Please tell us your name.")
    if len(name) > LONGEST_NAME:
        raise ValueError(f"A name has at most {LONGEST_NAME} characters; this one has {len(name)}.")
    for character in name:
        if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or is_noncharacter(character):
            raise ValueError(f"A name must not hold the character U+{ord(character):04X}.")
        if character in TURNING:
            raise ValueError(
                f"A name must not hold U+{ord(character):04X}, which turns the text that follows."
            )
    if not any(map(is_visible, name)):
        raise ValueError("A name needs at least one character that can be seen.")
    return name


def read_email(raw: str) -> str:
    """Give the e-mail address that *raw* spells; nobody is asked whether it exists.

    :raises ValueError: it is none; the text says why.
    """
    if not raw.strip():
        raise ValueError("Please tell us your email address; it will not be published.")
    if is_far_longer(raw.strip(), LONGEST_EMAIL):
        raise ValueError(f"An email address has at most {LONGEST_EMAIL} characters.")
    try:
        return validate_email(raw.strip(), check_deliverability=False).normalized
    except (EmailNotValidError, UnicodeError) as why:
        raise ValueError(f"This is not an email address that we can use. {why}") from None


def spelling_of_email(raw: str) -> str:
    """Give *raw* as `read_email` would keep it; what is no address stays as it is, and matches none."""
    try:
        return read_email(raw)
    except ValueError:
        return raw.strip()


def read_website(raw: str) -> str | None:
    """Give the author's website, None for a blank; one without a scheme is taken for https.

    :raises ValueError: it is none; the text says why.
    """
    url = raw.strip()
    if not url:
        return None
    if len(url) > LONGEST_URL:
        raise ValueError(f"A website has at most {LONGEST_URL} characters; this one has {len(url)}.")
    if _BARE_HOST.fullmatch(url):
        url = "https://" + url
    return read_web_address(url, "A website")


def read_web_address(url: str, what: str) -> str:
    """Give *url* if it is an absolute http or https address that hides no user's name.

    :raises ValueError: it is not; the text, about *what*, says why.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        hides = parts.username is not None
    except ValueError:
        usable, hides = None, False
    if not usable or hides or _NOT_IN_URL.search(url):
        raise ValueError(f"{what} must be an http or https address, such as https://bo.example/.")
    return url
