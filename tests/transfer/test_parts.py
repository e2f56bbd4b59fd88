"""Times, article rules, archives and foreign HTML."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis.strategies import from_regex

from commentsvc.intake import fields
from commentsvc.publishing.foreign_html import from_plain, render_foreign
from commentsvc.transfer import authors
from commentsvc.transfer.dates import read_moment
from commentsvc.transfer.errors import Unreadable
from commentsvc.transfer.foreign import Moment
from commentsvc.transfer.mapping import ArticleMap, BadRule, read_map_file, read_rule
from commentsvc.transfer.sources import Source, opened
from tests.hostile.safety import assert_nh3_agrees
from tests.hostile.vectors import VECTORS

pytestmark = pytest.mark.unit

NOON = datetime(2015, 7, 1, 12, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        "2015-07-01T12:00:30Z",
        "2015-07-01 12:00:30",
        "2015-07-01 12:00:30 UTC",
        "2015-07-01T14:00:30.000000000+02:00",
        "2015/7/1 12:00:30",
        "Wed, 01 Jul 2015 12:00:30 +0000",
        "Wed Jul 01 2015 14:00:30 GMT+0200 (CEST)",
        "1435752030",
        1435752030,
        1435752030000,
        1435752030.0,
        datetime(2015, 7, 1, 12, 0, 30),
    ],
)
def test_times_are_read(raw: Moment) -> None:
    assert read_moment(raw) == NOON


@pytest.mark.parametrize(
    "raw", ["", "0000-00-00 00:00:00", "soon", "1e400", None, float("nan"), 0, -1, 10**30, 10**400, "9" * 50]
)
def test_what_is_no_time_is_none(raw: Moment) -> None:
    assert read_moment(raw) is None


@given(from_regex(authors.USUAL_EMAIL, fullmatch=True))
def test_usual_addresses_are_what_intake_makes_of_them(email: str) -> None:
    assert fields.read_email(email) == email


@given(from_regex(authors.USUAL_NAME, fullmatch=True))
def test_usual_names_are_what_intake_makes_of_them(name: str) -> None:
    assert "  " in name or fields.read_name(name) == name


def test_rules_name_articles(tmp_path: Path) -> None:
    file = tmp_path / "map.csv"
    file.write_text('\ufefffrom,to\nhttps://tea.example/old,"new, and old"\n', encoding="utf-8")
    rules = [
        read_rule("s#^https?://[^/]+##"),
        read_rule(r"s|/(\d+)/|/\1-|g"),
        read_rule("s/TEA/cup & saucer/i"),
    ]
    articles = ArticleMap(rules, read_map_file(file))

    assert articles.article("https://tea.example/1/2/x") == "/1-2/x"
    assert articles.article("http://x.example/tea") == "/cup & saucer"
    assert articles.article("https://tea.example/old") == "new, and old"
    assert articles.article("https://tea.example") is None  # nothing is left
    assert articles.article("a" * 256) is None
    assert read_rule(r"s#a\#b#\\#").apply("a#b") == "\\"


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "x",
        "s",
        "sxaxbx",
        "s#a#b",
        "s#a#b#gx",
        "s#(#b#",
        r"s#a#\1#",
        "s#a#b#c#",
        "s#\ud800#b#",
        "s#a#\ud800#",
    ],
)
def test_what_is_no_rule_is_refused(raw: str) -> None:
    with pytest.raises(BadRule):
        read_rule(raw)


@pytest.mark.parametrize("content", [b"a,b,c\n", b"\xff,\xfe\n", b"a\n"])
def test_what_is_no_map_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "map.csv").write_bytes(content)
    with pytest.raises(BadRule):
        read_map_file(tmp_path / "map.csv")


def test_a_device_is_no_map() -> None:
    with pytest.raises(BadRule, match="no file"):
        read_map_file(Path("/dev/zero"))


def source(place: Path) -> Source:
    scratch = place.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    return opened(place, False, lambda what, line, reason: None, scratch)


def zipped(place: Path, *members: tuple[str, bytes], link: bool = False) -> Path:
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            member = zipfile.ZipInfo(name)
            member.external_attr = (stat.S_IFLNK if link else stat.S_IFREG | 0o644) << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    return place


def tarred(place: Path, *members: tuple[str, bytes], link: bool = False) -> Path:
    with tarfile.open(place, "w:gz") as archive:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            if link:
                member.type, member.size, member.linkname = tarfile.SYMTYPE, 0, "/etc/passwd"
            archive.addfile(member, io.BytesIO(content))
    return place


Packed = Callable[..., Path]


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_archives_are_read_as_folders(tmp_path: Path, pack: Packed) -> None:
    several = source(pack(tmp_path / "several", ("b/2", b"two"), ("a/1", b"one"), (".hidden", b"x")))
    one = source(pack(tmp_path / "one", ("export.xml", b"all")))

    assert [(name, file.open().read()) for name, file in several.files()] == [
        ("a/1", b"one"),
        ("b/2", b"two"),
    ]
    assert one.open().read() == one.path().read_bytes() == b"all"
    with pytest.raises(Unreadable, match="2 files"):
        several.open()


@pytest.mark.parametrize("pack", [zipped, tarred])
@pytest.mark.parametrize("name", ["../out", "/out", "a/../../out", "..\\out"])
def test_nothing_is_unpacked_elsewhere(tmp_path: Path, pack: Packed, name: str) -> None:
    with pytest.raises(Unreadable, match="outside"):
        source(pack(tmp_path / "export", (name, b"x")))
    assert not list(tmp_path.rglob("out"))


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_links_are_refused(tmp_path: Path, pack: Packed) -> None:
    with pytest.raises(Unreadable, match="link"):
        source(pack(tmp_path / "export", ("export.xml", b"/etc/passwd"), link=True))


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_bombs_are_refused(tmp_path: Path, pack: Packed) -> None:
    with pytest.raises(Unreadable, match="far more"):
        source(pack(tmp_path / "export", ("export.xml", bytes(120_000_000))))


@pytest.mark.parametrize("pack", [zipped, tarred])
@pytest.mark.parametrize("names", [(".",), ("a" * 300,), ("a", "a/b"), ("a/b", "a")])
def test_what_has_no_place_is_refused(tmp_path: Path, pack: Packed, names: tuple[str, ...]) -> None:
    with pytest.raises(Unreadable, match="holds a file"):
        source(pack(tmp_path / "export", *((name, b"x") for name in names)))


def test_holes_are_refused(tmp_path: Path) -> None:
    """A few bytes say that a file is nothing but a hole of a TB, which would be written to the disk."""
    header = tarfile.TarInfo("export.xml").tobuf(tarfile.GNU_FORMAT)
    sparse = bytearray(header)
    sparse[156:157] = tarfile.GNUTYPE_SPARSE
    sparse[483:495] = b"%011o\0" % (1 << 32)
    sparse[148:156] = b" " * 8
    sparse[148:156] = b"%06o\0 " % sum(sparse)
    (tmp_path / "export.tar").write_bytes(bytes(sparse) + bytes(1024))
    with pytest.raises(Unreadable, match="holes"):
        source(tmp_path / "export.tar")


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_what_was_packed_in_any_way_and_damaged_is_told(tmp_path: Path, method: int) -> None:
    place = tmp_path / "export.zip"
    with zipfile.ZipFile(place, "w", method) as archive:
        archive.writestr("export.xml", bytes(range(256)) * 100)
    damaged = bytearray(place.read_bytes())
    damaged[50:90] = b"\xff" * 40
    place.write_bytes(damaged)
    with pytest.raises(Unreadable, match="unpacked"):
        source(place)


def test_a_folder_is_read_without_what_links_lead_to(tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "export" / "one").write_text("1")
    (tmp_path / "export" / "two").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "export" / "three")

    assert [name for name, _ in source(tmp_path / "export").files()] == ["one"]


@pytest.mark.parametrize(
    ("text", "html", "dropped"),
    [
        ("one\n\ntwo\nlines", "<p>one</p>\n<p>two<br>\nlines</p>", []),
        ("<p>a <b>b</b> <i>c</i> <del>d</del></p>", "<p>a <strong>b</strong> <em>c</em> <s>d</s></p>", []),
        ("x <script>alert(1)</script>y <u>z</u>", "<p>x y z</p>", ["script", "u"]),
        ('<a href="javascript:x">q</a>', "<p>q</p>", ["a"]),
        (
            '<img src="https://tea.example/x.png" alt="A cup">',
            '<p><a href="https://tea.example/x.png" rel="nofollow ugc noopener">A cup</a></p>',
            ["img"],
        ),
        ("<pre>a\n\nb</pre>", "<pre>a\n\nb</pre>", []),
        ("a & b < c &lt;b&gt;", "<p>a &amp; b &lt; c &lt;b&gt;</p>", []),
        ("<em>open", "<p><em>open</em></p>", []),
        ("\u202eabc", "<p>\u2068\u202eabc\u2069</p>", []),
    ],
)
def test_foreign_html_says_the_same_in_our_tags(text: str, html: str, dropped: list[str]) -> None:
    assert render_foreign(text) == (html, dropped)


def test_foreign_html_is_as_safe_as_ours() -> None:
    for vector in VECTORS:
        assert_nh3_agrees(render_foreign(vector.text)[0])
        assert_nh3_agrees(render_foreign(f"<p>before</p>\n<b>{vector.text}")[0])
        assert_nh3_agrees(render_foreign(from_plain(vector.text))[0])


@pytest.mark.soak
@pytest.mark.parametrize(
    "part", ["<a ", "<!--", "<", "&", '<a b="', "<b>", "</p>", "<pre>", "<p> ", "x\n \n", "<ul><li>"]
)
def test_what_is_left_open_takes_no_longer(part: str) -> None:
    """It took minutes where each was looked for to the end of the text: nothing is timed here, but that would be noticed."""
    render_foreign(part * (190_000 // len(part)))
