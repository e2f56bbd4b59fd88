"""YAML as exports have it: lists, names and texts alone, read within bounds; a reference to another part is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from commentsvc.transfer.errors import Unreadable
from commentsvc.transfer.readers.json import Item, numbered
from commentsvc.transfer.readers.texts import CHUNK_BYTES, TextStream
from commentsvc.transfer.sources import Source

DEPTH = 64
RECORD_NODES = 100_000
RECORD_CHARACTERS = 32 << 20

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_REFUSED = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def items(source: Source) -> Iterator[Item]:
    """Give each document of *source*: the elements one by one where it is a list. All plain values are texts, or None.

    :raises Unreadable: it is no YAML, or is beyond a bound.
    """
    with TextStream(source) as text:
        stream = _Printable(source, text)
        yield from numbered(_parsed(stream.counted(yaml.parse(stream, Loader=_LOADER)), source))


def parsed(text: str, source: Source) -> Iterator[Item]:
    """Give each document of *text*, which *source* holds."""
    yield from _parsed(yaml.parse(_REFUSED.sub("\N{REPLACEMENT CHARACTER}", text), Loader=_LOADER), source)


def _parsed(events: Iterator[yaml.Event], source: Source) -> Iterator[Item]:
    try:
        yield from _documents(events)
    except yaml.MarkedYAMLError as why:
        place = why.problem_mark or why.context_mark
        line = place.line + 1 if place else None
        fault = Unreadable(f"This is no YAML that we read: {why.problem}", line=line, file=source.name)
    except yaml.YAMLError:
        fault = Unreadable("This is no YAML that we read.", file=source.name)
    except Unreadable as why:
        fault = why
    except _Refused as why:
        fault = Unreadable(f"This is no YAML that we read: {why}", line=why.line, file=source.name)
    else:
        return
    if not source.keep_going:
        raise fault
    yield Item((), None, fault.line or 0, fault.message)


class _Printable:
    """Text without the characters that no YAML may have, and without end."""

    def __init__(self, source: Source, stream: TextStream) -> None:
        self._source, self._stream, self._told = source, stream, False
        self._characters = 0

    def counted(self, events: Iterator[yaml.Event]) -> Iterator[yaml.Event]:
        """Give *events*, which are parsed from here, each of at most `RECORD_CHARACTERS`."""
        for event in events:
            self._characters = 0
            yield event

    def read(self, size: int) -> str:
        """Give the next part, "" at the end."""
        part = self._stream.read(CHUNK_BYTES)
        self._characters += len(part)
        if self._characters > RECORD_CHARACTERS:
            raise Unreadable("This is no YAML that we read: a text is too long", file=self._source.name)
        if not _REFUSED.search(part):
            return part
        if not self._told:
            self._source.told("characters", None, "control characters were replaced")
            self._told = True
        return _REFUSED.sub("\N{REPLACEMENT CHARACTER}", part)


class _Refused(ValueError):
    """What is YAML, and more than an export needs."""

    def __init__(self, message: str, event: yaml.Event) -> None:
        super().__init__(message)
        self.line: int = event.start_mark.line + 1


def _documents(events: Iterator[yaml.Event]) -> Iterator[Item]:
    for event in events:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.SequenceStartEvent):
            for element in events:
                if isinstance(element, yaml.SequenceEndEvent):
                    break
                yield Item((), _Builder(events).node(element, 1), element.start_mark.line + 1)
        elif isinstance(event, yaml.NodeEvent):
            yield Item((), _Builder(events).node(event, 0), line)


class _Builder:
    """One record."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events, self._nodes, self._characters = events, 0, 0

    def node(self, event: yaml.Event, depth: int) -> Any:
        self._nodes += 1
        if self._nodes > RECORD_NODES or self._characters > RECORD_CHARACTERS:
            raise _Refused("a record is too large", event)
        if depth > DEPTH:
            raise _Refused("it is nested too deeply", event)
        if isinstance(event, yaml.AliasEvent):
            raise _Refused("it refers to another part of itself", event)
        if isinstance(event, yaml.ScalarEvent):
            self._characters += len(event.value)
            return None if event.implicit[0] and event.value in _NULL else event.value
        if isinstance(event, yaml.SequenceStartEvent):
            return [self.node(one, depth + 1) for one in self._until(yaml.SequenceEndEvent)]
        found: dict[str, Any] = {}
        for one in self._until(yaml.MappingEndEvent):
            name = self.node(one, depth + 1)
            value = self.node(next(self._events), depth + 1)
            found.setdefault(str(name), value)
        return found

    def _until(self, end: type[yaml.Event]) -> Iterator[yaml.Event]:
        for event in self._events:
            if isinstance(event, end):
                return
            yield event
