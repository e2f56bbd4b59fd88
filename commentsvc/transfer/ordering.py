"""What answers what in an export, how deep, and when: it may name parents after their children, in circles, or not at all."""

from __future__ import annotations

from datetime import datetime

from commentsvc.transfer.staged_file import StagedFile, milliseconds


def link_up(file: StagedFile) -> None:
    """Find duplicates, parents, cycles and levels, as the export has them."""
    run = file.execute
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
    _walk(file)
    if on_cycles := _on_cycles(file):
        cut = "UPDATE comment SET under = NULL, lost = 'cycle' WHERE id = ?"
        file.executemany(cut, [(row,) for row in on_cycles])
        _walk(file)


def _walk(file: StagedFile) -> None:
    """Give all comments that hang on a root their level, and a time that is not before that of what they answer."""
    file.execute("UPDATE comment SET level = NULL WHERE level IS NOT NULL")
    file.execute(
        "WITH RECURSIVE walk (id, level, turn) AS ("
        " SELECT id, 1, at FROM comment WHERE under IS NULL AND NOT duplicate"
        " UNION ALL SELECT c.id, walk.level + 1, max(coalesce(c.at, walk.turn), coalesce(walk.turn, c.at))"
        " FROM walk JOIN comment AS c ON c.under = walk.id)"
        " UPDATE comment SET level = walk.level, turn = walk.turn FROM walk WHERE comment.id = walk.id"
    )


def _on_cycles(file: StagedFile) -> list[int]:
    """The comments that answer themselves, by way of others."""
    up: dict[int, int] = dict(
        file.execute("SELECT id, under FROM comment WHERE level IS NULL AND NOT duplicate")
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


def date(file: StagedFile, now: datetime) -> None:
    """Give those without a usable date that of a neighbour, and put all in their order."""
    latest = milliseconds(now)
    run = file.execute
    run("UPDATE comment SET at = NULL WHERE at > ?", (latest,))
    run("UPDATE comment SET dated = 0 WHERE at IS NULL")
    run("CREATE TABLE undated AS SELECT id, thread, under FROM comment WHERE at IS NULL AND skipped IS NULL")
    run("CREATE INDEX by_place ON comment (thread, id) WHERE at IS NOT NULL")
    rows = run(
        "SELECT u.id, u.thread, u.under FROM undated AS u JOIN comment USING (id) ORDER BY level, u.id"
    )
    for row, thread, under in rows:
        at = file.one("SELECT at FROM comment WHERE id = ?", under) if under else None
        if at is None:
            at = file.one(
                "SELECT at FROM comment INDEXED BY by_place"
                " WHERE thread = ? AND id < ? AND at IS NOT NULL ORDER BY id DESC LIMIT 1",
                thread,
                row,
            )
        if at is None:
            at = file.one("SELECT min(at) FROM comment WHERE thread = ?", thread)
        file.execute("UPDATE comment SET at = ? WHERE id = ?", (latest if at is None else at, row))
    _walk(file)
    _keep_order(file)


def _keep_order(file: StagedFile) -> None:
    """Let records of our own format stand as they do in the file, which is how they stood."""
    file.execute(
        "UPDATE comment SET turn = own.turn, level = 1 FROM (SELECT id, max(at) OVER (PARTITION BY thread ORDER BY id)"
        " AS turn FROM comment WHERE own) AS own WHERE comment.id = own.id"
    )
