"""YAML as exports have it: lists, names and texts alone, read within bounds; a reference to another part is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Protocol

import yaml

from commentsvc.transfer.errors import Unreadable
from commentsvc.transfer.readers.json import Item
from commentsvc.transfer.readers.texts import CHUNK_BYTES, TextStream
from commentsvc.transfer.sources import Source

DEPTH = 64
RECORD_NODES = 100_000
RECORD_CHARACTERS = 32 << 20

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_REFUSED = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


class Stream(Protocol):
    """What text is read from."""

    def read(self, size: int) -> str:
        """Give the next part, "" at the end."""


def items(source: Source) -> Iterator[Item]:
    """Give each document of *source*: the elements one by one where it is a list. All plain values are texts, or None.

    :raises Unreadable: it is no YAML, or is beyond a bound.
    """
    yield from parsed(_Printable(source), source)


def parsed(text: Stream | str, source: Source) -> Iterator[Item]:
    """Give each document of *text*, which is a part of *source*."""
    try:
        yield from _documents(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as why:
        place = why.problem_mark or why.context_mark
        line = place.line + 1 if place else None
        fault = Unreadable(f"This is no YAML that we read: {why.problem}", line=line, file=source.name)
    except yaml.YAMLError:
        fault = Unreadable("This is no YAML that we read.", file=source.name)
    except _Refused as why:
        fault = Unreadable(f"This is no YAML that we read: {why}", line=why.line, file=source.name)
    else:
        return
    if not source.keep_going:
        raise fault
    yield Item((), None, fault.line or 0, fault.message)


class _Printable:
    """Text without the characters that no YAML may have."""

    def __init__(self, source: Source) -> None:
        self._source, self._stream, self._told = source, TextStream(source), False

    def read(self, size: int = CHUNK_BYTES) -> str:
        part = self._stream.read(CHUNK_BYTES)
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
