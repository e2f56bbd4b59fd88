"""Comments as a table for people, in CSV: a row each, with the cells that one reads, sorts and counts by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from commentsvc.csv_lines import line
from commentsvc.transfer.exporting.reading import Reader, WholeComment, WholeThread

COLUMNS = (
    "site",
    "article",
    "title",
    "url",
    "comment",
    "in reply to",
    "depth",
    "state",
    "posted at",
    "edited at",
    "name",
    "email",
    "website",
    "author",
    "staff",
    "text",
    "reasons",
)
MARK = "\ufeff"  # by which Excel knows that it is UTF-8
BEGINNING = (MARK + "site,article,title,").encode()


def written(reader: Reader) -> Iterator[bytes]:
    """Give the lines of the table."""
    yield (MARK + line(COLUMNS)).encode()
    for site in reader.selection.sites:
        for thread in reader.threads(site):
            for comment in thread.comments:
                yield line(_cells(reader, thread, comment)).encode()


def _cells(reader: Reader, thread: WholeThread, comment: WholeComment) -> Iterator[str]:
    row = comment.row
    yield from (thread.site.slug, thread.row.article, thread.row.title or "", thread.row.url or "")
    yield from (
        row.public_id,
        row.parent or "",
        str(row.depth),
        "erased" if row.erased_at else str(row.state),
    )
    yield from (_time(row.posted_at), _time(row.edited_at), row.author_name)
    yield from (reader.address(row.sealed, row.public_id) or "", row.author_url or "", row.author_id)
    yield from ("yes" if row.staff else "", row.text, "; ".join(row.reasons))


def _time(moment: datetime | None) -> str:
    """A time as spreadsheets read it, in UTC."""
    return "" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
