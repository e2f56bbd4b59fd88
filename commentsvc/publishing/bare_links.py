"""Addresses that people type as they are: where one begins, and where it ends.

`linkify-it` ends an address at the punctuation of English alone, knows no IPv6 host, scans a text again for each `://`,
and can stop the parser where a rule of it matches nothing (docs/decisions/0014).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import regex
from markdown_it.rules_inline import StateInline

from commentsvc.publishing.cost import UNITS_OF_A_LOOK, UNITS_OF_A_SCAN, Meter

_SCHEME = re.compile(r"(?:^|[^a-z0-9.+-])(https?)$", re.IGNORECASE | re.ASCII)
# RFC 3986 §2, without quotes and the marks of code; letters, marks, digits and symbols of all scripts (RFC 3987).
# Of their punctuation only the middle dot is taken, a letter's neighbour in Catalan: all other ends an address.
_ASCII_PART = re.compile(r"[A-Za-z0-9\-._~:/?#@!$&'*+,;=%]+")
_PART = regex.compile(
    r"[A-Za-z0-9\-._~:/?#@!$&'*+,;=%]+|[()\[\]]|[[^\x00-\x7f]&&[\p{L}\p{M}\p{N}\p{S}\u00b7]]+", regex.V1
)
_PAIRS = {")": "(", "]": "["}
_NEVER_LAST = ".,:;!?*_~'\u00b7"
LONGEST = 2000  # characters; what is longer is not made a link
_HOST_END = re.compile(r"[/?#]")
_ASCII_LABEL = re.compile(r"[a-z0-9-]+", re.IGNORECASE | re.ASCII)


def bare_link_rule(meter: Meter) -> Callable[[StateInline, bool], bool]:
    """Give an inline rule of markdown-it that makes a link of an address that stands in the text as it is."""

    def bare_link(state: StateInline, silent: bool) -> bool:
        if state.linkLevel > 0 or not state.src.startswith("://", state.pos):
            return False
        scheme = _SCHEME.search(state.pending)
        if scheme is None:
            return False
        address = _address_at(state.src[state.pos : min(state.posMax, state.pos + LONGEST)], meter)
        url = scheme[1] + address
        href = state.md.normalizeLink(url)
        if address == "://" or not state.md.validateLink(href):
            return False
        if not silent:
            state.pending = state.pending[: -len(scheme[1])]
            state.push("link_open", "a", 1).attrs = {"href": href}
            state.push("text", "", 0).content = url
            state.push("link_close", "a", -1)
        state.pos += len(address)
        return True

    return bare_link


def _address_at(text: str, meter: Meter) -> str:
    """Give the address that *text*, which begins with `://`, begins with, without the scheme.

    What ends the sentence around it is not of it, nor a bracket that nothing opens or closes.
    """
    end = 3
    opened: list[int] = []
    while part := _ASCII_PART.match(text, end) or _PART.match(text, end):
        bracket = part[0]
        if bracket in _PAIRS:
            if not opened or text[opened[-1]] != _PAIRS[bracket]:
                break
            opened.pop()
        elif bracket in _PAIRS.values():
            opened.append(end)
        end = part.end()
        meter.spend(UNITS_OF_A_LOOK)
    meter.spend(end * UNITS_OF_A_SCAN)
    end = opened[0] if opened else end
    return "://" + _without_foreign_words(text[:end].rstrip(_NEVER_LAST))[3:]


def _without_foreign_words(url: str) -> str:
    """End a bare host where another script begins within its last label: `https://example.com谢谢`."""
    path = _HOST_END.search(url, 3)
    host_end = path.start() if path else len(url)
    label_start = url.rfind(".", 3, host_end) + 1
    label = _ASCII_LABEL.match(url, label_start, host_end)
    if label_start == 0 or label is None or label.end() == host_end or url[label.end()] == ":":
        return url
    foreign = url[label.end()]
    is_latin = unicodedata.name(foreign, "").startswith("LATIN")
    return url if is_latin or unicodedata.combining(foreign) else url[: label.end()]
