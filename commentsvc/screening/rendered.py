"""What a reader sees of a comment: the text that its HTML shows, and where its links lead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

# Elements within a line: a word goes on through them.
_WITHIN_WORDS = frozenset(
    {"a", "abbr", "b", "code", "del", "em", "i", "ins", "kbd", "mark", "s", "small", "span"}
)
_WITHIN_WORDS |= {"strong", "sub", "sup", "u", "wbr"}
_ATTRIBUTES = r"(?:[^<>\"]|\"[^\"]*\")*"
_TAG = re.compile(rf"</?([a-z0-9]+){_ATTRIBUTES}>")
_BREAK = re.compile(rf"<br{_ATTRIBUTES}>\n?")
_IN_LINK = re.compile(r"\s(href|title)=\"([^\"]*)\"")
# A link that shows its address: that is looked at as such, and its path names no host.
_SHOWN_ADDRESS = re.compile(rf"<a\s{_ATTRIBUTES}>\s*https?://.*?</a>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A comment as it is read: `text`; the same without links that show their address; the links' addresses and titles."""

    text: str
    prose: str
    links: tuple[str, ...]
    titles: tuple[str, ...]


def rendered(html: str) -> Rendered:
    """Give what a reader sees of *html*, which the sanitiser wrote."""
    within = [unescaped for tag in _TAG.finditer(html) for unescaped in _IN_LINK.findall(tag[0])]
    return Rendered(
        text=_text(html),
        prose=_text(_SHOWN_ADDRESS.sub(" ", html)),
        links=tuple(unescape(value) for name, value in within if name == "href"),
        titles=tuple(unescape(value) for name, value in within if name == "title"),
    )


def _text(html: str) -> str:
    return unescape(_TAG.sub(_space, _BREAK.sub("\n", html)))


def _space(tag: re.Match[str]) -> str:
    return "" if tag[1] in _WITHIN_WORDS else "\n\n"
