"""The verdict on a comment. A block on an e-mail address never changes what its sender sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import unquote

from commentsvc.errors import Forbidden, Invalid
from commentsvc.messages import message
from commentsvc.model import BlockAction, BlockKind, Client, ModerationMode, State, Verdict
from commentsvc.screening.hosts import domain, linked, mentioned, with_parents
from commentsvc.screening.rendered import rendered
from commentsvc.screening.words import Passage, Words
from commentsvc.storage.blocks import StoredBlock

FIRST_COMMENT = "first comment of this author"
BLOCKED = "blocked "
ALL_WAIT = "every comment of this site waits"

_APART = " \0 "  # no phrase goes on from one field to the next
_STATES = {BlockAction.HOLD: State.PENDING, BlockAction.SPAM: State.SPAM, BlockAction.REJECT: State.TRASH}
_STRENGTH = [State.APPROVED, State.PENDING, State.SPAM, State.TRASH]


@dataclass(frozen=True, slots=True)
class Screened:
    """What screening looks at: what is read, the hosts that are linked or named, the client's address or None.

    `author` is the author id.
    """

    read: Passage
    hosts: frozenset[str]
    ip: str | None
    author: str


def screened(name: str, url: str | None, html: str, client: Client | None, author: str) -> Screened:
    """Make ready what screening looks at; to be done before a transaction, since it takes its time."""
    seen = rendered(html)
    links = seen.links + ((url,) if url else ())
    hosts = [linked(link) for link in links]
    read = _APART.join([name, seen.text, *seen.titles, *map(unquote, links), *hosts])
    named = mentioned(_APART.join([name, seen.prose, *seen.titles]))
    return Screened(Passage(read), with_parents([*hosts, *named]), client.ip if client else None, author)


def judge(
    comment: Screened, blocks: Sequence[StoredBlock], mode: ModerationMode, *, trusted: bool
) -> Verdict:
    """Say in which state *comment* is stored.

    :param trusted: a person vouched for the author, or has read what is edited.
    :raises Forbidden: a block rejects the client's network, or the author.
    :raises Invalid: a block rejects a word or a linked domain.
    """
    blocked = Words(block.value or "" for block in blocks if block.kind is BlockKind.WORD)
    found = blocked.found_in(comment.read)
    caught = [block for block in blocks if _catches(block, comment, found)]
    for block in caught:
        # One on an address is answered like a held comment, so it must not refuse here.
        if block.action is BlockAction.REJECT and block.kind is not BlockKind.EMAIL:
            _refuse(block)
    verdicts = [Verdict(_STATES[block.action], (_reason(block),)) for block in caught]
    if mode is ModerationMode.ALL:
        verdicts.append(Verdict(State.PENDING, (ALL_WAIT,)))
    elif mode is ModerationMode.FIRST and not trusted:
        verdicts.append(Verdict(State.PENDING, (FIRST_COMMENT,)))
    strongest = max((verdict.state for verdict in verdicts), key=_STRENGTH.index, default=State.APPROVED)
    return Verdict(strongest, tuple(reason for verdict in verdicts for reason in verdict.reasons))


def _refuse(block: StoredBlock) -> None:
    if block.kind is BlockKind.RANGE:
        raise Forbidden(message("Comments from your network are not accepted here at the moment."))
    if block.kind is BlockKind.AUTHOR:
        raise Forbidden(message("Comments from you are not accepted here at the moment."))
    if block.kind is BlockKind.WORD:
        raise Invalid({"text": [message("This site does not accept a word or phrase of this comment.")]})
    raise Invalid({"text": [message("This site does not accept a web address that is in this comment.")]})


def _catches(block: StoredBlock, comment: Screened, found: frozenset[str]) -> bool:
    match block.kind:
        case BlockKind.EMAIL:
            return True  # the query found it by the address
        case BlockKind.RANGE:
            return comment.ip is not None and _is_in(comment.ip, block.value or "")
        case BlockKind.WORD:
            return block.value in found
        case BlockKind.AUTHOR:
            return comment.author == block.value
        case BlockKind.DOMAIN:
            return domain(block.value or "") in comment.hosts


def _reason(block: StoredBlock) -> str:
    return BLOCKED + ("address" if block.kind is BlockKind.EMAIL else f"{block.kind}: {block.value}")


def _is_in(ip: str, network: str) -> bool:
    try:
        parsed = ip_address(ip)
        if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped  # how a socket of both families names a client of IPv4
        return parsed in ip_network(network, strict=False)
    except ValueError:
        return False
