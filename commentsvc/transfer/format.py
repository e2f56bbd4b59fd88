"""What a format of exports is, and which ones there are."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import entry_points
from itertools import islice
from typing import Protocol

from commentsvc.errors import Problem
from commentsvc.transfer.errors import Unreadable
from commentsvc.transfer.foreign import ForeignComment, ForeignThread
from commentsvc.transfer.sources import Source, head

GROUP = "commentsvc.formats"
LOOKED_AT = (
    1000  # files of an archive or folder, before it is given up: Takeout puts pictures before the feed
)
HEAD_BYTES = 64 * 1024  # of a file, by which formats know it


class BadFormat(Problem):
    """A package names a format that cannot be loaded; the detail says which."""


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

    :raises BadFormat: one cannot be loaded.
    """
    found: dict[str, Format] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            one: Format = entry.load()()
        except Exception as why:  # anybody may write one
            raise BadFormat(f"The format “{entry.name}” ({entry.value}) cannot be loaded: {why}") from why
        found.setdefault(one.name, one)
    return found


def recognised(source: Source) -> Format:
    """The format of *source*, by the first of its files that is of any.

    :raises Unreadable: it is of none, or looks like one of several.
    """
    formats = installed()
    names = ", ".join(formats)
    is_empty = True
    for name, file in islice(source.files(), LOOKED_AT):
        begins = head(file, HEAD_BYTES)
        is_empty = is_empty and not begins
        fitting = [one for one in formats.values() if begins and one.detect(begins, name)]
        if len(fitting) > 1:
            names = ", ".join(one.name for one in fitting)
            raise Unreadable(f"This could be of several formats. Name one: --format {names}.", file=file.name)
        if fitting:
            return fitting[0]
    if is_empty:
        raise Unreadable("There is nothing in it.", file=source.name)
    raise Unreadable(f"This is no export that we know. Name its format: --format {names}.", file=source.name)
