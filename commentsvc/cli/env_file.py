"""Settings in a file, in the format of systemd's EnvironmentFile= (systemd.exec(5))."""

from __future__ import annotations

import re
from pathlib import Path

from commentsvc.errors import BadSetting

COMMENT = re.compile(r"[ \t]*(?:[#;](?:[^\\\n]|\\.)*)?(?:\n|\Z)", re.DOTALL)  # or an empty line
ASSIGNMENT = re.compile(
    r"""[ \t]*(?P<name>[A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*
    (?P<value>(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\n'"\\])*)
    (?:\n|\Z)""",
    re.VERBOSE | re.DOTALL,
)
PART = re.compile(r"""'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^'"\\]+)""", re.DOTALL)
ESCAPED = re.compile(r'\\(["\\`$\n])')  # within double quotes; before others a backslash stands for itself


def read_env_file(file: Path) -> dict[str, str]:
    """Give the variables that *file* sets.

    :raises BadSetting: it cannot be read, or a line sets nothing.
    """
    try:
        return parse(file.read_text(encoding="utf-8-sig"))
    except OSError as why:
        raise BadSetting(f"The environment file {file} cannot be read: {why.strerror}.") from None
    except UnicodeDecodeError:
        raise BadSetting(f"The environment file {file} cannot be read: it is not UTF-8.") from None
    except ValueError as wrong:
        raise BadSetting(f"Invalid environment file {file}: {wrong}.") from None


def parse(text: str) -> dict[str, str]:
    """Give the variables that *text* sets; of two of one name the last.

    :raises ValueError: a line is not empty, no comment, and not NAME=VALUE; it says which, and not what stands there.
    """
    text = text.replace("\r\n", "\n")
    variables = {}
    at = 0
    while at < len(text):
        if comment := COMMENT.match(text, at):
            at = comment.end()
        elif assignment := ASSIGNMENT.match(text, at):
            variables[assignment["name"]] = _value(assignment["value"])
            at = assignment.end()
        else:
            raise ValueError(
                f"line {text.count(chr(10), 0, at) + 1} is not NAME=VALUE, or a quote is not closed"
            )
    return variables


def _value(raw: str) -> str:
    """Give *raw* without quotes and backslashes; blanks at its end count only where they are quoted."""
    value = ""
    solid = 0  # characters that are not blanks at the end
    for part in PART.finditer(raw):
        single, double, escaped, plain = part.groups()
        if plain is not None:
            value += plain
            solid = max(solid, len(value.rstrip(" \t")))
            continue
        if double is not None:
            value += ESCAPED.sub(lambda found: found[1].strip("\n"), double)
        elif single is not None:
            value += single
        else:
            value += escaped.strip("\n")  # a line goes on after a backslash at its end
        solid = len(value)
    return value[:solid]
