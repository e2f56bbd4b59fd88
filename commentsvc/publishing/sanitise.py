"""Markdown in, safe HTML out: the one place where a comment becomes markup.

markdown-it makes HTML of what was typed, and bleach, with a safelist of its own, has the
last word: nothing edits the HTML after it. Raw HTML is shown as typed; an image becomes a
link; only absolute http and https addresses become links.
"""

from __future__ import annotations

import re
import threading
from collections.abc import MutableMapping, Sequence
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import bleach
from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from commentsvc.characters import is_visible, longest_run_of_marks
from commentsvc.messages import Message, message
from commentsvc.model import SafeHtml

RULES = 2
"""The number of these rules, kept with each comment. Raise it with any change that shows,
and `commentsvc rerender` brings stored comments up to it."""

MAX_LINKS = 100  # each "://" costs linkify a scan of what follows: 3,300 of them took 0.57 s
MAX_LINES = 1000  # bleach's parser is quadratic in siblings: 2,000 list items took 0.7 s
MAX_BRACKETS = 500  # markdown-it looks for the end of each, through all that follow: 2,500 took 0.35 s
MAX_COMBINING = (
    30  # marks on one letter (UAX #15, Stream-Safe Text): longer runs are sorted in quadratic time
)
MAX_MARKS = 4000  # of `MARKS`: 10,000 of them took 0.35 s, and no prose has so many
MARKS = "*_`"
REL = "nofollow ugc noopener"

TAGS = frozenset({"a", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "s", "strong", "ul"})

_LANGUAGE = re.compile(r"language-[\w+#.-]{1,30}", re.ASCII)
_TAG = re.compile(r"<[^>]*>")
# What no document can hold or show: controls (save tab and line ends) and non-characters.
_UNSHOWABLE = dict.fromkeys(
    (
        *(c for c in range(32) if c not in (9, 10, 13)),
        *range(127, 160),
        *range(64976, 65008),
        *(plane * 65536 + low for plane in range(17) for low in (65534, 65535)),
    )
)


def render(text: str) -> SafeHtml:
    """Give the HTML that *text*, read as Markdown, is shown as."""
    with _lock:
        # Twice, because `&#12;` is an unshowable character only once it is read.
        html = _markdown.render(text.translate(_UNSHOWABLE)).translate(_UNSHOWABLE)
        return SafeHtml(_cleaner.clean(html).strip())


def objection(text: str) -> Message | None:
    """Say why *text* would take too long to render; None where it does not.

    Every text of 10,000 characters to which there is no objection renders in less than 0.3 s.
    """
    if text.count("://") > MAX_LINKS:
        return message("A comment has at most %(most)s links.", most=MAX_LINKS)
    if text.count("\n") >= MAX_LINES:
        return message("A comment has at most %(most)s lines.", most=MAX_LINES)
    if not text.isascii() and longest_run_of_marks(text) > MAX_COMBINING:
        return message("A letter has at most %(most)s marks above and below it.", most=MAX_COMBINING)
    if text.count("[") > MAX_BRACKETS:
        return message("A comment has at most %(most)s square brackets.", most=MAX_BRACKETS)
    if sum(map(text.count, MARKS)) > MAX_MARKS:
        return message(
            "A comment has at most %(most)s of the characters %(marks)s",
            most=MAX_MARKS,
            marks=" ".join(MARKS),
        )
    return None


def shows_something(html: SafeHtml) -> bool:
    """Whether a reader sees anything of *html*: a rule, or one character that is not blank."""
    if "<hr>" in html:
        return True
    return any(is_visible(character) for character in unescape(_TAG.sub("", html)))


def is_web_address(url: str) -> bool:
    """Whether *url* is an absolute http or https address without a user's name in it.

    `https://bank.example@evil.example/` is refused: it is made to be misread.
    """
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
        return parts.scheme in {"http", "https"} and has_host and parts.username is None
    except ValueError:  # also of a port that is no number
        return False


def _links_found_by() -> LinkifyIt:
    links = LinkifyIt()
    for schema in ("ftp:", "//", "mailto:"):
        links.add(schema, None)
    # Fuzzy links make one of `readme.md`; fuzzy addresses would publish a link to an e-mail address.
    links.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    return links


class _Renderer(RendererHTML):
    """Makes every link, hence the one place where `rel` is set; an image becomes a link to it."""

    def link_open(
        self, tokens: Sequence[Token], index: int, options: Any, env: MutableMapping[str, Any]
    ) -> str:
        env["within link"] = True
        tokens[index].attrSet("rel", REL)
        return self.renderToken(tokens, index, options, env)

    def link_close(
        self, tokens: Sequence[Token], index: int, options: Any, env: MutableMapping[str, Any]
    ) -> str:
        env["within link"] = False
        return self.renderToken(tokens, index, options, env)

    # Code means nothing in another language: translation services are told to leave it alone.
    def code_inline(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        tokens[idx].attrSet("translate", "no")
        return super().code_inline(tokens, idx, options, env)

    def code_block(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        tokens[idx].attrSet("translate", "no")
        return super().code_block(tokens, idx, options, env)

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        tokens[idx].attrSet("translate", "no")
        return super().fence(tokens, idx, options, env)

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        source = str(tokens[idx].attrs["src"])
        label = self.renderInlineAsText(tokens[idx].children or (), options, env).strip() or source
        if not source or env.get("within link"):  # a link within a link is none
            return escapeHtml(label)
        return f'<a href="{escapeHtml(source)}" rel="{REL}">{escapeHtml(label)}</a>'


def _reader_of_markdown() -> MarkdownIt:
    markdown = MarkdownIt(
        "commonmark", {"html": False, "linkify": True, "breaks": True}, renderer_cls=_Renderer
    )
    markdown.enable(["linkify", "strikethrough"])
    # Headings would cut through the headings of the page. One long reference definition, used
    # 1,650 times, made 20 MB of HTML out of 10,000 characters.
    markdown.disable(["heading", "lheading", "reference"])
    # An address is shown as it was typed: undone, its escapes could turn text round, and a
    # host in Punycode could pass for another.
    markdown.normalizeLinkText = _as_typed  # type: ignore[assignment]
    markdown.linkify = _links_found_by()
    markdown.validateLink = is_web_address  # type: ignore[method-assign]
    return markdown


def _as_typed(url: str) -> str:
    return url


def _allowed(tag: str, name: str, value: str) -> bool:
    match tag, name:
        case "a", "href":
            return is_web_address(value)
        case "a", "rel":
            return value == REL
        case "a", "title":
            return True
        case "code", "class":
            return _LANGUAGE.fullmatch(value) is not None
        case "code" | "pre", "translate":
            return value == "no"
        case "ol", "start":
            return value.isdecimal()
    return False


# Neither linkify nor bleach's parser may be used by two threads at once. The work holds
# the interpreter's lock anyway, so a lock of our own costs nothing.
_lock = threading.Lock()
_markdown = _reader_of_markdown()
_cleaner = bleach.Cleaner(tags=TAGS, attributes=_allowed, protocols=frozenset({"http", "https"}), strip=True)
