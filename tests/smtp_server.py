"""A real SMTP server (aiosmtpd) that takes mail, or behaves as badly as a test asks.

`smtp` is one on loopback without TLS; `SmtpServer` makes others. What it took is in `messages`, parsed.
"""

from __future__ import annotations

import asyncio
import email.policy
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

WAIT_SECONDS = 20
FROM = "comments@blog.example"
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.example")  # of the people of the tests


@dataclass(frozen=True)
class Received:
    """One mail that the server took, or had whole before it broke the connection."""

    message: EmailMessage
    raw: bytes
    mail_from: str
    rcpt_tos: list[str]
    helo: str
    is_encrypted: bool
    is_smtputf8: bool
    user: str | None

    def __getitem__(self, header: str) -> str:
        """A header of the message, as a text."""
        return str(self.message[header])

    @property
    def text(self) -> str:
        """What the plain part says."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """What the HTML part says."""
        return self._part("html")

    def _part(self, kind: str) -> str:
        body = self.message.get_body((kind,))
        assert body is not None, f"there is no {kind} part"
        return str(body.get_content())


@dataclass
class SmtpServer:
    """The server. What is set may be changed while it runs.

    :param certificate: a file with a key and a certificate; STARTTLS is offered then, or with *implicit* all is TLS.
    :param users: names and passwords; AUTH is offered and required where there are any.
    :param extensions: without "SMTPUTF8", the server does not take addresses that are not ASCII.
    """

    host: str = "127.0.0.1"
    certificate: Path | None = None
    implicit: bool = False
    users: dict[str, str] = field(default_factory=dict)
    extensions: set[str] = field(default_factory=lambda: {"SMTPUTF8"})
    # What is answered at "connect", "EHLO", "AUTH", "MAIL", "RCPT", "DATA" or "." (the end of the data): always the
    # same text; one after the other of a list, and then as usual; or what a function gives of the argument
    # (None: as usual). As "550 5.1.1 No such user".
    answers: dict[str, str | list[str] | Callable[[str], str | None]] = field(default_factory=dict)
    drops_after_data: int = 0  # so many mails are taken whole, and the connection broken before the answer
    answer_delay: float = 0  # seconds before the end of the data is answered
    messages: list[Received] = field(default_factory=list)
    dropped: list[Received] = field(default_factory=list)  # had whole, and not answered
    attempts: int = 0  # connections
    port: int = 0

    @property
    def url(self) -> str:
        """What `SMTP_URL` says for it."""
        return f"{'smtps' if self.implicit else 'smtp'}://{self.host}:{self.port}"

    @property
    def settings(self) -> dict[str, str]:
        """The settings of a service that sends its mail here."""
        return {"SMTP_URL": self.url, "MAIL_FROM": FROM}

    def wait_for(self, count: int) -> list[Received]:
        """Give the messages as soon as there are *count* of them; more or fewer fail."""
        end = time.monotonic() + WAIT_SECONDS
        while len(self.messages) < count and time.monotonic() < end:
            time.sleep(0.02)
        assert len(self.messages) == count, [one["Subject"] for one in self.messages]
        return self.messages

    def answer(self, phase: str, argument: str = "") -> str | None:
        """What is to be answered other than usual."""
        chosen = self.answers.get(phase)
        if isinstance(chosen, list):
            return chosen.pop(0) if chosen else None
        return chosen(argument) if callable(chosen) else chosen

    @contextmanager
    def running(self) -> Iterator[SmtpServer]:
        """Serve in a thread; with a port of 0, at a free one."""
        context = None
        if self.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
        loop = asyncio.new_event_loop()

        def connection() -> _Connection:
            return _Connection(self, loop, None if self.implicit else context)

        listening = socket.create_server((self.host, self.port), reuse_port=False)
        self.port = listening.getsockname()[1]
        made = loop.create_server(connection, sock=listening, ssl=context if self.implicit else None)
        thread = threading.Thread(target=loop.run_forever, name="SMTP server", daemon=True)
        thread.start()
        # There, as the thread of a browser's test has a loop of its own.
        server = asyncio.run_coroutine_threadsafe(made, loop).result(WAIT_SECONDS)
        try:
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(_stop(server), loop).result(WAIT_SECONDS)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(WAIT_SECONDS)
            loop.close()


async def _stop(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class _Connection(SMTP):
    """One connection to the server."""

    def __init__(
        self, server: SmtpServer, loop: asyncio.AbstractEventLoop, context: ssl.SSLContext | None
    ) -> None:
        self._server = server
        super().__init__(
            _Handler(server),
            hostname="mail.example",
            ident="ESMTP",
            enable_SMTPUTF8="SMTPUTF8" in server.extensions,
            tls_context=context,
            authenticator=self._authenticated if server.users else None,
            auth_required=False,
            auth_require_tls=context is not None,
            loop=loop,
        )

    async def _handle_client(self) -> None:
        self._server.attempts += 1
        if (answer := self._server.answer("connect")) is not None:
            await self.push(answer)
            self._writer.close()
            return
        await super()._handle_client()

    async def smtp_HELO(self, hostname: str) -> None:
        answer = self._server.answer("EHLO", hostname)
        await (super().smtp_HELO(hostname) if answer is None else self.push(answer))

    async def smtp_AUTH(self, arg: str) -> None:
        answer = self._server.answer("AUTH", arg)
        await (super().smtp_AUTH(arg) if answer is None else self.push(answer))

    async def smtp_MAIL(self, arg: str | None) -> None:
        answer = self._server.answer("MAIL", arg or "")
        if answer is None and self._server.users and not self.session.authenticated:
            answer = "530 5.7.0 Authentication required"
        await (super().smtp_MAIL(arg) if answer is None else self.push(answer))

    async def smtp_DATA(self, arg: str) -> None:
        answer = self._server.answer("DATA", arg or "")
        await (super().smtp_DATA(arg) if answer is None else self.push(answer))

    def _authenticated(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        login = cast(LoginPassword, data)
        user, password = login.login.decode(), login.password.decode()
        # Without `handled` the refusal would be left to us.
        return AuthResult(success=self._server.users.get(user) == password, handled=False, auth_data=user)


class _Handler:
    """The hooks of aiosmtpd."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server

    async def handle_EHLO(
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        answer = self._server.answer("EHLO", hostname)
        return responses if answer is None else [answer]

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if (answer := self._server.answer("RCPT", address)) is not None:
            return answer
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        received = _received(session, envelope)
        if self._server.drops_after_data > 0:
            self._server.drops_after_data -= 1
            self._server.dropped.append(received)
            assert server.transport is not None
            server.transport.abort()
            raise ConnectionResetError
        await asyncio.sleep(self._server.answer_delay)
        if (answer := self._server.answer(".")) is not None:
            return answer
        self._server.messages.append(received)
        return "250 2.0.0 Taken"


def _received(session: Session, envelope: Envelope) -> Received:
    raw = bytes(cast(bytes, envelope.original_content or envelope.content))
    return Received(
        message=cast(EmailMessage, message_from_bytes(raw, policy=email.policy.default)),
        raw=raw,
        mail_from=envelope.mail_from or "",
        rcpt_tos=list(envelope.rcpt_tos),
        helo=session.host_name or "",
        is_encrypted=session.ssl is not None,
        is_smtputf8=bool(envelope.smtp_utf8),
        user=session.auth_data if session.authenticated else None,
    )


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    """A server that takes all mail, on loopback and without TLS. Whatever it took names nobody but who got it."""
    with SmtpServer().running() as server:
        yield server
        assert [found for mail in server.messages if (found := others_named(mail))] == []


def others_named(mail: Received) -> set[str]:
    """The addresses in *mail*, as it is read and as it was sent, that are neither its receiver's nor the service's own."""
    parts = [str(part.get_content()) for part in mail.message.walk() if part.get_content_maintype() == "text"]
    headers = [f"{name}: {value}" for name, value in mail.message.items()]
    words = "\n".join([mail.raw.decode("utf-8", "replace"), *headers, *parts])
    own = {address.casefold() for address in mail.rcpt_tos} | {FROM}
    domain = FROM.partition("@")[2]
    found = {address.casefold() for address in ADDRESS.findall(words)}
    return {address for address in found - own if not address.endswith("@" + domain)}
