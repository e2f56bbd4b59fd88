"""Exports that were damaged at random: they are read, or refused with the name of the file; nothing else happens."""

from __future__ import annotations

import gc
import os
import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from commentsvc.transfer.errors import Unreadable
from commentsvc.transfer.sources import opened
from tests.transfer import formats_json, formats_xml
from tests.transfer.counting_json import counted

pytestmark = pytest.mark.unit

FORMATS = formats_json.FORMATS | formats_xml.FORMATS
DATA = Path(__file__).parent / "data"
FILES = {
    "isso.sql": "isso", "waline.sql": "waline-db", "isso.json": "isso-json", "commento.json": "commento",
    "comentario.json": "comentario", "remark42.jsonl": "remark42", "remark42_tree.json": "remark42",
    "comments.artrans": "artrans", "artalk.yml": "artalk", "valine.json": "valine", "waline.json": "waline",
    "twikoo.jsonl": "twikoo", "discourse.json": "discourse", "staticman/tea/comment-1.yml": "staticman",
    "disqus.xml": "disqus", "wxr.xml": "wxr", "wxr-for-disqus.xml": "wxr", "blogger.xml": "blogger",
    "blogger-takeout.atom": "blogger",
}  # fmt: skip
PUT_IN = (
    b"\0", b"\xff", b"[", b"{", b'"', b"\\ud800", b"\n", b"NaN", b"1e999", b"-", b": ", b"&a ", b"*a", b"!!x ", b"\t",
    b"\xef\xbb\xbf", b"9" * 5000, b"%YAML 9\n", b"---\n", b"? ", b"<", b">", b"&", b"]]>", b"<![CDATA[", b"<!--", b"<?",
    b"&#0;", b"&nbsp;", b"<!DOCTYPE x [", b' xmlns=""', b"\xed\xa0\x80", b'encoding="utf-16"', b" x=1>", b"<post>",
    b"</item>", b"</wp:comment>", b"<entry>",
)  # fmt: skip


@pytest.fixture
def wholes(tmp_path: Path) -> dict[str, bytes]:
    """The files as they are; databases are made."""
    found = {}
    for file in FILES:
        place = DATA / file
        if file.endswith(".sql"):
            place = tmp_path / file
            with closing(sqlite3.connect(place)) as database:
                database.executescript((DATA / file).read_text())
        found[file] = place.read_bytes()
    return found


def damaged(whole: bytes, chance: random.Random) -> bytes:
    """*whole* with some bytes changed, gone, put in or doubled."""
    torn = bytearray(whole)
    for _ in range(chance.choice([1, 1, 2, 5, 30])):
        at, kind = chance.randrange(len(torn) + 1), chance.randrange(4)
        if kind == 0 and at < len(torn):
            torn[at] = chance.randrange(256)
        elif kind == 1:
            del torn[at : at + chance.choice([1, 3, 50, 1000])]
        elif kind == 2:
            torn[at:at] = chance.choice(PUT_IN)
        else:
            begin = chance.randrange(len(torn) + 1)
            torn[at:at] = torn[begin : begin + chance.choice([5, 40, 400])]
    return bytes(torn)


def _read(file: str, content: bytes, place: Path) -> None:
    place.write_bytes(content)
    for keep_going in (False, True):
        source = opened(place, keep_going, lambda what, line, reason: None, place.parent)
        for one in FORMATS.values():
            one.detect(content, place.name)
        try:
            counted(FORMATS[FILES[file]].read(source))
        except Unreadable as why:
            assert "export" in str(why)  # noqa: PT017 - most may be read


@pytest.mark.parametrize("file", FILES)
def test_damage(file: str, wholes: dict[str, bytes], tmp_path: Path) -> None:
    """No file stays open until garbage is collected, either: a folder may hold thousands."""
    gc.disable()
    try:
        before = os.listdir("/proc/self/fd")
        for seed in range(25):
            _read(file, damaged(wholes[file], random.Random(seed)), tmp_path / "export")
        assert os.listdir("/proc/self/fd") == before
    finally:
        gc.enable()


@pytest.mark.soak
def test_damage_of_every_kind(wholes: dict[str, bytes], tmp_path: Path) -> None:
    until = time.monotonic() + float(os.environ.get("SECONDS", "60"))
    seed = 25
    while time.monotonic() < until:
        for file in FILES:
            try:
                _read(file, damaged(wholes[file], random.Random(seed)), tmp_path / "export")
            except Exception as why:
                why.add_note(f"{file}, seed {seed}")
                raise
        seed += 1


def test_a_schema_that_is_no_text(wholes: dict[str, bytes], tmp_path: Path) -> None:
    torn = wholes["isso.sql"].replace(b"CREATE TABLE comments", b"CREATE \xa9\xa9BLE comments")
    (tmp_path / "export").write_bytes(torn)
    with pytest.raises(Unreadable, match="export: This database cannot be read"):
        list(FORMATS["isso"].read(opened(tmp_path / "export", False, lambda *told: None, tmp_path)))
