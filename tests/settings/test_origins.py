"""Origins: however an operator writes one, it is kept as browsers send it; what is none is told in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Page

from commentsvc.origins import read_origin
from tests.command_line import refusal, typed
from tests.conftest import MakeService

SPELT = {
    "HTTPS://News.Example": "https://news.example",
    "https://news.example:443/": "https://news.example",
    "http://news.example:80": "http://news.example",
    "http://news.example:443": "http://news.example:443",
    " https://news.example ": "https://news.example",
    "https://Bücher.example": "https://xn--bcher-kva.example",
    "https://xn--bcher-kva.example": "https://xn--bcher-kva.example",
    "https://faß.example": "https://xn--fa-hia.example",
    "https://新聞。example": "https://xn--efvv70d.example",
    "https://ｎｅｗｓ.example": "https://news.example",
    "https://☃.example": "https://xn--n3h.example",
    "https://مثال.example": "https://xn--mgbh0fb.example",
    "https://r3---sn-a.example": "https://r3---sn-a.example",
    "https://my_paper.example": "https://my_paper.example",
    "http://[2001:DB8:0:0::1]:5000": "http://[2001:db8::1]:5000",
    "http://[::1]": "http://[::1]",
    "http://192.0.2.7:8080": "http://192.0.2.7:8080",
    "http://localhost:1313": "http://localhost:1313",
}
NONE = {
    "": "this is empty",
    "*": "a wildcard",
    "https://*": "a wildcard",
    "https://*.news.example": "a wildcard",
    "null": "sandboxed frame",
    "news.example": "it begins with https://",
    "//news.example": "it begins with https://",
    "ftp://news.example": "it begins with https://",
    "file:///": "it begins with https://",
    "https://": "it begins with https://",
    "https://:443": "it begins with https://",
    "https://news.example/path": "without a path",
    "https://news.example?x": "without a path",
    "https://news.example#x": "without a path",
    "https://ada@news.example": "without a user's name",
    "https://news.example:0": "a port is a number from 1 to 65535",
    "https://news.example:65536": "a port is a number from 1 to 65535",
    "https://news.example:http": "a port is a number from 1 to 65535",
    "https://a.example https://b.example": "one at a time",
    "https://a.example,https://b.example": "one at a time",
    "https:\\\\news.example": "one at a time",
    "https://news.example\0": "one at a time",
    "https://" + "a" * 1000: "one at a time",
    "https://[news.example": "no name and no IP address",
    "http://[::1%25eth0]": "without a zone",
    "http://[1::2::3]": "IP",
    "http://1.2.3": "an IPv4 address is four numbers",
    "http://1.2.3.400": "an IPv4 address is four numbers",
    "https://news..example": "parts of 1 to 63",
    "https://.example": "parts of 1 to 63",
    "https://n%65ws.example": "parts of 1 to 63",
    "https://" + "a" * 64 + ".example": "parts of 1 to 63",
    "https://" + "a." * 127 + "example": "parts of 1 to 63",
}


@pytest.mark.unit
@pytest.mark.parametrize("raw", SPELT)
def test_it_is_kept_in_one_spelling(raw: str) -> None:
    assert read_origin(raw) == SPELT[raw]
    assert read_origin(SPELT[raw]) == SPELT[raw]


@pytest.mark.unit
def test_a_dot_at_the_end_is_left_out() -> None:
    assert read_origin("https://news.example.") == "https://news.example"
    assert read_origin("https://bücher.example.:443") == "https://xn--bcher-kva.example"


@pytest.mark.unit
@pytest.mark.parametrize("raw", NONE)
def test_what_is_none_is_told_with_a_reason(raw: str) -> None:
    with pytest.raises(ValueError, match=r"^an origin such as https://news\.example ") as wrong:
        read_origin(raw)

    assert NONE[raw] in str(wrong.value)
    assert "\n" not in str(wrong.value)


@pytest.mark.unit
@given(st.text(max_size=40).map("https://{}".format) | st.text(max_size=40))
def test_whatever_it_is_it_is_spelt_once_or_refused(raw: str) -> None:
    try:
        origin = read_origin(raw)
    except ValueError:
        return
    assert origin.isascii()
    assert origin == origin.lower() == read_origin(origin)
    assert not set(" *,/?#@\\") & set(origin.partition("://")[2])


def test_browsers_spell_it_so(page: Page) -> None:
    spelt = page.evaluate("raws => raws.map(raw => new URL(raw.trim()).origin)", list(SPELT))

    assert dict(zip(SPELT, spelt, strict=True)) == SPELT


@pytest.mark.parametrize("raw", ["https://BÜCHER.example:443", "https://bücher.example."])
def test_a_page_posts_whose_origin_was_written_another_way(make_service: MakeService, raw: str) -> None:
    reader = make_service(ORIGINS=raw).reader()

    for sent in ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example."):
        assert reader.send(reader.submission("a"), Origin=sent).status_code == 201


def test_a_service_under_a_name_that_is_not_ascii_is_its_own(make_service: MakeService) -> None:
    service = make_service(BASE_URL="https://Bücher.example/talk/")
    reader = service.reader()

    posted = reader.send(reader.submission("a"), Origin="https://xn--bcher-kva.example")

    assert posted.status_code == 201
    assert posted.json()["comment"]["permalink"].startswith("https://xn--bcher-kva.example/talk/thread")
    assert (
        "https://xn--bcher-kva.example/talk/frame.js"
        in reader.get("/thread", article="a").headers["Content-Security-Policy"]
    )


@pytest.mark.parametrize(
    "raw",
    ["https://bücher..example", "https://a b.example", "https://1.2.3.example.4", "https://ada@b.example"],
)
def test_a_base_url_that_no_browser_reaches_is_refused(tmp_path: Path, raw: str) -> None:
    assert refusal(typed("config", data_dir=tmp_path, BASE_URL=raw)).startswith("Invalid COMMENTSVC_BASE_URL")
