"""Markdown in, safe HTML out: the one place where a comment becomes markup.

markdown-it makes HTML of what was typed; bleach, with a safelist of its own, cleans it, and nh3, with the same
list and another parser, has the last word, so that a hole in one is closed by the other. Nothing edits the HTML
after that. Raw HTML is shown as typed; an image becomes a link; only absolute http and https addresses become links.
"""

from __future__ import annotations

import re
import threading
import traceback
from html import escape, unescape
from urllib.parse import urlsplit

import bleach
import nh3
import structlog

from commentsvc.errors import Unrenderable
from commentsvc.messages import Message, message
from commentsvc.model import SafeHtml
from commentsvc.publishing.cost import Meter
from commentsvc.publishing.markdown import REL, reader_of_markdown
from commentsvc.unicode_text import is_visible, longest_run_of_marks

RULES = 2
"""The number of these rules, stored with each comment. Raise it with any change that shows: from the next
start on, a job brings stored comments up to it."""

MAX_LINKS = 100
MAX_COMBINING = (
    30  # marks on one letter (UAX #15, Stream-Safe Text): longer runs are sorted in quadratic time
)
FAILED = message("This text cannot be shown as it is. Please change its formatting, and send it again.")

TAGS = frozenset({"a", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "s", "strong", "ul"})
ATTRIBUTES = {"a": {"href", "rel", "title"}, "code": {"class", "translate"}, "ol": {"start"}}
SCHEMES = {"http", "https"}

_LANGUAGE = re.compile(r"language-[\w+#.-]{1,30}", re.ASCII)
_TAG = re.compile(r"<[^>]*>")
_OURS = re.compile(
    rf"""(?:[^<>&]++|&(?:amp|lt|gt|quot);|</?(?:{"|".join(sorted(TAGS - {"a"}))})>"""
    rf"""|<a\ href="https?://[^"<>\s]++"\ rel="{REL}">|</a>)*+""",
)
# What no document can hold or show: controls (save tab and line ends) and non-characters.
_UNSHOWABLE = dict.fromkeys(
    (
        *(c for c in range(32) if c not in (9, 10, 13)),
        *range(127, 160),
        *range(64976, 65008),
        *(plane * 65536 + low for plane in range(17) for low in (65534, 65535)),
    )
)


log = structlog.get_logger("commentsvc.errors")


def render(text: str, *, bounded: bool = True) -> SafeHtml:
    """Give the HTML that *text*, read as Markdown, is shown as; a list without a word, as it was typed.

    :param bounded: whether the text may cost no more than one of its length may; what is stored already may.
    :raises Unrenderable: it costs more, or a library fails on it.
    """
    with _lock:
        try:
            _meter.begin(len(text), bounded=bounded)
            return _render(text.translate(_UNSHOWABLE))
        except Unrenderable:
            raise
        except Exception as why:
            # Where it happened, and never the message: that may quote what somebody typed.
            frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(why.__traceback__)]
            log.error("rendering failed", kind=type(why).__name__, frames=frames[-4:])
            raise Unrenderable(FAILED) from None


def _render(text: str) -> SafeHtml:
    # Translated again, because `&#12;` is an unshowable character only once it is read.
    html = _clean(_markdown.render(text).translate(_UNSHOWABLE))
    if "<li>" in html and not shows_something(html):  # `42.` is an answer, and no list
        return _clean(as_typed(text))
    return html


def clean_foreign(html: str) -> SafeHtml:
    """Give what of *html* the safelist lets by; *html* was made of a foreign text by `publishing.foreign_html`.

    Where it is nothing but a row of tags as we write them, bleach would change none, and takes ten times as long as all
    else; nh3 has the last word all the same.

    :raises Unrenderable: a library fails on it.
    """
    html = html.translate(_UNSHOWABLE)
    with _lock:
        try:
            if _OURS.fullmatch(html):
                return SafeHtml(
                    nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=None)
                )
            _meter.begin(len(html), bounded=False)
            return _clean(html)
        except Exception as why:
            log.error("rendering failed", kind=type(why).__name__)
            raise Unrenderable(FAILED) from None


def as_typed(text: str) -> SafeHtml:
    """Give HTML that shows *text* as it was typed, without any formatting."""
    shown = escape(text.translate(_UNSHOWABLE).strip(), quote=False)
    return SafeHtml("<p>" + shown.replace("\n", "<br>\n") + "</p>")


def _clean(html: str) -> SafeHtml:
    _meter.spend_on_html(html)
    return _last_word(_cleaner.clean(html.strip()))


def _last_word(html: str) -> SafeHtml:
    return SafeHtml(
        nh3.clean(
            html,
            tags=TAGS,
            attributes=ATTRIBUTES,
            attribute_filter=lambda tag, name, value: value if _allowed(tag, name, value) else None,
            url_schemes=SCHEMES,
            link_rel=None,
        )
    )


def objection(text: str) -> Message | None:
    """Say why *text* cannot be a comment, before it is rendered; None where nothing is wrong.

    What rendering it would cost is counted by `render` itself.
    """
    if text.count("://") > MAX_LINKS:
        return message("A comment has at most %(most)s links.", most=MAX_LINKS)
    if not text.isascii() and longest_run_of_marks(text) > MAX_COMBINING:
        return message("A letter has at most %(most)s marks above and below it.", most=MAX_COMBINING)
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
        case "code", "translate":
            return value == "no"
        case "ol", "start":
            return value.isdecimal()
    return False


# Neither the parser with its meter nor bleach's may be used by two threads at once. The work holds
# the interpreter's lock anyway, so a lock of our own costs nothing.
_lock = threading.Lock()
_meter = Meter()
_markdown = reader_of_markdown(_meter, is_web_address)
_cleaner = bleach.Cleaner(tags=TAGS, attributes=_allowed, protocols=SCHEMES, strip=True)
