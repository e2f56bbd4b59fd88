"""What a format of exports is, and which ones there are."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import entry_points
from itertools import islice
from typing import Protocol

from commentsvc.transfer.errors import Unreadable
from commentsvc.transfer.foreign import ForeignComment, ForeignThread
from commentsvc.transfer.sources import Source

GROUP = "commentsvc.formats"
MOST_HEADS = 1000  # files of an archive or folder that are looked at
HEAD_BYTES = 64 * 1024  # of a file, by which formats know it


class Format(Protocol):
    """How one system writes its exports.

    `knows` names the counts of `found` that such a file can tell; a format without it tells all.
    """

    name: str

    def detect(self, head: bytes, name: str) -> bool:
        """Whether a file of that name which begins with *head*, `HEAD_BYTES` at most, is of this format."""

    def read(self, source: Source) -> Iterator[ForeignThread | ForeignComment]:
        """Give what is in the export, in any order; each thread that a comment names is given as well.

        :raises Unreadable: it cannot be read to its end.
        """


def installed() -> dict[str, Format]:
    """All formats of all packages that are installed, by name.

    :raises ImportError, AttributeError: one cannot be loaded.
    """
    found: dict[str, Format] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        one: Format = entry.load()()
        found.setdefault(one.name, one)
    return found


def recognised(source: Source) -> Format:
    """The format of *source*.

    :raises Unreadable: it is of none, or looks like one of several.
    """
    formats = installed()
    fitting, name = _fitting(source, list(formats.values()))
    names = ", ".join(one.name for one in fitting or formats.values())
    if not fitting:
        raise Unreadable(f"This is no export that we know. Name its format: --format {names}.", file=name)
    if len(fitting) > 1:
        raise Unreadable(f"This could be of several formats. Name one: --format {names}.", file=name)
    return fitting[0]


def _fitting(source: Source, formats: list[Format]) -> tuple[list[Format], str]:
    """The formats of the first file in *source* that is of any, and its name.

    An archive may hold other things beside: Takeout puts settings and themes to Blogger's feed.

    :raises Unreadable: there is no file, or the only one is empty.
    """
    name, is_empty = None, True
    for inner, file in islice(source.files(), MOST_HEADS):
        name = name or file.name
        with file.open() as stream:
            head = stream.read(HEAD_BYTES)
        is_empty = is_empty and not head
        fitting = [one for one in formats if head and one.detect(head, inner)]
        if fitting:
            return fitting, file.name
    if name is None:
        raise Unreadable("There is no file in it.", file=source.name)
    if is_empty:
        raise Unreadable("The file is empty.", file=name)
    return [], name
