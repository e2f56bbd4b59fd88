"""The encoding of an XML document: what it declares, never a guess, as short texts are guessed wrongly."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from commentsvc.transfer.errors import Unreadable
from commentsvc.transfer.sources import Source

CHUNK_BYTES = 64 * 1024

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"})
# What goes by a name in practice, and what browsers read it as (WHATWG Encoding): all that the name stands for, and more.
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949"}
_LATIN_1 = "iso8859-1"
_WINDOWS = {
    byte: character for byte in range(0x80, 0xA0) if (character := bytes([byte]).decode("cp1252", "ignore"))
}
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z][\w.:-]{0,40})["']""")


def charset_of(head: bytes) -> str | None:
    """The encoding of a document: its mark says it, else its declaration, else it is UTF-8; None: an unknown one."""
    for mark, charset in _BOMS:
        if head.startswith(mark):
            return charset
    declared = _DECLARED.search(head)
    if declared is None:
        return "utf-8"
    name = declared[1].decode("ascii")
    try:
        charset = codecs.lookup(name).name
        "".encode(charset)  # some codecs are none of texts
    except LookupError:
        return None
    if charset.replace("_", "-") in _NO_CHARSETS:
        return None
    if charset.startswith(("utf-16", "utf-32")):
        return "utf-8"  # its bytes say that it is not
    return _WIDER.get(charset, charset)


def decoded(stream: BinaryIO, head: bytes, charset: str, source: Source) -> Iterator[str]:
    """Give *head* and what is left of *stream* as text.

    :raises Unreadable: bytes are none of that encoding; with `keep_going` they are replaced, and told.
    """
    decoder = codecs.getincrementaldecoder(charset)()
    read, lines, chunk = 0, 1, head
    while True:
        read += len(chunk)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as fault:
            byte = read - len(fault.object) + fault.start
            line = lines + fault.object[: fault.start].decode(charset, "replace").count("\n")
            if not source.keep_going:
                raise Unreadable(
                    f"This is not {charset.upper()}, which the file says it is.",
                    line=line,
                    byte=byte,
                    file=source.name,
                ) from None
            source.told("encoding", line, f"From byte {byte} on what is not {charset.upper()} was replaced")
            decoder.errors = "replace"
            text = decoder.decode(chunk, final=not chunk)  # it forgets what it refused
            decoder.errors = "strict"
        lines += text.count("\n")
        yield text.translate(_WINDOWS) if charset == _LATIN_1 else text
        if not chunk:
            return
        chunk = _read(stream, source)


def _read(stream: BinaryIO, source: Source) -> bytes:
    """Give the next bytes; with `keep_going` an archive that is cut off ends where it does."""
    try:
        return stream.read(CHUNK_BYTES)
    except Unreadable as fault:
        if not source.keep_going:
            raise
        source.told("characters", None, f"It ends too early: {fault.message}")
        return b""
