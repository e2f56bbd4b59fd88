"""Hostile Markdown for Hypothesis: fragments that mean something to a parser, put together."""

from __future__ import annotations

import unicodedata

from hypothesis import strategies as st

from tests.hostile.vectors import SCHEMES, VECTORS

LONGEST = 3000  # characters: what grows beyond is cut, so that an example stays cheap
FORMED_CHARACTERS = st.characters(exclude_categories=["Cs"])

BRACKETS = ("[", "]", "(", ")", "[](", "![", "](", "]: ", "][", "<", ">", "</", "/>", "{", "}")
MARKS = ("*", "**", "***", "_", "__", "~", "~~", "`", "``", "\\", "|", "^", "$$", "{{", "}}")
BLOCKS = ("> ", "- ", "+ ", "* ", "1. ", "9)", "\t", "    ", "  \n", "\n\n", "---", "===", "#", "[a]: ")
FENCES = ("\n```\n", "\n~~~\n", "\n```js", "\n````", "~~~ x\ty\n", "\n    ")
QUOTES = ('"', "'", "&quot;", "&#34;", "&#x27;", '\\"', " '", '" ', "\u2019", "\u00ab")
TAGS = (
    *("<script>", "</script>", "<svg>", "<math>", "<style>", "</style>", "<p>", "</p>", "</a>", "</pre>"),
    *("<!--", "-->", "--!>", "<![CDATA[", "]]>", "<?", "?>", "<!", "</ ", "<a href=", "<img src=x onerror="),
    *("onclick=canary(1)", " href=", " rel=x", " class=x", " title=", " style=", "<textarea>", "<template>"),
)
ENTITIES = (
    "&",
    "&amp;",
    "&lt;",
    "&gt;",
    "&colon;",
    "&Tab;",
    "&NewLine;",
    "&nbsp;",
    "&#0;",
    "&#12;",
    "&#x202e;",
)
PLACES = (
    *(
        "https://",
        "http://",
        "HTTPS://",
        "canary.example",
        "/",
        "@",
        "#",
        "?",
        ":",
        ":443",
        "%00",
        "%20",
        "%2e",
    ),
    *("%E2%80%AE", "%C2%85", "%EF%BF%BE", "%5B", "xn--", "[::1]", "www.", "a@b.example", "javascript:"),
)
ODDITIES = tuple(
    "\u00a0\u00ad\u200b\u200d\u2028\u2029\u202e\u2066\u3000\ufeff\ufffd\ufffe\x01\x0b\x0c\x1f\x7f\x85"
)
WORDS = (
    "a",
    "b ",
    "word",
    "\u0661",
    "\u00e9",
    "e\u0301",
    "\u0130",
    "\u1e9e",
    "\u6f22",
    "\U0001f600",
    "__proto__",
)


def fragments() -> st.SearchStrategy[str]:
    """Give one piece: a mark, a tag, a scheme, a character, or a part of a vector."""
    families = (BRACKETS, MARKS, BLOCKS, FENCES, QUOTES, TAGS, ENTITIES, PLACES, ODDITIES, WORDS, SCHEMES)
    return st.one_of(*map(st.sampled_from, families), st.just("\n"), FORMED_CHARACTERS, pieces_of_vectors())


@st.composite
def pieces_of_vectors(draw: st.DrawFn) -> str:
    """Give a vector, or what a cut leaves of it."""
    text = draw(st.sampled_from(VECTORS)).text[:300]
    start = draw(st.integers(0, len(text)))
    return text[start : draw(st.integers(start, len(text)))] or text


@st.composite
def spliced(draw: st.DrawFn) -> str:
    """Give two vectors, the one put into the other."""
    outer, inner = draw(st.sampled_from(VECTORS)).text, draw(st.sampled_from(VECTORS)).text
    at = draw(st.integers(0, len(outer)))
    return (outer[:at] + inner + outer[at:])[:LONGEST]


@st.composite
def links(draw: st.DrawFn) -> str:
    """Give a link, an image or a definition, each part of it hostile."""
    shape = draw(
        st.sampled_from(
            (
                "[{0}]({1})",
                "[{0}]({1} '{2}')",
                '[{0}](<{1}> "{2}")',
                "![{0}]({1})",
                "<{1}>",
                "[{0}]: {1} ({2})\n",
            )
        )
    )
    few = st.lists(fragments(), max_size=4).map("".join)
    address = st.tuples(st.sampled_from(("", "https://", "http://canary.example", *SCHEMES)), few).map(
        "".join
    )
    return str(shape).format(draw(few), draw(address), draw(few))


def hostile_markdown() -> st.SearchStrategy[str]:
    """Give a text made to confuse: what a grammar of fragments, links and vectors yields."""
    part = st.one_of(fragments(), fragments(), links())
    composed = st.lists(part, min_size=1, max_size=25).map("".join)
    repeated = st.tuples(composed.map(lambda text: text[:40]), st.integers(2, 40)).map(
        lambda pair: pair[0] * pair[1]
    )
    return st.one_of(composed, composed, spliced(), repeated).map(lambda text: text[:LONGEST])


def any_text() -> st.SearchStrategy[str]:
    """Give any text that can be sent: all characters but unpaired surrogates."""
    return st.text(FORMED_CHARACTERS)


def letters() -> st.SearchStrategy[str]:
    """Give words of letters alone, in any script, that Markdown has nothing to do with."""
    word = st.text(st.characters(categories=["L"]), min_size=1, max_size=12)
    return st.lists(word, min_size=1, max_size=8).map(" ".join)


def blanks() -> st.SearchStrategy[str]:
    """Give text of which nothing is seen: spaces of all kinds, and format characters."""
    space = st.characters(categories=["Zs", "Zl", "Zp", "Cf"], include_characters="\t\n")
    return st.text(space, max_size=40)


def visible_letters() -> st.SearchStrategy[str]:
    """Give one letter that draws something; Unicode counts a few blank ones as letters."""
    return st.characters(categories=["L"]).filter(lambda letter: "FILLER" not in unicodedata.name(letter, ""))
