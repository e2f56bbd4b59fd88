"""Try a collection of attacks: `python -m tests.hostile.corpus FOLDER`.

FOLDER holds `xss/payloads.jsonl`, an object a line: `id`, `payload`, and `syntax`, which is
`html` or `markdown`. The collection is no part of the project, and no other test needs it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from commentsvc.characters import has_surrogate
from tests.hostile.safety import assert_safe


class Payload(NamedTuple):
    id: str
    text: str
    syntax: str


CONTEXTS: dict[str, Callable[[str], str]] = {
    "alone": lambda text: text,
    "after text": lambda text: f"a {text} b",
    "in a list": lambda text: f"- {text}\n- b",
    "in a quote": lambda text: f"> {text}\n\nb",
    "in a link's text": lambda text: f"[{text}](https://canary.example/)",
    "in a link's title": lambda text: f"[a](https://canary.example/ '{text}')",
    "as an address": lambda text: f"[a](<{text}>)",
    "in a fence": lambda text: f"```\n{text}\n```",
    "as a fence's language": lambda text: f"~~~{text}\na\n~~~",
    "in emphasis": lambda text: f"**{text}**",
}


@dataclass
class Report:
    """What came of a stage; *failures* are lines to print."""

    counts: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


def payloads_in(folder: Path) -> list[Payload]:
    """Read the collection."""
    with (folder / "xss" / "payloads.jsonl").open(encoding="utf-8") as lines:
        return [Payload(row["id"], row["payload"], row["syntax"]) for row in map(json.loads, lines)]


def is_refused_by_the_form(text: str) -> bool:
    """Whether the form refuses *text* before anything renders it."""
    return "\0" in text or has_surrogate(text)


def texts_of(payload: Payload) -> Iterator[tuple[str, str]]:
    """Give the contexts that a payload is tried in: all of them for HTML, none for Markdown."""
    for name, put in CONTEXTS.items():
        if name == "alone" or payload.syntax == "html":
            yield name, put(payload.text)


def try_sanitiser(payloads: list[Payload]) -> Report:
    """Render each payload in each context, and hold the HTML to what safe means."""
    report = Report({"payloads": len(payloads), "refused by the form": 0, "texts": 0})
    slowest = (0.0, "")
    for payload in payloads:
        if is_refused_by_the_form(payload.text):
            report.counts["refused by the form"] += 1
            continue
        for context, text in texts_of(payload):
            report.counts["texts"] += 1
            started = time.thread_time()
            try:
                assert_safe(text)
            except Exception as error:  # whatever it is, it is a finding
                report.failures.append(f"{payload.id} {context}: {type(error).__name__}: {error}")
            slowest = max(slowest, (time.thread_time() - started, f"{payload.id} {context}"))
    report.counts["failures"] = len(report.failures)
    print(f"slowest: {slowest[0] * 1000:.0f} ms with all checks ({slowest[1]})")
    return report


# A stage takes the payloads that are left and reports; one with a browser will join.
STAGES: dict[str, Callable[[list[Payload]], Report]] = {"sanitiser": try_sanitiser}


def main(folder: Path) -> int:
    """Run all stages; give the exit status."""
    payloads = payloads_in(folder)
    failed = False
    for name, stage in STAGES.items():
        report = stage(payloads)
        failed = failed or bool(report.failures)
        print(f"{name}: " + ", ".join(f"{count} {what}" for what, count in report.counts.items()))
        for failure in report.failures:
            print(f"  {ascii(failure)[1:-1]}")
    return int(failed)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.hostile.corpus FOLDER")
    sys.exit(main(Path(sys.argv[1])))
