"""JSON as exports have it, read record by record: one document, or many one after the other (JSON Lines).

A record at a time is decoded by the standard library's scanner, which stops by itself where the interpreter can follow
no deeper and at 4,300 digits, keeps lone surrogates to be told, takes NaN, and says where a fault is. A parser of events
(ijson) was tried: it replaces surrogates in silence, refuses NaN, crashes on long numbers and names no place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from commentsvc.transfer.errors import Unreadable
from commentsvc.transfer.readers.texts import CHUNK_BYTES, TextStream, head_text
from commentsvc.transfer.sources import Source

RECORD_CHARACTERS = 32 << 20  # of one record; a thread with all its comments may be one
HEAD_BYTES = 64 * 1024  # by which a dialect is known
DEPTH = 500  # within a record: half of what the interpreter can follow; a tree has two for each answer
OUTLINE_DEPTH = 64
TOP: Collection[tuple[str, ...]] = frozenset({()})

Path = tuple[str, ...]

_DECODER = json.JSONDecoder(strict=False)  # a line break inside a text is no reason to refuse it
_SPACE = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(:)?|[\[\]{},"]', re.DOTALL)


class Item(NamedTuple):
    """A record and the names above it.

    `number`: which one of the file it is; `part`: which one of the record, where that is taken apart.
    `fault`: what is wrong with it, where it was passed over; the value is then None.
    """

    path: Path
    value: Any
    line: int
    fault: str | None = None
    number: int = 0
    part: int = 0


def numbered(found: Iterable[Item]) -> Iterator[Item]:
    """Give *found* with their numbers."""
    for number, item in enumerate(found, 1):
        yield item._replace(number=number)


def items(source: Source, inside: Collection[Path] = (), quiet: bool = False) -> Iterator[Item]:
    """Give each document of *source*, in its order: the elements one by one where it is an array.

    Objects at the paths of *inside* are not given whole: what they hold is, member by member, and element by element
    where that is an array. *quiet*: what is altered is told by another reading.
    With `source.keep_going` a line that cannot be read is given with its fault, and all ends at any other fault.

    :raises Unreadable: it is no JSON, or is beyond a bound.
    """
    with TextStream(source, quiet) as stream:
        yield from numbered(_documents(_Text(source, stream), source, inside))


def _documents(text: _Text, source: Source, inside: Collection[Path]) -> Iterator[Item]:
    while True:
        is_record = () not in inside
        try:
            first = text.peek()
            if not first:
                return
            is_record &= first == "{"
            yield from _walk(text, (), inside)
        except Unreadable as fault:
            if not source.keep_going:
                raise
            yield Item((), None, fault.line or text.line, fault.message)
            if not (is_record and text.skip_line()):
                return


def _walk(text: _Text, path: Path, inside: Collection[Path]) -> Iterator[Item]:
    first = text.peek()
    if first == "[":
        for line in _elements(text, "]"):
            yield Item(path, text.value(), line)
    elif first == "{" and path in inside:
        for line in _elements(text, "}"):
            name = text.value()
            if not isinstance(name, str):
                raise text.fault("Expecting a name", line=line)
            text.take(":")
            yield from _walk(text, (*path, name), inside)
    else:
        line = text.line
        yield Item(path, text.value(), line)


def _elements(text: _Text, end: str) -> Iterator[int]:
    """Stop before each element of an array or object, and give its line."""
    text.take("[{")
    if text.peek() == end:
        text.take(end)
        return
    while True:
        text.peek()
        yield text.line
        if text.take("," + end) == end:
            return


class _Text:
    """The part of a file that is being read, decoded."""

    def __init__(self, source: Source, stream: TextStream) -> None:
        self._source, self._stream = source, stream
        self._text, self._at, self._ended = "", 0, False
        self.line = 1
        self._more()
        if self._text.startswith("#"):  # LeanCloud's first line: `#filetype:JSON-streaming`
            self.skip_line()

    def peek(self) -> str:
        """Give the next character that is no space, "" at the end."""
        if self._at < len(self._text) and self._text[self._at] not in " \t\r\n":
            return self._text[self._at]
        while True:
            self._go(_SPACE.match(self._text, self._at).end())  # type: ignore[union-attr]
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                return ""
            self._more()

    def take(self, expected: str) -> str:
        """Pass over the next character, which is one of *expected*."""
        found = self.peek()
        if not found or found not in expected:
            raise self.fault("The file ends in the middle" if not found else f"Expecting one of {expected}")
        self._go(self._at + 1)
        return found

    def value(self) -> Any:
        """Decode the next value, whole."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as why:
                if self._ended or self._is_fault(why):
                    raise self.fault(why.msg, at=why.pos) from None
                if len(self._text) - self._at > RECORD_CHARACTERS:
                    raise self.fault("A record is too long") from None
            except RecursionError:
                raise self.fault("It is nested too deeply") from None
            except ValueError:
                raise self.fault("A number has too many digits") from None
            else:
                if end < len(self._text) or self._ended:  # else a number may go on
                    if self._opens(end) > DEPTH and _is_deeper(value, DEPTH):
                        raise self.fault("It is nested too deeply")
                    self._go(end)
                    return value
            self._more()

    def skip_line(self) -> bool:
        """Pass over what is left of this line; tell whether there was an end of it."""
        while (end := self._text.find("\n", self._at)) < 0:
            if self._ended:
                return False
            self._go(len(self._text))
            self._more()
        self._go(end + 1)
        return True

    def fault(self, message: str, at: int | None = None, line: int | None = None) -> Unreadable:
        """Describe what is wrong at a place of the text, else here."""
        if line is None:
            line = self.line + self._text.count("\n", self._at, at or self._at)
        return Unreadable(f"This is no JSON that we read: {message}", line=line, file=self._source.name)

    def _is_fault(self, why: json.JSONDecodeError) -> bool:
        """Whether more of the file could not mend it: what is cut off fails at its end, or where a string begins."""
        return why.pos + CHUNK_BYTES < len(self._text) and not why.msg.startswith("Unterminated")

    def _opens(self, end: int) -> int:
        return self._text.count("[", self._at, end) + self._text.count("{", self._at, end)

    def _go(self, to: int) -> None:
        self.line += self._text.count("\n", self._at, to)
        self._at = to

    def _more(self) -> None:
        self._ended = True  # also where reading fails
        read = self._stream.read(max(CHUNK_BYTES, len(self._text) - self._at))
        self._ended = not read
        self._text, self._at = self._text[self._at :] + read, 0


def _is_deeper(value: Any, depth: int) -> bool:
    """Whether there are more than *depth* arrays and objects within each other."""
    level = [value]
    for _ in range(depth + 1):
        level = [part for part in level if isinstance(part, dict | list)]
        if not level:
            return False
        level = [inner for part in level for inner in (part.values() if isinstance(part, dict) else part)]
    return True


@lru_cache(maxsize=2)
def outline(head: bytes) -> frozenset[str]:
    """Which names stand where in the beginning of a file of JSON: `comments[].id`, and `comments[]` for an array.

    Empty where it is no JSON. It may end anywhere.
    """
    text = re.sub(r"\A#.*\n", "", head_text(head)).lstrip()
    paths: set[str] = set()
    above: list[str] = []
    here = ""
    for token in _TOKEN.finditer(text) if text[:1] in ("{", "[") else ():
        mark = token[0]
        if mark == "[":
            here += "[]"
            paths.add(here)
        elif token[2] and above:
            here = f"{above[-1]}.{token[1]}" if above[-1] else token[1]
            paths.add(here)
        if mark in ("[", "{"):
            above.append(here)
        elif mark in ("]", "}", ","):
            if mark != "," and above:
                above.pop()
            here = above[-1] if above else ""
        if mark == '"' or len(above) > OUTLINE_DEPTH:  # a text that is cut off is the last
            break
    return frozenset(paths)
