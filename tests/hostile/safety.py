"""What safe means: the one statement of it that vectors, grammar and corpus are held to.

It is written against the HTML alone and knows nothing of how it was made. The HTML must
follow a grammar so narrow that no parser can read it in two ways, and nh3, which parses as
browsers do, must find nothing in it to remove and no tree but the one that is written.
"""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from itertools import zip_longest
from typing import Any
from urllib.parse import urlsplit

import nh3

from commentsvc.publishing.sanitise import render

REL = "nofollow ugc noopener"
ATTRIBUTES = {
    "a": {"href", "rel", "title"},
    "code": {"class", "translate"},
    "ol": {"start"},
}
INLINE = {"a", "br", "code", "em", "s", "strong"}
BLOCKS = {"blockquote", "hr", "li", "ol", "p", "pre", "ul"}
VOID = {"br", "hr"}
# Where each element may stand; None is the comment itself.
INSIDE: dict[str | None, set[str]] = {
    None: BLOCKS - {"li"},
    "blockquote": BLOCKS - {"li"},
    "li": (BLOCKS - {"li"}) | INLINE,  # a tight list leaves the paragraphs away
    "ol": {"li"},
    "ul": {"li"},
    "p": INLINE,
    "pre": {"code"},
    "code": set(),
    "a": INLINE - {"a"},
    **dict.fromkeys(("em", "s", "strong"), INLINE),
}
HOLDS_TEXT = {"p", "li", "code", "a", "em", "s", "strong"}

_REFERENCE = r"&(?:[A-Za-z][A-Za-z0-9]*|#[0-9]+|#x[0-9A-Fa-f]+);"
_PART = re.compile(
    r"</(?P<end>[a-z]+)>"
    r"|<(?P<start>[a-z]+)(?P<attributes>(?: [a-z]+=\"(?:[^\"<>&]|" + _REFERENCE + r")*\")*)>"
    r"|(?P<text>(?:[^<>&]|" + _REFERENCE + r")+)"
)
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_LANGUAGE = re.compile(r"language-[A-Za-z0-9_+#.-]{1,30}")
# Controls but tab and line end, and non-characters: no HTML document may hold them.
UNSHOWABLE = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\ufdd0-\\ufdef"
    + "".join(f"{chr(plane * 65536 + 65534)}-{chr(plane * 65536 + 65535)}" for plane in range(17))
    + "]"
)


Event = tuple[Any, ...]


class Unsafe(AssertionError):
    """Raised for HTML that must not be published; says what is wrong, and where."""


def assert_safe(text: str) -> str:
    """Render *text* and give its HTML.

    :raises Unsafe: the HTML could do more than show text, or sending it again could.
    """
    html = render(text, bounded=False)  # what would be refused must be safe as well
    assert_safe_html(html)
    assert_safe_html(render(html, bounded=False))
    return html


def assert_safe_html(html: str) -> None:
    """Check HTML that is about to be published.

    :raises Unsafe: it holds what is not on the safelist, or can be read in two ways.
    """
    _follows_the_grammar(html)
    assert_nh3_agrees(html)


def _follows_the_grammar(html: str) -> None:
    if found := UNSHOWABLE.search(html):
        raise Unsafe(f"U+{ord(found[0]):04X} in {_around(html, found.start())}")
    opened: list[str] = []
    at = 0
    while at < len(html):
        part = _PART.match(html, at)
        if part is None:
            raise Unsafe(f"neither text nor a tag as we write them: {_around(html, at)}")
        parent = opened[-1] if opened else None
        if end := part["end"]:
            if end != parent:
                raise Unsafe(f"</{end}> closes {parent}: {_around(html, at)}")
            opened.pop()
        elif name := part["start"]:
            if name not in INSIDE[parent]:
                raise Unsafe(f"<{name}> in {parent}: {_around(html, at)}")
            if name == "a" and "a" in opened:
                raise Unsafe(f"a link in a link: {_around(html, at)}")
            _attributes_are_ours(name, part["attributes"])
            if name not in VOID:
                opened.append(name)
        elif parent not in HOLDS_TEXT and part["text"].strip():
            raise Unsafe(f"text in {parent}: {_around(html, at)}")
        at = part.end()
    if opened:
        raise Unsafe(f"left open: {opened}")


def _attributes_are_ours(name: str, written: str) -> None:
    pairs = [(key, unescape(value)) for key, value in _ATTRIBUTE.findall(written)]
    values = dict(pairs)
    if len(values) != len(pairs) or not values.keys() <= ATTRIBUTES.get(name, set()):
        raise Unsafe(f"attributes of {name}: {pairs}")
    if name == "a" and values.get("rel") != REL:
        raise Unsafe(f"a link of {pairs}")
    if "href" in values and not _is_web_address(values["href"]):  # `[a]()` has none and leads nowhere
        raise Unsafe(f"a link of {pairs}")
    if "class" in values and not _LANGUAGE.fullmatch(values["class"]):
        raise Unsafe(f"class {values['class']!r}")
    if values.get("translate", "no") != "no":
        raise Unsafe(f"translate {values['translate']!r}")
    if "start" in values and not re.fullmatch(r"[0-9]{1,9}", values["start"]):
        raise Unsafe(f"start {values['start']!r}")


def _is_web_address(url: str) -> bool:
    # Only printable ASCII, so that nobody strips or folds a character and reads another address.
    if not re.fullmatch(r"(?i:https?)://[!-~]+", url) or re.search(r'["<>\\^`{|}]', url):
        return False
    parts = urlsplit(url)
    return bool(parts.hostname) and "@" not in parts.netloc


def assert_nh3_agrees(html: str) -> None:
    """Check that nh3, given the same safelist, would leave *html* as it is.

    :raises Unsafe: nh3 removes something, or reads another tree.
    """
    cleaned = nh3.clean(
        html,
        tags=BLOCKS | INLINE,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https"},
        link_rel=None,
    )
    for ours, theirs in zip_longest(_Events.of(html), _Events.of(cleaned)):
        if ours != theirs and not _is_dead_link(ours, theirs):
            raise Unsafe(f"nh3 reads or leaves something else: {theirs} for {ours}")


def _is_dead_link(ours: Event | None, theirs: Event | None) -> bool:
    """Whether nh3 took an address away, and nothing else.

    We have seen that it begins with http(s)://, so it is one that no browser can open: a port
    of 99999, a host of `xn--`. It leads nowhere, and does no harm.
    """
    if ours is None or theirs is None or ours[:2] != ("<", "a"):
        return False
    return theirs == (*ours[:2], [pair for pair in ours[2] if pair[0] != "href"])


class _Events(HTMLParser):
    """Reads HTML into a list of what is in it, so that only meaning is compared."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Event] = []

    @classmethod
    def of(cls, html: str) -> list[Event]:
        reader = cls()
        reader.feed(html)
        reader.close()
        return reader.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(("<", tag, sorted(attrs)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(("<", tag, sorted(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.found.append((">", tag))

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1][0] == "text":
            data = f"{self.found.pop()[1]}{data}"
        self.found.append(("text", data))

    def handle_comment(self, data: str) -> None:
        self.found.append(("comment", data))

    def handle_decl(self, decl: str) -> None:
        self.found.append(("declaration", decl))

    def handle_pi(self, data: str) -> None:
        self.found.append(("instruction", data))

    def unknown_decl(self, data: str) -> None:
        self.found.append(("declaration", data))


def _around(html: str, at: int) -> str:
    return repr(html[max(0, at - 40) : at + 60])
