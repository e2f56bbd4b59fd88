"""The settings of mail: what is taken, what is refused, and that no refusal shows a password."""

from __future__ import annotations

import pytest

from commentsvc.errors import BadSetting
from commentsvc.settings import PREFIX, Settings
from commentsvc.settings.mail import Encryption, SmtpServer

pytestmark = pytest.mark.unit

FROM = "comments@blog.example"


def read(**chosen: str) -> Settings:
    return Settings.from_environ({PREFIX + name: value for name, value in chosen.items()})


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", SmtpServer("mail.example", 587, Encryption.STARTTLS)),
        ("smtp://mail.example/?starttls=never", SmtpServer("mail.example", 587, Encryption.NEVER)),
        ("smtp://localhost", SmtpServer("localhost", 25, Encryption.LOOPBACK)),
        ("smtp://127.0.0.1:2525", SmtpServer("127.0.0.1", 2525, Encryption.LOOPBACK)),
        ("SMTP://[::1]:2525", SmtpServer("::1", 2525, Encryption.LOOPBACK)),
        ("smtps://Mail.Example", SmtpServer("mail.example", 465, Encryption.IMPLICIT)),
        ("smtps://b%C3%BCcher.example:465", None),
        ("smtps://bücher.example", SmtpServer("xn--bcher-kva.example", 465, Encryption.IMPLICIT)),
        (
            "smtps://ada%40blog.example:p%23%3A%2f%20%c3%9f@mail.example:1465",
            SmtpServer("mail.example", 1465, Encryption.IMPLICIT, "ada@blog.example", "p#:/ ß"),
        ),
        (
            "smtp://ada:a:b%25c@mail.example:25",
            SmtpServer("mail.example", 25, Encryption.STARTTLS, "ada", "a:b%c"),
        ),
    ],
)
def test_a_server_is_read(url: str, server: SmtpServer | None) -> None:
    if server is None:
        with pytest.raises(BadSetting):
            read(SMTP_URL=url, MAIL_FROM=FROM)
    else:
        assert read(SMTP_URL=url, MAIL_FROM=FROM).smtp_url == server


@pytest.mark.parametrize(
    "url",
    [
        "mail.example",
        "http://ada:hunter2@mail.example",
        "smtp://ada:hunter2#x@mail.example",
        "smtps://ada:hunter2?x@mail.example",
        "smtps://ada:hunter2/x@mail.example",
        "smtps://ada:hunter2@x@mail.example",
        "smtps://ada:hunter2%@mail.example",
        "smtps://ada:hunter2%ff@mail.example",
        "smtps://ada:hunter2%0a@mail.example",
        "smtps://ada:hunter2%00@mail.example",
        "smtps://ada@mail.example",
        "smtps://:hunter2@mail.example",
        "smtps://ada:@mail.example",
        "smtps://ada:hunter2@",
        "smtps://ada:hunter2@mail.example:0",
        "smtps://ada:hunter2@mail.example:65536",
        "smtps://ada:hunter2@mail.example:port",
        "smtps://ada:hunter2@[::1",
        "smtps://ada:hunter2@[1::2::3]",
        "smtps://ada:hunter2@mail..example",
        "smtps://ada:hunter2@mail.example/inbox",
        "smtps://ada:hunter2@mail.example?starttls=never",
        "smtp://ada:hunter2@mail.example?starttls=sometimes",
        "smtp://ada:hunter2@mail.example?starttls=never&x=1",
        "smtp://ada:hunter2@mail.example#hunter2",
    ],
)
def test_what_names_no_server_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(BadSetting) as refused:
        read(SMTP_URL=url, MAIL_FROM=FROM)

    assert refused.value.detail.startswith("Invalid COMMENTSVC_SMTP_URL: expected smtp://")
    assert "hunter" not in refused.value.detail
    assert refused.value.__cause__ is None


def test_a_server_is_shown_without_its_password() -> None:
    server = read(SMTP_URL="smtp://ada:hunter2@[2001:db8::1]:25", MAIL_FROM=FROM).smtp_url

    assert str(server) == "smtp://[2001:db8::1]:25"
    assert "hunter2" not in repr(server)


def test_a_server_needs_an_address_from_which_mail_comes() -> None:
    with pytest.raises(BadSetting, match="COMMENTSVC_MAIL_FROM"):
        read(SMTP_URL="smtp://localhost")


@pytest.mark.parametrize(
    "address", ["Blog <comments@blog.example>", "comments", "@blog.example", "a b@c.example", "ä@c.example",
                "a@b@c.example", "a@-c.example", "a@c_d.example", f"{'a' * 65}@blog.example", "a,b@c.example"],
)  # fmt: skip
@pytest.mark.parametrize("setting", ["MAIL_FROM", "MAIL_BOUNCES"])
def test_an_address_is_bare(setting: str, address: str) -> None:
    with pytest.raises(BadSetting, match="bare address"):
        read(**{setting: address})


def test_a_domain_is_written_in_ascii() -> None:
    assert read(MAIL_FROM="Comments@Bücher.example").mail_from == "Comments@xn--bcher-kva.example"
    assert read(MAIL_HELO="Bücher.example").mail_helo == "xn--bcher-kva.example"


def test_a_token_fits_into_the_address_of_bounces() -> None:
    assert read(MAIL_BOUNCES=f"{'b' * 37}@blog.example").mail_bounces
    with pytest.raises(BadSetting, match="at most 37 characters"):
        read(MAIL_BOUNCES=f"{'b' * 38}@blog.example")


def test_a_greeting_is_a_name_or_an_address() -> None:
    assert read(MAIL_HELO="192.0.2.1").mail_helo == "[192.0.2.1]"
    assert read(MAIL_HELO="[IPv6:2001:db8::1]").mail_helo == "[IPv6:2001:db8::1]"
    with pytest.raises(BadSetting, match="the name of this host"):
        read(MAIL_HELO="my host")
