"""Searches: which comments hold a run of characters, whatever their script.

Names and texts are compared folded, and exactly as Python's `in` does. An index of trigrams gives the few comments
that can hold the words. Of what is in many, or shorter than three characters, it would be no help: the queue then
looks through its comments in bounded steps.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    text,
)
from sqlalchemy.exc import OperationalError

from commentsvc.model import Markup
from commentsvc.storage import search_index
from commentsvc.storage.prepared import Prepared
from commentsvc.storage.repository import Repository, in_many_rows, unless_there
from commentsvc.storage.tables import CommentRow, SearchMissingRow, SearchTextRow
from commentsvc.unicode_text import folded, words_of

CANDIDATES = 20_000  # that the index gives: to look at each takes some 30 ms; of more, a page is full soon
TRIGRAMS = 64  # of the words that SQLite looks up: a comment with all of those hardly lacks the others
PATIENCE_MS = 500  # for PostgreSQL's index, where half of all comments have the trigrams and not the words
CANCELED = "57014"  # query_canceled: PostgreSQL, appendix A
BETWEEN = "\x1f"  # the name and the text: no search goes across
_UNREAD = str.maketrans({BETWEEN: " ", "\0": " "})
_THREE_LETTERS = re.compile(r"[^\W_]{3}")
_THREE_OF_ASCII = re.compile(r"[0-9A-Za-z]{3}")

_ADD = Prepared(
    insert(SearchTextRow)
    .values(comment_id=bindparam("comment"), folded=bindparam("said"))
    .returning(SearchTextRow.comment_id)
)
_ADD_UNLESS_THERE = {
    name: in_many_rows(one, SearchTextRow.comment_id) for name, one in unless_there(SearchTextRow).items()
}
_REMOVE = delete(SearchTextRow).where(SearchTextRow.comment_id == bindparam("comment"))
_MISSING = (
    select(SearchMissingRow.comment_id)
    .order_by(SearchMissingRow.comment_id)
    .limit(bindparam("most", type_=Integer))
)
_ON_SQLITE = text(
    "SELECT rowid FROM search_index WHERE search_index MATCH :trigrams AND rowid > :above AND rowid < :below "
    "ORDER BY rowid LIMIT :most"
)
_ON_POSTGRESQL = (  # in no order: it ends with the last row that is asked for
    select(SearchTextRow.comment_id)
    .where(
        SearchTextRow.folded.like(bindparam("pattern")),
        SearchTextRow.comment_id > bindparam("above", type_=BigInteger),
        SearchTextRow.comment_id < bindparam("below", type_=BigInteger),
    )
    .limit(bindparam("most", type_=Integer))
)
LAST_ROW = 2**63 - 1


def folded_words(words: str) -> str:
    """*words* as they are looked for."""
    return folded(words).translate(_UNREAD)


def folded_comment(name: str, said: str) -> str:
    """What of a comment is looked through."""
    return BETWEEN.join(folded_words(part) for part in (name, said))


class Search(Repository):
    """The folded texts of comments, and who holds what."""

    def add(self, comment_id: int, name: str, said: str) -> None:
        """Let a new comment be found."""
        self._rows(_ADD, comment=comment_id, said=folded_comment(name, said))

    def add_many(self, comments: Iterable[tuple[int, str, str, Markup]]) -> None:
        """Let comments be found, by row number, name and text; of HTML by its words."""
        rows = [
            {
                "comment_id": row,
                "folded": folded_comment(name, words_of(said) if markup is Markup.HTML else said),
            }
            for row, name, said, markup in comments
        ]
        if rows:
            self._connection.execute(self._for(_ADD_UNLESS_THERE), rows)

    def replace(self, comment_id: int, name: str, said: str) -> None:
        """Let a comment be found by what it says now."""
        self._run(_REMOVE, comment=comment_id)
        self.add(comment_id, name, said)

    def add_missing(self, most: int) -> int:
        """Fold up to *most* comments that are not folded yet; give how many. Those that are being changed wait."""
        rows: Select[*tuple[Any, ...]] = (
            select(CommentRow.id, CommentRow.author_name, CommentRow.text, CommentRow.markup)
            .join(SearchMissingRow, SearchMissingRow.comment_id == CommentRow.id)
            .order_by(CommentRow.id)
            .limit(most)
            .with_for_update(of=CommentRow, skip_locked=True)
        )
        missing = self._connection.execute(rows).all()
        self.add_many((row, name, said, markup) for row, name, said, markup in missing)
        return len(missing)

    def is_missing_any(self) -> bool:
        """Whether comments are not folded yet."""
        return self._first(_MISSING, most=1) is not None

    def count_missing(self) -> int:
        """How many are not."""
        return self._connection.scalar(select(func.count()).select_from(SearchMissingRow)) or 0

    def fault(self) -> str | None:
        """What makes searches slow, None if nothing does."""
        return search_index.fault(self._connection)

    def candidates(self, words: str, above: int = 0, below: int = LAST_ROW) -> list[int] | None:
        """The rows between *above* and *below* that can hold *words*, all of them; None where an index is no help."""
        wanted = folded_words(words)
        if len(wanted) < 3:
            return None
        between = {"above": above, "below": below, "most": CANDIDATES + 1}
        rows = (
            self._rows(_ON_SQLITE, trigrams=_trigrams(wanted), **between)
            if self._connection.dialect.name == "sqlite"
            else self._of_postgresql(wanted, between)
        )
        if rows is None or len(rows) > CANDIDATES:
            return None
        missing = self._rows(_MISSING, most=CANDIDATES + 1)  # of few words more would have to be looked at
        if len(missing) > CANDIDATES:
            return None
        return sorted({row for (row,) in [*rows, *missing] if above < row < below})

    def _of_postgresql(self, wanted: str, between: dict[str, int]) -> Sequence[Any] | None:
        """What the index gives in time.

        The planner does not know how rare the words are, and would look through all texts. Its settings, and those of
        the statement, are as before when the savepoint ends.
        """
        if not search_index.is_there(self._connection) or not self._has_trigrams(wanted):
            return None
        pattern = "%" + re.sub(r"([%_\\])", r"\\\1", wanted) + "%"
        savepoint = self._connection.begin_nested()
        try:
            self._connection.exec_driver_sql(
                f"SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off; "
                f"SET LOCAL statement_timeout = {PATIENCE_MS}"
            )
            return self._rows(_ON_POSTGRESQL, pattern=pattern, **between)
        except OperationalError as why:
            if getattr(why.orig, "sqlstate", None) != CANCELED:
                raise
            return None
        finally:
            savepoint.rollback()

    def _has_trigrams(self, wanted: str) -> bool:
        """Whether PostgreSQL's index knows any: it has letters and digits alone."""
        ascii_alone = search_index.letters_of(self._connection) in search_index.FOLDS_ASCII_ALONE
        return (_THREE_OF_ASCII if ascii_alone else _THREE_LETTERS).search(wanted) is not None

    def holds(self, words: str) -> ColumnElement[bool]:
        """Whether a comment holds *words*, for a query that has `SearchTextRow` beside it, if there is one.

        What is not folded yet is compared as the database compares, which folds less.
        """
        position = func.instr if self._connection.dialect.name == "sqlite" else func.strpos
        in_text = CommentRow.text.icontains(words, autoescape=True)
        in_either = or_(in_text, CommentRow.author_name.icontains(words, autoescape=True))
        return or_(
            position(SearchTextRow.folded, folded_words(words)) > 0,
            and_(SearchTextRow.folded.is_(None), in_either),
        )


def _trigrams(wanted: str) -> str:
    """A query for all trigrams of *wanted*, each of which is quoted: nothing in it is an operator."""
    found = dict.fromkeys(wanted[start : start + 3] for start in range(len(wanted) - 2))
    return " ".join('"' + trigram.replace('"', '""') + '"' for trigram in list(found)[:TRIGRAMS])
