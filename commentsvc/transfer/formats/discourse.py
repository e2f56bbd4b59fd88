"""Topics of Discourse, as its API serves them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from commentsvc.transfer.foreign import ForeignComment, ForeignState, ForeignThread, Markup, Visibility
from commentsvc.transfer.formats.fields import elements, key, malformed, members, moment, text
from commentsvc.transfer.readers.json import Item, items, outline
from commentsvc.transfer.readers.lookup import Lookup
from commentsvc.transfer.sources import Source

POSTS = ("post_stream.posts[]", "latest_posts[]", "cooked", "[].cooked", "[].post_stream.posts[]")


class Discourse:
    """A topic, the latest posts, or a post, of which a file may have many, and a folder many files."""

    name = "discourse"

    def detect(self, head: bytes, name: str) -> bool:
        """Whether there are posts."""
        return not outline(head).isdisjoint(POSTS)

    def read(self, source: Source) -> Iterator[ForeignThread | ForeignComment]:
        """Give the posts, the opening one and notices too, and each topic before its first one."""
        topics = Lookup()
        for _, file in source.files():
            for item in items(file):
                yield from _answer(item, topics)


def _answer(item: Item, topics: Lookup) -> Iterator[ForeignThread | ForeignComment]:
    answer = members(item.value)
    posts = (
        elements(members(answer.get("post_stream")).get("posts"))
        or elements(answer.get("latest_posts"))
        or ([answer] if "cooked" in answer else [])
    )
    if item.fault or not answer:
        yield malformed(item)
    for part, post in enumerate(posts, 1):
        if not isinstance(post, dict):
            yield malformed(item._replace(part=part))
            continue
        topic = key(post.get("topic_id", answer.get("id")))
        if topics.is_new(topic):
            yield _thread(item, answer, post, topic)
        yield _comment(item, post, topic)


def _thread(item: Item, answer: dict[str, Any], post: dict[str, Any], topic: str) -> ForeignThread:
    is_topic = "post_stream" in answer
    hidden = answer.get("archetype") == "private_message"
    return ForeignThread(
        key=topic,
        link=topic,
        title=text(answer.get("title") if is_topic else post.get("topic_title")) or None,
        closed=bool(answer.get("closed")),
        visibility=Visibility.DELETED
        if is_topic and answer.get("deleted_at")
        else Visibility.HIDDEN
        if hidden
        else Visibility.PUBLIC,
        line=item.line,
    )


def _comment(item: Item, post: dict[str, Any], topic: str) -> ForeignComment:
    username = text(post.get("username"))
    above = post.get("reply_to_post_number")
    return ForeignComment(
        key=f"{topic}:{key(post.get('post_number'))}",
        thread=topic,
        parent=f"{topic}:{key(above)}" if above else None,
        state=_state(post),
        name=text(post.get("name")) or username,
        anonymous=not username,
        text=text(post.get("cooked")),
        markup=Markup.HTML,
        posted_at=moment(post.get("created_at")),
        line=item.line,
    )


def _state(post: dict[str, Any]) -> ForeignState:
    if post.get("deleted_at") or post.get("user_deleted"):
        return ForeignState.DELETED
    return ForeignState.PENDING if post.get("hidden") else ForeignState.APPROVED
