"""Which of the moderators' blocks catch a comment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import unquote

from commentsvc.model import BlockKind, Client
from commentsvc.records import StoredBlock
from commentsvc.screening.hosts import domain, linked, mentioned, with_parents
from commentsvc.screening.rendered import Rendered
from commentsvc.screening.words import Passage, Words

_APART = " \0 "  # no phrase goes on from one field to the next


@dataclass(frozen=True, slots=True)
class Read:
    """What blocks look at: what is read, the hosts that are linked or named, the client's IP address or None.

    `author` is the author id.
    """

    passage: Passage
    hosts: frozenset[str]
    ip: str | None
    author: str


def read(name: str, url: str | None, seen: Rendered, client: Client | None, author: str) -> Read:
    """Make ready what blocks look at; to be done before a transaction, since it takes its time."""
    links = seen.links + ((url,) if url else ())
    hosts = [linked(link) for link in links]
    passage = _APART.join([name, seen.text, *seen.titles, *map(unquote, links), *hosts])
    named = mentioned(_APART.join([name, seen.prose, *seen.titles]))
    return Read(Passage(passage), with_parents([*hosts, *named]), client.ip if client else None, author)


def caught(comment: Read, blocks: Sequence[StoredBlock]) -> tuple[StoredBlock, ...]:
    """Those of *blocks* that catch *comment*."""
    words = Words(block.value or "" for block in blocks if block.kind is BlockKind.WORD)
    words_found = words.found_in(comment.passage)
    return tuple(block for block in blocks if _catches(block, comment, words_found))


def _catches(block: StoredBlock, comment: Read, words_found: frozenset[str]) -> bool:
    match block.kind:
        case BlockKind.EMAIL:
            return True  # the query found it by the address
        case BlockKind.RANGE:
            return comment.ip is not None and _is_in(comment.ip, block.value or "")
        case BlockKind.WORD:
            return block.value in words_found
        case BlockKind.AUTHOR:
            return comment.author == block.value
        case BlockKind.DOMAIN:
            return domain(block.value or "") in comment.hosts


def _is_in(address: str, network: str) -> bool:
    try:
        parsed = ip_address(address)
        if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped  # how a socket of both families names a client of IPv4
        return parsed in ip_network(network, strict=False)
    except ValueError:
        return False
