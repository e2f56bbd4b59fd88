"""What Unicode knows of characters and we need: which can be seen, and which do harm."""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from itertools import groupby

import idna
import regex

# It draws nothing, though Unicode counts it as a symbol.
_BLANK_PATTERN = r"\u2800"

# Embeddings, overrides and isolates (UAX #9) turn round the text that follows; the marks
# U+200E, U+200F and U+061C turn nothing and are common in names.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# What draws nothing wherever it stands: part of a character class, as the package `regex` writes them.
IGNORABLE = r"\p{Default_Ignorable_Code_Point}\ufff9-\ufffb"

# Scripts that spell with joiners: Arabic and its kin, and those of India and its neighbours.
_JOINING = (
    r"[\p{Arab}\p{Syrc}\p{Mong}\p{Nkoo}\p{Deva}\p{Beng}\p{Guru}\p{Gujr}\p{Orya}\p{Taml}\p{Telu}\p{Knda}"
    r"\p{Mlym}\p{Sinh}\p{Tibt}\p{Mymr}\p{Khmr}]"
)
_PICTURE = r"[\p{Extended_Pictographic}\p{Emoji_Modifier}]"
# Invisible characters that change what is seen: joiners within words and emoji, the look of an emoji
# or of a Chinese character, the tags that make 🏴 a flag, Mongolian forms.
_MEANT = rf"""
    (?<={_JOINING}\p{{M}}*) [\u200c\u200d] (?={_JOINING})
  | (?<={_PICTURE}\ufe0f?) \u200d (?=\p{{Extended_Pictographic}})
  | (?<=\p{{Emoji}}) [\ufe0e\ufe0f]
  | (?<=\U0001f3f4[\U000e0020-\U000e007e]*) [\U000e0020-\U000e007f]
  | (?<=\p{{Han}}) [\ufe00-\ufe0f\U000e0100-\U000e01ef]
  | (?<=\p{{Mong}}) [\u180b-\u180f]
"""
_INVISIBLE = regex.compile(rf"(?x) ({_MEANT}) | [{IGNORABLE}]")
_DIRECTION_MARKS = frozenset("\u061c\u200e\u200f")
_WRITTEN_FROM_RIGHT = regex.compile(r"(?V1)[\p{L}&&[\p{Bidi_Class=R}\p{Bidi_Class=AL}]]")
_IGNORABLE = regex.compile(rf"[{IGNORABLE}]")
_AT_EDGES = regex.compile(rf"[\s{IGNORABLE}]")
_ENDLESS_REFERENCE = re.compile(r"&#(?:[0-9]{10,}|[xX][0-9A-Fa-f]{10,});?")
_TAG = re.compile(r"<[^<>]*>")
# What is not assigned yet may be an emoji of tomorrow: phones have them before Python does.
_DRAWS_NOTHING = regex.compile(
    rf"[\p{{Z}}\p{{M}}\p{{Cc}}\p{{Cf}}\p{{Cs}}\p{{Co}}{IGNORABLE}{_BLANK_PATTERN}]"
)
_LETTER_OR_NUMBER = regex.compile(r"[\p{L}\p{N}]")
_GRAPHEME = regex.compile(r"\X")


def without_invisible(text: str) -> str:
    """Give *text* without characters that nobody sees, save those that change what is seen.

    Marks of direction stay where letters are that are written from the right.
    """
    kept = _DIRECTION_MARKS if _WRITTEN_FROM_RIGHT.search(text) else frozenset()
    return str(_INVISIBLE.sub(lambda found: found[0] if found[1] or found[0] in kept else "", text))


def trimmed(text: str) -> str:
    """Give *text* without white space and invisible characters at its edges, as pasting leaves them there.

    What turns text round stays: it does harm, and is refused later.
    """
    begin, end = 0, len(text)
    while begin < end and _is_at_edge(text[begin]):
        begin += 1
    while begin < end and _is_at_edge(text[end - 1]):
        end -= 1
    return text[begin:end]


def _is_at_edge(character: str) -> bool:
    return character not in TURNING and _AT_EDGES.match(character) is not None


def graphemes(text: str) -> list[str]:
    """What people take for the single characters of *text* (UAX #29): a flag, a letter with its marks."""
    return list(_GRAPHEME.findall(text))


def is_visible(character: str) -> bool:
    """Whether *character* draws something by itself: no space, control, format, mark or blank letter."""
    return not (_DRAWS_NOTHING.match(character) or is_noncharacter(character))


def is_letter_or_number(character: str) -> bool:
    """Whether *character* is a letter or a number, of younger scripts than Python knows as well."""
    return _LETTER_OR_NUMBER.match(character) is not None


def without_default_ignorables(text: str) -> str:
    """*text* without what is shown as nothing where a font has no use for it (Unicode §5.21)."""
    return text if text.isascii() else str(_IGNORABLE.sub("", text))


def is_far_longer(raw: str, most: int) -> bool:
    """Whether *raw* has more than *most* characters, however it is normalised.

    To be asked before a text from outside is normalised: that sorts runs of combining marks in
    quadratic time, 15 s for 90,000. NFC makes at most four characters into one.
    """
    return len(raw) > 4 * most


def longest_run_of_marks(text: str) -> int:
    """How many combining marks follow each other at the most."""
    runs = groupby(text, key=lambda character: unicodedata.combining(character) != 0)
    return max((len(list(run)) for combining, run in runs if combining), default=0)


def has_surrogate(text: str) -> bool:
    """Whether *text* holds an unpaired surrogate, which no encoding can carry."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def words_of(html: str) -> str:
    """What a reader sees of *html*."""
    return without_references(_TAG.sub(" ", html)) if "<" in html or "&" in html else html


def without_references(html: str) -> str:
    """*html* with the characters that its references (`&amp;`) stand for.

    `html.unescape` fails on one of 4,301 digits.
    """
    return unescape(_ENDLESS_REFERENCE.sub("\ufffd", html))


def folded(text: str) -> str:
    """*text* as searches compare it: É as é, ﬁ as fi, full-width letters as others."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def is_noncharacter(character: str) -> bool:
    """Whether *character* is one of the 66 code points that never will be one (Unicode §23.7)."""
    code = ord(character)
    return 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE


def is_line(text: str) -> bool:
    """Whether *text* can stand in one line as it is: it breaks none, controls none, turns none.

    `str.isprintable` would refuse the joiners that Persian and Hindi are spelt with, and French spaces.
    """
    return not any(
        unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
        or character in TURNING
        or is_noncharacter(character)
        for character in text
    )


def ascii_host(host: str) -> str:
    """Give a host name in its ASCII form, as browsers read it (UTS #46, nontransitional)."""
    return ".".join(map(_ascii_label, readable_host(host).split(".")))


def readable_host(host: str) -> str:
    """Give a host name as it is compared: as browsers read it (UTS #46), in letters rather than Punycode."""
    if not host.isascii():
        host = _mapped(host)
    return ".".join(map(_readable_label, host.lower().strip(".").split(".")))


def _mapped(host: str) -> str:
    try:
        return idna.uts46_remap(host, std3_rules=False, transitional=False)
    except idna.IDNAError:
        return unicodedata.normalize("NFKC", host).replace("。", ".")


def _ascii_label(label: str) -> str:
    return label if label.isascii() else "xn--" + label.encode("punycode").decode()


def _readable_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return unicodedata.normalize("NFC", label[4:].encode("ascii").decode("punycode"))
    except UnicodeError:
        return label
