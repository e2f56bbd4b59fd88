"""XML, element by element: memory does not grow with the file, nothing is fetched, and no entity is ever expanded.

A document is decoded here and reaches the parser as UTF-8, so that a wrong byte is told by its line and place, and every
encoding that Python knows can be read. With `keep_going` common damage is mended on the way (`mending`), and the
parser passes over what is left of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import BinaryIO

from lxml import etree

from commentsvc.transfer.errors import Unreadable
from commentsvc.transfer.readers.charsets import charset_of, decoded
from commentsvc.transfer.readers.mending import Mender
from commentsvc.transfer.sources import Source

HEAD_BYTES = 64 * 1024  # within which the root element begins; WordPress writes about 2 kB before it
JUNK_CHARACTERS = (
    4096  # before the document: a line break, or what PHP warned of; JSON that speaks of XML is none
)
TAIL_BYTES = 1024  # in which the end of the root element lies

_BEGINNING = re.compile(r"<\?xml\s|<!--|<!DOCTYPE|<(?:[\w.-]+:)?(?:rss|disqus|feed)\b")
_DECLARATION = re.compile(r"<\?xml\s.*?\?>", re.DOTALL)
_BEFORE_ROOT = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_ROOT_END = re.compile(rb"</(?:[\w.-]+:)?(?:rss|disqus|feed)\s*>")
_ROOT = re.compile(r"<(?:!DOCTYPE\s+)?(?:[\w.-]+:)?([\w.-]+)")


@dataclass(frozen=True, slots=True)
class Opening:
    """How a document begins.

    `charset` is None where the declared one is unknown. `junk` is what lies before the document. `root` is the root
    element's name without its prefix, or "" where none begins within the head. `text` begins with the document.
    """

    charset: str | None
    junk: str
    root: str
    has_doctype: bool
    text: str


def opening(head: bytes) -> Opening:
    """How the document begins whose first bytes are *head*."""
    charset = charset_of(head)
    text = head.decode(charset or "utf-8", "replace")
    found = _BEGINNING.search(text)
    start = found.start() if found else len(text)
    junk, text = text[:start], text[start:]
    before = _BEFORE_ROOT.match(text)
    end = before.end() if before else 0
    root = _ROOT.match(text, end)
    if root is None or len(junk) > JUNK_CHARACTERS or junk.lstrip().startswith(("{", "[")):
        return Opening(charset, junk, "", False, text)
    return Opening(charset, junk, root[1], text.startswith("<!DOCTYPE", end), text)


def documents(source: Source, detect: Callable[[bytes, str], bool]) -> Iterator[Source]:
    """Give the file that *source* is, or those of a folder or archive that *detect* knows, sorted by name.

    WordPress parts a large export into several files, and Takeout puts settings and themes beside the feed.

    :raises Unreadable: there is none.
    """
    files = source.files()
    first, second = next(files, None), next(files, None)
    if first is not None and second is None:
        yield first[1]
        return
    known = 0
    for name, file in chain(filter(None, (first, second)), files):
        with file.open() as stream:
            head = stream.read(HEAD_BYTES)
        if detect(head, name):
            known += 1
            yield file
    if not known:
        raise Unreadable("No file in it is such an export.", file=source.name)


def elements(
    source: Source, tags: Collection[str], parts: Mapping[str, str] | None = None
) -> Iterator[etree._Element]:
    """Give each element of *source* whose name is in *tags*, in any namespace, when it is complete.

    It is taken out of the tree when the next one is asked for. *parts* names tags that are no element to give, but
    a part of one, inside another: `{"thread": "post"}`.

    :raises Unreadable: it is no well-formed XML, has a doctype, or is not in the encoding that it declares.
    """
    with source.open() as stream:
        utf8 = _Utf8(stream, source)
        parser = etree.iterparse(
            utf8,
            events=("end",),
            tag=[f"{{*}}{tag}" for tag in tags],
            encoding="utf-8",
            recover=source.keep_going,
            remove_comments=True,
            remove_pis=True,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
        )
        yield from _complete(parser, utf8, source, parts or {})


def _complete(
    parser: etree.iterparse, utf8: _Utf8, source: Source, parts: Mapping[str, str]
) -> Iterator[etree._Element]:
    given = None
    fault = None
    try:
        for _, element in parser:
            if utf8.is_at_end:
                break  # the parser closes what the file does not: half a record is none
            parent = element.getparent()
            if parent is not None and parts.get(local(element)) == local(parent):
                continue
            if given is not None and (above := given.getparent()) is not None:
                above.remove(given)
            given = element
            yield element
    except etree.XMLSyntaxError as why:
        fault = why
    faults = [(one.line, one.message.strip()) for one in parser.error_log if _is_fault(one)]
    if fault is not None and not len(parser.error_log):
        faults.append((fault.position[0] or 1, str(fault.msg)))
    if faults and not source.keep_going:
        line, message = faults[0]  # the others may follow from it
        if utf8.is_cut_off:
            message = f"The file ends before its XML does ({message})."
        raise Unreadable(message, line=line, file=source.name)
    for line, message in faults:
        source.told("characters", line, f"The XML is damaged here: {message}")


def _is_fault(entry: etree._LogEntry) -> bool:
    """Whether something may be lost: a namespace that is no valid URI is as good a name as any."""
    return bool(entry.level >= etree.ErrorLevels.ERROR and entry.type != etree.ErrorTypes.WAR_NS_URI)


def local(element: etree._Element) -> str:
    """The name of *element* without its namespace, or without a prefix that was never declared."""
    return _local_name(element.tag)


@lru_cache(4096)  # an export has some fifty names
def _local_name(name: str) -> str:
    return name.rpartition("}")[2].rpartition(":")[2]


def fields(children: Iterable[etree._Element]) -> dict[str, str]:
    """The text of each of *children*, an element for instance, by its name, without blanks around it; the first of several."""
    found: dict[str, str] = {}
    for one in children:
        found.setdefault(local(one), (one.text or "").strip())
    return found


def child(element: etree._Element, name: str) -> etree._Element | None:
    """The first child of *element* with this name."""
    for one in element:
        if local(one) == name:
            return one
    return None


def attribute(element: etree._Element | None, name: str) -> str | None:
    """What the attribute *name* of *element* says, in any namespace."""
    if element is None:
        return None
    for key, value in element.attrib.items():
        if _local_name(key) == name:
            return str(value)
    return None


class _Utf8:
    """A document as UTF-8 without its declaration, whose lines are those of the file.

    :raises Unreadable: while reading.
    """

    def __init__(self, stream: BinaryIO, source: Source) -> None:
        self._stream, self._source = stream, source
        self._pieces = self._read_all()
        self.is_at_end = False
        self._tail = b""

    @property
    def is_cut_off(self) -> bool:
        """Whether all was read, and that did not end with the end of the root element."""
        return self.is_at_end and _ROOT_END.search(self._tail) is None

    def read(self, size: int = -1) -> bytes:
        """Give the next piece, however long; an empty one at the end."""
        for piece in self._pieces:
            if piece:
                self._tail = (self._tail + piece)[-TAIL_BYTES:]
                return piece
        self.is_at_end = True
        return b""

    def _read_all(self) -> Iterator[bytes]:
        head = self._stream.read(HEAD_BYTES)
        start = opening(head)
        self._require_opening(head, start)
        charset = self._known_charset(start.charset)
        mender = Mender(self._source) if self._source.keep_going else None
        texts = decoded(self._stream, head, charset, self._source)
        for text in chain([_from_beginning(next(texts), len(start.junk))], texts):
            yield (mender.mended(text) if mender else text).encode("utf-8", "replace")
        if mender:
            yield mender.rest().encode("utf-8", "replace")

    def _require_opening(self, head: bytes, start: Opening) -> None:
        name = self._source.name
        if not head:
            raise Unreadable("The file is empty.", file=name)
        if start.has_doctype:
            line = (start.junk + start.text[: start.text.find("<!DOCTYPE")]).count("\n") + 1
            raise Unreadable("It has a doctype, which no export needs: refused.", line=line, file=name)
        if not start.root:
            raise Unreadable(f"No XML begins within the first {HEAD_BYTES:,} bytes.", line=1, file=name)
        if start.junk.strip():
            self._source.told(
                "characters", 1, f"{len(start.junk)} characters before the XML were passed over"
            )

    def _known_charset(self, charset: str | None) -> str:
        if charset is not None:
            return charset
        if not self._source.keep_going:
            raise Unreadable("It declares an encoding that is not known.", line=1, file=self._source.name)
        self._source.told("encoding", 1, "The declared encoding is not known; it was read as UTF-8")
        return "utf-8"


def _from_beginning(text: str, skip: int) -> str:
    """Leave line breaks alone of what lies before the document, and of its declaration: it names an encoding."""
    declaration = _DECLARATION.match(text, skip)
    start = declaration.end() if declaration else skip
    return "\n" * text.count("\n", 0, start) + text[start:]
