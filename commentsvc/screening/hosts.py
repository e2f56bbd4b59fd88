"""Hosts that a comment links to or names, as browsers and readers read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import unquote, urlsplit

import regex

from commentsvc.screening.words import UNSPACED, comparable
from commentsvc.unicode_text import readable_host

_LABEL = r"[\p{L}\p{M}\p{N}_-]"
_PATH = r"(?::[0-9]{1,5})?(?:[/?#][!-~]*+)?"
# Possessive, and never from within a label: a long word without a dot is read once.
_MENTION = regex.compile(rf"(?<!{_LABEL})({_LABEL}++(?:[.\u3002]{_LABEL}++)+){_PATH}")
_BEGINS_IN_LABEL = regex.compile(rf"(?V1)(?={UNSPACED})|(?<={UNSPACED})")
_ASCII = regex.compile(r"[a-z0-9_-]+")
_LONGEST_HOST = 253  # RFC 1035, in letters
_LONGEST_LABEL = 63


def domain_of(email: str) -> str:
    """What stands behind the @ of an e-mail address."""
    return email.rpartition("@")[2]


def linked(address: str) -> str:
    """The host of *address*; browsers undo percent-escapes in it (WHATWG URL, host parsing)."""
    return readable_host(unquote(urlsplit(address).hostname or ""))


def mentioned(text: str) -> Iterator[str]:
    """The hosts that *text* may name, in all ways in which it can be read."""
    for mention in _MENTION.findall(comparable(text).lower()):
        yield from _readings(mention.replace("\u3002", "."))
        if "\u3002" in mention:  # which ends a sentence more often
            for part in mention.split("\u3002"):
                yield from _readings(part)


def _readings(mention: str) -> Iterator[str]:
    """The hosts that a run of labels may be: in scripts without spaces other words may stand before and behind."""
    first, *rest = mention[-_LONGEST_HOST:].split(".")
    if not rest:
        return
    *middle, last = rest
    ends = {last}
    if not last.isascii() and (ascii_end := _ASCII.match(last)):
        ends.add(ascii_end[0])
    behind = [readable_host(".".join([*middle, end])) for end in ends]
    for start in _starts(first[-_LONGEST_LABEL:]):
        for rest_of_it in behind:
            yield f"{start}.{rest_of_it}"


def _starts(label: str) -> Iterator[str]:
    """A label as it is compared, and what of it may stand behind other words. It is mapped once, not from each start."""
    whole = readable_host(label)
    yield whole
    if label.isascii():
        return
    for at in _BEGINS_IN_LABEL.finditer(whole):
        if start := whole[at.start() :]:
            yield readable_host(start) if start.startswith("xn--") else start


def with_parents(hosts: Iterable[str]) -> frozenset[str]:
    """Those hosts, and all domains that they belong to."""
    return frozenset(parent for host in set(hosts) if host for parent in _parents(host))


def _parents(host: str) -> Iterator[str]:
    labels = host[-_LONGEST_HOST:].split(".")
    return (".".join(labels[index:]) for index in range(len(labels)))


@lru_cache(maxsize=4096)
def domain(value: str) -> str:
    """A blocked domain as hosts are compared."""
    return readable_host(value)
