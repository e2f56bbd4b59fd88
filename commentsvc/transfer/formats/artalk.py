"""Artalk's comments as YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from commentsvc.transfer.foreign import ForeignComment, ForeignState, ForeignThread
from commentsvc.transfer.formats.artrans import page_of
from commentsvc.transfer.formats.fields import key, malformed, markup, moment, parent, text, true
from commentsvc.transfer.readers import yaml
from commentsvc.transfer.readers.json import Item
from commentsvc.transfer.readers.lookup import Lookup
from commentsvc.transfer.readers.texts import head_text
from commentsvc.transfer.sources import Source

_PAGE = re.compile(r"^(- |-?\s+)page_key:", re.MULTILINE)


class Artalk:
    """A list of comments, each with its page; who wrote them is a number, whose name and address are elsewhere."""

    name = "artalk"
    knows = frozenset(
        [
            "threads",
            "threads_with_comments",
            "comments",
            "approved",
            "pending",
            "spam",
            "deleted",
            "pings",
            "max_depth",
            "replies",
            "orphans",
            "cross_thread_parents",
            "cycle_members",
            "anonymous",
            "empty_body",
            "duplicate_ids",
            "closed_threads",
            "duplicate_thread_links",
            "threads_without_link",
        ]
    )  # all but `no_email`

    def detect(self, head: bytes, name: str) -> bool:
        """Whether the elements of a list in YAML name the key of a page."""
        text = head_text(head).lstrip()
        return text[:1] not in ("[", "{", "<") and bool(_PAGE.search(text))

    def read(self, source: Source) -> Iterator[ForeignThread | ForeignComment]:
        """Give the comments, and each page before its first one."""
        pages = Lookup()
        for item in yaml.items(source):
            if not isinstance(item.value, dict):
                yield malformed(item)
                continue
            page = page_of(item.value, item.line)
            if pages.is_new(page.key):
                yield page
            yield _comment(item, item.value, page.key)


def _comment(item: Item, comment: dict[str, Any], page: str) -> ForeignComment:
    said = text(comment.get("content"))
    return ForeignComment(
        key=key(comment.get("id")),
        thread=page,
        parent=parent(comment.get("rid")),
        state=_state(comment),
        name=text(comment.get("nick")),
        email=text(comment.get("email")) or None,
        url=text(comment.get("link")) or None,
        text=said,
        markup=markup(said),
        posted_at=moment(comment.get("created_at")),
        line=item.line,
    )


def _state(comment: dict[str, Any]) -> ForeignState:
    if comment.get("deleted_at"):
        return ForeignState.DELETED
    return ForeignState.PENDING if true(comment.get("is_pending")) else ForeignState.APPROVED
