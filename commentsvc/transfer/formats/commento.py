"""Commento's export, which Commento++ writes as well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from commentsvc.transfer.foreign import ForeignComment, ForeignState, ForeignThread
from commentsvc.transfer.formats.fields import key, malformed, markup, members, moment, page, text
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
            {"comments", "commenters"} <= names and "pages" not in names and "comments[].pageId" not in names
        )

    def read(self, source: Source) -> Iterator[ForeignThread | ForeignComment]:
        """Give the comments, and each thread before its first one; a first pass keeps who wrote them."""
        people, threads = Lookup(), Lookup()
        for item in items(source, TOP, quiet=True):
            person = members(item.value)
            if item.path == ("commenters",) and person:
                people.put(
                    key(person.get("commenterHex")),
                    [text(person.get(field)) for field in ("name", "email", "link")],
                )
        for item in items(source, TOP):
            if item.path != ("comments",) and not item.fault:
                continue
            if not isinstance(item.value, dict):
                if item.value is not None or item.fault:
                    yield malformed(item)
                continue
            thread = page(
                item.value.get("url") or item.value.get("path"), item.line, item.value.get("domain")
            )
            if threads.is_new(thread.key):
                yield thread
            yield _comment(item, item.value, thread.key, people)


def _comment(item: Item, comment: dict[str, Any], thread: str, people: Lookup) -> ForeignComment:
    who = key(comment.get("commenterHex"))
    person = people.get(who)
    name, email, url = person or ("", "", "")
    said, above = comment.get("markdown"), text(comment.get("parentHex"))
    deleted = comment.get("deleted") or said in ("", "[deleted]")
    return ForeignComment(
        key=key(comment.get("commentHex")),
        thread=thread,
        parent=None if above in ("root", "") else above,
        state=ForeignState.DELETED
        if deleted
        else STATES.get(text(comment.get("state")), ForeignState.PENDING),
        name=name,
        anonymous=who == "anonymous" or person is None,
        email=email or None,
        url=None if url in ("", "undefined") else url,
        text=text(said),
        markup=markup(text(said)),
        posted_at=moment(comment.get("creationDate")),
        line=item.line,
    )
