"""All that an export holds in a file of our own, which has no name and goes with the process.

An export may be larger than memory, name parents after their children, and break off at its end. So it is read once
into this file; what is in it is counted, threads and parents are found, and it is decided what comes and what does
not, before anything is written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from commentsvc.transfer.dates import read_moment
from commentsvc.transfer.foreign import ForeignComment, ForeignState, ForeignThread, Visibility
from commentsvc.unicode_text import has_surrogate

CACHE_KIB = 16_000
ROWS_AT_ONCE = 1000
NO_THREAD = 0  # the row of what names no thread at all

_TABLES = """
CREATE TABLE thread (
    id INTEGER PRIMARY KEY, key TEXT UNIQUE, declared INTEGER NOT NULL DEFAULT 0, link TEXT, article TEXT, title TEXT,
    closed INTEGER NOT NULL DEFAULT 0, visibility TEXT NOT NULL DEFAULT 'public', line INTEGER, mapped TEXT,
    identity TEXT, target INTEGER, original TEXT
);
INSERT INTO thread (id) VALUES (0);
CREATE TABLE comment (
    id INTEGER PRIMARY KEY, thread INTEGER NOT NULL, key TEXT NOT NULL, parent TEXT, state TEXT NOT NULL,
    ping INTEGER NOT NULL, anonymous INTEGER NOT NULL, has_email INTEGER NOT NULL, has_text INTEGER NOT NULL,
    at INTEGER, line INTEGER, malformed TEXT,
    duplicate INTEGER NOT NULL DEFAULT 0, under INTEGER, lost TEXT, skipped TEXT, dated INTEGER NOT NULL DEFAULT 1,
    target INTEGER, level INTEGER, turn INTEGER, stored INTEGER, own INTEGER NOT NULL, pinned INTEGER, twin INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE said (
    id INTEGER PRIMARY KEY, posted TEXT NOT NULL, edited INTEGER, repaired INTEGER NOT NULL, markup TEXT NOT NULL,
    name TEXT NOT NULL, email TEXT, url TEXT, text TEXT NOT NULL, original TEXT
);
CREATE TABLE target (
    id INTEGER PRIMARY KEY, article TEXT UNIQUE, title TEXT, url TEXT, closed INTEGER NOT NULL DEFAULT 0,
    comes INTEGER NOT NULL DEFAULT 0, original TEXT
);
"""
_NAME = "coalesce(nullif(link, ''), article, key)"
_IDENTITY = "iif(c.twin, t.identity || char(10) || t.key, t.identity)"


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
        file = folder / "staging.db"
        self._connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        for pragma in (
            "journal_mode = OFF",
            "synchronous = OFF",
            "locking_mode = EXCLUSIVE",
            "temp_store = FILE",
            f"cache_size = -{CACHE_KIB}",
        ):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(_TABLES)
        file.unlink()  # it holds e-mail addresses: nothing is left of it, however this process ends
        self._connection.execute("BEGIN")
        self._thread_row = lru_cache(20_000)(self._row_of_thread)
        self.comments = 0

    def close(self) -> None:
        """Forget all of it."""
        self._connection.close()

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
        self._connection.executemany(
            "INSERT INTO comment (id, thread, key, parent, state, ping, anonymous, has_email, has_text, at, line,"
            " malformed, own, pinned) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            comments,
        )
        self._connection.executemany("INSERT INTO said VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", said)
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
            _milliseconds(read_moment(one.posted_at)),
            one.line,
            None if one.malformed is None else _plain(one.malformed),
            one.original is not None,
            one.pinned,
        )

    def _said(self, one: ForeignComment) -> tuple[Any, ...]:
        texts = (one.name, one.email, one.url, one.text)
        plain = tuple(None if text is None else _plain(text) for text in texts)
        edited = _milliseconds(read_moment(one.edited_at))
        posted = _plain(str(one.posted_at))
        return (self.comments, posted, edited, plain != texts, str(one.markup), *plain, one.original)

    def _add_thread(self, one: ForeignThread) -> None:
        self._connection.execute(
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
        self._connection.execute("INSERT OR IGNORE INTO thread (key) VALUES (?)", (key,))
        return int(self._one("SELECT id FROM thread WHERE key = ?", key))

    # Counting

    def link_up(self) -> None:
        """Find duplicates, parents, cycles and levels, as the export has them."""
        run = self._connection.execute
        run("CREATE INDEX by_key ON comment (thread, key)")
        run("CREATE INDEX by_name ON comment (key)")
        run(
            "UPDATE comment SET duplicate = 1 WHERE EXISTS (SELECT 1 FROM comment AS first WHERE first.thread ="
            " comment.thread AND first.key = comment.key AND first.id < comment.id)"
        )
        run(
            "UPDATE comment SET under = (SELECT min(up.id) FROM comment AS up WHERE up.thread = comment.thread"
            " AND up.key = comment.parent) WHERE parent IS NOT NULL AND NOT duplicate"
        )
        run(
            "UPDATE comment SET lost = CASE WHEN EXISTS (SELECT 1 FROM comment AS other WHERE other.key ="
            " comment.parent) THEN 'other-thread' ELSE 'orphan' END"
            " WHERE parent IS NOT NULL AND NOT duplicate AND under IS NULL"
        )
        run("DROP INDEX by_name")
        run("CREATE INDEX below ON comment (under) WHERE under IS NOT NULL")
        self._walk()
        on_cycles = self._on_cycles()
        self._many("UPDATE comment SET under = NULL, lost = 'cycle' WHERE id = ?", on_cycles)
        if on_cycles:
            self._walk()

    def _walk(self) -> None:
        """Give all comments that hang on a root their level, and a time that is not before that of what they answer."""
        self._connection.execute("UPDATE comment SET level = NULL WHERE level IS NOT NULL")
        self._connection.execute(
            "WITH RECURSIVE walk (id, level, turn) AS ("
            " SELECT id, 1, at FROM comment WHERE under IS NULL AND NOT duplicate"
            " UNION ALL SELECT c.id, walk.level + 1, max(coalesce(c.at, walk.turn), coalesce(walk.turn, c.at))"
            " FROM walk JOIN comment AS c ON c.under = walk.id)"
            " UPDATE comment SET level = walk.level, turn = walk.turn FROM walk WHERE comment.id = walk.id"
        )

    def _on_cycles(self) -> list[int]:
        """The comments that answer themselves, by way of others."""
        up: dict[int, int] = dict(
            self._connection.execute("SELECT id, under FROM comment WHERE level IS NULL AND NOT duplicate")
        )
        on_cycles: list[int] = []
        done: set[int] = set()
        for start in up:
            chain: dict[int, int] = {}
            at = start
            while at not in done and at not in chain:
                chain[at] = len(chain)
                at = up[at]
            if at in chain:
                on_cycles += list(chain)[chain[at] :]
            done.update(chain)
        return on_cycles

    def found(self, knows: frozenset[str] | None) -> dict[str, int | None]:
        """What is in the export, each count under its name; None where such a file cannot tell it."""
        states = dict(self._connection.execute("SELECT state, count(*) FROM comment GROUP BY state"))
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
        counted = self._connection.execute(
            f"SELECT {', '.join(what for _, what in of_comments)} FROM comment"  # noqa: S608 - the words above
        ).fetchone()
        links = "FROM thread WHERE declared AND link IS NOT NULL AND link != ''"
        found: dict[str, int | None] = {
            "threads": int(self._one("SELECT total(declared) FROM thread")),
            "threads_with_comments": self._one("SELECT count(DISTINCT thread) FROM comment"),
            "comments": self.comments,
            **{str(state): states.get(str(state), 0) for state in ForeignState},
            **{name: count or 0 for (name, _), count in zip(of_comments, counted, strict=True)},
            "closed_threads": self._one("SELECT count(*) FROM thread WHERE declared AND closed"),
            "duplicate_thread_links": self._one(f"SELECT count(*) - count(DISTINCT link) {links}"),
            "threads_without_link": self._one(
                "SELECT count(*) FROM thread WHERE declared AND (link IS NULL OR link = '')"
            ),
        }
        return {name: count if knows is None or name in knows else None for name, count in found.items()}

    # Deciding

    def aim(self, article_of: Callable[[str], str | None]) -> None:
        """Let each thread bring its comments to the article that *article_of* gives for its link, or else its key."""
        self._connection.create_function("article_of", 1, article_of, deterministic=True)
        for statement in (
            f"UPDATE thread SET mapped = article_of({_NAME}) WHERE declared",  # noqa: S608 - a constant
            "INSERT INTO target (article) SELECT mapped FROM thread WHERE mapped IS NOT NULL GROUP BY mapped ORDER BY min(id)",
            "UPDATE thread SET target = (SELECT id FROM target WHERE article = mapped) WHERE mapped IS NOT NULL",
            f"UPDATE thread SET identity = {_NAME} WHERE declared",  # noqa: S608 - a constant
            "CREATE INDEX by_identity ON thread (identity)",
        ):
            self._connection.execute(statement)
        self._tell_twins_apart()

    def _tell_twins_apart(self) -> None:
        """Mark comments that are named as an earlier one of another thread is which has the same link.

        All others are named by the link alone: a later export may have one thread more with it.
        """
        self._connection.execute(
            "UPDATE comment SET twin = 1 FROM (SELECT c.id, row_number() OVER (PARTITION BY t.identity, c.key, s.posted"
            " ORDER BY c.id) AS number FROM thread AS t JOIN comment AS c ON c.thread = t.id JOIN said AS s ON s.id = c.id"
            " WHERE NOT c.duplicate AND t.identity IN"
            " (SELECT identity FROM thread GROUP BY identity HAVING count(*) > 1)) AS named"
            " WHERE named.id = comment.id AND named.number > 1"
        )

    def decide(self, *, pings: bool) -> None:
        """Decide which comments come, and what each of them answers then."""
        run = self._connection.execute
        run(
            "UPDATE comment SET skipped = CASE"
            " WHEN duplicate THEN 'duplicate'"
            " WHEN malformed IS NOT NULL THEN 'malformed'"
            " WHEN (SELECT target FROM thread WHERE thread.id = comment.thread) IS NULL THEN 'no-thread'"
            " WHEN own THEN NULL"
            " WHEN ping AND NOT ? THEN 'ping'"
            " WHEN state = ? THEN 'deleted'"
            " WHEN NOT has_text THEN 'empty' END",
            (pings, str(ForeignState.DELETED)),
        )
        self._keep_deleted_ones()
        self._climb()
        run(
            "UPDATE comment SET target = (SELECT target FROM thread WHERE thread.id = comment.thread) WHERE skipped IS NULL"
        )
        run("CREATE INDEX by_turn ON comment (target, turn, level, id) WHERE skipped IS NULL")

    def _keep_deleted_ones(self) -> None:
        """Deleted comments stay where something hangs on them, as places."""
        rows = self._connection.execute(
            "SELECT id FROM comment WHERE skipped = 'deleted' ORDER BY level DESC, id"
        )
        for (row,) in rows:
            if self._one("SELECT EXISTS (SELECT 1 FROM comment WHERE under = ? AND skipped IS NULL)", row):
                self._connection.execute("UPDATE comment SET skipped = NULL WHERE id = ?", (row,))

    def _climb(self) -> None:
        """Let the answers to what does not come hang on what that answered, and else be roots that are told."""
        rows = self._connection.execute(  # sorted before the first is given, so that they may be changed meanwhile
            "SELECT id FROM comment WHERE skipped IS NOT NULL AND NOT duplicate ORDER BY level, id"
        )
        for (row,) in rows:
            self._connection.execute(
                "UPDATE comment SET (under, lost) = (SELECT up.under, iif(up.under IS NULL, 'orphan', NULL)"
                " FROM comment AS up WHERE up.id = ?1) WHERE under = ?1",
                (row,),
            )

    def _keep_order(self) -> None:
        """Let records of our own format stand as they do in the file, which is how they stood."""
        self._connection.execute(
            "UPDATE comment SET turn = own.turn, level = 1 FROM (SELECT id, max(at) OVER (PARTITION BY thread ORDER BY id)"
            " AS turn FROM comment WHERE own) AS own WHERE comment.id = own.id"
        )

    def date(self, now: datetime) -> None:
        """Give those without a usable date that of a neighbour, and put all in their order."""
        latest = _milliseconds(now)
        run = self._connection.execute
        run("UPDATE comment SET at = NULL WHERE at > ?", (latest,))
        run("UPDATE comment SET dated = 0 WHERE at IS NULL")
        run(
            "CREATE TABLE undated AS SELECT id, thread, under FROM comment WHERE at IS NULL AND skipped IS NULL"
        )
        run("CREATE INDEX by_place ON comment (thread, id) WHERE at IS NOT NULL")
        rows = run(
            "SELECT u.id, u.thread, u.under FROM undated AS u JOIN comment USING (id) ORDER BY level, u.id"
        )
        for row, thread, under in rows:
            at = self._one("SELECT at FROM comment WHERE id = ?", under) if under else None
            if at is None:
                at = self._one(
                    "SELECT at FROM comment INDEXED BY by_place"
                    " WHERE thread = ? AND id < ? AND at IS NOT NULL ORDER BY id DESC LIMIT 1",
                    thread,
                    row,
                )
            if at is None:
                at = self._one("SELECT min(at) FROM comment WHERE thread = ?", thread)
            self._connection.execute(
                "UPDATE comment SET at = ? WHERE id = ?", (latest if at is None else at, row)
            )
        self._walk()
        self._keep_order()

    def describe(self) -> None:
        """Let articles have what their threads say of them: those that bring comments, and those that are closed."""
        self._connection.execute(
            "UPDATE thread SET target = NULL WHERE target IS NOT NULL AND original IS NULL"
            " AND NOT (declared AND closed) AND NOT EXISTS"
            " (SELECT 1 FROM comment WHERE comment.thread = thread.id AND skipped IS NULL)"
        )
        self._connection.execute("CREATE INDEX by_target ON thread (target)")
        self._connection.execute(
            "UPDATE target SET (title, url, closed, comes, original) = (SELECT"
            " max(iif(visibility = ?1, title, NULL)), max(iif(visibility = ?1, link, NULL)),"
            " coalesce(min(closed), 0), count(*) > 0, max(original) FROM thread WHERE thread.target = target.id)",
            (str(Visibility.PUBLIC),),  # what a draft is called is nobody's business yet
        )

    # What comes, and what does not

    def previews(self, most: int) -> list[dict[str, str]]:
        """The first threads that come, with their articles."""
        rows = self._connection.execute(
            f"SELECT {_NAME}, mapped FROM thread WHERE target IS NOT NULL ORDER BY id LIMIT ?",  # noqa: S608 - a constant
            (most,),
        )
        return [{"from": name, "to": article} for name, article in rows]

    def collisions(self, most: int) -> list[dict[str, Any]]:
        """The first articles that several threads come to."""
        rows = self._connection.execute(
            "SELECT target.id, target.article FROM target JOIN thread ON thread.target = target.id"
            " WHERE target.comes GROUP BY target.id HAVING count(*) > 1 ORDER BY min(thread.id) LIMIT ?",
            (most,),
        ).fetchall()
        return [{"to": article, "from": self._names_of(target, most)} for target, article in rows]

    def _names_of(self, target: int, most: int) -> list[str]:
        return [
            name
            for (name,) in self._connection.execute(
                f"SELECT {_NAME} FROM thread WHERE target = ? ORDER BY id LIMIT ?",  # noqa: S608 - a constant
                (target, most),
            )
        ]

    def skipped(self) -> Iterator[tuple[int | None, str | None, str, str, str | None]]:
        """What does not come: line, thread, comment, reason, and what more is known of it."""
        return self._connection.execute(
            "SELECT comment.line, coalesce(nullif(thread.link, ''), thread.key), comment.key, skipped, malformed"
            " FROM comment JOIN thread ON thread.id = comment.thread WHERE skipped IS NOT NULL ORDER BY comment.id"
        )

    def skipped_by(self) -> dict[str, int]:
        """How many do not come, by reason."""
        return dict(
            self._connection.execute(
                "SELECT skipped, count(*) FROM comment WHERE skipped IS NOT NULL GROUP BY skipped ORDER BY skipped"
            )
        )

    def targets(self) -> list[Target]:
        """The articles that come, in the order of the export. (There may be 100,000s; each is a few hundred bytes.)"""
        rows = self._connection.execute(
            "SELECT id, article, title, url, closed, original FROM target WHERE comes ORDER BY id"
        )
        return [
            Target(row, article, title, url, bool(closed), original)
            for row, article, title, url, closed, original in rows
        ]

    def identities(self) -> Iterator[tuple[int, str, str, str]]:
        """What names each comment that comes: its row here, its thread, its key, and when it says it was posted."""
        return self._connection.execute(
            f"SELECT c.id, {_IDENTITY}, c.key, s.posted FROM comment AS c JOIN said AS s ON s.id = c.id"  # noqa: S608 - a constant
            " JOIN thread AS t ON t.id = c.thread WHERE c.skipped IS NULL ORDER BY c.id"
        )

    def new_ones(self) -> dict[int, int]:
        """How many comments come to each article that are not there already."""
        rows = "SELECT target, count(*) FROM comment WHERE skipped IS NULL AND stored IS NULL GROUP BY target"
        return dict(self._connection.execute(rows))

    def new_ones_of(self, target: int) -> int:
        """How many come to one article."""
        return int(
            self._one(
                "SELECT count(*) FROM comment WHERE skipped IS NULL AND stored IS NULL AND target = ?", target
            )
        )

    def order_of(self, target: int) -> Iterator[tuple[int, int, int | None]]:
        """Of each new comment of an article, in their order: its row here, its time, and the row of what it answers."""
        return self._connection.execute(
            "SELECT id, turn, under FROM comment WHERE skipped IS NULL AND stored IS NULL AND target = ?"
            " ORDER BY turn, level, id",
            (target,),
        )

    def kept(self, target: int, after: tuple[int, int, int], most: int) -> list[Kept]:
        """Up to *most* new comments of that article, in their order, from behind (turn, level, row) on."""
        rows = self._connection.execute(
            "SELECT c.id, c.under, c.lost, c.level, c.turn, c.dated, c.state, t.visibility, c.anonymous, c.line, c.key,"  # noqa: S608 - a constant
            f" {_IDENTITY}, s.name, s.email, s.url, s.text, s.markup, s.posted, c.at,"
            " s.edited, s.repaired, s.original FROM comment AS c JOIN said AS s ON s.id = c.id JOIN thread AS t ON t.id = c.thread"
            " WHERE c.skipped IS NULL AND c.stored IS NULL AND c.target = ? AND (c.turn, c.level, c.id) > (?, ?, ?)"
            " ORDER BY c.turn, c.level, c.id LIMIT ?",
            (target, *after, most),
        )
        return [Kept._make(row) for row in rows]

    def keys(self) -> Iterator[tuple[int, str]]:
        """The records of our own format: the row here, and the public id."""
        return self._connection.execute(
            "SELECT id, key FROM comment WHERE own AND skipped IS NULL ORDER BY id"
        )

    def pinned(self, target: int) -> list[tuple[int, int | None]]:
        """The pinned comments of an article, the first before the others: the row here, and the row in the database."""
        return self._connection.execute(
            "SELECT id, stored FROM comment WHERE target = ? AND pinned IS NOT NULL AND skipped IS NULL ORDER BY pinned",
            (target,),
        ).fetchall()

    # Where they are stored

    def store(self, rows: Iterable[tuple[int, int]]) -> None:
        """Remember in which rows of the database staged comments are: (row there, row here)."""
        self._connection.executemany("UPDATE comment SET stored = ? WHERE id = ?", rows)

    def stored(self, row: int) -> int | None:
        """In which row of the database a staged comment is."""
        stored: int | None = self._one("SELECT stored FROM comment WHERE id = ?", row)
        return stored

    def _many(self, statement: str, rows: Iterable[int]) -> None:
        self._connection.executemany(statement, ((row,) for row in rows))

    def _one(self, statement: str, *parameters: Any) -> Any:
        found = self._connection.execute(statement, parameters).fetchone()
        return None if found is None else found[0]


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)


def _plain(text: str) -> str:
    """*text* as every database can hold it: NUL and unpaired surrogates become the sign for what is no character."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if has_surrogate(text) else text
