"""What rendering a text costs, counted while it is parsed, so that no text costs more than it may.

Counting characters cannot tell: three hundred `![` cost a hundred times what prose of that length does, and code
in a fence may hold as many as it likes. So the parser pays for each step. A unit is about a microsecond of processor
time on a slow machine; the weights were fitted to 500 hostile texts, and `make soak` searches for texts that
cost more than they pay (docs/decisions/0014).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from markdown_it import MarkdownIt, helpers
from markdown_it.parser_block import ParserBlock
from markdown_it.parser_inline import ParserInline
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType

from commentsvc.errors import Unrenderable
from commentsvc.messages import message

UNITS_OF_A_STEP = 5  # the inline rules are tried at one place, and a token comes of it
UNITS_OF_A_LINE = 3  # the block rules are tried at one line, at one depth
UNITS_OF_A_PARAGRAPH = 10  # or another text between blocks
UNITS_OF_A_LOOK = 1  # a place is passed over, of which is known already where it ends
UNITS_OF_A_SCAN = 0.15  # a character is read in search of the end of an address or a title
UNITS_OF_A_LINK = 60  # an address is checked, and compared with what its text names
UNITS_OF_AN_ESCAPE = 4  # a character that is not ASCII is written as bytes in an address
UNITS_OF_A_TAG = 26  # parsed, filtered and written by bleach
UNITS_OF_AN_ENTITY = 11
UNITS = 44_000  # for each MEASURED characters; the rest of 50 ms is for what all texts cost
MEASURED = 10_000

# What the parser reads before it knows that there is none.
_ADDRESS_READ = re.compile(r"<[^<>\n]*|(?:[^\x00-\x20\x7f(]*\(){0,32}[^\x00-\x20\x7f(]*")
_TITLE_READ = re.compile(r"(?:[\"'(].*)?", re.DOTALL)

TOO_COMPLEX = message(
    "This text has too much formatting. Please use fewer links, quotes, lists or special characters."
)


class Meter:
    """Counts what the text at hand costs. One parser has one, and renders one text at a time."""

    def __init__(self) -> None:
        self._left = math.inf

    def begin(self, length: int, *, bounded: bool) -> None:
        """Begin with a text of *length* characters, which may cost what it likes if it is not *bounded*."""
        self._left = UNITS * max(1.0, length / MEASURED) if bounded else math.inf

    def spend(self, units: float) -> None:
        """Pay for a part of the work.

        :raises Unrenderable: the text costs more than one of its length may.
        """
        self._left -= units
        if self._left < 0:
            raise Unrenderable(TOO_COMPLEX)

    def refuse_lost_words(self) -> None:
        """The parser drops words that stand too deep: a text of now is refused, a stored one stays as it was.

        :raises Unrenderable: as `spend`.
        """
        self.spend(math.inf if math.isfinite(self._left) else 0)

    def spend_on_html(self, html: str) -> None:
        """Pay for what bleach has to do with *html*, before it does.

        :raises Unrenderable: as `spend`.
        """
        self.spend(html.count("<") * UNITS_OF_A_TAG + html.count("&") * UNITS_OF_AN_ENTITY)


def metered(markdown: MarkdownIt, preset: str, options: dict[str, Any], meter: Meter) -> None:
    """Configure *markdown*, and let each of its steps pay to *meter*."""
    markdown.inline = _MeteredInline(meter)
    markdown.block = _WholeBlocks(meter)
    markdown.configure(preset, options)

    def inline_step(state: StateInline, silent: bool) -> bool:
        meter.spend(UNITS_OF_A_STEP)
        return False  # a rule that never holds: the next ones are tried

    def block_step(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        meter.spend(UNITS_OF_A_LINE)
        return False

    markdown.inline.ruler.before("text", "step", inline_step)
    wherever_a_line_is_tried: RuleOptionsType = {"alt": ["paragraph", "blockquote", "list"]}
    markdown.block.ruler.before("code", "line", block_step, wherever_a_line_is_tried)
    normalised = markdown.normalizeLink

    def normalise(url: str) -> str:
        meter.spend(UNITS_OF_A_LINK + len(url) * (UNITS_OF_A_SCAN if url.isascii() else UNITS_OF_AN_ESCAPE))
        return normalised(url)

    markdown.normalizeLink = normalise  # type: ignore[method-assign]
    markdown.helpers = SimpleNamespace(  # type: ignore[assignment]
        parseLinkLabel=helpers.parseLinkLabel,
        parseLinkDestination=_scanning(helpers.parseLinkDestination, _ADDRESS_READ, meter),
        parseLinkTitle=_scanning(helpers.parseLinkTitle, _TITLE_READ, meter),
    )


class _MeteredInline(ParserInline):
    """Also pays for places that were looked at before: an open bracket looks at all that follow it."""

    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self._meter = meter

    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        """See `ParserInline`."""
        self._meter.spend(UNITS_OF_A_PARAGRAPH)
        return super().parse(src, md, env, tokens)

    def skipToken(self, state: StateInline) -> None:
        """See `ParserInline`."""
        self._meter.spend(UNITS_OF_A_LOOK)
        super().skipToken(state)


class _WholeBlocks(ParserBlock):
    """Drops no words: the parser skips without a word what stands deeper than `maxNesting`."""

    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self._meter = meter

    def tokenize(self, state: StateBlock, startLine: int, endLine: int) -> None:
        """See `ParserBlock`."""
        too_deep = state.level >= state.md.options.maxNesting
        if too_deep and not all(map(state.isEmpty, range(startLine, endLine))):
            self._meter.refuse_lost_words()
        super().tokenize(state, startLine, endLine)


def _scanning(helper: Callable[..., Any], in_vain: re.Pattern[str], meter: Meter) -> Callable[..., Any]:
    """Pay for the characters that *helper* reads: up to the end of what it finds, or *in_vain*."""

    def scan(text: str, start: int, end: int, *more: Any) -> Any:
        result = helper(text, start, end, *more)
        read = None if result.ok else in_vain.match(text, start, end)
        meter.spend(((read.end() if read else result.pos) - start) * UNITS_OF_A_SCAN)
        return result

    return scan
