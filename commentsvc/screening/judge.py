"""The verdict on a comment. A block on an e-mail address never changes what its sender sees."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import unquote, urlsplit

from commentsvc.characters import ascii_host
from commentsvc.errors import Invalid, Refused
from commentsvc.messages import message
from commentsvc.model import BlockAction, BlockKind, Client, Mode, State, Verdict
from commentsvc.storage.blocks import StoredBlock

FIRST_COMMENT = "first comment of this author"
BLOCKED = "blocked "
ALL_WAIT = "every comment of this site waits"

_HREF = re.compile(r'href="([^"]*)"')
_STATES = {BlockAction.HOLD: State.PENDING, BlockAction.SPAM: State.SPAM, BlockAction.REJECT: State.TRASH}
_STRENGTH = [State.APPROVED, State.PENDING, State.SPAM, State.TRASH]


@dataclass(frozen=True, slots=True)
class Screened:
    """What screening looks at: `words` are folded, `hosts` are linked to, `address` is the client's or None.

    `author` is the author id.
    """

    words: tuple[str, ...]
    hosts: frozenset[str]
    address: str | None
    author: str


def screened(
    name: str, url: str | None, text: str, html: str, client: Client | None, author: str
) -> Screened:
    """Make ready what screening looks at; to be done before a transaction, since folding takes its time."""
    linked = links(html) + ([url] if url else [])
    # Browsers undo percent-escapes in a host (WHATWG URL §3.5).
    hosts = frozenset(ascii_host(unquote(urlsplit(link).hostname or "").rstrip(".")) for link in linked)
    return Screened((fold(name), fold(text)), hosts, client.address if client else None, author)


def links(html: str) -> list[str]:
    """The addresses that *html*, which we rendered, links to."""
    return _HREF.findall(html)


def judge(comment: Screened, blocks: Sequence[StoredBlock], mode: Mode, *, trusted: bool) -> Verdict:
    """Say in which state *comment* is stored.

    :param trusted: a person vouched for the author, or has read what is edited.
    :raises Refused: a block rejects the client's network, or the author.
    :raises Invalid: a block rejects a word or a linked domain.
    """
    caught = [block for block in blocks if _catches(block, comment)]
    for block in caught:
        # One on an address is answered like a held comment, so it must not refuse here.
        if block.action is BlockAction.REJECT and block.kind is not BlockKind.EMAIL:
            _refuse(block)
    verdicts = [Verdict(_STATES[block.action], (_reason(block),)) for block in caught]
    if mode is Mode.ALL:
        verdicts.append(Verdict(State.PENDING, (ALL_WAIT,)))
    elif mode is Mode.FIRST and not trusted:
        verdicts.append(Verdict(State.PENDING, (FIRST_COMMENT,)))
    strongest = max((verdict.state for verdict in verdicts), key=_STRENGTH.index, default=State.APPROVED)
    return Verdict(strongest, tuple(reason for verdict in verdicts for reason in verdict.reasons))


def _refuse(block: StoredBlock) -> None:
    if block.kind is BlockKind.RANGE:
        raise Refused(message("Comments from your network are not accepted here at the moment."))
    if block.kind is BlockKind.AUTHOR:
        raise Refused(message("Comments from you are not accepted here at the moment."))
    if block.kind is BlockKind.WORD:
        raise Invalid({"text": [message("This site does not accept a word or phrase of this comment.")]})
    raise Invalid(
        {"text": [message("This site does not accept links to an address that this comment links to.")]}
    )


def _catches(block: StoredBlock, comment: Screened) -> bool:
    match block.kind:
        case BlockKind.EMAIL:
            return True  # the query found it by the address
        case BlockKind.RANGE:
            return comment.address is not None and _is_in(comment.address, block.value or "")
        case BlockKind.WORD:
            pattern = _word_pattern(block.value or "")
            return any(map(pattern.search, comment.words))
        case BlockKind.AUTHOR:
            return comment.author == block.value
        case BlockKind.DOMAIN:
            return any(_is_under(host, block.value or "") for host in comment.hosts)


def _reason(block: StoredBlock) -> str:
    return BLOCKED + ("address" if block.kind is BlockKind.EMAIL else f"{block.kind}: {block.value}")


def _is_in(address: str, network: str) -> bool:
    try:
        parsed = ip_address(address)
        if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped  # how a socket of both families names a client of IPv4
        return parsed in ip_network(network, strict=False)
    except ValueError:
        return False


def fold(text: str) -> str:
    """Fold what looks alike: compatibility forms and case (UAX #15, NFKC)."""
    return unicodedata.normalize("NFKC", text).casefold()


@lru_cache(maxsize=1024)
def _word_pattern(word: str) -> re.Pattern[str]:
    words = r"\s+".join(re.escape(part) for part in fold(word).split())
    return re.compile(rf"(?<!\w){words}(?!\w)")


def _is_under(host: str, domain: str) -> bool:
    return host == domain or host.endswith("." + domain)
