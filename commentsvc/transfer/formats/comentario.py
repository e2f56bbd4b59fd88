"""Comentario's export, version 3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from commentsvc.transfer.foreign import ForeignComment, ForeignState, ForeignThread
from commentsvc.transfer.formats.fields import key, malformed, markup, members, moment, parent, text
from commentsvc.transfer.readers.json import TOP, Item, items, outline
from commentsvc.transfer.readers.lookup import Lookup
from commentsvc.transfer.sources import Source


class Comentario:
    """`{"version": 3, "pages": […], "commenters": […], "comments": […]}`."""

    name = "comentario"

    def detect(self, head: bytes, name: str) -> bool:
        """Whether there are pages, or comments that name one."""
        names = outline(head)
        return (
            "comments[].pageId" in names
            or "pages[].domainId" in names
            or {"version", "pages", "comments"} <= names
        )

    def read(self, source: Source) -> Iterator[ForeignThread | ForeignComment]:
        """Give the pages and the comments; a first pass keeps who wrote them."""
        people = Lookup()
        for item in items(source, TOP, quiet=True):
            person = members(item.value)
            if item.path == ("commenters",) and person:
                fields = [text(person.get(field)) for field in ("name", "email", "websiteUrl")]
                people.put(key(person.get("id")), fields)
        for item in items(source, TOP):
            record = members(item.value)
            if item.path == ("pages",) and record:
                yield _thread(item, record)
            elif item.path == ("comments",) and record:
                yield _comment(item, record, people)
            elif item.fault or (item.path == ("comments",) and item.value is not None):
                yield malformed(item)


def _thread(item: Item, page: dict[str, Any]) -> ForeignThread:
    return ForeignThread(
        key=key(page.get("id")),
        link=text(page.get("path")) or None,
        title=text(page.get("title")) or None,
        closed=bool(page.get("isReadonly")),
        line=item.line,
    )


def _comment(item: Item, comment: dict[str, Any], people: Lookup) -> ForeignComment:
    person = people.get(key(comment.get("userCreated")))
    name, email, url = person or (text(comment.get("authorName")), "", "")
    said = text(comment.get("markdown"))
    page = comment.get("pageId")
    return ForeignComment(
        key=key(comment.get("id")),
        thread=None if page is None else key(page),
        parent=parent(comment.get("parentId")),
        state=_state(comment),
        name=name,
        anonymous=person is None,
        email=email or None,
        url=url or None,
        text=said,
        markup=markup(said),
        posted_at=moment(comment.get("createdTime")),
        edited_at=moment(comment.get("editedTime")),
        line=item.line,
    )


def _state(comment: dict[str, Any]) -> ForeignState:
    if comment.get("isDeleted"):
        return ForeignState.DELETED
    if comment.get("isPending"):
        return ForeignState.PENDING
    return ForeignState.APPROVED if comment.get("isApproved") else ForeignState.SPAM
