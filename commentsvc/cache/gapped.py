"""A page that is the same for all of its readers but for one short text, such as the token of its form."""

from __future__ import annotations

import gzip
import struct
import zlib
from dataclasses import dataclass

from commentsvc.cache.codings import GZIP_LEVEL

RAW_DEFLATE = -zlib.MAX_WBITS
GZIP_HEADER = b"\x1f\x8b\x08" + bytes(6) + b"\xff"  # deflate, no name, no time, of no system (RFC 1952 §2.3)


@dataclass(frozen=True, slots=True)
class GappedPage:
    """Such a page in gzip, but for that text.

    What stands before and after the gap was deflated once. The text goes between as a block that is not compressed
    (RFC 1951 §3.2.4), which may follow wherever the blocks before it were flushed to a whole byte.
    """

    before: bytes
    before_checksum: int
    before_length: int
    after: bytes
    after_plain: bytes
    has_gap: bool

    @classmethod
    def around(cls, gap: bytes, page: bytes) -> GappedPage:
        """Take in *page*, in which *gap* stands where the text goes: the last one, if there is any."""
        head, found, tail = page.rpartition(gap)
        before, after = (head, tail) if found else (page, b"")
        return cls(
            before=_deflated(before, zlib.Z_SYNC_FLUSH),
            before_checksum=zlib.crc32(before),
            before_length=len(before),
            after=_deflated(after, zlib.Z_FINISH),
            after_plain=after,
            has_gap=bool(found),
        )

    def gzip(self, text: bytes) -> bytes:
        """The page in gzip, with *text* (at most 65,535 bytes) in its gap."""
        checksum = zlib.crc32(self.after_plain, zlib.crc32(text, self.before_checksum))
        length = self.before_length + len(text) + len(self.after_plain)
        stored = struct.pack("<BHH", 0, len(text), len(text) ^ 0xFFFF) + text
        end = struct.pack("<II", checksum, length & 0xFFFFFFFF)
        return b"".join((GZIP_HEADER, self.before, stored, self.after, end))

    def plain(self, text: bytes) -> bytes:
        """The page as it is, with *text* in its gap."""
        return gzip.decompress(self.gzip(text))

    def size(self) -> int:
        """How many bytes it takes, about."""
        return len(self.before) + len(self.after) + len(self.after_plain)


def _deflated(plain: bytes, end: int) -> bytes:
    compressor = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, RAW_DEFLATE)
    return compressor.compress(plain) + compressor.flush(end)
