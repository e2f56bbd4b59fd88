"""Header fields of a mail, written so that no name and no title can break or add one.

Python's own policies decode what looks like an encoded word, and so let a name write a header of its own; they
lose the quotes of long names, and encode long ids. What is written here reads back as it was (RFC 5322, RFC 2047).
"""

from __future__ import annotations

import re
import unicodedata
from base64 import b64encode
from collections.abc import Iterator

from commentsvc.unicode_text import graphemes, is_noncharacter

LINE = 76  # characters that a line should have at most (RFC 2047 §2)
LONGEST_LINE = 998  # bytes that it may have (RFC 5322 §2.1.1)
LONGEST_TEXT = 400  # characters of a subject or a name
_BYTES_OF_A_WORD = 39  # its 64 characters leave room for the name of the field
_MOST_BYTES_OF_A_WORD = 45  # 72 characters of 75
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e")
_PLAIN = re.compile(r"[ -~]*")
_ENCODED_WORD = "=?"


def one_line(text: str) -> str:
    """*text* as it can stand in one line: without controls, line ends and what turns the text that follows."""
    line = "".join(map(_in_line, text))
    return _cut(re.sub(" {2,}", " ", line).strip())


def _in_line(character: str) -> str:
    if " " <= character <= "~":
        return character
    if unicodedata.category(character) in {"Cc", "Zl", "Zp"}:
        return " "
    if unicodedata.category(character) == "Cs" or is_noncharacter(character):
        return "\ufffd"
    return "" if character in _OVERRIDES else character


def _cut(text: str) -> str:
    if len(text) <= LONGEST_TEXT:
        return text
    kept = text[: LONGEST_TEXT - 1]
    whole = "".join(graphemes(kept)[:-1])  # the last may be cut
    return (whole or kept).rstrip() + "…"


def text_field(name: str, text: str) -> str:
    """A field that people read, such as the subject; *text* is one line."""
    words = text.split(" ")
    if _PLAIN.fullmatch(text) and _ENCODED_WORD not in text and max(map(len, words)) < LINE - len(name) - 2:
        return _folded(f"{name}:", words)
    return f"{name}: " + "\r\n ".join(_encoded(text))


def address_field(name: str, address: str, display_name: str = "") -> str:
    """A field with one address, under a name that is one line; the address is ASCII, or UTF-8 (RFC 6532)."""
    if not display_name:
        return f"{name}: {address}"
    if _PLAIN.fullmatch(display_name) and _ENCODED_WORD not in display_name:
        quoted = display_name.replace("\\", "\\\\").replace('"', '\\"')
        words = [f'"{quoted}"']
    elif len(display_name.encode()) <= _MOST_BYTES_OF_A_WORD:  # some readers put blanks between two of a name
        words = [_word(display_name.encode())]
    else:
        words = list(_encoded(display_name))
    return f"{name}: " + "\r\n ".join([*words, f"<{address}>"])


def token_field(name: str, value: str) -> str:
    """A field that programs read; it stands in one line, since some of them do not unfold.

    :raises ValueError: *value* is not printable ASCII, or too long.
    """
    field = f"{name}: {value}"
    words = value.split(" ")
    is_written = all(re.fullmatch(r"[!-~]+", word) for word in words) and len(field) <= LONGEST_LINE
    if not is_written or (value.startswith("<") and len(words) > 1):  # an id or a link has no blank
        raise ValueError(f"{name} cannot be written")
    return field


def _folded(begin: str, words: list[str]) -> str:
    lines = [begin]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > LINE:
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(lines)


def _encoded(text: str) -> Iterator[str]:
    """*text* as encoded words of whole characters; a reader joins them without the blanks between."""
    chunk = b""
    for character in text:
        encoded = character.encode()
        if len(chunk) + len(encoded) > _BYTES_OF_A_WORD:
            yield _word(chunk)
            chunk = b""
        chunk += encoded
    yield _word(chunk)


def _word(chunk: bytes) -> str:
    return f"=?utf-8?b?{b64encode(chunk).decode()}?="
