"""The text of a file, decoded piece by piece."""

from __future__ import annotations

import codecs
import json
from typing import Any, Self

from commentsvc.transfer.errors import Unreadable
from commentsvc.transfer.sources import Source

CHUNK_BYTES = 256 * 1024


def encoding(first: bytes) -> str:
    """Give the encoding by a file's first bytes: a byte order mark, else UTF-16 or UTF-32 by the zeros, else UTF-8."""
    return json.detect_encoding(first)


def head_text(head: bytes) -> str:
    """Give the text of the beginning of a file, as far as it is one."""
    return head.decode(encoding(head), "ignore").lstrip("\ufeff")


class TextStream:
    """A file that is read as text.

    Bytes that are none are a fault; with `source.keep_going` they are replaced and told, unless *quiet*. The file is
    closed when the block ends: an error that is kept would keep it open, and an export may be thousands of files.
    """

    def __init__(self, source: Source, quiet: bool = False) -> None:
        self._source, self._quiet = source, quiet
        self._stream: Any = source.open()
        self._first: bytes | None = None
        self._decoder: Any = None
        self._bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def read(self, size: int = CHUNK_BYTES) -> str:
        """Give the next part of at least one character, "" at the end; *size* is a hint, in bytes.

        :raises Unreadable: there are bytes that are no text.
        """
        if self._decoder is None:
            self._first = self._chunk(CHUNK_BYTES)
            self._decoder = codecs.getincrementaldecoder(encoding(self._first))()
        while True:
            chunk, self._first = self._first or self._chunk(size), None
            decoded = self._decoded(chunk)
            self._bytes += len(chunk)
            if decoded or not chunk:
                return decoded

    def _chunk(self, size: int) -> bytes:
        """Read *size* bytes, less only at the end and before what cannot be unpacked."""
        found = bytearray()
        try:
            while len(found) < size and (part := self._stream.read1(size - len(found))):
                found += part
        except Unreadable:
            if not found:
                raise
        return bytes(found)

    def _decoded(self, chunk: bytes) -> str:
        kept = len(self._decoder.getstate()[0])
        try:
            return str(self._decoder.decode(chunk, not chunk))
        except UnicodeDecodeError as why:
            if not self._source.keep_going:
                byte = self._bytes - kept + why.start
                raise Unreadable(
                    f"This is not {why.encoding.upper()}.", byte=byte, file=self._source.name
                ) from None
            if not self._quiet:
                self._source.told(
                    "encoding", None, f"bytes that are not {why.encoding.upper()} were replaced"
                )
            self._decoder.errors = "replace"
            return str(self._decoder.decode(chunk, not chunk))
