"""HTML that was written elsewhere, as imports bring it: prepared for our safelist, which has the last word.

What our own Markdown can say stays: other names of the same tags are written as ours, an image becomes a link to it,
and where a system keeps paragraphs as blank lines they become paragraphs. Everything else is dropped, and its words stay.
"""

from __future__ import annotations

import re

from commentsvc.errors import Unrenderable
from commentsvc.model import SafeHtml
from commentsvc.publishing import sanitise
from commentsvc.publishing.hidden import isolated
from commentsvc.publishing.markdown import REL
from commentsvc.unicode_text import without_references, words_of

SAME_AS = {"b": "strong", "i": "em", "del": "s", "strike": "s", "cite": "em", "tt": "code", "kbd": "code"}
LINES = {
    "div",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "section",
    "article",
    "tr",
    "dt",
    "dd",
    "figure",
    "figcaption",
}
SILENT = {
    "script",
    "style",
    "head",
    "title",
    "iframe",
    "object",
    "embed",
    "noscript",
    "template",
    "textarea",
    "select",
}
UNTOLD = {"span", "font", "div", "html", "body", "wbr", *SAME_AS}  # whose words say the same without them
VOID = {"br", "hr", "img", "wbr", "input", "embed", "source", "meta", "link", "area", "base", "col", "track"}
DEEPEST = 60
LONGEST = 200_000  # characters: what is longer is shown as it was typed
KNOWN = {
    *SILENT, *LINES, *VOID, "table", "tbody", "thead", "tfoot", "td", "th", "caption", "dl", "center", "u", "ins", "small",
    "big", "sub", "sup", "q", "abbr", "acronym", "address", "video", "audio", "button", "form", "label", "svg", "math",
    "details", "summary", "mark", "time", "var", "samp", "main", "header", "footer", "nav", "aside", "spoiler",
}  # fmt: skip
_USUAL_LINK = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/[!-~]*)?", re.ASCII)
_TAG = re.compile(r"<(/?)([A-Za-z][\w:-]*)([^<>]*)>|<[!?][^<>]*>")
_ATTRIBUTE = re.compile(r"""([A-Za-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))""")
_BLOCK = re.compile(r"\s*<(?:blockquote|ol|ul|hr|p)\b")
_PRE = re.compile(r"(<pre>.*?</pre>)", re.DOTALL)
_EMPTY = re.compile(r"<p>\s*</p>")
_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")


def render_foreign(text: str) -> tuple[SafeHtml, list[str]]:
    """Give the HTML that *text*, which is HTML, is shown as, and the names of the tags that were dropped."""
    if len(text) > LONGEST:
        return sanitise.as_typed(words_of(text)), ["all tags, as it is very long"] if "<" in text else []
    if "<" not in text and "&" not in text:
        return _cleaned(_paragraphs(isolated(text))), []
    writer = _Writer(keeps_lines=not re.search(r"<(?:p|br|div)\b", text, re.IGNORECASE))
    writer.feed(text)
    html = _cleaned(writer.html())
    if not sanitise.shows_something(html):
        return sanitise.as_typed(text), sorted(writer.dropped)
    return html, sorted(writer.dropped)


def from_plain(text: str) -> str:
    """HTML that shows plain *text*."""
    return _paragraphs(_escaped(text))


def _cleaned(html: str) -> SafeHtml:
    try:
        return sanitise.clean_foreign(html)
    except Unrenderable:
        return sanitise.as_typed(words_of(html))


class _Writer:
    """Writes tags of our own for those that it reads.

    Python's own parser takes time in proportion to the square of what is never closed; this one reads each sign once.
    """

    def __init__(self, *, keeps_lines: bool) -> None:
        self.dropped: set[str] = set()
        self._keeps_lines = keeps_lines
        self._parts: list[str] = []
        self._open: list[str] = []
        self._silent = 0

    def feed(self, text: str) -> None:
        """Read *text*, all of it."""
        at = 0
        text = _without_comments(text)
        for found in _TAG.finditer(text):
            self._words(text[at : found.start()])
            at = found.end()
            closes, name, attributes = found.groups()
            if name is None:
                continue
            tag = SAME_AS.get(name.lower(), name.lower())
            if closes:
                self._end(tag)
            else:
                self._start(tag, attributes)
        self._words(text[at:])

    def html(self) -> str:
        """What was written, all of it closed."""
        end = "".join(f"</{tag}>" for tag in reversed(self._open))
        written = "".join(self._parts) + end
        return _EMPTY.sub("", _paragraphs(written) if self._keeps_lines else written)

    def _start(self, tag: str, attributes: str) -> None:
        if tag in SILENT:
            self.dropped.add(tag)
            self._silent += tag not in VOID
        elif self._silent:
            return
        elif tag == "a":
            self._begin_link(_attributes(attributes))
        elif tag == "img":
            self._image(_attributes(attributes))
        elif tag in ("br", "hr"):
            self._parts.append(f"<{tag}>")
        elif tag in sanitise.TAGS and len(self._open) < DEEPEST:
            self._parts.append(f"<{tag}>")
            self._open.append(tag)
        else:
            if tag not in UNTOLD:
                self.dropped.add(tag if tag in KNOWN else "unknown tags")
            if tag in LINES:
                self._parts.append("<p>")

    def _end(self, tag: str) -> None:
        if tag in SILENT:
            self._silent = max(0, self._silent - 1)
        elif self._silent:
            return
        elif tag in LINES:
            self._parts.append("</p>")
        elif tag in self._open:
            while (closed := self._open.pop()) != tag:
                self._parts.append(f"</{closed}>")
            self._parts.append(f"</{tag}>")

    def _words(self, text: str) -> None:
        if text and not self._silent:
            self._parts.append(_escaped(isolated(without_references(text))))

    def _begin_link(self, attributes: dict[str, str]) -> None:
        target = attributes.get("href", "").strip()
        if not _USUAL_LINK.fullmatch(target) and not sanitise.is_web_address(target):
            self.dropped.add("a")
            return
        if "a" not in self._open:
            self._parts.append(f'<a href="{_quoted(target)}" rel="{REL}">')
            self._open.append("a")

    def _image(self, attributes: dict[str, str]) -> None:
        source = attributes.get("src", "").strip()
        label = attributes.get("alt", "").strip()
        self.dropped.add("img")
        if not sanitise.is_web_address(source) or "a" in self._open:
            self._parts.append(_escaped(isolated(label)))
            return
        self._parts.append(
            f'<a href="{_quoted(source)}" rel="{REL}">{_escaped(isolated(label or source))}</a>'
        )


def _without_comments(text: str) -> str:
    first, *others = text.split("<!--")
    for part in others:
        _, closed, after = part.partition("-->")
        first += after if closed else "<!--" + part
    return first


def _attributes(written: str) -> dict[str, str]:
    return {
        found[1].lower(): without_references(found[2] or found[3] or found[4] or "")
        for found in _ATTRIBUTE.finditer(written)
    }


def _paragraphs(html: str) -> str:
    """*html* with paragraphs where there are blank lines, and breaks where lines end, but in `pre`."""
    parts = _PRE.split(html.replace("\r\n", "\n").strip())
    return "\n".join(part if at % 2 else _lines(part) for at, part in enumerate(parts) if part.strip())


def _lines(html: str) -> str:
    return "\n".join(
        part if _BLOCK.match(part) else "<p>" + part.strip().replace("\n", "<br>\n") + "</p>"
        for part in _BLANK_LINE.split(html)
        if part.strip()
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', "&quot;")
