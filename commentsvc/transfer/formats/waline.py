"""Waline's export as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from commentsvc.transfer.foreign import ForeignComment, ForeignThread
from commentsvc.transfer.formats import valine
from commentsvc.transfer.formats.fields import markup
from commentsvc.transfer.readers.json import outline
from commentsvc.transfer.sources import Source


class Waline:
    """`{"type": "waline", "version": 1, "tables": […], "data": {"Comment": […]}}`, or the table as LeanCloud exports it.

    Texts are Markdown; those that came from Valine are HTML.
    """

    name = "waline"

    def detect(self, head: bytes, name: str) -> bool:
        """Whether its tables are there, or comments of LeanCloud with Waline's columns."""
        names = outline(head)
        if {"data.Comment", "data.Comment[]"} & names or {"type", "tables[]", "data"} <= names:
            return True
        return valine.is_waline(names) and not names.isdisjoint(
            {"[].objectId", "results[].objectId", "objectId"}
        )

    def read(self, source: Source) -> Iterator[ForeignThread | ForeignComment]:
        """Give the comments, and each page before its first one."""
        return valine.read(source, markup)
