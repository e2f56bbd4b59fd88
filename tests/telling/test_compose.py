"""A mail is what was meant, whatever names, titles and texts hold."""

from __future__ import annotations

import email.policy
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from typing import Any, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from commentsvc.messages import message, spoken
from commentsvc.model import SafeHtml
from commentsvc.notifications.mail.compose import Mail, compose
from commentsvc.notifications.mail.headers import one_line
from commentsvc.notifications.mail.letter import Comment, Heading, Letter, Link, Paragraph, Stop
from commentsvc.settings import Settings

pytestmark = pytest.mark.unit

FROM = "comments@blog.example"
SETTINGS = Settings.from_environ({"COMMENTSVC_SMTP_URL": "smtp://localhost", "COMMENTSVC_MAIL_FROM": FROM})
WITH_BOUNCES = Settings.from_environ(
    {
        "COMMENTSVC_SMTP_URL": "smtp://localhost",
        "COMMENTSVC_MAIL_FROM": FROM,
        "COMMENTSVC_MAIL_BOUNCES": "bounces@blog.example",
    }
)
ID = "abcdefghijklmnopqrstuvwxyz"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TOKEN = "https://comments.example/mail/stop?t=" + "x" * 200
EXPECTED = [
    "From", "To", "Subject", "Date", "Message-ID", "References", "Auto-Submitted", "X-Auto-Response-Suppress",
    "List-Id", "Feedback-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "X-Comments-Kind",
    "Content-Language", "MIME-Version", "Content-Type",
]  # fmt: skip
INJECTED = "=?utf-8?q?x=0D=0ABcc=3A_all=40example.org?="
# Names and titles that broke mails: of others, or of Python's own library.
WORDS = (
    st.sampled_from(
        [INJECTED, "\r\nBcc: all@example.org", "😀" * 300, 'Dr. "Big" <x>, ' * 5, "a\\", "ü" * 80, "\ud800", "\0",
         "\u2028", "\x85", "\x0b", "\x1c", "\u202e", ". ", "w" * 990, "=?", "?=", ",", "<a@b.example>", "", " "]
    )
    | st.text(max_size=120)
    | st.text(st.characters(max_codepoint=0x7F), max_size=120)
)  # fmt: skip
TYPED = st.lists(WORDS, max_size=4).map("".join)


def letter(**chosen: Any) -> Letter:
    usual: dict[str, Any] = {
        "about": "reply",
        "to": "ada@paper.example",
        "language": "en",
        "sender": "weekend",
        "site": "weekend",
        "subject": "New reply",
        "blocks": [Paragraph("Hello.")],
        "thread": "site 1, thread 7",
        "stop": Stop(TOKEN + "1", TOKEN + "2", TOKEN + "3"),
    }
    return Letter(**usual | chosen)


def parsed(mail: Mail) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(mail.raw, policy=email.policy.default))


def body(read: EmailMessage, kind: str) -> str:
    part = read.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


@given(TYPED, TYPED, TYPED)
@example("weekend", INJECTED, INJECTED)
@example(INJECTED, "x", "y")
def test_what_was_typed_is_read_as_typed_and_adds_no_header(sender: str, subject: str, text: str) -> None:
    name, title = one_line(sender), one_line(subject)
    blocks = [Comment(sender, NOW, text, SafeHtml("<p>safe</p>"), about=subject), Paragraph(text)]

    mail = compose(SETTINGS, letter(sender=sender, subject=subject, blocks=blocks), ID, NOW)

    read = parsed(mail)
    assert read.keys() == EXPECTED
    assert read["Subject"] == title
    sent_by = read["From"].addresses
    assert [one.addr_spec for one in sent_by] == [FROM]
    if len(name.encode()) <= 45 or (
        name.isascii() and "=?" not in name
    ):  # Python puts blanks between the words of longer ones
        assert sent_by[0].display_name.split() == name.split()  # Python reads all blanks as one kind
    assert [str(one) for one in read["To"].addresses] == ["ada@paper.example"]
    assert read["Message-ID"] == f"<{ID}@blog.example>"
    head, _, content = mail.raw.partition(b"\r\n\r\n")
    assert max(map(len, head.split(b"\r\n"))) <= 998
    assert all(len(word) <= 75 for word in head.split() if word.startswith(b"=?"))
    assert max(map(len, content.split(b"\r\n"))) <= 78
    assert b"\n" not in mail.raw.replace(b"\r\n", b"")
    assert b"\r" not in mail.raw.replace(b"\r\n", b"")
    plain = body(read, "plain")
    shown = "".join(plain.split())
    assert all(word in shown for word in text.split() if word.isalnum())


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (INJECTED, INJECTED),
        ("😀" * 300, "😀" * 300),
        ("a\r\nBcc: b", "a Bcc: b"),
        ("a\u2028b\x85c\x00d\x1ce", "a b c d e"),
        ("\udc80", "\ufffd"),
        ("\u202egnp.exe", "gnp.exe"),
        ("é" * 500, "é" * 398 + "…"),
        (" 谢谢  你 ", "谢谢 你"),
    ],
)
def test_a_title_stands_in_one_line(typed: str, shown: str) -> None:
    assert parsed(compose(SETTINGS, letter(subject=typed), ID, NOW))["Subject"] == shown


def test_the_headers_say_what_programs_need() -> None:
    read = parsed(compose(SETTINGS, letter(), ID, NOW))

    assert read["Date"] == "Tue, 24 Nov 2026 09:00:00 +0000"
    assert len(read["Message-ID"]) < 60
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["X-Auto-Response-Suppress"] == "OOF, AutoReply, DR, RN, NRN"
    assert read["List-Id"] == "<weekend.comments.blog.example>"
    assert read["Feedback-ID"] == "reply:weekend:blog.example:commentsvc"
    assert read["List-Unsubscribe"] == f"<{TOKEN}3>"
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert read["X-Comments-Kind"] == "reply"


def test_a_thread_is_one_conversation_and_another_is_another() -> None:
    def references(**chosen: Any) -> str:
        return str(parsed(compose(SETTINGS, letter(**chosen), ID, NOW))["References"])

    assert references() == references(subject="Another", to="bob@paper.example")
    assert references(thread="site 1, thread 8") != references()
    assert len(references()) < 60


@pytest.mark.parametrize(
    "domain", ["blog.example", "a-rather-long-name-of-a-host.news.example", "x" * 63 + ".example"]
)
def test_an_id_is_short_and_in_the_domain_of_the_sender(domain: str) -> None:
    settings = Settings.from_environ({"COMMENTSVC_MAIL_FROM": f"comments@{domain}"})
    read = parsed(compose(settings, letter(), ID, NOW))
    assert read["Message-ID"].endswith(f"@{domain}>")
    assert len(read["Message-ID"]) < 60 or len(domain) > 44
    assert len(read["References"]) == len(read["Message-ID"])


def test_bounces_come_back_with_a_token_where_there_is_a_mailbox_for_them() -> None:
    assert compose(SETTINGS, letter(), ID, NOW).sender == FROM
    assert compose(WITH_BOUNCES, letter(), ID, NOW).sender == f"bounces+{ID}@blog.example"


@pytest.mark.parametrize(
    ("stored", "sent"),
    [
        ("straße@bücher.example", "straße@xn--bcher-kva.example"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("a..b@carrier.example", '"a..b"@carrier.example'),
        ("o'brien+news@paper.example", "o'brien+news@paper.example"),
    ],
)
def test_a_mail_goes_to_the_address_as_it_is_stored(stored: str, sent: str) -> None:
    mail = compose(SETTINGS, letter(to=stored), ID, NOW)
    assert mail.recipient == sent
    assert f"\r\nTo: {sent}\r\n".encode() in mail.raw
    assert mail.needs_utf8 is not sent.isascii()


@pytest.mark.parametrize(
    "url", ["https://comments.example/a b", "https://comments.example/\r\nBcc: x", "https://ü.example/"]
)
def test_a_link_that_would_break_the_header_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="List-Unsubscribe"):
        compose(SETTINGS, letter(stop=Stop(None, url, url)), ID, NOW)


def test_the_text_has_all_that_the_html_has_and_nothing_is_loaded() -> None:
    blocks = [
        Heading("Ada <answered>"),
        Comment(
            "Bob & Co", NOW, "> so?\n\nYes: " + "long " * 40, SafeHtml('<p>Yes: <a href="https://x.example">x</a></p>'),
            about="On “Trees”", notes=["A note"], links=[Link("https://comments.example/thread?a=1&b=2#c", "Read it")],
        ),
        Paragraph("First.\nSecond line.\n\nNext one."),
        Link("https://comments.example/go", "Go", is_quiet=True),
    ]  # fmt: skip
    read = parsed(compose(SETTINGS, letter(blocks=blocks, reason="You asked for it."), ID, NOW))
    plain, html = body(read, "plain"), body(read, "html")

    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]
    for words in ("Ada <answered>", "Bob & Co", "On “Trees”", "A note", "Read it", "Go", "You asked for it."):
        assert words in plain
        assert words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in html
    for url in ("https://comments.example/go", f"{TOKEN}1", f"{TOKEN}2"):
        assert plain.count(url) == html.count(url) == 1
    assert "https://comments.example/thread?a=1&b=2#c" in plain
    assert TOKEN + "3" not in plain + html
    assert "\n> > so?\n>\n> Yes:" in plain
    assert max(map(len, (line for line in plain.split("\n") if "://" not in line))) <= 76
    for remote in ("src=", "url(", "@import", "<img", "<link", "<script", "background="):
        assert remote not in html


@pytest.mark.parametrize("language", sorted(spoken()))
def test_a_letter_is_in_one_language_whose_lines_run_its_way(language: str) -> None:
    blocks = [Paragraph(message("Unknown site.")), Comment("Ada", NOW, "Yes.", SafeHtml("<p>Yes.</p>"))]
    read = parsed(compose(SETTINGS, letter(language=language, blocks=blocks), ID, NOW))
    html = body(read, "html")
    direction = "rtl" if language in {"ar", "fa", "he"} else "ltr"
    tag = language.replace("_", "-")
    assert f'<html lang="{tag}" dir="{direction}">' in html
    assert read["Content-Language"] == tag
    assert "2026" in body(read, "plain") or language == "fa"
