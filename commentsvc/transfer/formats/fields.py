"""What the fields of an export hold, in whatever type its system wrote them."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from commentsvc.transfer.foreign import ForeignComment, ForeignThread, Markup, Moment
from commentsvc.transfer.readers.json import Item

_EPOCH = re.compile(r"[0-9]{9,14}")
_BLOCK = re.compile(r"\s*<(p|div|blockquote|ul|ol|pre|h[1-6])\b[^<>]*>", re.IGNORECASE)
_INLINE = re.compile(r"<(?:a\s[^<>]*href=|br\s*/?>|img\s[^<>]*src=|(?:b|i|em|strong|code)>)", re.IGNORECASE)
_MARKDOWN = re.compile(r"`|\]\(|\*\*|^ {0,3}(?:>|[-*+] |#{1,6} |\d+\. )|^(?: {4}|\t)", re.MULTILINE)


def text(value: Any) -> str:
    """Give *value* as a text; "" where there is nothing: null, false, 0."""
    return key(value) if value else ""


def key(value: Any) -> str:
    """Give *value* as what names a record; null and "" name two."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def page(value: Any, line: int, within: Any = None, **fields: Any) -> ForeignThread:
    """Give the thread of a page that is named *value*, a link, *within* a site; one without a name is nowhere."""
    link = text(value)
    named = key(value) if within is None else f"{key(within)} {key(value)}"
    return ForeignThread(key=named, link=link or None, article=None if link else "", line=line, **fields)


def parent(value: Any) -> str | None:
    """Give *value* as the key of a parent; None where it is null, "", 0 or "0"."""
    named = text(value)
    return None if named in ("", "0") else named


def true(value: Any) -> bool:
    """Whether *value* says yes; a text may."""
    return str(value).lower() in ("true", "1", "yes")


def members(value: Any) -> dict[str, Any]:
    """Give *value*, an object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def elements(value: Any) -> list[Any]:
    """Give *value*, an array; an empty one for anything else."""
    return value if isinstance(value, list) else []


def moment(value: Any) -> Moment:
    """Give the time that *value* holds: plain, or as LeanCloud (`iso`) or MongoDB (`$date`, `$numberLong`) write it."""
    if isinstance(value, str):
        return int(value) if _EPOCH.fullmatch(value) else value
    if isinstance(value, dict):
        named = [value[name] for name in ("iso", "$date", "$numberLong") if name in value]
        return moment(named[0]) if named else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) else None


def markup(value: str) -> Markup:
    """What a text of a system with Markdown is.

    They all take HTML as well, and what they themselves imported is HTML: so is what begins with a block of it, and
    what has a tag of it without a sign of Markdown.
    """
    is_html = _BLOCK.match(value) or (_INLINE.search(value) and not _MARKDOWN.search(value))
    return Markup.HTML if is_html else Markup.MARKDOWN


def malformed(item: Item, reason: str = "it is no object", thread: str | None = None) -> ForeignComment:
    """Stand for a record that is no comment."""
    key = f"record {item.number or item.line}" + (f", {item.part}" if item.part else "")
    return ForeignComment(key=key, thread=thread, malformed=item.fault or reason, line=item.line)
