"""The name of a cacheable answer: its path, and the parameters that its route reads, each in one spelling.

An invented URL names nothing new: what the route does not read is left out, what is
the default as well, the rest stands in one order, decoded and encoded again. A query that the route would
refuse has no name, and neither has one that is too long to be parsed before it is counted.
"""

from __future__ import annotations

import re
import string
import sys
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from urllib.parse import parse_qsl, quote, urlencode

from commentsvc.actions.read import DEFAULT_PAGE, MAX_PAGE
from commentsvc.actions.sites import SLUG
from commentsvc.intake.articles import MAX_ARTICLES, read_article
from commentsvc.messages import best_of, message
from commentsvc.model import Order
from commentsvc.storage.sites import DEFAULT
from commentsvc.threads.cursors import LONGEST as LONGEST_CURSOR

CacheKey = tuple[str, str]
"""A path, without that of BASE_URL, and a query."""

LONGEST_QUERY = 16_000  # characters: 200 articles
MOST_PARAMETERS = MAX_ARTICLES + 50
CURSOR = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST_CURSOR}}}")
COMMENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
WITHOUT_QUERY = re.compile(
    rf"/api/v1/comments/{COMMENT_ID.pattern}|/(?:embed|count|follow|live|write|words|publisher|frame)(?:-[0-9a-f]{{1,64}})?\.js"
)
SPELLING_BYTES = 200  # that a spelling takes in memory besides its characters

Read = Callable[[Sequence[str]], Sequence[str]]
"""Gives the values of one parameter, in their one spelling, or none if they are the default.

:raises ValueError: the route refuses them.
"""


def cache_key(path: str, query: str) -> CacheKey | None:
    """Name the answer to that request; None where it has no name."""
    reads = PARAMETERS.get(path)
    if reads is None:
        return (path, "") if WITHOUT_QUERY.fullmatch(path) else None
    if len(query) > LONGEST_QUERY or query.count("&") >= MOST_PARAMETERS:
        return None
    given: dict[str, list[str]] = {}
    for name, value in parameters_of(escaped(query)):
        given.setdefault(name, []).append(value)
    try:
        return path, urlencode(
            [(name, value) for name in reads for value in reads[name](given.get(name, ()))]
        )
    except ValueError:
        return None


def escaped(query: str) -> str:
    """Write bytes that came as they are, as escapes."""
    return query if query.isascii() else quote(query.encode("latin-1"), safe=string.printable)


def parameters_of(query: str) -> list[tuple[str, str]]:
    """The parameters of a query; an empty one is as good as none.

    Bytes that are no UTF-8 become surrogates, which no value may hold: Werkzeug would leave them
    percent-escaped, and so make one article of `%FF` and `%25FF`.
    """
    return parse_qsl(query, errors="surrogateescape")


def read_order(raw: str) -> Order:
    """The order of a thread.

    :raises ValueError: there is no such order.
    """
    if raw not in set(Order):
        raise ValueError(message("The order is “oldest” or “newest”."))
    return Order(raw)


def read_limit(raw: str) -> int:
    """How many are asked for.

    :raises ValueError: not a whole number from 1 to 200.
    """
    if not (re.fullmatch(r"[0-9]{1,9}", raw) and 1 <= int(raw) <= MAX_PAGE):
        raise ValueError(message("The limit is a whole number from 1 to %(most)s.", most=MAX_PAGE))
    return int(raw)


def read_comment(raw: str) -> str | None:
    """The id of a comment; None for what cannot be one."""
    return raw if COMMENT_ID.fullmatch(raw) else None


def _first(read: Callable[[str], str | None]) -> Read:
    """Of a parameter that holds once, the first counts."""
    return lambda raw: [value] if raw and (value := read(raw[0])) else []


def _article(raw: Sequence[str]) -> Sequence[str]:
    return [read_article(raw[0] if raw else "")]


def _articles(raw: Sequence[str]) -> Sequence[str]:
    if not 1 <= len(raw) <= MAX_ARTICLES:
        raise ValueError
    return sorted(set(map(read_article, raw)))


def _site(raw: str) -> str | None:
    if not SLUG.fullmatch(raw):
        raise ValueError
    return None if raw == DEFAULT else raw


def _order(raw: str) -> str | None:
    order = read_order(raw)
    return None if order is Order.OLDEST else order


def _limit(raw: str) -> str | None:
    limit = read_limit(raw)
    return None if limit == DEFAULT_PAGE else str(limit)


def _cursor(raw: str) -> str:
    if not CURSOR.fullmatch(raw):
        raise ValueError
    return raw


def _language(raw: str) -> str:
    return best_of([raw]).replace("_", "-")


def _closed(raw: str) -> str | None:
    return raw if raw == "1" else None


_OF_ARTICLE: dict[str, Read] = {"article": _article, "site": _first(_site)}
_OF_PAGE: dict[str, Read] = {"cursor": _first(_cursor), "comment": _first(read_comment)}
_ORDERED: dict[str, Read] = {"order": _first(_order), "limit": _first(_limit)}

# In the order in which the widget writes them, so that its requests are found as they come.
PARAMETERS: Mapping[str, Mapping[str, Read]] = {
    "/api/v1/thread": _OF_ARTICLE | _ORDERED | _OF_PAGE,
    "/api/v1/counts": {"article": _articles, "site": _first(_site)},
    "/thread/fragment": _OF_ARTICLE
    | _ORDERED
    | {"closed": _first(_closed), "lang": _first(_language)}
    | _OF_PAGE,
    "/feeds/thread.atom": _OF_ARTICLE,
    "/feeds/thread.json": _OF_ARTICLE,
    "/feeds/site.atom": {"site": _first(_site)},
    "/feeds/site.json": {"site": _first(_site)},
}


class Spellings:
    """The keys of requests as they are spelled, so that a spelling is parsed once.

    They take at most *most* bytes; one more, and all are forgotten: to parse one takes microseconds.
    """

    def __init__(self, most: int, base_path: str) -> None:
        self._most = most
        self._base_path = base_path
        self._keys: dict[CacheKey, CacheKey] = {}
        self._bytes = 0
        self._lock = Lock()
        self.known = self._keys.get  # the shortest way, for what many read

    def learn(self, path: str, query: str) -> CacheKey | None:
        """Give the key of a request that is not known yet, and remember it."""
        key = cache_key(path.removeprefix(self._base_path), query)
        if key is None:
            return None
        size = SPELLING_BYTES + sum(map(sys.getsizeof, (path, query, *key)))
        with self._lock:
            if self._bytes + size > self._most:
                self._keys.clear()
                self._bytes = 0
            if size <= self._most:
                self._keys[path, query] = key
                self._bytes += size
        return key
