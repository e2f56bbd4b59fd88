"""No text that the form takes keeps a server busy, or makes a large page of a short comment."""

from __future__ import annotations

import random
import time
from bisect import bisect_left
from collections.abc import Callable

import pytest

from commentsvc.publishing.sanitise import MAX_LINKS, objection, render

pytestmark = pytest.mark.slow

LENGTH = 10_000  # characters, the most that a comment may have
SECONDS = 0.3  # of processor time, on a machine on which `yardstick` takes as long as this:
YARDSTICK_SECONDS = 0.0118
GROWTH = 20  # the largest factor by which HTML may exceed its text: `漢` in an address is `%E6%BC%A2`, twice

# Each is repeated until the text is full.
REPEATED = (
    *('"', "'", "&", "<", ">", "&amp;", "&lt;", "&quot;", "&#38;", "&nbsp;", "&x", "&#x", "&#9"),
    *("*", "**", "***", "_", "__", "~", "~~", "*a ", "*a **a ", "_a __a ", "*_", "**_", "*a_", "a***", "x*"),
    *(
        "***a",
        "***a**",
        "**a**",
        "**a*",
        "*a* ",
        "_a*b__c**d ",
        "~~a~~ ",
        "*~~a ",
        "**~~_a ",
        "*[",
        "*`",
        "*<",
    ),
    *("`", "``", "`a", "`a` ", "``a ", "`\\", "```\n", "~~~\n", "```\n\n", "\\", "\\\n", "\\*", "  \n", "\n"),
    *(
        "[",
        "[]",
        "[[",
        "[*",
        "[`",
        "[<",
        "[\\",
        "![",
        "![]",
        "[](",
        "[a](",
        "[a](b",
        "[a](<",
        "[a](<b",
        "](",
        "][",
    ),
    *(
        '[a](b "',
        "[a](b '",
        "[a](b (",
        "[a](((",
        "[a][b]",
        "[a]",
        "[a]: ",
        "[a\n",
        "[a]\n:",
        "[a]: <",
        '[a]: b "',
    ),
    *(
        "[a]: b\n",
        "[a]: b 'c'\n\n",
        "(",
        ")",
        "{",
        "|",
        "<a",
        "<a ",
        "</",
        "<!--",
        "<?",
        "<![CDATA[",
        "<<",
        '<x y="',
    ),
    *("<a@b.example>", "<aa:b>", "a@b.example ", "www.", "http:", "HTTPS:", "https:/", "a.", "a-"),
    *(
        "> ",
        ">",
        ">\n",
        "> - ",
        "> a\n",
        ">\n\nx\n",
        "- ",
        "-\n",
        "- - ",
        "- a\n",
        "- a\n\n",
        "- a\n ",
        "+ ",
        "* ",
    ),
    *(
        "1. ",
        "1)\n",
        "1. a\n",
        "- 1. ",
        "*\n\nx\n",
        "*\n\n\tx\n",
        "-\nx\n\n",
        "***\n",
        "---\n",
        "===\n",
        "# a\n",
        "|-",
    ),
    *(
        "\t",
        "\t-",
        "\ta\n",
        "    a\n",
        "\n    a\n",
        "a\n",
        "a\n\n",
        "a ",
        "a  \n",
        "\u00a0",
        "\u200b",
        "\u3000",
    ),
    *(
        "\u00e9",
        "e\u0301",
        "\u6f22",
        "\U0001f600",
        '\U0001f600"',
        "\U0001f600&",
        "\ufeff",
        "\u202e",
        "\x01",
        "\x85",
    ),
)

ADDRESS = "https://canary.example/"


def full(unit: str, beginning: str = "") -> str:
    """Give *unit* repeated after *beginning*, as often as the form takes it; letters fill up LENGTH."""
    text = (beginning + unit * LENGTH)[:LENGTH]
    taken = bisect_left(range(LENGTH), True, key=lambda end: objection(text[: end + 1]) is not None)
    return text[:taken].ljust(LENGTH, "a")


def all_links(unit: str, filler: str = " ") -> str:
    """Give as many addresses as the form takes, each in *unit*, with *filler* up to LENGTH."""
    return full(filler, unit.replace("URL", ADDRESS) * (MAX_LINKS // unit.count("URL")))


COMPOSED = {
    "schemes without a host": full("a", "://" * MAX_LINKS),
    "schemes one after another": full("a", "https://" * MAX_LINKS),
    "addresses one after another": all_links("URL"),
    "addresses before brackets": all_links("URL ", "*["),
    "addresses before quotes": all_links('URL"', '"'),
    "addresses before dots": all_links("URL ", "a."),
    "addresses in emphasis": all_links("*URL*", "*["),
    "addresses in brackets": all_links("(URL", "("),
    "addresses with users": full("a@", "https://a:" * MAX_LINKS),
    "links": all_links('[*a*](URL "b") '),
    "autolinks": all_links("<URL>", "<h:"),
    "images": all_links("![a](URL)", "!["),
    "images without an address": full("*![]()* "),
    "images in open links": full("*[![]()"),
    "images by a definition": full("*![a]* ", f"[a]: {ADDRESS}\n\n"),
    "addresses in code": all_links("`URL`", "`*"),
    "encoded addresses": full("%41", ADDRESS),
    "encoded pairs": full("%e2%80%ae", ADDRESS),
    "an address of ideographs": full("\u6f22", ADDRESS),
    "a host of labels": full("a.", "https://"),
    "a host of ideographs": full("\u6f22", "https://"),
    "a long title": f"[a]({ADDRESS} '".ljust(LENGTH - 2, "&") + "')",
    "definitions": all_links("[a]: URL\n", "[a]"),
    "uses of a definition": full("[a]", f"[a]: {ADDRESS}\n\n"),
    "uses of a definition with a long address": full("[a]", f"[a]: {ADDRESS}{'&' * (LENGTH // 2)}\n\n"),
    "uses of a definition with a long title": full("[a]", f"[a]: {ADDRESS} '{'&' * (LENGTH // 2)}'\n\n"),
    "uses of long labels": full(f"[{'a' * 900}]", f"[{'a' * 900}]: {ADDRESS}\n\n"),
    "deep quotes": full("*[", "> " * 500),
    "deep lists": full("\n" + "- " * 20),
    "a staircase": full("".join(" " * 2 * depth + "- a\n" for depth in range(40))),
    "mixed": full('> - *a **b `c` [d](e) ![f](g) <h> &amp; "i" ~~j~~\n'),
    "quotes after an astral character": full('"', "\U0001f600"),
    "ampersands after an astral character": full("&", "\U0001f600"),
}
TEXTS = {f"{unit!a} again and again": full(unit) for unit in REPEATED} | COMPOSED

PIECES = (*REPEATED, "\n", "\n\n", "\t", "    ", " ", "a", "#", ":", "/", "@", "-", "\u00df", "\u202e")


def processor_time(work: Callable[[], object]) -> float:
    started = time.thread_time()
    work()
    return time.thread_time() - started


def yardstick() -> float:
    """The processor time of plain work, which tells how fast this machine is now."""

    def count() -> None:
        found: dict[str, int] = {}
        for number in range(60_000):
            word = str(number % 997)
            found[word] = found.get(word, 0) + len(word)

    return processor_time(count)


def cpu_seconds(text: str) -> float:
    """Give what rendering *text* costs: the best of six tries, of which few are needed.

    A machine that others use as well is slower at one moment than at another, also in processor time.
    """
    best = 60.0
    for _ in range(6):
        before = yardstick()
        took = processor_time(lambda: render(text))
        best = min(best, took * YARDSTICK_SECONDS / max(before, yardstick()))
        if best < SECONDS or best > 3 * SECONDS:  # plainly good, or plainly bad
            break
    return best


@pytest.mark.parametrize("name", TEXTS)
def test_a_long_text_is_rendered_in_time(name: str) -> None:
    text = TEXTS[name]
    assert len(text) == LENGTH
    assert objection(text) is None

    assert cpu_seconds(text) < SECONDS
    assert len(render(text)) <= GROWTH * LENGTH


@pytest.mark.parametrize("seed", range(120))
def test_a_random_repetition_is_rendered_in_time(seed: int) -> None:
    chance = random.Random(seed)
    unit = "".join(chance.choices(PIECES, k=chance.randint(2, 7)))

    assert cpu_seconds(full(unit)) < SECONDS, ascii(unit)
