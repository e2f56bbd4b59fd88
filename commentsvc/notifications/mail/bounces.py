"""Reads what comes back (RFC 3464, RFC 5965), and ends mail to an address that does not exist or complains.

What counts most is that nobody living is silenced: a report of anything but a missing address changes nothing.
Nothing is ever sent in answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from enum import StrEnum

from commentsvc.model import MailEnd, MessageKind
from commentsvc.notifications.mail.answers import NO_SUCH_ADDRESS
from commentsvc.service import Service
from commentsvc.storage.retries import retried

MOST_BYTES = 2_000_000  # of a message that are read: reports stand at the beginning
MOST_PARTS = 100
LONGEST_FIELD = 2000  # characters of a field that are looked at: what comes here is anybody's
ADDRESSED_TO = ("X-Original-To", "Delivered-To", "Envelope-To", "X-Envelope-To", "To")
_TOKEN = re.compile(r"\+([a-z2-7]{26})@", re.IGNORECASE)
_ENHANCED = re.compile(r"[45]\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9.])")
_AFTER_REPLY = re.compile(r"\b[45][0-9][0-9][ -]+'?#?([45]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])")
# A bare 550 that names the receiver. Without the name, filters say the same of who they do not like.
_UNKNOWN_USER = re.compile(
    r"\b550 <\S+>[:.]*(?: Recipient address rejected:)? (?:user unknown|no such user)", re.IGNORECASE
)
# Some servers say “no such address” of what they do not like, and tell in words what it is.
_OTHER_REASON = re.compile(
    r"quota|full\b|storage|too (?:many|large|big)|limit|\brate\b|per hour|this hour|later|tempora|try again"
    r"|spam|black ?list|block|banned|reputation|polic|denied|refus|preferences|filter|virus|content"
    r"|dmarc|dkim|\bspf\b|sender|relay|authent|disabled|suspend|frozen|locked|inactive|expired"
    r"|couldn't create|procmail|loop|timed? ?out",
    re.IGNORECASE,
)


class Kind(StrEnum):
    """What a message reports."""

    HARD = "hard"
    SOFT = "soft"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a message reports, and why it is taken for that; nothing of it quotes an address."""

    kind: Kind
    why: str
    is_complaint: bool = False


def take(service: Service, raw: bytes, recipient: str | None) -> Bounce:
    """Read a message that came to the address of bounces, and end mail to whom it says is not there.

    :param recipient: the address at which it came; where it is None, what its headers say.
    """
    bounce, addressed_to = _read(raw)
    token = _token_of([recipient] if recipient is not None else addressed_to)
    if token is None:
        return Bounce(Kind.NONE, "it came to no address with one of our tokens")
    if bounce.kind is not Kind.HARD:
        return _without_token_of_ours(service, token) or bounce
    return _end(service, token, bounce)


@retried
def _end(service: Service, token: str, bounce: Bounce) -> Bounce:
    with service.unit_of_work() as work:
        message = work.outbox.find(token)
        if message is None or message.kind is not MessageKind.MAIL or message.recipient is None:
            return _NOT_OURS
        why = MailEnd.COMPLAINT if bounce.is_complaint else MailEnd.HARD
        work.mail_addresses.end(message.recipient, why, service.now())
    return bounce


_NOT_OURS = Bounce(Kind.NONE, "its token is of no mail that we sent in the last days")


def _without_token_of_ours(service: Service, token: str) -> Bounce | None:
    with service.reading() as work:
        message = work.outbox.find(token)
    return _NOT_OURS if message is None or message.kind is not MessageKind.MAIL else None


def classify(raw: bytes) -> Bounce:
    """Say what a message reports."""
    return _read(raw)[0]


def _read(raw: bytes) -> tuple[Bounce, list[str]]:
    """What a message reports, and to which addresses it says that it came."""
    try:
        message = message_from_bytes(raw[:MOST_BYTES], policy=compat32)
        addressed_to = [str(value) for name in ADDRESSED_TO for value in message.get_all(name, [])]
        return _classified(message), addressed_to
    except Exception as why:  # what the parser of Python fails on is no report; nobody is told of it by mail
        return Bounce(Kind.NONE, f"it cannot be read ({type(why).__name__})"), []


def _token_of(addresses: Iterable[str]) -> str | None:
    found = (_TOKEN.search(address) for address in addresses)
    return next((token[1].lower() for token in found if token), None)


def _classified(message: Message) -> Bounce:
    reports: list[Message] = []
    for part in _parts(message):
        content_type = part.get_content_type()
        if content_type == "message/feedback-report":
            return _of_feedback(part)
        if content_type in {"message/delivery-status", "message/global-delivery-status"}:
            reports += [block for block in _blocks(part) if block.get("Action") or block.get("Status")]
    if reports:
        return _of_reports(reports)
    return Bounce(Kind.NONE, "it has no report of a delivery (RFC 3464)")


def _parts(message: Message) -> Iterator[Message]:
    """The message and the parts of it, but not those of a message that is returned."""
    waiting, seen = [message], 0
    while waiting and seen < MOST_PARTS:
        part = waiting.pop(0)
        seen += 1
        yield part
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            waiting += [one for one in part.get_payload() if isinstance(one, Message)]


def _blocks(part: Message) -> list[Message]:
    """The fields of a report: of the message, and of each recipient."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return [one for one in payload if isinstance(one, Message)]
    text = part.get_payload(decode=True)  # some encode it, though they must not
    if not isinstance(text, bytes):
        return []
    return [message_from_bytes(block, policy=compat32) for block in re.split(rb"\r?\n\r?\n", text)]


def _of_feedback(part: Message) -> Bounce:
    fields = "\n".join(str(block) for block in _blocks(part))
    found = re.search(r"^Feedback-Type:\s*([\w-]+)", fields, re.IGNORECASE | re.MULTILINE)
    feedback = found[1].lower() if found else ""
    if feedback in {"abuse", "opt-out", "opt-out-list", "fraud"}:
        return Bounce(Kind.HARD, f"a complaint ({feedback})", is_complaint=True)
    return Bounce(Kind.NONE, "a report that is no complaint")


def _of_reports(reports: list[Message]) -> Bounce:
    """What the reports of all recipients say; ours has one, so that all of them must agree on that it is not there."""
    read = [_of_recipient(report) for report in reports]
    failed = [bounce for bounce in read if bounce.kind is not Kind.NONE]
    if not failed:
        return read[0]
    return next((bounce for bounce in failed if bounce.kind is Kind.SOFT), failed[0])


def _of_recipient(report: Message) -> Bounce:
    action = _word(report.get("Action")).partition(" ")[0]
    status = _first(_ENHANCED, str(report.get("Status", ""))[:LONGEST_FIELD])
    diagnostic = " ".join(str(report.get("Diagnostic-Code", ""))[:LONGEST_FIELD].split())
    if action in {"delivered", "relayed", "expanded"} or str(report.get("Status", "")).strip().startswith(
        "2."
    ):
        return Bounce(Kind.NONE, "delivered")
    if action == "delayed":
        return Bounce(Kind.SOFT, "delayed")
    # What the server that refused said itself counts more than what was made of it on the way.
    codes = set(_AFTER_REPLY.findall(diagnostic)) or ({status} if status else set())
    shown = " ".join(sorted(codes)) or "no code"
    if not _AFTER_REPLY.search(diagnostic) and _UNKNOWN_USER.search(diagnostic):
        return Bounce(Kind.HARD, "550, there is no such address")
    if not codes or not codes <= NO_SUCH_ADDRESS:
        return Bounce(Kind.SOFT, shown)
    if _word(diagnostic.partition(";")[0]) == "x-unix":
        return Bounce(Kind.SOFT, f"{shown}, from a program of its own")
    if (other := _OTHER_REASON.search(re.sub(r"<[^<>]*>|\S+@\S+|https?://\S+", " ", diagnostic))) is not None:
        return Bounce(Kind.SOFT, f"{shown}, but for another reason ({other[0].lower()})")
    return Bounce(Kind.HARD, f"{shown}, there is no such address")


def _word(value: object) -> str:
    return str(value or "").strip().lower()


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found[0] if found else None
