"""What of an export comes, to which articles, and what does not."""

from __future__ import annotations

from collections.abc import Callable

from commentsvc.transfer.foreign import ForeignState, Visibility
from commentsvc.transfer.staged_file import NAME, StagedFile


def aim(file: StagedFile, article_of: Callable[[str], str | None]) -> None:
    """Let each thread bring its comments to the article that *article_of* gives for its link, or else its key."""
    file.create_function("article_of", 1, article_of, deterministic=True)
    for statement in (
        f"UPDATE thread SET mapped = article_of({NAME}) WHERE declared",  # noqa: S608 - a constant
        "INSERT INTO target (article) SELECT mapped FROM thread WHERE mapped IS NOT NULL GROUP BY mapped ORDER BY min(id)",
        "UPDATE thread SET target = (SELECT id FROM target WHERE article = mapped) WHERE mapped IS NOT NULL",
        f"UPDATE thread SET identity = {NAME} WHERE declared",  # noqa: S608 - a constant
        "CREATE INDEX by_identity ON thread (identity)",
    ):
        file.execute(statement)
    _tell_twins_apart(file)


def _tell_twins_apart(file: StagedFile) -> None:
    """Mark comments that are named as an earlier one of another thread is which has the same link.

    All others are named by the link alone: a later export may have one thread more with it.
    """
    file.execute(
        "UPDATE comment SET twin = 1 FROM (SELECT c.id, row_number() OVER (PARTITION BY t.identity, c.key, s.posted"
        " ORDER BY c.id) AS number FROM thread AS t JOIN comment AS c ON c.thread = t.id JOIN said AS s ON s.id = c.id"
        " WHERE NOT c.duplicate AND t.identity IN"
        " (SELECT identity FROM thread GROUP BY identity HAVING count(*) > 1)) AS named"
        " WHERE named.id = comment.id AND named.number > 1"
    )


def decide(file: StagedFile, *, pings: bool) -> None:
    """Decide which comments come, and what each of them answers then."""
    run = file.execute
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
    _keep_deleted_ones(file)
    _climb(file)
    run(
        "UPDATE comment SET target = (SELECT target FROM thread WHERE thread.id = comment.thread) WHERE skipped IS NULL"
    )
    run("CREATE INDEX by_turn ON comment (target, turn, level, id) WHERE skipped IS NULL")


def _keep_deleted_ones(file: StagedFile) -> None:
    """Deleted comments stay where something hangs on them, as places."""
    rows = file.execute("SELECT id FROM comment WHERE skipped = 'deleted' ORDER BY level DESC, id")
    for (row,) in rows:
        if file.one("SELECT EXISTS (SELECT 1 FROM comment WHERE under = ? AND skipped IS NULL)", row):
            file.execute("UPDATE comment SET skipped = NULL WHERE id = ?", (row,))


def _climb(file: StagedFile) -> None:
    """Let the answers to what does not come hang on what that answered, and else be roots that are told."""
    rows = file.execute(  # sorted before the first is read, so that the loop may change them
        "SELECT id FROM comment WHERE skipped IS NOT NULL AND NOT duplicate ORDER BY level, id"
    )
    for (row,) in rows:
        file.execute(
            "UPDATE comment SET (under, lost) = (SELECT up.under, iif(up.under IS NULL, 'orphan', NULL)"
            " FROM comment AS up WHERE up.id = ?1) WHERE under = ?1",
            (row,),
        )


def describe(file: StagedFile) -> None:
    """Let articles have what their threads say of them: those that bring comments, and those that are closed."""
    file.execute(
        "UPDATE thread SET target = NULL WHERE target IS NOT NULL AND original IS NULL"
        " AND NOT (declared AND closed) AND NOT EXISTS"
        " (SELECT 1 FROM comment WHERE comment.thread = thread.id AND skipped IS NULL)"
    )
    file.execute("CREATE INDEX by_target ON thread (target)")
    file.execute(
        "UPDATE target SET (title, url, closed, comes, original) = (SELECT"
        " max(iif(visibility = ?1, title, NULL)), max(iif(visibility = ?1, link, NULL)),"
        " coalesce(min(closed), 0), count(*) > 0, max(original) FROM thread WHERE thread.target = target.id)",
        (str(Visibility.PUBLIC),),  # what a draft is called is nobody's business yet
    )
