"""The fields of a comment: each function takes a text and gives its value, or says what is wrong with it."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from commentsvc.intake import articles
from commentsvc.messages import Message, message
from commentsvc.model import Notify, Site
from commentsvc.origins import origin_of
from commentsvc.unicode_text import (
    TURNING,
    has_surrogate,
    is_far_longer,
    is_line,
    is_noncharacter,
    is_visible,
    trimmed,
    without_invisible,
)

LONGEST_NAME = 80  # characters after NFC
LONGEST_URL = 200
LONGEST_EMAIL = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets
LONGEST_WORDS = 4000  # characters of a report, or of an objection
LONGEST_CLAIM = 300  # characters of a title that a posting form claims
LONGEST_PAGE_URL = 2000
TRAP = "subject"  # of the field that people do not see: mail forms have one, and no browser fills it in by itself
LONGEST = {  # characters; the page's inputs and the OpenAPI document say the same
    "article": articles.LONGEST,
    "name": LONGEST_NAME,
    "email": LONGEST_EMAIL,
    "url": LONGEST_URL,
}

EXAMPLE = "ada@paper.example"
# Addresses in a network of its own (`.local`, `home.arpa`) and in trials (`.test`) are what people have there.
SPECIAL_USE_DOMAIN_NAMES[:] = ["in-addr.arpa", "ip6.arpa", "invalid", "localhost", "onion"]

# Not the handle of a person in the fediverse, which is public: @ada@social.example.
_EMAIL_IN_NAME = re.compile(r"""(?<![^\s<>()\[\],;:"'])[^\s@<>()\[\],;:"']+\s*@\s*[\w-]+(?:[.。][\w-]+)+""")
_QUOTED = re.compile(r'"([^"\\\s]+)"@([^@]+)')
_SEVERAL_OR_MORE = re.compile(r"[<>,;:]")
_NOT_IN_URL = re.compile(r"[\s<>\"'`\\^{|}\x00-\x1f\x7f]")
_BARE_HOST = re.compile(r"[^\s/:?#@]+\.[^\s/:?#@]+(:[0-9]+)?([/?#].*)?")


def read_name(raw: str) -> str:
    """Give the display name that *raw* spells: NFC, trimmed, runs of spaces folded, nothing invisible in it.

    :raises ValueError: it is none; the text says why.
    """
    name = " ".join(raw.split())
    if is_far_longer(name, LONGEST_NAME):
        raise _too_long_name(name)
    name = unicodedata.normalize("NFC", name)
    if not name:
        raise ValueError(message("Please tell us your name."))
    for character in name:
        if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or is_noncharacter(character):
            raise ValueError(message("A name must not hold the character %(code)s.", code=_code(character)))
        if character in TURNING:
            raise ValueError(
                message(
                    "A name must not hold %(code)s, which turns the text that follows.", code=_code(character)
                )
            )
    name = unicodedata.normalize("NFC", " ".join(without_invisible(name).split()))
    if not any(map(is_visible, name)):
        raise ValueError(message("A name needs at least one character that can be seen."))
    if len(name) > LONGEST_NAME:
        raise _too_long_name(name)
    if _EMAIL_IN_NAME.search(unicodedata.normalize("NFKC", name)):
        raise ValueError(message("Names are published. Please give a name without an email address in it."))
    return name


def read_email(raw: str) -> str:
    """Give the e-mail address that *raw* spells; nobody is asked whether it exists.

    :raises ValueError: it is none; the text says why.
    """
    email = trimmed(raw)
    if not email:
        raise ValueError(message("Please tell us your email address; it will not be published."))
    if is_far_longer(email, LONGEST_EMAIL):
        raise ValueError(message("An email address has at most %(most)s characters.", most=LONGEST_EMAIL))
    email = _as_meant(email)
    try:
        return _checked(email)
    except (EmailNotValidError, UnicodeError) as why:
        raise ValueError(_what_is_wrong(email, str(why))) from None


def read_notify(raw: str) -> Notify | None:
    """Give what the author wants to be told of by mail; None for nothing.

    :raises ValueError: it is neither of the two words.
    """
    if not raw:
        return None
    try:
        return Notify(raw)
    except ValueError:
        raise ValueError(f"Expected {' or '.join(Notify)}.") from None


def _as_meant(email: str) -> str:
    """Undo what pasting and East Asian keyboards do to an address, and quotes that it does not need."""
    email = trimmed(email.rstrip(",;. \u3002\uff0c"))
    if email.startswith("<") and email.endswith(">"):
        email = trimmed(email[1:-1])
    email = email.replace("\uff20", "@").replace("\ufe6b", "@")  # the full-width and the small @
    narrow = unicodedata.normalize("NFKC", email)
    return _QUOTED.sub(r"\1@\2", narrow if narrow.isascii() else email)


def _checked(email: str) -> str:
    """Give *email* normalised. Its dots may stand anywhere before the @, as two carriers of Japan gave them out.

    :raises EmailNotValidError, UnicodeError: it is no address.
    """
    name, _, host = email.rpartition("@")
    with_usual_dots = re.sub(r"\.+", ".", name).strip(".")
    checked = validate_email(f"{with_usual_dots}@{host}", check_deliverability=False)
    if with_usual_dots == name:
        return checked.normalized
    # The dots are taken for letters, to have the lengths checked as well.
    validate_email(f"{name.replace('.', 'x')}@{host}", check_deliverability=False)
    return f"{unicodedata.normalize('NFC', name)}@{checked.domain}"


def _what_is_wrong(email: str, why: str) -> Message:
    """What to correct of an address that is none; *why* is the checker's own text, in English alone."""
    name, at, host = email.rpartition("@")
    if not at:
        return message("An email address has an @ in it, such as %(example)s.", example=EXAMPLE)
    if _SEVERAL_OR_MORE.search(email):
        return message(
            "Please give one email address and nothing else, such as %(example)s.", example=EXAMPLE
        )
    if any(map(str.isspace, email)):
        return message("An email address has no spaces in it.")
    if not name or "before the @" in why:
        return message("Please check what stands before the @ of the email address.")
    if "." not in host or "after the @" in why.lower():
        return message("Please check what stands after the @ of the email address.")
    return message(
        "This is not an email address that we can use; one looks like %(example)s.", example=EXAMPLE
    )


def spelling_of_email(raw: str) -> str:
    """Give *raw* as `read_email` would keep it; what is no address stays as it is, and matches none."""
    try:
        return read_email(raw)
    except ValueError:
        return trimmed(raw)


def read_website(raw: str) -> str | None:
    """Give the author's website, None for a blank; one without a scheme is taken for https.

    :raises ValueError: it is none; the text says why.
    """
    url = trimmed(raw)
    if not url:
        return None
    if len(url) > LONGEST_URL:
        raise ValueError(
            message(
                "A website has at most %(most)s characters; this one has %(length)s.",
                most=LONGEST_URL,
                length=len(url),
            )
        )
    if _BARE_HOST.fullmatch(url):
        url = "https://" + url
    return read_web_address(url)


def read_web_address(url: str) -> str:
    """Give *url* if it is an absolute http or https address that hides no user's name.

    :raises ValueError: it is not; the text says why.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        hides = parts.username is not None
    except ValueError:
        usable, hides = None, False
    if not usable or hides or _NOT_IN_URL.search(url):
        raise ValueError(
            message(
                "This must be an http or https address, such as %(example)s.", example="https://bo.example/"
            )
        )
    return url


def read_text(raw: str, max_text: int) -> str:
    """Give the text of a comment, at most *max_text* characters, its line ends as Unix writes them.

    :raises ValueError: it is none; the text says why.
    """
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise ValueError(message("Please write a comment."))
    if len(text) > max_text:
        raise ValueError(
            message(
                "A comment has at most %(most)s characters; this one has %(length)s.",
                most=max_text,
                length=len(text),
            )
        )
    if "\0" in text or has_surrogate(text):
        raise ValueError(
            message("The text holds a character that cannot be kept (NUL or an unpaired surrogate).")
        )
    return text


def read_words(raw: str) -> str:
    """Give what somebody says of a comment: at most `LONGEST_WORDS` characters; empty for a blank.

    :raises ValueError: it is too long, or cannot be kept; the text says why.
    """
    words = raw.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(words) > LONGEST_WORDS:
        raise ValueError(
            message(
                "This may have %(most)s characters at most; it has %(length)s.",
                most=LONGEST_WORDS,
                length=len(words),
            )
        )
    if "\0" in words or has_surrogate(words):
        raise ValueError(
            message("The text holds a character that cannot be kept (NUL or an unpaired surrogate).")
        )
    return words


def read_own_name(raw: str) -> str:
    """Give a name that is not published, on one line; empty for a blank.

    :raises ValueError: it is too long, or holds a character that no name has; the text says why.
    """
    name = unicodedata.normalize("NFC", " ".join(raw.split())) if len(raw) <= LONGEST_WORDS else raw
    if len(name) > LONGEST_NAME:
        raise _too_long_name(name)
    for character in name:
        if not is_line(character):
            raise ValueError(message("A name must not hold the character %(code)s.", code=_code(character)))
    return name


def read_title(raw: str) -> str | None:
    """Give the title that a page claims; what is no line of text is dropped without a word, as it is only a claim."""
    claimed = " ".join(raw.split())[:LONGEST_CLAIM]
    return claimed if claimed and is_line(claimed) else None


def read_page_url(raw: str, site: Site) -> str | None:
    """Give the address that a page claims, if it lies on one of the site's origins; else it is dropped."""
    if not raw or len(raw) > LONGEST_PAGE_URL:
        return None
    try:
        parts = urlsplit(read_web_address(raw))
        return raw if origin_of(parts.scheme, parts.hostname or "", parts.port) in site.origins else None
    except ValueError:
        return None


def _too_long_name(name: str) -> ValueError:
    return ValueError(
        message(
            "A name has at most %(most)s characters; this one has %(length)s.",
            most=LONGEST_NAME,
            length=len(name),
        )
    )


def _code(character: str) -> str:
    """How Unicode names the character by its number."""
    return f"U+{ord(character):04X}"
