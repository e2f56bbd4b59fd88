"""WordPress's export (WXR 1.0 to 1.2), and the dialect of it that Disqus imports."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from commentsvc.transfer.foreign import ForeignComment, ForeignState, ForeignThread, Markup, Visibility
from commentsvc.transfer.readers.paragraphs import with_paragraphs
from commentsvc.transfer.readers.xml import documents, elements, fields, local, opening
from commentsvc.transfer.sources import Source
from commentsvc.unicode_text import without_references

_DISQUS = "www.disqus.com"
_KNOWN_BY = ("wordpress.org/export/", _DISQUS, ":wxr_version>", ":comment_id>")
_PINGS = frozenset({"pingback", "trackback"})
_PUBLIC = frozenset({"", "publish", "inherit", "closed"})  # bbPress's closed topics can be read
_STATES = {
    "spam": ForeignState.SPAM,
    "trash": ForeignState.DELETED,
    "post-trashed": ForeignState.DELETED,
    "0": ForeignState.PENDING,
    "hold": ForeignState.PENDING,
}
# What plugins keep among the comments and show to the shop or the editors alone: `order_note`, `action_log`, `note`…
_INTERNAL_TYPES = re.compile(r"(?:^|[_-])(?:notes?|logs?)$|^webhook_delivery$", re.IGNORECASE)
_INTERNAL_POSTS = re.compile(r"^(?:shop_(?:order|subscription)|scheduled-action)", re.IGNORECASE)
_NO_DATE = "0000-00-00"


class Wxr:
    """RSS with an `<item>` for each post, page and attachment, which holds its comments."""

    name = "wxr"

    def detect(self, head: bytes, name: str) -> bool:
        """Whether it is RSS that speaks of WordPress or Disqus."""
        start = opening(head)
        return start.root == "rss" and any(word in start.text for word in _KNOWN_BY)

    def read(self, source: Source) -> Iterator[ForeignThread | ForeignComment]:
        """Give the comments of an item, then the item.

        :raises Unreadable: it is no well-formed XML.
        """
        seen: set[str] = set()
        item = _Item(0, seen)
        for file in documents(source, self.detect):
            for element in elements(file, ("item", "comment")):
                if local(element) == "item":
                    yield from item.ended(element)
                    item = _Item(item.number + 1, seen)
                elif len(element):
                    yield from item.commented(element)


class _Item:
    """An item that is being read, the *number*-th of its file.

    Its comments are given as they come, as there may be any number of them; but they wait where what they need to
    know of their item comes after them.
    """

    def __init__(self, number: int, seen: set[str]) -> None:
        self.number = number
        self._seen = seen
        self._key: str | None = None
        self._is_internal = False
        self._waiting: list[tuple[dict[str, str], int]] = []

    def commented(self, element: etree._Element) -> Iterator[ForeignComment]:
        """Give a comment, if it can be said what it belongs to."""
        if self._key is None:
            siblings = list(element.itersiblings(preceding=True))  # those after it are not complete
            before = fields(reversed(siblings))
            if "post_type" in before or "thread_identifier" in before:
                self._learn(before)
        record = (fields(element), element.sourceline)
        if self._key is None:
            self._waiting.append(record)
        else:
            yield self._comment(*record)

    def ended(self, element: etree._Element) -> Iterator[ForeignThread | ForeignComment]:
        """Give the comments that waited, and the thread where the item is one."""
        values = fields(element)
        post_type = values.get("post_type", "")
        has_comments = self._key is not None or bool(self._waiting)
        if not (has_comments or post_type in ("", "post", "page") or _is_for_disqus(element)):
            return
        if self._key is None:
            self._learn(values)
        yield from (self._comment(*record) for record in self._waiting)
        yield ForeignThread(
            key=self._key or "",
            link=values.get("link"),
            title=without_references(values.get("title", "")),
            closed=values.get("comment_status") == "closed",
            visibility=_visibility(values),
            line=element.sourceline,
        )

    def _learn(self, values: dict[str, str]) -> None:
        """Find how the item is named: by its id, so that a later export names it alike, unless that came before."""
        key = (
            values.get("post_id") or values.get("thread_identifier") or values.get("link") or str(self.number)
        )
        self._key = key if key not in self._seen else f"{self.number}:{key}"
        self._seen.add(self._key)
        self._is_internal = _INTERNAL_POSTS.search(values.get("post_type", "")) is not None

    def _comment(self, values: dict[str, str], line: int) -> ForeignComment:
        kind = values.get("comment_type", "")
        is_internal = self._is_internal or _INTERNAL_TYPES.search(kind) is not None
        return ForeignComment(
            key=values.get("comment_id", ""),
            thread=self._key,
            parent=_parent(values.get("comment_parent", "")),
            state=_STATES.get(values.get("comment_approved", ""), ForeignState.APPROVED),
            ping=kind in _PINGS,
            name=without_references(values.get("comment_author", "")),  # as WordPress stores it
            anonymous=not values.get("comment_author"),
            email=values.get("comment_author_email"),
            url=values.get("comment_author_url"),
            text=with_paragraphs(values.get("comment_content", "")),
            markup=Markup.HTML,
            posted_at=_date(values),
            malformed=f"a note or log, no comment: {kind or 'of an order'}" if is_internal else None,
            line=line,
        )


def _parent(text: str) -> str | None:
    return None if text in ("", "0") else text


def _date(values: dict[str, str]) -> str | None:
    """When it was written: WordPress leaves zeros where it does not know."""
    for name in ("comment_date_gmt", "comment_date"):
        if (text := values.get(name)) and not text.startswith(_NO_DATE):
            return text
    return None


def _visibility(values: dict[str, str]) -> Visibility:
    status = values.get("status", "")
    if status == "trash":
        return Visibility.DELETED
    if status not in _PUBLIC or values.get("post_password"):
        return Visibility.HIDDEN
    return Visibility.PUBLIC


def _is_for_disqus(element: etree._Element) -> bool:
    """Whether the file is of the dialect in which any item is a thread."""
    return any(_DISQUS in address for address in element.nsmap.values())
