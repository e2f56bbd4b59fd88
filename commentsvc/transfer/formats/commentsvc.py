"""Our own export, JSON Lines; see `transfer.native`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import DecodeError, ValidationError, json

from commentsvc.model import State
from commentsvc.transfer.errors import Unreadable
from commentsvc.transfer.foreign import ForeignComment, ForeignState, ForeignThread, Markup
from commentsvc.transfer.native import VERSION, CommentLine, Header, Line, SiteLine, ThreadLine
from commentsvc.transfer.sources import Source

LONGEST_LINE = 64 << 20  # bytes: a comment of ours has a few thousand
MARK = b"\xef\xbb\xbf"
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
_STATES = {
    State.APPROVED: ForeignState.APPROVED,
    State.PENDING: ForeignState.PENDING,
    State.SPAM: ForeignState.SPAM,
    State.TRASH: ForeignState.DELETED,
}


class Commentsvc:
    """An export of this service. What is in it comes as it was.

    `wanted` is the site that is asked for, where the export holds several. After it was read, `site` has the settings
    of the one that was.
    """

    name = "commentsvc"
    wanted: str | None = None
    site: SiteLine | None = None

    def detect(self, head: bytes, name: str) -> bool:
        """Whether it begins as an export of ours."""
        first = head.removeprefix(MARK).lstrip().partition(b"\n")[0]
        try:
            begins = json.decode(first)
        except (DecodeError, RecursionError):
            return False
        return isinstance(begins, dict) and begins.get("commentsvc") == "export"

    def read(self, source: Source) -> Iterator[ForeignThread | ForeignComment]:
        """Give the threads and comments of the export's only site, or of the one that is wanted.

        :raises Unreadable: a line is none of ours, or there are several sites and none of them is wanted.
        """
        self.site = None
        known: set[str] = set()
        slug = None
        decode = json.Decoder(Line).decode
        for number, raw in _lines(source):
            if slug is None:
                slug = self._slug(_header(source, number, raw))
                continue
            raw = _without_nul(source, number, raw)
            try:
                line = decode(raw)
            except (DecodeError, ValidationError, RecursionError) as why:
                if not source.keep_going:
                    raise Unreadable(str(why), line=number, file=source.name) from None
                yield _malformed(number, str(why))
                continue
            if isinstance(line, SiteLine):
                self.site = line if line.slug == slug else self.site
            elif line.site == slug:
                text = raw.decode(errors="replace")
                if isinstance(line, CommentLine):
                    if line.article not in known:  # one that was written by hand, or cut out of an export
                        known.add(line.article)
                        yield ForeignThread(key=line.article, line=number)
                    yield _comment(line, number, text)
                else:
                    known.add(line.article)
                    yield _thread(line, number, text)

    def _slug(self, header: Header) -> str:
        if len(header.sites) == 1:
            return header.sites[0]
        if self.wanted in header.sites:
            return self.wanted or ""
        raise Unreadable(f"It holds several sites; name one with --site: {', '.join(header.sites)}.")


def _lines(source: Source) -> Iterator[tuple[int, bytes]]:
    with source.open() as stream:
        number = 0
        while raw := stream.readline(LONGEST_LINE + 1):
            number += 1
            if len(raw) > LONGEST_LINE:
                raise Unreadable("It is longer than a line of an export is.", line=number, file=source.name)
            line = raw.removeprefix(MARK).strip() if number == 1 else raw.strip()
            if line:
                yield number, line


def _without_nul(source: Source, number: int, raw: bytes) -> bytes:
    if b"\\u0000" not in raw:
        return raw
    mended = _NUL.sub(rb"\1\\ufffd", raw)
    if mended != raw:
        source.told("characters", number, "NUL")
    return mended


def _header(source: Source, number: int, raw: bytes) -> Header:
    try:
        begins = json.decode(raw)
        version = begins.get("version") if isinstance(begins, dict) else None
        if isinstance(version, int) and version > VERSION:
            raise Unreadable("It was made by a newer program; install that.", line=number, file=source.name)
        return json.decode(raw, type=Header)
    except (DecodeError, ValidationError, RecursionError) as why:
        raise Unreadable(f"It does not begin as an export: {why}", line=number, file=source.name) from None


def _thread(line: ThreadLine, number: int, text: str) -> ForeignThread:
    return ForeignThread(
        key=line.article,
        title=line.title,
        closed=not line.open or line.expired,
        line=number,
        original=text,
    )


def _comment(line: CommentLine, number: int, text: str) -> ForeignComment:
    return ForeignComment(
        key=line.id,
        thread=line.article,
        parent=line.parent,
        state=_STATES[line.state],
        name=line.name,
        anonymous=not line.name,
        email=line.email,
        url=line.url,
        text=line.text,
        markup=line.markup,
        posted_at=line.posted_at,
        edited_at=line.edited_at,
        line=number,
        original=text,
        pinned=line.pinned,
    )


def _malformed(number: int, why: str) -> ForeignComment:
    return ForeignComment(key=f"line {number}", thread=None, markup=Markup.TEXT, malformed=why, line=number)
