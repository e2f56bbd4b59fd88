"""Characters that turn text round or cannot be seen: kept from their neighbours in text, shown in code.

In prose they have their uses: Arabic and Hebrew are set with them, Persian and Hindi are spelt with joiners, emoji are
joined by them. In code they are a way to show one program and mean another (CVE-2021-42574, “Trojan Source”).
"""

from __future__ import annotations

import regex

from commentsvc.unicode_text import TURNING, is_visible

FSI, PDI, PDF = "\u2068", "\u2069", "\u202c"  # UAX #9 §2: first strong isolate, and the two ends
_ISOLATES = frozenset("\u2066\u2067\u2068")
_EMBEDDINGS = frozenset("\u202a\u202b\u202d\u202e")
# After ASCII a joiner joins nothing; selectors make digits and signs of ASCII into emoji.
_HIDDEN = regex.compile(
    r"(?<![^\x00-\x7f])[\u200c\u200d]|(?![\u200c\u200d\ufe0e\ufe0f])[\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]"
)


def isolated(text: str) -> str:
    """*text* so that nothing in it changes the direction of what stands around it.

    An end without its beginning is dropped; the isolate around it all ends what was begun (UAX #9 §3.3.2, X6a).
    """
    if TURNING.isdisjoint(text):
        return text
    isolates = embeddings = 0
    visible: list[str] = []
    for character in text:
        if character in _ISOLATES:
            isolates += 1
        elif character in _EMBEDDINGS:
            embeddings += 1
        elif character == PDI:
            if not isolates:
                continue
            isolates -= 1
        elif character == PDF:
            if not embeddings:
                continue
            embeddings -= 1
        visible.append(character)
    return FSI + "".join(visible) + PDI * (isolates + 1)


def shown(code: str) -> str:
    """*code* with each character that turns text or cannot be seen written as its number: `[U+202E]`.

    Joiners and selectors stay between letters of scripts that are spelt with them, and in emoji.
    """
    if code.isascii() or not any(map(is_visible, code)):  # what has nothing else is no code
        return code
    return str(_HIDDEN.sub(_as_number, code))


def _as_number(found: regex.Match[str]) -> str:
    return f"[U+{ord(found[0]):04X}]"
