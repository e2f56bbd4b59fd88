"""Blogger's exports: the Atom file of its settings page, and `feed.atom` of Google Takeout, which replaced it."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from commentsvc.transfer.foreign import ForeignComment, ForeignState, ForeignThread, Markup, Visibility
from commentsvc.transfer.readers.xml import attribute, child, documents, elements, fields, local, opening
from commentsvc.transfer.sources import Source

_KNOWN_BY = ("tag:blogger.com", "schemas.google.com/blogger")
_NOBODY = "noreply@blogger.com"
_STATES = {
    "": ForeignState.APPROVED,
    "LIVE": ForeignState.APPROVED,
    "SPAM": ForeignState.SPAM,
    "REMOVED": ForeignState.DELETED,
    "DELETED": ForeignState.DELETED,
    "TRASHED": ForeignState.DELETED,
    "SOFT_TRASHED": ForeignState.DELETED,
}


class Blogger:
    """An Atom feed with an `<entry>` for each post, page and comment."""

    name = "blogger"

    def detect(self, head: bytes, name: str) -> bool:
        """Whether it is Atom that speaks of Blogger."""
        start = opening(head)
        return start.root == "feed" and any(word in start.text for word in _KNOWN_BY)

    def read(self, source: Source) -> Iterator[ForeignThread | ForeignComment]:
        """Give posts, pages and comments as they come.

        :raises Unreadable: it is no well-formed XML.
        """
        for file in documents(source, self.detect):
            for element in elements(file, ("entry",)):
                values = fields(element)
                kinds = _kinds(element, values)
                if kinds & {"post", "page"}:
                    yield _thread(element, values)
                elif "comment" in kinds:
                    yield _comment(element, values)


def _kinds(element: etree._Element, values: dict[str, str]) -> set[str]:
    """What an entry is: `post`, `page`, `comment`, or something else of a blog."""
    kinds = {
        (one.get("term") or "").rpartition("#")[2]
        for one in element
        if local(one) == "category" and (one.get("scheme") or "").endswith("#kind")
    }
    return kinds or {values.get("type", "").lower()}


def _thread(element: etree._Element, values: dict[str, str]) -> ForeignThread:
    return ForeignThread(
        key=values.get("id", ""),
        link=_link(element, "alternate") or values.get("filename"),
        title=values.get("title"),
        visibility=_visibility(element, values),
        line=element.sourceline,
    )


def _comment(element: etree._Element, values: dict[str, str]) -> ForeignComment:
    found = child(element, "author")
    author = {} if found is None else fields(found)
    name, email = author.get("name", ""), author.get("email", "")
    return ForeignComment(
        key=_number(values.get("id", "")),
        thread=attribute(child(element, "in-reply-to"), "ref") or values.get("parent"),
        parent=_parent(element, values),
        state=_state(element, values),
        name=name,
        anonymous=name in ("", "Anonymous"),
        email="" if email == _NOBODY else email,
        url=author.get("uri"),
        text=values.get("content", ""),
        markup=Markup.HTML,
        posted_at=values.get("published"),
        line=element.sourceline,
    )


def _parent(element: etree._Element, values: dict[str, str]) -> str | None:
    related = _link(element, "related")
    if related is not None:
        return related.rpartition("/")[2] or None
    return _number(values.get("inReplyTo", "")) or None


def _number(identifier: str) -> str:
    """The number in `tag:blogger.com,1999:blog-1.post-2`, as the links to comments have it."""
    return identifier.rpartition("post-")[2]


def _link(element: etree._Element, relation: str) -> str | None:
    for one in element:
        if local(one) == "link" and one.get("rel") == relation:
            return one.get("href") or ""
    return None


def _state(element: etree._Element, values: dict[str, str]) -> ForeignState:
    """What a comment is. Only Takeout tells more than whether it is public, and may know other words for waiting."""
    if values.get("trashed"):
        return ForeignState.DELETED
    if _is_draft(element):
        return ForeignState.PENDING
    return _STATES.get(values.get("status", "").upper(), ForeignState.PENDING)


def _visibility(element: etree._Element, values: dict[str, str]) -> Visibility:
    if values.get("trashed"):
        return Visibility.DELETED
    if _is_draft(element) or values.get("status", "LIVE").upper() not in ("LIVE", ""):
        return Visibility.HIDDEN
    return Visibility.PUBLIC


def _is_draft(element: etree._Element) -> bool:
    control = child(element, "control")
    return control is not None and fields(control).get("draft", "").lower() == "yes"
