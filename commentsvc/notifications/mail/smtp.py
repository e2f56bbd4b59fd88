"""Hands a mail to the server of `SMTP_URL` (RFC 5321), and says how that ended and whose fault it is.

Nothing that is told outside quotes the server, who may quote addresses: only a step and a number.
"""

from __future__ import annotations

import hmac
import re
import smtplib
import socket
import ssl
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from commentsvc.notifications.kind import Dead, Outcome, Retry, Sent
from commentsvc.notifications.mail.compose import Mail, domain_of
from commentsvc.settings import Settings
from commentsvc.settings.mail import Encryption, SmtpServer

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 60.0  # a server that mistrusts us may hold its answers back for half a minute
IMPATIENT_SECONDS = 15.0  # as long as that where somebody waits for what we say of the server
END_SECONDS = 600.0  # after the end of the data (RFC 5321 §4.5.3.2.6): who gives up earlier sends twice

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
        return not_set_up()
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
        return not_set_up()
    session = _Session(settings, server, Talk(), IMPATIENT_SECONDS)
    try:
        session.greet()
    except _Failed as failed:
        return failed.report
    finally:
        session.close()
    return Report(Sent())


def not_set_up() -> Report:
    """Why nothing is sent where there is no server."""
    return Report(Retry("not set up", is_setup=True), setting="SMTP_URL", advice="it is not set")


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
        self._step = Step.CONNECT
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
                raise _Failed(
                    Report(
                        Retry("TLS: no STARTTLS", is_setup=True),
                        setting="SMTP_URL",
                        advice="the server offers no STARTTLS: begin with smtps:// if its port is 465; "
                        "“?starttls=never” at the end sends mail and password unencrypted",
                    )
                )
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
                raise _Failed(
                    Report(
                        Dead("EHLO: no SMTPUTF8"),
                        advice="the server takes no address that is not ASCII before its @",
                    )
                )
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
        self._step = step
        try:
            code, text = ask()
        except ssl.SSLCertVerificationError as why:
            raise self._wrong_certificate(why) from None
        except ssl.SSLError as why:
            raise self._no_tls(why) from None
        except smtplib.SMTPServerDisconnected as why:
            if isinstance(why.__context__, TimeoutError):  # as smtplib tells of it
                raise self._lost("timeout") from None
            raise self._lost("connection lost") from None
        except smtplib.SMTPResponseException as why:
            code = why.smtp_code
            text = why.smtp_error if isinstance(why.smtp_error, bytes) else why.smtp_error.encode()
        except (smtplib.SMTPException, ValueError):
            raise self._unreachable("no SMTP", "what answers there is no mail server") from None
        except socket.gaierror:
            raise self._unreachable("host not found", "there is no host of that name") from None
        except TimeoutError:
            raise self._lost("timeout") from None
        except ConnectionRefusedError:
            raise self._unreachable("refused", "nothing listens on that port of the host") from None
        except OSError as why:
            raise self._lost(type(why).__name__) from None
        if code // 100 == expected // 100:
            return text
        if not 200 <= code <= 599:
            raise self._unreachable("no SMTP", "what answers there is no mail server")
        raise _Failed(self._refused(code, text))

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
            digest = hmac.new(password.encode(), b64decode(challenge), "md5").hexdigest()
            self._ask(Step.AUTH, lambda: self._smtp.docmd(_encoded(f"{user} {digest}")))
        else:
            raise _Failed(
                Report(
                    Retry("AUTH: not offered", is_setup=True),
                    setting="SMTP_URL",
                    advice="the server takes no password here: use the port for submission (587, or 465 with smtps://), "
                    "or leave user and password out",
                )
            )

    def _refused(self, code: int, text: bytes) -> Report:
        """What an answer of 4xx or 5xx means."""
        found = _ENHANCED.match(text)
        enhanced = found[1].decode() if found else None
        error = " ".join(filter(None, (f"{self._step}:", str(code), enhanced)))
        if not 500 <= code <= 599:
            return Report(self._later(error), advice="the server asks to come again later")
        if self._step not in {Step.RCPT, Step.DATA, Step.END}:
            setting, advice = self._blame(code)
            return Report(Retry(error, is_setup=True), setting=setting, advice=advice)
        if self._is_no_such_address(code, enhanced, text):
            return Report(Dead(error), ends_address=True, advice="there is no such address")
        if self._step is Step.RCPT:
            setting, advice = self._blame_at_receiver(text)
            return Report(Dead(error), setting=setting, advice=advice)
        advice = "the server refuses what we send: is it allowed to send for the domain of this address?"
        return Report(Dead(error), setting="MAIL_FROM", advice=advice)

    def _is_no_such_address(self, code: int, enhanced: str | None, text: bytes) -> bool:
        if enhanced is not None:
            return enhanced in NO_SUCH_ADDRESS
        return self._step is Step.RCPT and code == 550 and not _ABOUT_US.search(text)

    def _blame_at_receiver(self, text: bytes) -> tuple[str, str]:
        """Which setting is wrong where the server refuses a receiver for our sake."""
        if _ABOUT_HELO.search(text):
            return "MAIL_HELO", "the server does not take that name of this host"
        if _ABOUT_SENDER.search(text):
            return self._blame_sender()
        return (
            "SMTP_URL",
            "the server does not take mail of ours for that address: it may want a user and a password",
        )

    def _blame_sender(self) -> tuple[str, str]:
        if self._settings.mail_bounces is not None:
            return (
                "MAIL_BOUNCES",
                "the server takes no mail with such a sender: unset it to send as MAIL_FROM",
            )
        return "MAIL_FROM", "the server takes no mail from that address"

    def _blame(self, code: int) -> tuple[str, str]:
        """Which setting is wrong where the server refuses us before it hears of a receiver."""
        match self._step:
            case Step.HELLO:
                return "MAIL_HELO", "the server does not take that name of this host"
            case Step.AUTH:
                return "SMTP_URL", "the server does not know that user with that password"
            case Step.MAIL if code == 530:
                return "SMTP_URL", "the server wants a user and a password, or encryption, first"
            case Step.MAIL:
                return self._blame_sender()
            case Step.TLS:
                return "SMTP_URL", "the server does not begin TLS: begin with smtps:// if its port is 465"
            case _:
                return "SMTP_URL", "the server takes no connection from this host"

    def _wrong_certificate(self, why: ssl.SSLCertVerificationError) -> _Failed:
        self._talk.add("--", f"the certificate is not good: {why.verify_message}")
        mend = _MENDED_BY.get(why.verify_code, "SSL_CERT_FILE may name a file with further authorities")
        advice = f"the server's certificate is not good ({why.verify_message}): {mend}"
        return _Failed(Report(Retry("TLS: certificate", is_setup=True), setting="SMTP_URL", advice=advice))

    def _no_tls(self, why: ssl.SSLError) -> _Failed:
        self._talk.add("--", f"TLS failed: {why.reason or 'no TLS'}")
        advice = "the server speaks no TLS that we know: begin with smtp:// if its port is 25 or 587"
        return _Failed(Report(Retry("TLS: failed", is_setup=True), setting="SMTP_URL", advice=advice))

    def _unreachable(self, error: str, advice: str) -> _Failed:
        self._talk.add("--", error)
        return _Failed(Report(self._later(f"{self._step}: {error}"), setting="SMTP_URL", advice=advice))

    def _lost(self, error: str) -> _Failed:
        """The talk ended in its midst; what was sent may have been taken, and is sent again under the same id."""
        self._talk.add("--", error)
        advice = None
        if self._step is Step.CONNECT:
            advice = "nobody answers there: is it the right port (smtps:// for 465), and does a firewall let us out?"
        setting = "SMTP_URL" if self._step in {Step.CONNECT, Step.TLS} else None
        return _Failed(Report(self._later(f"{self._step}: {error}"), setting=setting, advice=advice))

    def _later(self, error: str) -> Retry:
        """It is to be tried again; before a mail was begun, no other would get further now."""
        return Retry(error, is_of_lane=self._step in {Step.CONNECT, Step.TLS, Step.HELLO, Step.AUTH})


def _encoded(text: str) -> str:
    return b64encode(text.encode()).decode()
