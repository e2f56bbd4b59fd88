"""Commento's export, which Commento++ writes as well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from commentsvc.transfer.foreign import ForeignComment, ForeignState, ForeignThread, Markup
from commentsvc.transfer.formats.fields import malformed, markup, members, moment, text
from commentsvc.transfer.readers.json import TOP, Item, items, outline
from commentsvc.transfer.readers.lookup import Lookup
from commentsvc.transfer.sources import Source

STATES = {
    "approved": ForeignState.APPROVED,
    "unapproved": ForeignState.PENDING,
    "flagged": ForeignState.SPAM,
    "spam": ForeignState.SPAM,
}


class Commento:
    """`{"version": 1, "comments": […], "commenters": […]}`; who wrote them stands at the end."""

    name = "commento"

    def detect(self, head: bytes, name: str) -> bool:
        """Whether comments have hexadecimal keys, or the names of an empty export are there."""
        names = outline(head)
        return "comments[].commentHex" in names or (
            {"comments[]", "commenters[]"} <= names
            and "pages[]" not in names
            and "comments[].pageId" not in names
        )

    def read(self, source: Source) -> Iterator[ForeignThread | ForeignComment]:
        """Give the comments, and each thread before its first one; a first pass keeps who wrote them."""
        people, threads = Lookup(), Lookup()
        for item in items(source, TOP, quiet=True):
            person = members(item.value)
            if item.path == ("commenters",) and person:
                people.add(
                    text(person.get("commenterHex")),
                    [text(person.get(field)) for field in ("name", "email", "link")],
                )
        for item in items(source, TOP):
            if item.path != ("comments",) and not item.fault:
                continue
            if not isinstance(item.value, dict):
                if item.value is not None or item.fault:
                    yield malformed(item)
                continue
            thread = _thread(item, item.value)
            if threads.add(thread.key):
                yield thread
            yield _comment(item, item.value, thread.key, people)


def _thread(item: Item, comment: dict[str, Any]) -> ForeignThread:
    domain, path = text(comment.get("domain")), text(comment.get("url") or comment.get("path"))
    return ForeignThread(key=f"{domain} {path}".strip(), link=path or None, line=item.line)


def _comment(item: Item, comment: dict[str, Any], thread: str, people: Lookup) -> ForeignComment:
    who = text(comment.get("commenterHex"))
    person = people.get(who)
    name, email, url = person or ("", "", "")
    said, above = comment.get("markdown"), text(comment.get("parentHex"))
    deleted = comment.get("deleted") or said in ("", "[deleted]")
    written = text(comment.get("html") if said is None else said)
    return ForeignComment(
        key=text(comment.get("commentHex")),
        thread=thread,
        parent=None if above in ("root", "") else above,
        state=ForeignState.DELETED
        if deleted
        else STATES.get(text(comment.get("state")), ForeignState.PENDING),
        name=name,
        anonymous=who == "anonymous" or person is None,
        email=email or None,
        url=None if url in ("", "undefined") else url,
        text=written,
        markup=Markup.HTML if said is None else markup(written),
        posted_at=moment(comment.get("creationDate")),
        line=item.line,
    )
