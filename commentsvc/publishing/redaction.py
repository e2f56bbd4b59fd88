"""Parts of a text that a moderator blacked out: the HTML is made of what is left, so the rest stands in nothing public."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from commentsvc.errors import Unrenderable
from commentsvc.model import Markup, SafeHtml
from commentsvc.publishing import sanitise
from commentsvc.publishing.foreign_html import render_foreign

BLOCK = "█████"  # for a part of any length: it does not tell how long that was

Spans = Sequence[Sequence[int]]
"""Parts of a text: pairs of code points, from the first up to the second, which is not part of it."""


def merged(spans: Iterable[tuple[int, int]]) -> list[list[int]]:
    """The same parts in order, those that touch or overlap as one."""
    joined: list[list[int]] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([begin, end])
    return joined


def blacked_out(text: str, spans: Spans) -> str:
    """*text* with a block for each of *spans*, which are merged."""
    for begin, end in reversed(spans):
        text = text[:begin] + BLOCK + text[end:]
    return text


def burnt_in(text: str, spans: Spans) -> tuple[str, list[list[int]]]:
    """*text* without what *spans* black out, and where the blocks stand in it: it renders as it did."""
    blocks: list[list[int]] = []
    shorter = 0
    for begin, end in spans:
        blocks.append([begin - shorter, begin - shorter + len(BLOCK)])
        shorter += end - begin - len(BLOCK)
    return blacked_out(text, spans), blocks


def render_stored(text: str, spans: Spans | None, markup: Markup) -> SafeHtml:
    """The HTML of a text that was taken before, without what is blacked out; as typed where the renderer fails on it."""
    shown = blacked_out(text, spans or ())
    if markup is Markup.HTML:
        return render_foreign(shown)[0]
    try:
        return sanitise.render(shown, bounded=False)
    except Unrenderable:
        return sanitise.as_typed(shown)
