"""Writes a letter down as a mail (RFC 5322): its headers, its text, and the same as HTML."""

from __future__ import annotations

import hashlib
import re
import textwrap
from base64 import b32encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from commentsvc.messages import message
from commentsvc.notifications.mail.headers import LINE, address_field, one_line, text_field, token_field
from commentsvc.notifications.mail.letter import (
    Block,
    Comment,
    Heading,
    Letter,
    Link,
    Paragraph,
    Stop,
    direction_of,
    readable,
    said,
    tag_of,
)
from commentsvc.publishing.filters import safe_html
from commentsvc.settings import Settings
from commentsvc.template_folder import template_folder
from commentsvc.unicode_text import ascii_host

LONGEST_ID = 59  # characters of a Message-ID with its brackets: some programs cut longer ones
SHORTEST_LOCAL = 12  # characters that an id has even where its domain is long: 60 random bits
SENDER_ID = "commentsvc"  # of Feedback-ID: 5 to 15 characters
STOP_THREAD = message("Stop emails about this discussion")
STOP_EVERYTHING = message("Stop all emails")

# The stock policy's line of 78 makes quoted-printable and base64 of more than 76 (RFC 2045 §6.7, §6.8).
_BODY = SMTP.clone(max_line_length=LINE, cte_type="7bit")
_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it goes to the server, with its envelope.

    `needs_utf8` is whether the receiver's address is not ASCII before its `@` (RFC 6531).
    """

    sender: str
    recipient: str
    raw: bytes

    @property
    def needs_utf8(self) -> bool:
        return not self.recipient.isascii()


def compose(settings: Settings, letter: Letter, public_id: str, now: datetime) -> Mail:
    """Write *letter* down; *public_id* is that of the outbox's message, and the same at each try.

    :raises ValueError: a link of it cannot be written.
    """
    mail_from = settings.mail_from or ""
    recipient = _on_the_wire(letter.to)
    fields = list(_fields(letter, mail_from, recipient, public_id, now))
    body = _body(letter)
    return Mail(
        envelope_sender(settings, public_id), recipient, "\r\n".join(fields).encode() + b"\r\n" + bytes(body)
    )


def envelope_sender(settings: Settings, public_id: str) -> str:
    """Where bounces go: to an address with the message's token in it, where there is a mailbox for them."""
    if settings.mail_bounces is None:
        return settings.mail_from or ""
    local, _, domain = settings.mail_bounces.rpartition("@")
    return f"{local}+{public_id}@{domain}"


def domain_of(settings: Settings) -> str:
    """The domain that mail comes from."""
    return (settings.mail_from or "").rpartition("@")[2]


def message_id(public_id: str, domain: str) -> str:
    """The id of a mail, with its brackets."""
    room = LONGEST_ID - len(f"<@{domain}>")
    return f"<{public_id[: max(room, SHORTEST_LOCAL)]}@{domain}>"


def _thread_id(thread: str, domain: str) -> str:
    """The id of a thread, which is no mail's; nobody learns from it what *thread* is."""
    digest = hashlib.sha256(f"{domain}\n{thread}".encode()).digest()
    return message_id(b32encode(digest)[:26].decode().lower(), domain)


def _on_the_wire(email: str) -> str:
    """*email* as it goes on the way: its domain in ASCII, what stands before it quoted where it must be."""
    local, _, domain = email.rpartition("@")
    domain = domain if domain.startswith("[") else ascii_host(domain)
    # Some carriers gave out addresses with dots that only a quoted form may have.
    if not re.fullmatch(r"[^\s\"(),:;<>@\[\\\].]+(?:\.[^\s\"(),:;<>@\[\\\].]+)*", local):
        escaped = re.sub(r'(["\\])', r"\\\1", local.removeprefix('"').removesuffix('"'))
        local = f'"{escaped}"'
    if re.search(r"[\x00-\x1f\x7f]", local + domain):
        raise ValueError("the address cannot be written")
    return f"{local}@{domain}"


def _fields(letter: Letter, mail_from: str, recipient: str, public_id: str, now: datetime) -> Iterator[str]:
    domain = mail_from.rpartition("@")[2]
    yield address_field("From", mail_from, one_line(letter.sender))
    yield address_field("To", recipient)
    yield text_field("Subject", one_line(said(letter.subject, letter.language)))
    yield token_field("Date", format_datetime(now))
    yield token_field("Message-ID", message_id(public_id, domain))
    if letter.thread is not None:
        yield token_field("References", _thread_id(letter.thread, domain))
    yield token_field("Auto-Submitted", "auto-generated")
    # Not `All`, which also stops reports of failure.
    yield token_field("X-Auto-Response-Suppress", "OOF, AutoReply, DR, RN, NRN")
    site = letter.site or "all"
    yield token_field("List-Id", f"<{site}.comments.{domain}>")
    yield token_field("Feedback-ID", f"{letter.about}:{site}:{domain}:{SENDER_ID}")
    if letter.stop is not None:
        yield token_field("List-Unsubscribe", f"<{letter.stop.one_click}>")
        yield token_field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
    yield token_field("X-Comments-Kind", letter.about)
    yield token_field("Content-Language", tag_of(letter.language))


def _body(letter: Letter) -> EmailMessage:
    body = EmailMessage(policy=_BODY)
    body.set_content(plain(letter), subtype="plain")
    body.add_alternative(html(letter), subtype="html")
    return body


def plain(letter: Letter) -> str:
    """What the letter says, as text."""
    parts = [_plain_block(block, letter.language) for block in letter.blocks]
    foot = list(_plain_foot(letter))
    if foot:
        parts += ["-- \n" + "\n".join(foot)]
    return _shown("\n\n".join(parts)) + "\n"


def _plain_block(block: Block, language: str) -> str:
    match block:
        case Heading(text):
            return _wrapped(said(text, language))
        case Paragraph(text):
            return _wrapped(said(text, language))
        case Link(url, label):
            return f"{_wrapped(said(label, language))}:\n{url}"
        case Comment():
            return _plain_comment(block, language)


def _plain_comment(comment: Comment, language: str) -> str:
    head = f"{comment.author}, {readable(comment.at, language)}"
    parts = [_wrapped(f"{said(comment.about, language)}\n{head}" if comment.about else head)]
    quoted = _wrapped(_shown(comment.text.strip()), LINE - 2)
    parts.append("\n".join(f"> {line}".rstrip() for line in quoted.split("\n")))
    if comment.notes:
        parts.append("\n".join(_wrapped(said(note, language)) for note in comment.notes))
    parts += [_plain_block(link, language) for link in comment.links]
    return "\n\n".join(parts)


def _plain_foot(letter: Letter) -> Iterator[str]:
    if letter.reason is not None:
        yield _wrapped(said(letter.reason, letter.language))
    if letter.stop is not None:
        for url, label in _stops(letter.stop):
            yield f"{said(label, letter.language)}:\n{url}"


def _stops(stop: Stop) -> Iterator[tuple[str, Any]]:
    if stop.thread is not None:
        yield stop.thread, STOP_THREAD
    yield stop.everything, STOP_EVERYTHING


def _wrapped(text: str, width: int = LINE) -> str:
    """*text* in lines of at most *width* characters, as far as its words allow."""
    return "\n".join(
        "\n".join(
            textwrap.wrap(
                line,
                width,
                break_long_words=False,
                break_on_hyphens=False,
                replace_whitespace=False,
            )
        )
        if len(line) > width
        else line
        for line in re.split(r"\r\n|[\n\r\u2028\u2029\x85]", text)
    )


def _shown(text: str) -> str:
    """*text* without what no mail can hold."""
    return _UNSHOWABLE.sub("\ufffd", text)


def html(letter: Letter) -> str:
    """What the letter says, as HTML that loads nothing."""
    return _shown(str(_template().render(letter=letter, **_for_template(letter))))


def _for_template(letter: Letter) -> dict[str, Any]:
    language = letter.language
    return {
        "tag": tag_of(language),
        "direction": direction_of(language),
        "said": lambda text: said(text, language),
        "readable": lambda moment: readable(moment, language),
        "subject": one_line(said(letter.subject, language)),
        "stops": list(_stops(letter.stop)) if letter.stop is not None else [],
        "kind_of": lambda block: type(block).__name__,
    }


@cache
def _template() -> Any:
    environment = Environment(
        loader=FileSystemLoader(template_folder()),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["safe_html"] = safe_html
    return environment.get_template("mail/letter.html")
