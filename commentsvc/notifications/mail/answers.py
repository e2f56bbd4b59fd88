"""What the answers of a mail server mean: what becomes of the mail and of the address, and whose fault it is.

Nothing here quotes the server, who may quote addresses: an error is a step and a number.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from enum import StrEnum

from commentsvc.notifications.kind import Dead, Outcome, Retry
from commentsvc.settings import Settings

# There is no such mailbox or domain (RFC 3463 §3.2). 5.7.x and the like are about us: the address stays.
NO_SUCH_ADDRESS = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
_ENHANCED = re.compile(rb"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])")
# What a bare 550 says where it is about us: Exim has no other number for that, and Postfix asks about all at `RCPT`.
_ABOUT_US = re.compile(
    rb"relay|authent|sender|helo|\bspf\b|dnsbl|\brbl\b|(?:black|block) ?list|spam|reputation", re.IGNORECASE
)
_ABOUT_SENDER = re.compile(rb"sender|\bspf\b", re.IGNORECASE)
_ABOUT_HELO = re.compile(rb"\bhelo\b", re.IGNORECASE)
_MENDED_BY = {  # X509_V_ERR_…
    10: "its owner renews it",
    62: "name the host as its certificate does",
    64: "name the host as its certificate does",
}


class Step(StrEnum):
    """How far it came."""

    CONNECT = "connect"
    TLS = "TLS"
    HELLO = "EHLO"
    AUTH = "AUTH"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    END = "end of data"


BEFORE_MAIL = frozenset({Step.CONNECT, Step.TLS, Step.HELLO, Step.AUTH})
ABOUT_ONE_MAIL = frozenset({Step.RCPT, Step.DATA, Step.END})


@dataclass(frozen=True, slots=True)
class Report:
    """How a try ended.

    :param ends_address: the receiver's address does not exist.
    :param setting: the name of the setting that is wrong, without its prefix, and *advice* what to do.
    """

    outcome: Outcome
    ends_address: bool = False
    setting: str | None = None
    advice: str | None = None


NOT_SET_UP = Report(Retry("not set up", is_setup=True), setting="SMTP_URL", advice="it is not set")
NO_STARTTLS = Report(
    Retry("TLS: no STARTTLS", is_setup=True),
    setting="SMTP_URL",
    advice="the server offers no STARTTLS: begin with smtps:// if its port is 465; “?starttls=never” at the end "
    "sends mail and password unencrypted",
)
NO_AUTH = Report(
    Retry("AUTH: not offered", is_setup=True),
    setting="SMTP_URL",
    advice="the server takes no password here: use the port for submission (587, or 465 with smtps://), or leave "
    "user and password out",
)
NO_UTF8 = Report(
    Dead("EHLO: no SMTPUTF8"), advice="the server takes no address that is not ASCII before its @"
)
NO_TLS = Report(
    Retry("TLS: failed", is_setup=True),
    setting="SMTP_URL",
    advice="the server speaks no TLS that we know: begin with smtp:// if its port is 25 or 587",
)


def wrong_certificate(why: ssl.SSLCertVerificationError) -> Report:
    """The server's certificate is not good."""
    mend = _MENDED_BY.get(why.verify_code, "SSL_CERT_FILE may name a file with further authorities")
    advice = f"the server's certificate is not good ({why.verify_message}): {mend}"
    return Report(Retry("TLS: certificate", is_setup=True), setting="SMTP_URL", advice=advice)


def unreachable(step: Step, error: str, advice: str) -> Report:
    """There is no mail server."""
    return Report(_later(step, f"{step}: {error}"), setting="SMTP_URL", advice=advice)


def lost(step: Step, error: str) -> Report:
    """The talk ended in its midst; what was sent may have been taken, and is sent again under the same id."""
    advice = None
    if step is Step.CONNECT:
        advice = (
            "nobody answers there: is it the right port (smtps:// for 465), and does a firewall let us out?"
        )
    setting = "SMTP_URL" if step in {Step.CONNECT, Step.TLS} else None
    return Report(_later(step, f"{step}: {error}"), setting=setting, advice=advice)


def refused(settings: Settings, step: Step, code: int, text: bytes) -> Report:
    """What an answer of 4xx or 5xx means."""
    found = _ENHANCED.match(text)
    enhanced = found[1].decode() if found else None
    error = " ".join(filter(None, (f"{step}:", str(code), enhanced)))
    if not 500 <= code <= 599:
        return Report(_later(step, error), advice="the server asks to come again later")
    if step not in ABOUT_ONE_MAIL:
        setting, advice = _blame(settings, step, code)
        return Report(Retry(error, is_setup=True), setting=setting, advice=advice)
    if _is_no_such_address(step, code, enhanced, text):
        return Report(Dead(error), ends_address=True, advice="there is no such address")
    if step is Step.RCPT:
        setting, advice = _blame_at_receiver(settings, text)
        return Report(Dead(error), setting=setting, advice=advice)
    advice = "the server refuses what we send: is it allowed to send for the domain of this address?"
    return Report(Dead(error), setting="MAIL_FROM", advice=advice)


def _later(step: Step, error: str) -> Retry:
    """It is to be tried again; before a mail was begun, no other would get further now."""
    return Retry(error, is_of_lane=step in BEFORE_MAIL)


def _is_no_such_address(step: Step, code: int, enhanced: str | None, text: bytes) -> bool:
    if enhanced is not None:
        return enhanced in NO_SUCH_ADDRESS
    return step is Step.RCPT and code == 550 and not _ABOUT_US.search(text)


def _blame(settings: Settings, step: Step, code: int) -> tuple[str, str]:
    """Which setting is wrong where the server refuses us before it hears of a receiver."""
    match step:
        case Step.HELLO:
            return "MAIL_HELO", "the server does not take that name of this host"
        case Step.AUTH:
            return "SMTP_URL", "the server does not know that user with that password"
        case Step.MAIL if code == 530:
            return "SMTP_URL", "the server wants a user and a password, or encryption, first"
        case Step.MAIL:
            return _blame_sender(settings)
        case Step.TLS:
            return "SMTP_URL", "the server does not begin TLS: begin with smtps:// if its port is 465"
        case _:
            return "SMTP_URL", "the server takes no connection from this host"


def _blame_at_receiver(settings: Settings, text: bytes) -> tuple[str, str]:
    """Which setting is wrong where the server refuses a receiver for our sake."""
    if _ABOUT_HELO.search(text):
        return "MAIL_HELO", "the server does not take that name of this host"
    if _ABOUT_SENDER.search(text):
        return _blame_sender(settings)
    advice = "the server does not take our mail for that address: it may want a user and a password"
    return "SMTP_URL", advice


def _blame_sender(settings: Settings) -> tuple[str, str]:
    if settings.mail_bounces is None:
        return "MAIL_FROM", "the server takes no mail from that address"
    return "MAIL_BOUNCES", "the server takes no mail with such a sender: unset it to send as MAIL_FROM"
