"""Common damage of XML, mended while it is read: what programs get wrong that write it by hand."""

from __future__ import annotations

import re
from html import escape
from html.entities import html5

from commentsvc.transfer.sources import Source

TAIL_CHARACTERS = 64 * 1024  # of a tag or entity that waits for its end; what is longer is neither

TEXT_CHARACTERS = 2_400_000  # of one text: the parser ends at 10,000,000 bytes, and no comment is so long

_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_REFERENCE = re.compile(
    r"&(?:#(?P<decimal>[0-9]{1,8});|#[xX](?P<hex>[0-9A-Fa-f]{1,8});|(?P<name>[A-Za-z][A-Za-z0-9]{1,40});)?"
)
_STRAY = re.compile(r"<(?![A-Za-z_:/!?])|\]\]>")
_UNQUOTED = re.compile(r"(<[A-Za-z_][^<>]*?\s[\w:.-]+=)([\w:.-]+)(?=\s*/?>)")
_OPAQUE = re.compile(r"<!\[CDATA\[|<!--")
_ENDS = {"<![CDATA[": "]]>", "<!--": "-->"}


class Mender:
    """Mends XML piece by piece, and tells where.

    Characters that XML forbids become U+FFFD; outside of CDATA a lone `&`, `<` or `]]>` is escaped, names of HTML's
    entities become their characters, and an attribute gets its quotes. Of a text that the parser would refuse for its
    length, as an article with pictures inside may be, the rest is left out.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._waiting, self._line, self._length = "", 1, 0
        self._until: str | None = None  # what ends the CDATA section or comment that is open

    def mended(self, text: str) -> str:
        """Give what came so far, but for an end that depends on what comes after it."""
        text = self._waiting + text
        pieces, start = [], 0
        while boundary := self._next_boundary(text, start):
            end, after = boundary
            pieces += [self._piece(text[start:end]), text[end:after]]
            self._until = None if self._until else _ENDS[text[end:after]]
            start = after
        end = self._complete_until(text, start)
        self._waiting = text[end:]
        return "".join([*pieces, self._piece(text[start:end])])

    def rest(self) -> str:
        """Give what is left at the end of the document."""
        return self._piece(self._waiting)

    def _next_boundary(self, text: str, start: int) -> tuple[int, int] | None:
        if self._until:
            end = text.find(self._until, start)
            return (end, end + len(self._until)) if end >= 0 else None
        found = _OPAQUE.search(text, start)
        return found.span() if found else None

    def _complete_until(self, text: str, start: int) -> int:
        if self._until:
            return max(start, len(text) - len(self._until) + 1)
        begun = max(text.rfind("<", start), text.rfind("&", start))
        if begun >= 0 and len(text) - begun < TAIL_CHARACTERS:
            return begun
        return max(start, len(text.rstrip("]")))

    def _piece(self, text: str) -> str:
        mended, number = _FORBIDDEN.subn("\ufffd", text)
        if not self._until:
            mended, more = _escaped(mended)
            number += more
        if number:
            line = self._line + text.count("\n", 0, _first_difference(text, mended))
            self._source.told("characters", line, f"{number} faults of the XML were mended from here on")
        bounded = self._bounded(mended)
        self._line += text.count("\n")
        return bounded

    def _bounded(self, markup: str) -> str:
        """Leave out what makes a text too long, but for its line breaks."""
        first, last = (-1, -1) if self._until else (markup.find("<"), markup.rfind("<"))
        end = len(markup) if first < 0 else first
        before, self._length = self._length, self._length + end
        is_too_long = self._length > TEXT_CHARACTERS
        if last >= 0:
            self._length = len(markup) - last
        if not is_too_long:
            return markup
        if before <= TEXT_CHARACTERS:
            self._source.told("characters", self._line, "A text is far too long: its end was left out")
        return "\n" * markup.count("\n", 0, end) + markup[end:]


def _first_difference(text: str, other: str) -> int:
    """Where the two part; they are not the same."""
    for place, (one, two) in enumerate(zip(text, other, strict=False)):
        if one != two:
            return place
    return min(len(text), len(other))


def _escaped(markup: str) -> tuple[str, int]:
    """Mend *markup*, which is no CDATA; give it and how many faults there were."""
    number = 0

    def reference(found: re.Match[str]) -> str:
        nonlocal number
        mended = _character(found)
        number += mended != found[0]
        return mended

    markup = _REFERENCE.sub(reference, markup)
    markup, stray = _STRAY.subn(lambda found: found[0].replace("<", "&lt;").replace(">", "&gt;"), markup)
    markup, unquoted = _UNQUOTED.subn(r'\1"\2"', markup)
    return markup, number + stray + unquoted


def _character(found: re.Match[str]) -> str:
    """What stands for a reference: itself where XML takes it."""
    if found["decimal"] or found["hex"]:
        point = int(found["decimal"]) if found["decimal"] else int(found["hex"], 16)
        allowed = (
            point in (9, 10, 13)
            or 0x20 <= point <= 0xD7FF
            or 0xE000 <= point <= 0xFFFD
            or 0x10000 <= point <= 0x10FFFF
        )
        return found[0] if allowed else "\ufffd"
    if found["name"] in _XML_ENTITIES:
        return found[0]
    character = html5.get(f"{found['name']};")
    return f"&amp;{found[0][1:]}" if character is None else escape(character)  # `LT` is one of HTML's names
