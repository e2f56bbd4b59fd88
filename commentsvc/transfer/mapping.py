"""Article IDs from the links of an export, by rules."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import re2

from commentsvc.errors import Problem
from commentsvc.intake.articles import read_article
from commentsvc.patterns import MEMORY_BYTES
from commentsvc.unicode_text import has_surrogate

LONGEST_RULE = 2000  # characters


class BadRule(Problem):
    """A rule or a file of them cannot be read."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`s#pattern#replacement#flags`: RE2's pattern, and a replacement with `\\1` for its groups."""

    pattern: re2._Regexp[str]
    replacement: str
    count: int

    def apply(self, text: str) -> str:
        """Give *text* with what the pattern finds replaced: the first, or all."""
        return self.pattern.sub(self.replacement, text, self.count)


@dataclass(frozen=True, slots=True)
class ArticleMap:
    """All rules of an import: *exact* is looked up first, and what stands there is final."""

    rules: Sequence[Rule] = ()
    exact: Mapping[str, str] = field(default_factory=dict)

    def article(self, name: str) -> str | None:
        """Give the article ID that *name*, a link or a key, becomes; None where that is none."""
        mapped = self.exact.get(name)
        if mapped is None:
            mapped = name
            for rule in self.rules:
                mapped = rule.apply(mapped)
        try:
            return read_article(mapped)
        except ValueError:
            return None


def read_rule(raw: str) -> Rule:
    """Give the rule that *raw* spells.

    :raises BadRule: it is none; the text says why.
    """
    if len(raw) < 4 or raw[0] != "s" or raw[1].isalnum() or raw[1] in "\\ \n" or len(raw) > LONGEST_RULE:
        raise BadRule(f"“{raw}” is no rule: expected s#pattern#replacement#, with any sign in place of #.")
    parts = _split(raw[2:], raw[1])
    if len(parts) != 3 or not set(parts[2]) <= {"g", "i"}:
        raise BadRule(
            f"“{raw}” is no rule: expected s#pattern#replacement#, and behind it g (all), i (any case), or both."
        )
    if has_surrogate(raw):  # of bytes on the command line that are no UTF-8
        raise BadRule(f"“{raw}” is no rule: it is not UTF-8.")
    pattern, replacement, flags = parts
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MEMORY_BYTES
    options.case_sensitive = "i" not in flags
    try:
        compiled = re2.compile(pattern, options)
        rule = Rule(compiled, _as_re2(replacement), 0 if "g" in flags else 1)
        _require_groups(rule, raw)
        rule.apply("")
    except (re2.error, IndexError) as why:
        said = why.args[0].decode(errors="replace") if why.args and isinstance(why.args[0], bytes) else why
        raise BadRule(f"RE2 cannot read the rule “{raw}”: {said}") from None
    return rule


def read_map_file(file: Path) -> dict[str, str]:
    """Give what the CSV *file* says: from, to.

    :raises BadRule: it is no such file.
    :raises OSError: it cannot be read.
    """
    exact: dict[str, str] = {}
    if file.is_char_device() or file.is_block_device():  # these have no end
        raise BadRule(f"{file} is no file.")
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            for number, row in enumerate(csv.reader(lines), start=1):
                if not row or (number == 1 and [name.strip().lower() for name in row] == ["from", "to"]):
                    continue
                if len(row) != 2:
                    raise BadRule(f"{file.name}, line {number}: expected two columns, from and to.")
                exact[row[0]] = row[1]
    except (UnicodeDecodeError, csv.Error) as why:
        raise BadRule(f"{file.name} is no CSV in UTF-8: {why}") from None
    return exact


def _split(text: str, separator: str) -> list[str]:
    """The parts of *text* between separators; one with a backslash before it is none."""
    parts, part, at = [], "", 0
    while at < len(text):
        if text[at] == "\\" and at + 1 < len(text):
            part += separator if text[at + 1] == separator else text[at : at + 2]
            at += 2
            continue
        if text[at] == separator:
            parts.append(part)
            part = ""
        else:
            part += text[at]
        at += 1
    return [*parts, part]


def _as_re2(replacement: str) -> str:
    r"""*replacement* as RE2 takes it: `\0` to `\9` are what was found, before other signs a backslash is dropped."""
    kept: list[str] = []
    at = 0
    while at < len(replacement):
        character = replacement[at]
        if character == "\\" and at + 1 < len(replacement):
            following = replacement[at + 1]
            kept.append(
                "\\" + following if following.isdigit() else "\\\\" if following == "\\" else following
            )
            at += 2
            continue
        kept.append("\\\\" if character == "\\" else character)
        at += 1
    return "".join(kept)


def _require_groups(rule: Rule, raw: str) -> None:
    """Refuse a replacement that speaks of a group which the pattern has not.

    :raises BadRule: it does.
    """
    named = [int(digit) for digit in re.findall(r"(?<!\\)(?:\\\\)*\\([0-9])", rule.replacement)]
    if named and max(named) > rule.pattern.groups:
        raise BadRule(f"The rule “{raw}” has no group {max(named)}.")
