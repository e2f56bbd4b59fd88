"""Staticman's comments: a file for each, in a folder for each page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from commentsvc.transfer.errors import Unreadable
from commentsvc.transfer.foreign import ForeignComment, ForeignThread
from commentsvc.transfer.formats.fields import malformed, markup, moment, text
from commentsvc.transfer.readers import yaml
from commentsvc.transfer.readers.json import Item, outline
from commentsvc.transfer.readers.lookup import Lookup
from commentsvc.transfer.readers.texts import TextStream, head_text
from commentsvc.transfer.sources import Source

FILE_CHARACTERS = 1 << 20

_MESSAGE = re.compile(r"^(message|body|comment|content):", re.MULTILINE)
_OTHERS = re.compile(r"^(_id|_parent|name|email|date):", re.MULTILINE)
_FRONT_MATTER = re.compile(r"---\r?\n(.*?\n)---\r?\n(.*)", re.DOTALL)


class Staticman:
    """YAML (or JSON, or front matter above the text); the folder is the page, the text is Markdown."""

    name = "staticman"

    def detect(self, head: bytes, name: str) -> bool:
        """Whether the first file is a single comment."""
        if names := outline(head):
            return {"message", "name"} <= names and not names.isdisjoint({"_id", "_parent", "date"})
        text = head_text(head)
        if text.lstrip().startswith("<") or "\0" in text:
            return False
        return bool(_OTHERS.search(text)) and (bool(_MESSAGE.search(text)) or text.startswith("---"))

    def read(self, source: Source) -> Iterator[ForeignThread | ForeignComment]:
        """Give a comment for each file, and each page before its first one."""
        pages = Lookup()
        for number, (name, file) in enumerate(source.files(), 1):
            page, _, own = (name.partition("/")[2] if file is source else name).rpartition("/")
            if pages.is_new(page):
                yield ForeignThread(key=page, link=page or None, line=number)
            yield _comment(own or name, page, _record(file), number)


def _record(file: Source) -> Item:
    """What the file says, or why that cannot be read."""
    try:
        whole = ""
        with TextStream(file) as stream:
            while (part := stream.read()) and len(whole) <= FILE_CHARACTERS:
                whole += part
        if part:
            return Item((), None, 0, "the file is too long")
        matter = _FRONT_MATTER.match(whole)
        found = next(
            yaml.parsed(matter[1] if matter else whole, file), Item((), None, 0, "the file is empty")
        )
    except Unreadable as why:
        return Item((), None, 0, why.message)
    if matter and isinstance(found.value, dict):
        found.value.setdefault("message", matter[2])
    return found


def _comment(name: str, page: str, item: Item, number: int) -> ForeignComment:
    if not isinstance(item.value, dict):
        return malformed(item._replace(line=number), "it is no comment", page)
    fields: dict[str, Any] = item.value
    said = next((text(fields[one]) for one in ("message", "body", "comment", "content") if one in fields), "")
    author = text(fields.get("name"))
    return ForeignComment(
        key=text(fields.get("_id")) or name,
        thread=page,
        parent=text(fields.get("replying_to_uid")) or None,
        name=author,
        anonymous=not author,
        email=text(fields.get("email")) or None,
        url=text(fields.get("url")) or None,
        text=said,
        markup=markup(said),
        posted_at=moment(fields.get("date")),
        line=number,
    )
