"""Make `commentsvc/screening/lookalikes.txt` out of Unicode's table of confusables.

Type `python -m docs.lookalikes confusables.txt`; the table comes with each version of UTS #39.
"""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

OUTPUT = Path("commentsvc/screening/lookalikes.txt")
HEAD = """\
# Letters that look like another letter: the letter, and what it looks like.
# Made by docs/lookalikes.py from confusables.txt of UTS #39, version {version};
# (c) Unicode, Inc., under the licence that stands beside this file.
"""
WITH_STROKES = ("LATIN", "GREEK", "CYRILLIC")


def pairs(table: str) -> dict[str, str]:
    """The letters of *table* that look like one other letter.

    ASCII is left out: "m" is no "rn" and "1" no "l" to a moderator. Where a letter of an alphabet
    looks like another with a stroke, the stroke is left out, as other marks are.
    """
    found = {}
    for line in table.splitlines():
        fields = line.partition("#")[0].split(";")
        if len(fields) != 3:
            continue
        letter = chr(int(fields[0], 16))
        seen = "".join(chr(int(code, 16)) for code in fields[1].split())
        if unicodedata.name(letter, "").startswith(WITH_STROKES):
            seen = "".join(c for c in seen if not unicodedata.combining(c))
        if letter.isascii() or unicodedata.normalize("NFKD", letter) != letter:
            continue
        if len(seen) == 1 and _is_letter(letter) and _is_letter(seen):
            found[letter] = seen
    return found


def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] == "L"


def main() -> None:
    """Write the file from the table that is named."""
    table = Path(sys.argv[1]).read_text(encoding="utf-8-sig")
    version = table.partition("# Version: ")[2].split()[0]
    lines = [f"{letter} {seen}\n" for letter, seen in sorted(pairs(table).items())]
    OUTPUT.write_text(HEAD.format(version=version) + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
