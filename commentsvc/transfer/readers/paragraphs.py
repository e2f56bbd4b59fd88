"""Line breaks of texts that are half HTML: what WordPress's `wpautop` makes of them when it shows a comment."""

from __future__ import annotations

import re

_BLOCKS = (
    "address|article|aside|blockquote|dd|details|div|dl|dt|figcaption|figure|footer|form|h[1-6]|header|hr|li|ol|p|"
    "pre|section|table|tbody|td|tfoot|th|thead|tr|ul"
)
# Nothing here looks further than the next tag or line: a hostile text takes time in proportion to its length.
_PRE_TAG = re.compile(r"(</?pre\b[^<>]*>)", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
_BLOCK = re.compile(rf"^</?(?:{_BLOCKS})\b|</?(?:{_BLOCKS})\b[^<>]*>$", re.IGNORECASE)
_BREAK = re.compile(rf"(?<!<br>)(?<!<br/>)(?<!<br />)\n(?![ \t]*</?(?:{_BLOCKS})\b)", re.IGNORECASE)
_AFTER_BLOCK = re.compile(rf"(</?(?:{_BLOCKS})\b[^<>]*>)[ \t]*<br>(?=\n)", re.IGNORECASE)
_HAS_BREAKS = re.compile(r"<(?:p|br)\b", re.IGNORECASE)


def has_breaks(text: str) -> bool:
    """Whether *text* has paragraphs or breaks as HTML, so that those of its lines mean nothing."""
    return _HAS_BREAKS.search(text) is not None


def with_paragraphs(text: str) -> str:
    """Give *text* with its line breaks as HTML: a blank line parts paragraphs, one break is `<br>`.

    Those beside tags that break the line anyway are left alone, and so is what is preformatted.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if "\n" not in text:
        return text
    pieces, depth = [], 0
    for part in _PRE_TAG.split(text):
        if _PRE_TAG.fullmatch(part):
            depth = max(0, depth + (-1 if part.startswith("</") else 1))
            pieces.append(part)
        elif depth:
            pieces.append(part)
        elif part.strip():
            pieces.append(_paragraphs(part))
    return "".join(pieces)


def _paragraphs(text: str) -> str:
    return "\n".join(_paragraph(part) for part in _BLANK_LINES.split(text.strip()))


def _paragraph(text: str) -> str:
    broken = _AFTER_BLOCK.sub(r"\1", _BREAK.sub("<br>\n", text))
    return broken if _BLOCK.search(text) else f"<p>{broken}</p>"
