"""Try a collection of attacks: `python -m tests.hostile.corpus FOLDER`.

FOLDER holds `xss/payloads.jsonl`, an object a line: `id`, `payload`, and `syntax`, which is
`html` or `markdown`. The collection is no part of the project, and no other test needs it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from playwright.sync_api import sync_playwright

from commentsvc.unicode_text import has_surrogate
from tests.browser.site import stranger_site
from tests.chromium import CHROMIUM, FLAGS
from tests.hostile.safety import assert_safe
from tests.hostile.watched_page import WatchedPage
from tests.people import Reader
from tests.running_service import serving

BATCH = 200  # comments an article: a page of a thread


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


def try_browser(payloads: list[Payload]) -> Report:
    """Post each payload, and show all of them in Chromium without a CSP, on the page and in the widget."""
    report = Report({"posted": 0, "refused by the form": 0, "pages": 0})
    with (
        TemporaryDirectory() as folder,
        serving(Path(folder) / "data") as live,
        stranger_site(live.base_url, csp=None) as site,
        sync_playwright() as playwright,
    ):
        # Some attacks read alike, and none is to wait for a moderator.
        live.run("site", "set", "default", "--check", "repeated=off")
        shown = _post_all(live.reader(), payloads, report)
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=FLAGS, chromium_sandbox=os.geteuid() != 0
        )
        for article, count in shown.items():
            page = f"{live.base_url}/thread?article={article}&limit={BATCH}"
            for address in (page, site.page(article, page_size=str(BATCH), loading="eager")):
                report.counts["pages"] += 1
                context = chromium.new_context()
                try:
                    watched = WatchedPage(context, live.base_url, site.url)
                    watched.page.goto(address)
                    watched.page.locator("form.respond").wait_for()
                    assert watched.count("article.comment") == count, "comments are missing"
                    watched.assert_harmless()
                except Exception as error:  # whatever it is, it is a finding
                    report.failures.append(f"{address}: {type(error).__name__}: {error}")
                finally:
                    context.close()
        chromium.close()
    report.counts["failures"] = len(report.failures)
    return report


def _post_all(reader: Reader, payloads: list[Payload], report: Report) -> dict[str, int]:
    """Post the payloads, BATCH an article; give how many each article shows."""
    shown: dict[str, int] = {}
    for number, payload in enumerate(payload for payload in payloads if not has_surrogate(payload.text)):
        article = f"corpus-{number // BATCH}"
        answer = reader.post(article, payload.text)
        taken = answer.status_code == 201
        report.counts["posted" if taken else "refused by the form"] += 1
        if answer.status_code not in {201, 422}:
            report.failures.append(f"{payload.id}: answered {answer.status_code}")
        shown[article] = shown.get(article, 0) + taken
    return shown


# A stage takes the payloads and reports.
STAGES: dict[str, Callable[[list[Payload]], Report]] = {"sanitiser": try_sanitiser, "browser": try_browser}


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
