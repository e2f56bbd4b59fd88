"""All that an export holds, in a file of our own.

An export may be larger than memory, name parents after their children, and break off at its end. So it is read once
into this file; what is in it is counted, threads and parents are found (ordering.py), and it is decided what comes and
what does not (deciding.py), before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from commentsvc.transfer.dates import read_moment
from commentsvc.transfer.foreign import ForeignComment, ForeignState, ForeignThread, Visibility
from commentsvc.transfer.staged_file import IDENTITY, NAME, make_file, milliseconds
from commentsvc.unicode_text import has_surrogate

ROWS_AT_ONCE = 1000
NO_THREAD = 0  # the row of what names no thread at all


class Kept(NamedTuple):
    """A comment that comes: `under` is the staged comment that it answers; times are milliseconds since 1970."""

    id: int
    under: int | None
    lost: str | None
    level: int
    turn: int
    dated: bool
    state: ForeignState
    visibility: Visibility
    anonymous: bool
    line: int | None
    key: str
    identity: str
    name: str
    email: str | None
    url: str | None
    text: str
    markup: str
    posted: str
    at: int
    edited: int | None
    repaired: bool
    original: str | None


class Target(NamedTuple):
    """An article that comments come to, or that comes because it is closed."""

    id: int
    article: str
    title: str | None
    url: str | None
    closed: bool
    original: str | None


class Staging:
    """What an export holds, counted and put in order."""

    def __init__(self, folder: Path) -> None:
        self.file = make_file(folder)
        self._thread_row = lru_cache(20_000)(self._row_of_thread)
        self.comments = 0

    def close(self) -> None:
        """Forget all of it."""
        self.file.close()

    # Reading in

    def add(self, records: Iterable[ForeignThread | ForeignComment]) -> Iterator[int]:
        """Take all of *records*; say from time to time how many comments came."""
        comments: list[tuple[Any, ...]] = []
        said: list[tuple[Any, ...]] = []
        for record in records:
            if isinstance(record, ForeignThread):
                self._add_thread(record)
                continue
            self.comments += 1
            comments.append(self._row(record))
            said.append(self._said(record))
            if len(comments) == ROWS_AT_ONCE:
                self._insert(comments, said)
                yield self.comments
        self._insert(comments, said)
        yield self.comments

    def _insert(self, comments: list[tuple[Any, ...]], said: list[tuple[Any, ...]]) -> None:
        self.file.executemany(
            "INSERT INTO comment (id, thread, key, parent, state, ping, anonymous, has_email, has_text, at, line,"
            " malformed, own, pinned) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            comments,
        )
        self.file.executemany("INSERT INTO said VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", said)
        comments.clear()
        said.clear()

    def _row(self, one: ForeignComment) -> tuple[Any, ...]:
        return (
            self.comments,
            NO_THREAD if one.thread is None else self._thread_row(_plain(one.thread)),
            _plain(one.key),
            None if one.parent is None else _plain(one.parent),
            str(one.state),
            one.ping,
            one.anonymous,
            bool((one.email or "").strip()),
            bool(one.text.strip()),
            milliseconds(read_moment(one.posted_at)),
            one.line,
            None if one.malformed is None else _plain(one.malformed),
            one.original is not None,
            one.pinned,
        )

    def _said(self, one: ForeignComment) -> tuple[Any, ...]:
        texts = (one.name, one.email, one.url, one.text)
        plain = tuple(None if text is None else _plain(text) for text in texts)
        edited = milliseconds(read_moment(one.edited_at))
        posted = _plain(str(one.posted_at))
        return (self.comments, posted, edited, plain != texts, str(one.markup), *plain, one.original)

    def _add_thread(self, one: ForeignThread) -> None:
        self.file.execute(
            "UPDATE thread SET declared = declared + 1, link = ?, article = ?, title = ?, closed = ?, visibility = ?, line = ?,"
            " original = ? WHERE id = ?",
            (
                None if one.link is None else _plain(one.link),
                None if one.article is None else _plain(one.article),
                None if one.title is None else _plain(one.title),
                one.closed,
                str(one.visibility),
                one.line,
                one.original,
                self._thread_row(_plain(one.key)),
            ),
        )

    def _row_of_thread(self, key: str) -> int:
        self.file.execute("INSERT OR IGNORE INTO thread (key) VALUES (?)", (key,))
        return int(self.file.one("SELECT id FROM thread WHERE key = ?", key))

    def found(self, knows: frozenset[str] | None) -> dict[str, int | None]:
        """What is in the export, each count under its name; None where such a file cannot tell it."""
        states = dict(self.file.execute("SELECT state, count(*) FROM comment GROUP BY state"))
        of_comments = (
            ("pings", "sum(ping)"),
            ("max_depth", "max(level)"),
            ("replies", "count(under)"),
            ("orphans", "sum(lost IS 'orphan')"),
            ("cross_thread_parents", "sum(lost IS 'other-thread')"),
            ("cycle_members", "sum(lost IS 'cycle')"),
            ("no_email", "sum(NOT has_email)"),
            ("anonymous", "sum(anonymous)"),
            ("empty_body", "sum(NOT has_text)"),
            ("duplicate_ids", "sum(duplicate)"),
        )
        counted = self.file.execute(
            f"SELECT {', '.join(what for _, what in of_comments)} FROM comment"  # noqa: S608 - the words above
        ).fetchone()
        links = "FROM thread WHERE declared AND link IS NOT NULL AND link != ''"
        found: dict[str, int | None] = {
            "threads": int(self.file.one("SELECT total(declared) FROM thread")),
            "threads_with_comments": self.file.one("SELECT count(DISTINCT thread) FROM comment"),
            "comments": self.comments,
            **{str(state): states.get(str(state), 0) for state in ForeignState},
            **{name: count or 0 for (name, _), count in zip(of_comments, counted, strict=True)},
            "closed_threads": self.file.one("SELECT count(*) FROM thread WHERE declared AND closed"),
            "duplicate_thread_links": self.file.one(f"SELECT count(*) - count(DISTINCT link) {links}"),
            "threads_without_link": self.file.one(
                "SELECT count(*) FROM thread WHERE declared AND (link IS NULL OR link = '')"
            ),
        }
        return {name: count if knows is None or name in knows else None for name, count in found.items()}

    # What comes, and what does not

    def previews(self, most: int) -> list[dict[str, str]]:
        """The first threads that come, with their articles."""
        rows = self.file.execute(
            f"SELECT {NAME}, mapped FROM thread WHERE target IS NOT NULL ORDER BY id LIMIT ?",  # noqa: S608 - a constant
            (most,),
        )
        return [{"from": name, "to": article} for name, article in rows]

    def collisions(self, most: int) -> list[dict[str, Any]]:
        """The first articles that several threads come to."""
        rows = self.file.execute(
            "SELECT target.id, target.article FROM target JOIN thread ON thread.target = target.id"
            " WHERE target.comes GROUP BY target.id HAVING count(*) > 1 ORDER BY min(thread.id) LIMIT ?",
            (most,),
        ).fetchall()
        return [{"to": article, "from": self._names_of(target, most)} for target, article in rows]

    def _names_of(self, target: int, most: int) -> list[str]:
        return [
            name
            for (name,) in self.file.execute(
                f"SELECT {NAME} FROM thread WHERE target = ? ORDER BY id LIMIT ?",  # noqa: S608 - a constant
                (target, most),
            )
        ]

    def skipped(self) -> Iterator[tuple[int | None, str | None, str, str, str | None]]:
        """What does not come: line, thread, comment, reason, and what more is known of it."""
        return self.file.execute(
            "SELECT comment.line, coalesce(nullif(thread.link, ''), thread.key), comment.key, skipped, malformed"
            " FROM comment JOIN thread ON thread.id = comment.thread WHERE skipped IS NOT NULL ORDER BY comment.id"
        )

    def skipped_by(self) -> dict[str, int]:
        """How many do not come, by reason."""
        return dict(
            self.file.execute(
                "SELECT skipped, count(*) FROM comment WHERE skipped IS NOT NULL GROUP BY skipped ORDER BY skipped"
            )
        )

    def targets(self) -> list[Target]:
        """The articles that come, in the order of the export. (There may be 100,000s; each is a few hundred bytes.)"""
        rows = self.file.execute(
            "SELECT id, article, title, url, closed, original FROM target WHERE comes ORDER BY id"
        )
        return [
            Target(row, article, title, url, bool(closed), original)
            for row, article, title, url, closed, original in rows
        ]

    def identities(self) -> Iterator[tuple[int, str, str, str]]:
        """What names each comment that comes: its row here, its thread, its key, and when it says it was posted."""
        return self.file.execute(
            f"SELECT c.id, {IDENTITY}, c.key, s.posted FROM comment AS c JOIN said AS s ON s.id = c.id"  # noqa: S608 - a constant
            " JOIN thread AS t ON t.id = c.thread WHERE c.skipped IS NULL ORDER BY c.id"
        )

    def new_ones(self) -> dict[int, int]:
        """How many comments come to each article that are not there already."""
        rows = "SELECT target, count(*) FROM comment WHERE skipped IS NULL AND stored IS NULL GROUP BY target"
        return dict(self.file.execute(rows))

    def new_ones_of(self, target: int) -> int:
        """How many come to one article."""
        return int(
            self.file.one(
                "SELECT count(*) FROM comment WHERE skipped IS NULL AND stored IS NULL AND target = ?", target
            )
        )

    def order_of(self, target: int) -> Iterator[tuple[int, int, int | None]]:
        """Of each new comment of an article, in their order: its row here, its time, and the row of what it answers."""
        return self.file.execute(
            "SELECT id, turn, under FROM comment WHERE skipped IS NULL AND stored IS NULL AND target = ?"
            " ORDER BY turn, level, id",
            (target,),
        )

    def kept(self, target: int, after: tuple[int, int, int], most: int) -> list[Kept]:
        """Up to *most* new comments of that article, in their order, from behind (turn, level, row) on."""
        rows = self.file.execute(
            "SELECT c.id, c.under, c.lost, c.level, c.turn, c.dated, c.state, t.visibility, c.anonymous, c.line, c.key,"  # noqa: S608 - a constant
            f" {IDENTITY}, s.name, s.email, s.url, s.text, s.markup, s.posted, c.at,"
            " s.edited, s.repaired, s.original FROM comment AS c JOIN said AS s ON s.id = c.id JOIN thread AS t ON t.id = c.thread"
            " WHERE c.skipped IS NULL AND c.stored IS NULL AND c.target = ? AND (c.turn, c.level, c.id) > (?, ?, ?)"
            " ORDER BY c.turn, c.level, c.id LIMIT ?",
            (target, *after, most),
        )
        return [Kept._make(row) for row in rows]

    def keys(self) -> Iterator[tuple[int, str]]:
        """The records of our own format: the row here, and the public id."""
        return self.file.execute("SELECT id, key FROM comment WHERE own AND skipped IS NULL ORDER BY id")

    def pinned(self, target: int) -> list[tuple[int, int | None]]:
        """The pinned comments of an article, the first before the others: the row here, and the row in the database."""
        return self.file.execute(
            "SELECT id, stored FROM comment WHERE target = ? AND pinned IS NOT NULL AND skipped IS NULL ORDER BY pinned",
            (target,),
        ).fetchall()

    # Where they are stored

    def store(self, rows: Iterable[tuple[int, int]]) -> None:
        """Remember in which rows of the database staged comments are: (row there, row here)."""
        self.file.executemany("UPDATE comment SET stored = ? WHERE id = ?", rows)

    def stored(self, row: int) -> int | None:
        """In which row of the database a staged comment is."""
        stored: int | None = self.file.one("SELECT stored FROM comment WHERE id = ?", row)
        return stored


def _plain(text: str) -> str:
    """*text* as every database can hold it: NUL and unpaired surrogates become the sign for what is no character."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if has_surrogate(text) else text
