"""What exports in XML may be like: encodings, attacks and damage."""

from __future__ import annotations

import gzip
import hashlib
import io
from pathlib import Path

import pytest

from commentsvc.transfer.errors import Unreadable
from commentsvc.transfer.formats.disqus import Disqus
from tests.transfer.counting import Reading, read

pytestmark = pytest.mark.unit
DISQUS = '<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">'
THREAD = '<thread dsq:id="1"><link>https://a.example/</link></thread>'


def post(text: str, number: int = 1) -> str:
    """A post on a line of its own."""
    return f'\n<post dsq:id="{number}"><message>{text}</message><author><name>Zoë</name></author><thread dsq:id="1"/></post>'


def document(*posts: str, declared: str = "utf-8", before: str = "") -> str:
    """An export of Disqus with these posts, the first of which stands on line 3."""
    declaration = f'<?xml version="1.0" encoding="{declared}"?>'
    return f"{before}{declaration}\n{DISQUS}{THREAD}{''.join(posts)}\n</disqus>\n"


@pytest.fixture
def reading(tmp_path):
    """Reads an export of Disqus that holds these bytes."""

    def reading_of(content: bytes | str, *, keep_going: bool = False) -> Reading:
        file = tmp_path / "forum.xml"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read(Disqus(), file, tmp_path, keep_going=keep_going)

    return reading_of


def texts(reading: Reading) -> list[str]:
    return [comment.text for comment in reading.comments]


@pytest.mark.parametrize(
    ("declared", "charset"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("UTF-16", "utf-16-le"),
        ("utf-16", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("iso-8859-1", "latin-1"),
        ("iso-8859-1", "cp1252"),
        ("windows-1252", "cp1252"),
        ("KOI8-R", "koi8-r"),
        ("Shift_JIS", "shift_jis"),
        ("GB18030", "gb18030"),
        ("gb2312", "gbk"),
        ("utf-16", "utf-8"),  # which the bytes show to be wrong
    ],
)
def test_an_export_is_read_in_the_encoding_that_it_declares(reading, declared, charset):
    text = {"koi8-r": "Привет", "shift_jis": "港", "gbk": "囧", "latin-1": "é"}.get(charset, "é €")
    many = [post(text, number) for number in range(2000)]  # more than is read at once

    export = document(*many, declared=declared).replace("Zoë", "Zoe").encode(charset)

    assert texts(reading(export)) == [text] * 2000


@pytest.mark.parametrize("charset", ["utf-8", "gb18030", "utf-16"])
def test_a_byte_that_is_not_in_that_encoding_is_told_with_its_place(reading, charset):
    start = document(post("a"), post("b"), declared=charset).replace("Zoë", "Zoe").encode(charset)
    found = start.index("b".encode("utf-16-le" if charset == "utf-16" else charset), len(start) // 2)
    wrong = b"\x00\xd8" if charset == "utf-16" else b"\xff"
    export = start[:found] + wrong + start[found:]

    with pytest.raises(Unreadable) as fault:
        reading(export)
    assert (fault.value.line, fault.value.byte, fault.value.file) == (4, found, "forum.xml")

    kept = reading(export, keep_going=True)
    assert texts(kept) == ["a", "\ufffdb"]
    assert [(what, line) for what, line, _ in kept.told] == [("encoding", 4)]


@pytest.mark.parametrize(
    "declared", ["no-such-encoding", "utf-7", "rot13", "unicode_escape", "idna", "base64"]
)
def test_an_encoding_that_is_none_is_refused(reading, declared):
    export = document(post("a"), declared=declared)

    with pytest.raises(Unreadable, match="encoding"):
        reading(export)
    assert texts(reading(export, keep_going=True)) == ["a"]


@pytest.mark.parametrize("keep_going", [False, True])
@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE disqus>",
        '<!DOCTYPE disqus [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE disqus SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE disqus [<!ENTITY a "aaaaaaaaaa"><!ENTITY x "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        "<!-- <disqus> --><!DOCTYPE disqus [<!ENTITY x 'y'>]>",
        "<?php ?>\n<!DOCTYPE disqus [<!ENTITY x 'y'>]>",
        f"<!--{'-' * 70000}--><!DOCTYPE disqus [<!ENTITY x 'y'>]>",
    ],
)
@pytest.mark.parametrize("charset", ["utf-8", "utf-16"])
def test_a_doctype_is_refused(reading, doctype, charset, keep_going):
    export = document(post("&x;"), declared=charset).replace("\n<disqus", f"\n{doctype}<disqus", 1)

    with pytest.raises(Unreadable):
        reading(export.encode(charset), keep_going=keep_going)


def test_no_entity_is_ever_expanded(reading):
    export = document(post("a"), post("x&secret;y"), post("c"))

    with pytest.raises(Unreadable, match="secret") as fault:
        reading(export)
    assert fault.value.line == 4
    assert texts(reading(export, keep_going=True)) == ["a", "x&secret;y", "c"]


DAMAGE = {
    "a control character": (post("a\x08b"), ["a\ufffdb"]),
    "a NUL": (post("a\0b"), ["a\ufffdb"]),
    "a control character in CDATA": (post("<![CDATA[a\x1f&nbsp;b]]>"), ["a\ufffd&nbsp;b"]),
    "a reference to none": (post("a&#8;b&#xD800;c&#x110000;d&#65;"), ["a\ufffdb\ufffdc\ufffddA"]),
    "a lone ampersand": (post("a & b?c=1&d=2 &amp; &"), ["a & b?c=1&d=2 & &"]),
    "an entity of HTML": (post("caf&eacute;&nbsp;&LT;b&gt;"), ["café\xa0<b>"]),
    "a lone angle bracket": (post("I <3 this < that"), ["I <3 this < that"]),
    "the end of a CDATA section": (post("<![CDATA[a <![CDATA[b]]> c]]>"), ["a <![CDATA[b c]]>"]),
    "an attribute without quotes": (post("a").replace('<thread dsq:id="1"/>', "<thread dsq:id=1/>"), ["a"]),
    "an undeclared prefix": (post("a").replace("</post>", "<wp:x/></post>"), ["a"]),
    "text after the end": (post("a") + "\n</disqus>\n<p>Thank you</p><post>", ["a"]),
    "an end that is missing": (post("a", 1) + post("b", 2).replace("</message>", ""), ["a"]),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_a_fault_or_mended_and_told_on_request(reading, damage):
    content, expected = DAMAGE[damage]
    export = document(post("before", 8), content, post("after", 9))

    with pytest.raises(Unreadable) as fault:
        reading(export)
    assert fault.value.line in (4, 5, 6)

    kept = reading(export, keep_going=True)
    assert texts(kept)[: len(expected) + 1] == ["before", *expected]
    if damage not in ("text after the end", "an end that is missing"):
        assert texts(kept)[-1] == "after"
        assert {comment.thread for comment in kept.comments} == {"1"}
    assert kept.told
    assert {what for what, _, _ in kept.told} == {"characters"}
    assert kept.told[0][1] in (4, 5, 6)


def test_a_namespace_may_have_any_name(reading):
    export = document(post("a")).replace("<post ", '<post xmlns:x="http://ë ü/" xmlns:y="y" ')

    kept = reading(export)
    assert texts(kept) == ["a"]
    assert kept.told == []


def test_what_is_well_formed_is_not_mended(reading):
    export = document(
        post("<![CDATA[I <3 this & <a b=c/> that]]>"),
        post("a &amp; b &#233; &lt;3 <!-- R&D a<b --> ]] &gt;"),
    )

    assert reading(export) == reading(export, keep_going=True)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_damage_is_mended_wherever_the_file_is_cut_for_reading(monkeypatch, tmp_path, size):
    damaged = "".join(
        content for content, _ in DAMAGE.values() if "</disqus>" not in content and "<wp:" not in content
    )
    export = (
        document(post("before"), damaged, post("é\xffé"), post("after"))
        .encode()
        .replace(b"\xc3\xbf", b"\xff\xe2\x82")
    )
    file = tmp_path / "forum.xml"
    file.write_bytes(export)
    whole = read(Disqus(), file, tmp_path, keep_going=True)

    monkeypatch.setattr("commentsvc.transfer.readers.charsets.CHUNK_BYTES", size)
    monkeypatch.setattr("commentsvc.transfer.readers.xml.HEAD_BYTES", 300)

    assert texts(read(Disqus(), file, tmp_path, keep_going=True)) == texts(whole)


def test_what_is_cut_off_gives_whole_comments_alone(reading):
    export = document(post("a"), post("b"))
    for end in range(export.index("<message>b") + 9, export.index("</disqus>"), 7):
        with pytest.raises(Unreadable, match="ends before its XML does"):
            reading(export[:end])
        kept = reading(export[:end], keep_going=True)
        assert (
            texts(kept)
            == ["a", "b"][
                : 1 + export[:end].count("b</message>") * export[:end].endswith(("</post>", "</post>\n"))
            ]
        )
        assert kept.told


def test_line_breaks_and_warnings_before_the_document_are_passed_over(reading):
    assert reading(document(post("a"), before="\r\n \n")).told == []

    warned = reading(document(post("a"), before="<br />\n<b>Warning</b>: no memory<br />\n"))
    assert texts(warned) == ["a"]
    assert [(what, line) for what, line, _ in warned.told] == [("characters", 1)]
    assert warned.comments[0].line == 5


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b" " * 100_000, "No XML"),
        (b"hello", "No XML"),
        (b"\xff\xfe", "No XML"),
        (b"\0" * 9, "No XML"),
    ],
)
def test_what_is_no_xml_is_refused(reading, content, message):
    for keep_going in (False, True):
        with pytest.raises(Unreadable, match=message):
            reading(content, keep_going=keep_going)


@pytest.mark.soak
@pytest.mark.parametrize("huge", ["x" * 11_000_000, "<![CDATA[" + "y\n" * 6_000_000 + "]]>"])
def test_the_end_of_a_text_beyond_the_parser_s_bounds_is_left_out(reading, huge):
    export = document(post("a"), post(huge), post("c & d"))

    with pytest.raises(Unreadable):
        reading(export)
    kept = reading(export, keep_going=True)
    assert [len(text) > 2_000_000 for text in texts(kept)] == [False, True, False]
    assert kept.comments[2].line == export[: export.index("c & d")].count("\n") + 1
    assert len(kept.told) == 2


def test_tags_in_tags_beyond_the_parser_s_bounds_are_a_fault_and_no_crash(reading):
    export = document(post("a"), post("<b>" * 5000), post("c"))
    with pytest.raises(Unreadable):
        reading(export)
    kept = reading(export, keep_going=True)
    assert texts(kept)[0] == "a"
    assert kept.told


def test_an_archive_that_is_cut_off_gives_what_it_held(tmp_path):
    file = tmp_path / "forum.xml.gz"
    posts = [
        post(hashlib.sha256(bytes([number % 256, number // 256])).hexdigest(), number)
        for number in range(5000)
    ]
    file.write_bytes(gzip.compress(document(*posts).encode())[:-9000])

    with pytest.raises(Unreadable, match="unpacked"):
        read(Disqus(), file, tmp_path)
    kept = read(Disqus(), file, tmp_path, keep_going=True)
    assert 3000 < len(kept.comments) < 5000
    assert kept.told


@pytest.mark.soak
def test_lines_are_right_in_a_long_file(reading):
    export = document(post("a"), "\n" * 70_000, post("b"), post("c & d"))

    with pytest.raises(Unreadable) as fault:
        reading(export)
    assert fault.value.line == 70_005
    assert reading(export, keep_going=True).comments[1].line == 70_004


class _Forum(io.RawIOBase):
    """A forum of 20,000 posts that nobody has written down."""

    def __init__(self) -> None:
        beginning, end = document().split("\n</disqus>")
        posts = (post("x" * 1000) * 20).encode()
        self._pieces = iter([beginning.encode(), *[posts] * 1000, b"</disqus>" + end.encode()])

    def read(self, size: int = -1) -> bytes:
        return next(self._pieces, b"")


class _Source:
    name, keep_going = "forum.xml", False

    def files(self):
        yield self.name, self

    def open(self) -> _Forum:
        return _Forum()


@pytest.mark.soak
def test_memory_does_not_grow_with_the_file():
    before = peak = _resident()
    for number, _ in enumerate(Disqus().read(_Source())):
        if number % 1000 == 0:
            peak = max(peak, _resident())
    assert number == 20_000
    assert peak - before < 12 << 20  # of 23 MB


def _resident() -> int:
    """Bytes of memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
