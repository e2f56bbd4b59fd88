"""No text that the form takes keeps a server busy, or makes a large page of a short comment."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable

import pytest

from commentsvc.errors import Unrenderable
from commentsvc.publishing.sanitise import MAX_LINKS, objection, render, shows_something

LENGTH = 10_000  # characters, the most that a comment may have
SECONDS = (
    0.05  # of processor time, on a machine on which `yardstick` takes as long as this; held by `make soak`
)
PLAINLY_TOO_LONG = 0.3  # a bound that no load on the machine makes fail, held by `make test`
YARDSTICK_SECONDS = 0.0075
SOAK_SECONDS = int(os.environ.get("SECONDS", "60"))
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
    """Give *unit* repeated after *beginning*, as long as a comment may be."""
    return (beginning + unit * LENGTH)[:LENGTH]


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


def cpu_seconds(text: str, bound: float = SECONDS, tries: int = 8) -> float:
    """Give what a preview of *text* costs, refused or not: the best of some tries, of which few are needed.

    A machine that others use as well is slower at one moment than at another, also in processor time.
    """
    best = 60.0
    for _ in range(tries):
        before = yardstick()
        took = processor_time(lambda: previewed(text))
        best = min(best, took * YARDSTICK_SECONDS / max(before, yardstick()))
        if best < bound:
            break
    return best


def previewed(text: str) -> str | None:
    """All that a preview does with *text*; None where it is refused."""
    if objection(text) is not None:
        return None
    try:
        html = render(text)
    except Unrenderable:
        return None
    shows_something(html)
    return html


@pytest.mark.unit
@pytest.mark.parametrize("name", TEXTS)
def test_a_long_text_makes_no_large_page(name: str) -> None:
    assert len(previewed(TEXTS[name]) or "") <= GROWTH * LENGTH


@pytest.mark.sampled(12)
@pytest.mark.parametrize("name", TEXTS)
def test_a_long_text_is_rendered_or_refused_in_time(name: str) -> None:
    assert cpu_seconds(TEXTS[name], PLAINLY_TOO_LONG) < PLAINLY_TOO_LONG


@pytest.mark.sampled(12)
@pytest.mark.parametrize("seed", range(60))
def test_a_random_repetition_is_rendered_or_refused_in_time(seed: int) -> None:
    chance = random.Random(seed)
    unit = "".join(chance.choices(PIECES, k=chance.randint(2, 7)))

    assert cpu_seconds(full(unit), PLAINLY_TOO_LONG) < PLAINLY_TOO_LONG, ascii(unit)


ORDINARY = {
    "prose": 'The fox "jumps" over it, isn\'t it? It is *very* nice -- see below.\n\n',
    "prose of signs": "Yes: it is (really); e.g. a-b, c & d!\n",
    "Chinese": "今天天气很好，我们去公园散步吧。他说：“好的”。\n\n",
    "a poem": "a line of verse\n",
    "a list": "- a thing to do this week\n",
    "a list of tasks": "- [ ] a thing to do this week\n",
    "quotes": "> He said that it is so, as far as anybody knows.\n>\n> And that was all.\n\nI say no to all of it.\n\n",
    "emphasis": "This is **very** important and *so* is `that`, too. ",
    "code in a text": "for (int i = 0; i < n; i++) { a[i] = b[i] * c[i] & 0xff; }\n",
    "HTML in a block": '    <div class="a">b &amp; c</div>\n',
    "formulas": "x_1 + x_2 * (y[3] - z[4]) = a_{ij} ^ 2; ",
    "emoji": "😀😀👨\u200d👩\u200d👧 so nice!! ",
    "links": all_links("[a label of some words](URL2026/11/some-article) and text\n")[: MAX_LINKS * 72],
    "addresses": all_links("See URL2026/11/some-article?a=1&b=2 for more.\n")[: MAX_LINKS * 60],
}


@pytest.mark.unit
@pytest.mark.parametrize("name", ORDINARY)
def test_what_people_write_is_taken_up_to_the_last_character(name: str) -> None:
    assert previewed(full(ORDINARY[name]) if len(ORDINARY[name]) < 200 else ORDINARY[name]) is not None


@pytest.mark.soak
@pytest.mark.parametrize("name", TEXTS)
def test_a_long_text_costs_no_more_than_it_may(name: str) -> None:
    assert cpu_seconds(TEXTS[name]) < SECONDS


@pytest.mark.alone
@pytest.mark.soak
def test_a_search_finds_no_text_that_costs_more() -> None:
    """Hill climbing: the costliest text so far, with fragments put in, taken out and repeated."""
    chance = random.Random()
    ends = time.monotonic() + SOAK_SECONDS
    while time.monotonic() < ends:
        unit = chance.choices(PIECES, k=chance.randint(1, 6))
        worst = cpu_seconds(full("".join(unit)), tries=1)
        for _ in range(40):
            other = changed(unit, chance)
            cost = cpu_seconds(full("".join(other)), tries=1)
            if cost > worst:
                unit, worst = other, cost
        assert cpu_seconds(full("".join(unit))) < SECONDS, ascii("".join(unit))


def changed(unit: list[str], chance: random.Random) -> list[str]:
    """Give *unit* with one change."""
    at = chance.randrange(len(unit) + 1)
    match chance.randrange(4):
        case 0:
            return [*unit[:at], chance.choice(PIECES), *unit[at:]]
        case 1 if len(unit) > 1:
            return [*unit[:at], *unit[at + 1 :]]
        case 2:
            return [*unit[:at], *unit[max(0, at - 2) : at] * chance.randint(1, 30), *unit[at:]][:400]
        case _:
            return [*unit[:at], chance.choice(PIECES), *unit[at + 1 :]]
