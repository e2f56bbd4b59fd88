"""Imports of records that a test names, without any file format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.seed import default_site
from commentsvc.transfer import ForeignComment, ForeignThread, Markup, importing
from commentsvc.transfer.mapping import ArticleMap, read_rule
from commentsvc.transfer.report import Lines, Report
from commentsvc.transfer.sources import OneFile, Source
from tests.people import Json
from tests.running_service import InProcess

Record = ForeignThread | ForeignComment
THREAD = "/tea/"


@dataclass
class Told:
    """A format whose exports hold these records, and are read up to where one breaks off."""

    records: tuple[Record | Exception, ...]
    name: str = "told"

    def detect(self, head: bytes, name: str) -> bool:
        return False

    def read(self, source: Source) -> Iterator[Record]:
        for record in self.records:
            if isinstance(record, Exception):
                raise record
            yield record


@dataclass
class Watcher:
    """Sees how far it is, and may end it there, as a power cut does."""

    ends_at: int | None = None
    seen: list[int] = field(default_factory=list)

    def reading(self, comments: int) -> None:
        pass

    def writing(self, comments: int, total: int) -> None:
        self.seen.append(comments)
        if self.ends_at is not None and comments >= self.ends_at:
            raise PowerCut


class PowerCut(BaseException):
    """Nothing more is done."""


def comment(key: str, parent: str | None = None, **more: Any) -> ForeignComment:
    """A comment in `THREAD`; its key, if it is a number, is the minute in which it was posted."""
    at = f"2015-01-01T00:{int(key):02}:00Z" if key.isdigit() else "2015-01-01T00:00:00Z"
    usual = {"thread": THREAD, "name": f"Reader {key}", "text": f"Comment {key}.", "posted_at": at}
    return ForeignComment(key=key, parent=parent, **({"markup": Markup.MARKDOWN} | usual | more))


def thread(key: str = THREAD, **more: Any) -> ForeignThread:
    return ForeignThread(key=key, **({"link": key} | more))


def imported(
    service: InProcess,
    *records: Record | Exception,
    rules: tuple[str, ...] = (),
    pings: bool = False,
    dry_run: bool = False,
    watcher: Watcher | None = None,
) -> Json:
    """Import *records*; give the report."""
    report = Report("told", dry_run, Lines(None))
    articles = ArticleMap([read_rule(rule) for rule in rules])
    with TemporaryDirectory() as folder, nullcontext(Path(folder)) as scratch:
        (scratch / "export").write_text("any")
        source = OneFile(scratch / "export", "export", False, report.told, scratch)
        importing.run(
            service.ours,
            default_site(service.ours),
            source,
            Told(records),
            report,
            scratch,
            articles,
            watcher or Watcher(),
            pings=pings,
        )
    return report.as_json()


def outline(service: InProcess, article: str = THREAD) -> list[tuple[int, str | None, str]]:
    """A thread as readers see it: depth, author and text of each comment."""
    shown = service.reader().thread(article, limit=200)["comments"]
    return [(one["depth"], one["author"] and one["author"]["name"], one["html"]) for one in shown]
