"""In which coding an answer goes to whom, and whether they have it already (RFC 9110 §8.4, §12.5.3, §13.1.2)."""

from __future__ import annotations

import gzip
from functools import lru_cache

import brotli
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header, parse_etags

GZIP = "gzip"
IDENTITY = "identity"
CODINGS = ("br", GZIP, IDENTITY)  # the first is preferred where a reader likes several as much
GZIP_FIRST = (GZIP, "br", IDENTITY)
BROTLI_QUALITY = 5  # 6 kB of 40 in a millisecond; quality 11 saves another fifth and takes 60
GZIP_LEVEL = 6
_LEAST = 0.0005  # less than the least that a header can say
# Characters of a header that is parsed; a longer one counts as not sent.
LONGEST_ACCEPTED = 256  # browsers send some 25
LONGEST_CONDITION = 1024  # a tag of this service has 30; a cache may know several


def coding_for(accepted: str | None, codings: tuple[str, ...] = CODINGS) -> str | None:
    """Choose one of *codings* for a reader who sent this `Accept-Encoding`; None if there is none to choose.

    Nothing sent means any, and then it goes as it is: not everybody who says nothing can decode.
    """
    if accepted is None or len(accepted) > LONGEST_ACCEPTED:
        return IDENTITY
    return _coding_for(accepted, codings)


@lru_cache(maxsize=512)
def _coding_for(accepted: str, codings: tuple[str, ...]) -> str | None:
    listed: Accept = parse_accept_header(accepted, Accept)
    named = [coding for coding in codings if listed.find(coding) >= 0]  # each for itself, or all by “*”
    liking = {coding: listed.quality(coding) for coding in named}
    liking.setdefault(IDENTITY, _LEAST)  # acceptable unless refused, after all that were named
    return max((coding for coding in codings if liking.get(coding)), key=liking.__getitem__, default=None)


@lru_cache(maxsize=32)
def encode_well(body: bytes, coding: str) -> bytes:
    """As `encode`, as small as can be: for what is the same as long as the process lives."""
    match coding:
        case "br":
            encoded: bytes = brotli.compress(body, quality=11)
            return encoded
        case "gzip":
            return gzip.compress(body, 9, mtime=0)
        case _:
            return body


def encode(body: bytes, coding: str) -> bytes:
    """Give *body* in that coding; the same bytes for the same body, always."""
    match coding:
        case "br":
            encoded: bytes = brotli.compress(body, quality=BROTLI_QUALITY)
            return encoded
        case "gzip":
            return gzip.compress(body, GZIP_LEVEL, mtime=0)
        case _:
            return body


def decode(encoded: bytes, coding: str) -> bytes:
    """Give what `encode` was given."""
    match coding:
        case "br":
            body: bytes = brotli.decompress(encoded)
            return body
        case "gzip":
            return gzip.decompress(encoded)
        case _:
            return encoded


def etag_in(coding: str, opaque: str) -> str:
    """The strong ETag of a representation in that coding: other bytes, another tag (RFC 9110 §8.8.3.3)."""
    return f'"{opaque}"' if coding == IDENTITY else f'"{opaque}-{coding}"'


def has_it(if_none_match: str, etag: str) -> bool:
    """Whether a reader who sent this `If-None-Match` has what *etag* names; compared weakly."""
    if if_none_match == etag:
        return True
    if len(if_none_match) > LONGEST_CONDITION:
        return False
    return parse_etags(if_none_match).contains_weak(etag.strip('"'))
