"""What `doctor --page` reads in a publisher's page: whatever it is, it is read or passed over."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from email.message import Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsvc.diagnosis.browser import Answer
from commentsvc.diagnosis.page import Page, WidgetScript, read_page

pytestmark = pytest.mark.unit

TEXT = b"the widget"
PIECES = st.sampled_from(
    ["<![foo[", "<!", "<script", " src=", "'", '"', "http://[", "/embed.js", ">", "<base href=", "//", ":99999", "&#0;",
     "<comment-thread", " article", "</", "<!--", "-->", "<meta http-equiv=content-security-policy content=", "\0", "\xe9"]
)  # fmt: skip


def read(html: bytes, **headers: str) -> Page:
    message = Message()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return read_page(Answer("https://news.example/2019/", 200, message, html, "127.0.0.1"))


def test_a_page_is_read_as_it_is_sent() -> None:
    html = b"""<base href="/talk/"><script src=" embed.js?v=1 " nonce=a1 integrity="sha384-x"></script>
      <script src="https://comments.example/embed-0123456789abcdef.js"></script><script src="/notembed.js"></script>
      <script src="//comments.example/count.js"></script><script>"<comment-thread article=no>"</script>
      <comment-thread article="a &amp; b" SITE=weekend article=second></comment-thread>
      <!-- <comment-thread article="hidden"></comment-thread> -->
      <meta http-equiv="content-security-policy" content="connect-src *">\xff"""

    page = read(html, Content_Security_Policy="script-src 'none'")

    assert [script.url for script in page.scripts] == [
        "https://news.example/talk/embed.js?v=1",
        "https://comments.example/embed-0123456789abcdef.js",
    ]
    assert [script.base_url() for script in page.scripts] == [
        "https://news.example/talk",
        "https://comments.example",
    ]
    assert page.threads == [{"article": "a & b", "site": "weekend"}]
    assert page.policies == ["script-src 'none'", "connect-src *"]


@pytest.mark.parametrize(
    "src",
    [
        "http://[/embed.js",
        "https://h:99999/embed.js",
        "//a b/embed.js",
        "data:x/embed.js",
        "ftp://h/embed.js",
        "",
    ],
)
def test_a_script_that_no_browser_loads_is_none(src: str) -> None:
    assert read(f'<base href="http://["><script src="{src}"></script>'.encode()).scripts == []


@given(st.lists(PIECES, max_size=30))
def test_no_page_is_too_broken_to_be_read(pieces: list[str]) -> None:
    for script in read("".join(pieces).encode()).scripts:
        assert script.base_url().startswith("http")


def pin(name: str, text: bytes = TEXT) -> str:
    return f"{name}-{b64encode(hashlib.new(name, text).digest()).decode()}"


@pytest.mark.parametrize(
    ("integrity", "is_so"),
    [
        ("", True),
        ("md5-AAAA", True),  # what a browser does not know it passes over
        (pin("sha384"), True),
        (pin("sha384") + "?option", True),
        (pin("sha384", b"another"), False),
        (f"{pin('sha256')} {pin('sha384', b'another')}", False),  # the strongest counts
        (f"{pin('sha256', b'another')} {pin('sha384')}", True),
        (f"{pin('sha512', b'another')} {pin('sha512')}", True),
        ("sha256", False),
    ],
)
def test_a_pin_is_compared_as_browsers_do(integrity: str, is_so: bool) -> None:
    assert WidgetScript("https://comments.example/embed.js", integrity=integrity).is_as_pinned(TEXT) is is_so
