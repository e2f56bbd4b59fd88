"""The demo's articles and its discussion. All of it is invented."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from commentsvc.model import State

NEWSPAPER = "The Pellhaven Lantern"
CLOSED = "2026/10/market-hall"


class Article(Struct, frozen=True):
    """An article of the newspaper; `id` is what its comments hang on."""

    id: str
    slug: str
    title: str
    teaser: str
    date: str
    desk: str
    paragraphs: tuple[str, ...]


class Sample(Struct, frozen=True):
    """A comment of the seeded discussion, `minutes_before` the demo's first start."""

    key: str
    article: str
    reply_to: str | None
    name: str
    email: str
    url: str | None
    text: str
    minutes_before: int
    state: State


@cache
def articles() -> tuple[Article, ...]:
    """The three articles, in the order of the front page."""
    return msgspec.json.decode(_read("articles.json"), type=tuple[Article, ...])


def discussion() -> list[Sample]:
    """The comments, in the order in which they were posted."""
    return msgspec.json.decode(_read("discussion.json"), type=list[Sample])


def _read(name: str) -> bytes:
    return (files("commentsvc") / "demo" / name).read_bytes()
