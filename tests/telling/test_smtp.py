"""What a mail server answers, and what becomes of the mail, the address and the setting."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from commentsvc.notifications.kind import Dead, Outcome, Retry, Sent
from commentsvc.notifications.mail.answers import Report
from commentsvc.notifications.mail.compose import compose
from commentsvc.notifications.mail.letters.trial import trial_letter
from commentsvc.notifications.mail.smtp import Talk, deliver, probe
from commentsvc.settings import PREFIX, Settings
from tests.command_line import refusal, typed
from tests.page_host import Authority
from tests.smtp_server import FROM, SmtpServer

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ADA = "ada@paper.example"
PASSWORD = "pä#ß word"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - under a name of this machine that is not loopback's
QUOTED = "p%C3%A4%23%C3%9F%20word"


def settings(url: str, **chosen: str) -> Settings:
    names = {"SMTP_URL": url, "MAIL_FROM": FROM} | chosen
    return Settings.from_environ({PREFIX + name: value for name, value in names.items()})


def send(url: str, to: str = ADA, talk: Talk | None = None, **chosen: str) -> Report:
    of = settings(url, **chosen)
    return deliver(of, compose(of, trial_letter(of, to), "a" * 26, NOW), talk)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@contextmanager
def with_tls(authority: Authority, name: str, **chosen: Any) -> Iterator[SmtpServer]:
    with SmtpServer(certificate=authority.certify(name), **chosen).running() as server:
        yield server


def test_a_mail_is_handed_over_as_it_was_written(smtp: SmtpServer) -> None:
    assert send(smtp.url, MAIL_BOUNCES="bounces@blog.example", MAIL_HELO="comments.example") == Report(Sent())

    [taken] = smtp.messages
    assert taken.mail_from == f"bounces+{'a' * 26}@blog.example"
    assert taken.rcpt_tos == [ADA]
    assert taken.helo == "comments.example"
    assert taken["To"] == ADA
    assert taken["X-Comments-Kind"] == "test"
    assert "commentsvc mail test" in taken.text


def test_a_dot_at_the_beginning_of_a_line_stays(smtp: SmtpServer) -> None:
    of = settings(smtp.url)
    mail = compose(of, trial_letter(of, ADA), "a" * 26, NOW)
    raw = mail.raw + b".\r\n..\r\n.x"
    assert deliver(of, type(mail)(mail.sender, mail.recipient, raw)).outcome == Sent()
    assert smtp.messages[0].raw == raw + b"\r\n"


def test_an_address_in_other_letters_needs_a_server_that_takes_them(smtp: SmtpServer) -> None:
    assert send(smtp.url, "straße@paper.example").outcome == Sent()
    assert smtp.messages[0].rcpt_tos == ["straße@paper.example"]
    assert smtp.messages[0].is_smtputf8
    with SmtpServer(extensions=set()).running() as old:
        assert send(old.url, "straße@paper.example") == Report(
            Dead("EHLO: no SMTPUTF8"), advice="the server takes no address that is not ASCII before its @"
        )
        assert send(old.url, "ada@bücher.example").outcome == Sent()


SETUP = True
ANSWERS: list[tuple[str, str, Outcome, bool, str | None]] = [
    # where, what is answered, what becomes of the mail, whether the address ends, the setting that is named
    ("connect", "554 5.7.1 No", Retry("connect: 554 5.7.1", SETUP), False, "SMTP_URL"),
    ("connect", "421 Too many", Retry("connect: 421", is_of_lane=True), False, None),
    ("EHLO", "550 Who are you", Retry("EHLO: 550", SETUP), False, "MAIL_HELO"),
    ("MAIL", "553 5.1.8 Sender", Retry("MAIL: 553 5.1.8", SETUP), False, "MAIL_FROM"),
    ("MAIL", "530 5.7.0 Login", Retry("MAIL: 530 5.7.0", SETUP), False, "SMTP_URL"),
    ("MAIL", "452 4.3.1 Full", Retry("MAIL: 452 4.3.1"), False, None),
    ("RCPT", "450 4.7.1 Greylisted", Retry("RCPT: 450 4.7.1"), False, None),
    ("RCPT", "550 5.1.1 No such user", Dead("RCPT: 550 5.1.1"), True, None),
    ("RCPT", "553 5.1.2 No such domain", Dead("RCPT: 553 5.1.2"), True, None),
    ("RCPT", "553 5.1.3 Syntax", Dead("RCPT: 553 5.1.3"), True, None),
    ("RCPT", "551 5.1.6 Moved", Dead("RCPT: 551 5.1.6"), True, None),
    ("RCPT", "550 5.1.10 Not found", Dead("RCPT: 550 5.1.10"), True, None),
    ("RCPT", "550 No such user here", Dead("RCPT: 550"), True, None),
    ("RCPT", "550 relay not permitted", Dead("RCPT: 550"), False, "SMTP_URL"),
    ("RCPT", "550 Sender verify failed", Dead("RCPT: 550"), False, "MAIL_FROM"),
    ("RCPT", "504 5.5.2 Helo command rejected", Dead("RCPT: 504 5.5.2"), False, "MAIL_HELO"),
    ("RCPT", "554 No", Dead("RCPT: 554"), False, "SMTP_URL"),
    ("RCPT", "550 5.7.1 Blocked", Dead("RCPT: 550 5.7.1"), False, "SMTP_URL"),
    ("RCPT", "550 5.2.1 Disabled", Dead("RCPT: 550 5.2.1"), False, "SMTP_URL"),
    ("RCPT", "550 5.1.100 Other", Dead("RCPT: 550 5.1.100"), False, "SMTP_URL"),
    ("DATA", "554 5.5.1 No", Dead("DATA: 554 5.5.1"), False, "MAIL_FROM"),
    (".", "550 5.1.1 No such user", Dead("end of data: 550 5.1.1"), True, None),
    (".", "550 Spam", Dead("end of data: 550"), False, "MAIL_FROM"),
    (".", "554 5.7.26 DMARC", Dead("end of data: 554 5.7.26"), False, "MAIL_FROM"),
    (".", "451 4.3.0 Later", Retry("end of data: 451 4.3.0"), False, None),
    (".", "552 5.3.4 ada@paper.example", Dead("end of data: 552 5.3.4"), False, "MAIL_FROM"),
]


def test_what_a_server_answers_decides_of_the_mail_the_address_and_the_setting(smtp: SmtpServer) -> None:
    for where, answer, outcome, ends_address, setting in ANSWERS:
        smtp.answers = {where: answer}
        report = send(smtp.url)
        assert (report.outcome, report.ends_address, report.setting) == (outcome, ends_address, setting), (
            answer
        )
    assert smtp.messages == []


def test_a_connection_that_breaks_after_the_data_is_tried_again(smtp: SmtpServer) -> None:
    smtp.drops_after_data = 1
    assert send(smtp.url).outcome == Retry("end of data: connection lost", perhaps_sent=True)
    assert send(smtp.url).outcome == Sent()
    assert smtp.dropped[0]["Message-ID"] == smtp.messages[0]["Message-ID"]


def test_a_slow_server_gets_the_time_that_it_takes(smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commentsvc.notifications.mail.smtp.ANSWER_SECONDS", 0.2)
    smtp.answer_delay = 0.6  # after the end of the data: who gives up then sends twice
    assert send(smtp.url).outcome == Sent()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        assert send(url).outcome == Retry("connect: timeout", is_of_lane=True)


def test_who_is_greylisted_comes_again(smtp: SmtpServer) -> None:
    smtp.answers["RCPT"] = ["451 4.7.1 Greylisted"]
    assert send(smtp.url).outcome == Retry("RCPT: 451 4.7.1")
    assert send(smtp.url).outcome == Sent()


def test_on_loopback_a_password_is_given_as_the_server_takes_it(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.trusted_file()))
    with SmtpServer(users={"ada@blog.example": PASSWORD}).running() as plain:
        talk = Talk()
        assert send(f"smtp://ada%40blog.example:{QUOTED}@127.0.0.1:{plain.port}", talk=talk).outcome == Sent()
        assert plain.messages[0].user == "ada@blog.example"
        said = "\n".join(talk.lines)
        assert "C: AUTH PLAIN …" in said
        assert PASSWORD not in said
    with with_tls(authority, "localhost", users={"ada": PASSWORD}) as encrypted:
        assert send(f"smtp://ada:{QUOTED}@localhost:{encrypted.port}").outcome == Sent()
        assert encrypted.messages[0].is_encrypted
        wrong = send(f"smtp://ada:wrong@localhost:{encrypted.port}")
        assert (wrong.outcome, wrong.setting) == (Retry("AUTH: 535 5.7.8", is_setup=True), "SMTP_URL")


def not_loopback() -> str:
    """A name of this machine that is not loopback's, or an address of it."""
    return socket.gethostname()


def test_the_way_is_encrypted_and_the_certificate_checked(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = not_loopback()
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.trusted_file()))
    with with_tls(authority, host, host=EVERYWHERE) as server:
        assert send(f"smtp://{host}:{server.port}").outcome == Sent()
        assert server.messages[0].is_encrypted
        assert send(f"smtp://{host}:{server.port}?starttls=never").outcome == Sent()
        assert not server.messages[1].is_encrypted
        monkeypatch.delenv("SSL_CERT_FILE")
        distrusted = send(f"smtp://{host}:{server.port}")
        assert (distrusted.outcome, distrusted.setting) == (Retry("TLS: certificate", SETUP), "SMTP_URL")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.trusted_file()))
    with with_tls(authority, host, host=EVERYWHERE, implicit=True) as server:
        assert send(f"smtps://{host}:{server.port}").outcome == Sent()
        assert send(f"smtps://127.0.0.1:{server.port}").outcome == Retry("TLS: certificate", SETUP)
    with SmtpServer(host=EVERYWHERE).running() as plain:
        without = send(f"smtp://{host}:{plain.port}")
        assert (without.outcome, without.setting) == (Retry("TLS: no STARTTLS", SETUP), "SMTP_URL")
        assert send(f"smtps://{host}:{plain.port}").outcome == Retry("TLS: failed", SETUP)
        assert plain.messages == []


def test_who_is_not_there_is_asked_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert send(f"smtp://127.0.0.1:{port}").outcome == Retry("connect: refused", is_of_lane=True)
    report = probe(settings("smtp://nobody.invalid"))
    assert (report.outcome, report.setting) == (Retry("connect: host not found", is_of_lane=True), "SMTP_URL")


def test_the_server_is_greeted_without_a_mail(smtp: SmtpServer) -> None:
    assert probe(settings(smtp.url)) == Report(Sent())
    assert smtp.attempts == 1
    assert smtp.messages == []


def test_the_command_shows_the_talk_and_names_the_setting(tmp_path: Path, smtp: SmtpServer) -> None:
    assert "Change COMMENTSVC_SMTP_URL." in refusal(typed("mail", "test", ADA, data_dir=tmp_path))
    done = typed("mail", "test", ADA, data_dir=tmp_path, **smtp.settings)
    assert done.exit_code == 0
    assert done.stdout.endswith("S: 221 Bye\nThe mail server took the mail.\n")

    smtp.answers["AUTH"] = "535 5.7.8 You said wrong-secret, which is d3Jvbmctc2VjcmV0"
    url = smtp.url.replace("//", "//ada:wrong-secret@")
    failed = typed("mail", "test", ADA, data_dir=tmp_path, **smtp.settings | {"SMTP_URL": url})
    assert failed.exit_code == 1
    assert failed.stdout.endswith(
        "It was not taken (AUTH: 535 5.7.8).\n"
        "The server does not know that user with that password.\n"
        "Change COMMENTSVC_SMTP_URL.\n"
    )
    assert not re.search("wrong-secret|d3Jvbmctc2VjcmV0", failed.output)
    assert "email" in refusal(typed("mail", "test", "ada", data_dir=tmp_path, **smtp.settings))


def test_doctor_greets_the_server_and_names_the_setting(tmp_path: Path, smtp: SmtpServer) -> None:
    typed("init", data_dir=tmp_path)
    assert f"ok     mail server: {smtp.url}\n" in typed("doctor", data_dir=tmp_path, **smtp.settings).stdout
    smtp.answers["EHLO"] = "550 5.7.1 No"
    done = typed("doctor", data_dir=tmp_path, **smtp.settings)
    assert done.exit_code == 1
    assert "EHLO: 550 5.7.1" in done.stdout
    assert "change COMMENTSVC_MAIL_HELO" in done.stdout
    assert smtp.messages == []
