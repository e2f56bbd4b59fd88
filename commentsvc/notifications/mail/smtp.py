"""Hands a mail to the server of `SMTP_URL` (RFC 5321), by Python's smtplib, and says how that ended."""

from __future__ import annotations

import hmac
import re
import smtplib
import socket
import ssl
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from commentsvc.notifications.kind import Retry, Sent
from commentsvc.notifications.mail.answers import (
    NO_AUTH,
    NO_STARTTLS,
    NO_TLS,
    NO_UTF8,
    NOT_SET_UP,
    Report,
    Step,
    lost,
    refused,
    unreachable,
    wrong_certificate,
)
from commentsvc.notifications.mail.compose import Mail, domain_of
from commentsvc.settings import Settings
from commentsvc.settings.mail import Encryption, SmtpServer

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 60.0  # a server that mistrusts us may hold its answers back for half a minute
IMPATIENT_SECONDS = 15.0  # as long as that where somebody waits for what we say of the server
END_SECONDS = 600.0  # after the end of the data (RFC 5321 §4.5.3.2.6): who gives up earlier sends twice


@dataclass(slots=True)
class Talk:
    """What is said with the server, line by line, for the operator, whom *show* tells each at once: without passwords."""

    show: Callable[[str], None] | None = None
    lines: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    def add(self, who: str, text: str) -> None:
        for secret in self.secrets:
            text = text.replace(secret, "…")
        shown = "".join(character if character.isprintable() else "�" for character in text)
        self.lines.append(f"{who} {shown[:500]}")
        if self.show is not None:
            self.show(self.lines[-1])


class _Failed(Exception):
    """A step failed."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


def deliver(settings: Settings, mail: Mail, talk: Talk | None = None) -> Report:
    """Hand *mail* over; what is said goes to *talk*, for somebody who waits for it."""
    server = settings.smtp_url
    if server is None:
        return NOT_SET_UP
    session = _Session(settings, server, talk or Talk(), IMPATIENT_SECONDS if talk else ANSWER_SECONDS)
    try:
        session.greet()
        session.submit(mail)
    except _Failed as failed:
        return failed.report
    finally:
        session.close()
    return Report(Sent())


def probe(settings: Settings) -> Report:
    """Greet the server and sign in, and send nothing."""
    server = settings.smtp_url
    if server is None:
        return NOT_SET_UP
    session = _Session(settings, server, Talk(), IMPATIENT_SECONDS)
    try:
        session.greet()
    except _Failed as failed:
        return failed.report
    finally:
        session.close()
    return Report(Sent())


class _Connection(smtplib.SMTP):
    """A connection that tells what is said, and waits as long as each step may take."""

    def __init__(self, settings: Settings, server: SmtpServer, talk: Talk, patience: float) -> None:
        self._server = server
        self._talk = talk
        self._patience = patience
        super().__init__(local_hostname=settings.mail_helo or domain_of(settings), timeout=CONNECT_SECONDS)
        self._host = server.host  # whose certificate STARTTLS checks

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((host, port), timeout)
        if self._server.encryption is not Encryption.IMPLICIT:
            plain.settimeout(self._patience)
            return plain
        try:
            wrapped = _context().wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise
        wrapped.settimeout(self._patience)
        return wrapped

    def putcmd(self, cmd: str, args: str = "") -> None:
        self._talk.add("C:", f"{cmd} {args}".strip())
        super().putcmd(cmd, args)

    def getreply(self) -> tuple[int, bytes]:
        code, text = super().getreply()
        for line in text.decode(errors="replace").split("\n"):
            self._talk.add("S:", f"{code} {line}")
        return code, text

    def wait(self, seconds: float) -> None:
        """Let the next answer take so long."""
        if self.sock is not None:
            self.sock.settimeout(seconds)


def _context() -> ssl.SSLContext:
    """What trusts the authorities of this machine, or those of `SSL_CERT_FILE`, and checks the server's name."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class _Session:
    """One talk with the server."""

    def __init__(self, settings: Settings, server: SmtpServer, talk: Talk, patience: float) -> None:
        self._settings = settings
        self._server = server
        self._smtp = _Connection(settings, server, talk, patience)
        self._talk = talk
        self._is_sent = False  # whether all of the mail may have arrived
        if server.password is not None:
            talk.secrets.append(server.password)

    def greet(self) -> None:
        """Connect, encrypt and sign in, as the settings say.

        :raises _Failed: it did not work.
        """
        server = self._server
        self._talk.add("--", f"connecting to {server}")
        self._ask(Step.CONNECT, lambda: self._smtp.connect(server.host, server.port))
        if server.encryption is Encryption.IMPLICIT:
            self._talk.add("--", "encrypted from the beginning")
        self._ask(Step.HELLO, self._hello)
        if server.encryption is Encryption.STARTTLS or self._may_sign_in_only_encrypted():
            if not self._smtp.has_extn("starttls"):
                raise _Failed(NO_STARTTLS)
            self._ask(Step.TLS, lambda: self._smtp.starttls(context=_context()))
            self._talk.add("--", "encrypted")
            self._ask(Step.HELLO, self._hello)
        if server.user is not None:
            self._sign_in(server.user, server.password or "")

    def submit(self, mail: Mail) -> None:
        """Hand *mail* over.

        :raises _Failed: it was not taken.
        """
        options = []
        if self._smtp.has_extn("size"):
            options.append(f"SIZE={len(mail.raw)}")
        if mail.needs_utf8:
            if not self._smtp.has_extn("smtputf8"):
                raise _Failed(NO_UTF8)
            options += ["SMTPUTF8", "BODY=8BITMIME"]
            self._smtp.command_encoding = "utf-8"
        self._ask(Step.MAIL, lambda: self._smtp.docmd("MAIL", " ".join([f"FROM:<{mail.sender}>", *options])))
        self._ask(Step.RCPT, lambda: self._smtp.docmd("RCPT", f"TO:<{mail.recipient}>"))
        self._ask(Step.DATA, lambda: self._smtp.docmd("DATA"), 354)
        self._ask(Step.END, lambda: self._send(mail.raw))

    def close(self) -> None:
        """End the talk; what was taken is taken, however that goes."""
        try:
            if self._smtp.sock is not None:
                self._smtp.wait(CONNECT_SECONDS)
                self._smtp.quit()
        except (OSError, smtplib.SMTPException):
            self._talk.add("--", "the server did not say goodbye")
        finally:
            self._smtp.close()

    def _ask(self, step: Step, ask: Callable[[], tuple[int, bytes]], expected: int = 200) -> bytes:
        """Do one step, and give the text of the answer.

        :raises _Failed: the server refused, or could not be asked.
        """
        try:
            code, text = ask()
        except ssl.SSLCertVerificationError as why:
            said = f"the certificate is not good: {why.verify_message}"
            raise self._failed(wrong_certificate(why), said) from None
        except ssl.SSLError as why:
            raise self._failed(NO_TLS, f"TLS failed: {why.reason or 'no TLS'}") from None
        except smtplib.SMTPResponseException as why:
            code = why.smtp_code
            text = why.smtp_error if isinstance(why.smtp_error, bytes) else why.smtp_error.encode()
        except (OSError, smtplib.SMTPException, ValueError) as why:
            raise self._failed(*_explained(step, why)) from None
        if code // 100 == expected // 100:
            return text
        if not 200 <= code <= 599:
            raise self._failed(*_explained(step, ValueError()))
        raise _Failed(refused(self._settings, step, code, text))

    def _hello(self) -> tuple[int, bytes]:
        code, text = self._smtp.ehlo()
        return (code, text) if code // 100 != 5 else self._smtp.helo()

    def _may_sign_in_only_encrypted(self) -> bool:
        """Whether a server on this machine takes a password only after STARTTLS."""
        on_loopback = self._server.encryption is Encryption.LOOPBACK and self._server.user is not None
        return on_loopback and not self._smtp.has_extn("auth") and self._smtp.has_extn("starttls")

    def _send(self, raw: bytes) -> tuple[int, bytes]:
        quoted = re.sub(rb"(?m)^\.", b"..", raw)
        ended = quoted if quoted.endswith(b"\r\n") else quoted + b"\r\n"
        self._talk.add("--", f"{len(raw)} bytes of mail, and the dot that ends it")
        self._is_sent = True
        self._smtp.send(ended + b".\r\n")
        self._smtp.wait(END_SECONDS)
        return self._smtp.getreply()

    def _sign_in(self, user: str, password: str) -> None:
        """Sign in by hand: smtplib takes no password that is not ASCII."""
        offered = self._smtp.esmtp_features.get("auth", "").upper().split()
        first, second, both = _encoded(user), _encoded(password), _encoded(f"\0{user}\0{password}")
        self._talk.secrets += [both, second]
        if "PLAIN" in offered:  # RFC 4616
            self._ask(Step.AUTH, lambda: self._smtp.docmd("AUTH", f"PLAIN {both}"))
        elif "LOGIN" in offered:
            self._ask(Step.AUTH, lambda: self._smtp.docmd("AUTH", f"LOGIN {first}"), 300)
            self._ask(Step.AUTH, lambda: self._smtp.docmd(second))
        elif "CRAM-MD5" in offered:  # RFC 2195
            challenge = self._ask(Step.AUTH, lambda: self._smtp.docmd("AUTH", "CRAM-MD5"), 300)
            self._ask(Step.AUTH, lambda: self._smtp.docmd(_response(user, password, challenge)))
        else:
            raise _Failed(NO_AUTH)

    def _failed(self, report: Report, said: str) -> _Failed:
        self._talk.add("--", said)
        if self._is_sent and isinstance(report.outcome, Retry):
            report = replace(report, outcome=replace(report.outcome, perhaps_sent=True))
        return _Failed(report)


def _explained(step: Step, why: Exception) -> tuple[Report, str]:
    """What a step that failed without an answer means, and what to say of it."""
    if isinstance(why, smtplib.SMTPServerDisconnected):  # as smtplib tells of what failed below
        error = "timeout" if isinstance(why.__context__, TimeoutError) else "connection lost"
    elif isinstance(why, socket.gaierror):
        return unreachable(step, "host not found", "there is no host of that name"), "host not found"
    elif isinstance(why, ConnectionRefusedError):
        return unreachable(step, "refused", "nothing listens on that port of the host"), "refused"
    elif not isinstance(why, OSError) or isinstance(why, smtplib.SMTPException):
        return unreachable(step, "no SMTP", "what answers there is no mail server"), "no SMTP"
    else:
        error = "timeout" if isinstance(why, TimeoutError) else type(why).__name__
    return lost(step, error), error


def _response(user: str, password: str, challenge: bytes) -> str:
    """The answer to a challenge of CRAM-MD5 (RFC 2195)."""
    digest = hmac.new(password.encode(), b64decode(challenge), "md5").hexdigest()
    return _encoded(f"{user} {digest}")


def _encoded(text: str) -> str:
    return b64encode(text.encode()).decode()
