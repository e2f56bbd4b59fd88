"""`commentsvc rerender`: old comments are shown by the rules of today."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.people import Moderator, Reader
from tests.running_service import InProcess


def age(service: InProcess, html: str, where: str = "1") -> None:
    """Make stored comments look as if older rules had made them."""
    with closing(sqlite3.connect(service.data_dir / "comments.db")) as database:
        database.execute(f"UPDATE comment SET rules = 0, html = ? WHERE {where}", (html,))
        database.commit()


def test_old_html_is_made_anew_and_readers_see_it(service: InProcess, reader: Reader) -> None:
    reader.comment("a", "It is *new*.")
    age(service, "<p>It was old.</p>")
    before = reader.get("/thread/fragment", article="a")
    assert "It was old." in before.text

    said = service.run("rerender")

    assert said == "Rendered 1 comments again; 1 of them look different now.\n"
    after = reader.get("/thread/fragment", article="a")
    assert "It is <em>new</em>." in after.text
    assert after.headers["ETag"] != before.headers["ETag"]


def test_what_looks_the_same_leaves_the_thread_as_it_was(service: InProcess, reader: Reader) -> None:
    reader.comment("a", "The same.")
    age(service, "<p>The same.</p>")
    before = reader.get("/api/v1/thread", article="a").headers["ETag"]

    assert service.run("rerender") == "Rendered 1 comments again; 0 of them look different now.\n"
    assert service.run("rerender") == "Rendered 0 comments again; 0 of them look different now.\n"

    assert reader.get("/api/v1/thread", article="a").headers["ETag"] == before


def test_all_states_are_brought_up_and_nothing_erased_comes_back(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    posted = {action: reader.comment("a", f"To {action}.") for action in ("hold", "spam", "trash", "purge")}
    for action, comment in posted.items():
        moderator.decide(action, comment)
    age(service, "<p>Old.</p>", "erased_at IS NULL")

    assert service.run("rerender").startswith("Rendered 3 comments again; 3 ")

    assert [c["html"] for c in moderator.queue()] == [
        "<p>To hold.</p>",
        "<p>To spam.</p>",
        "<p>To trash.</p>",
    ]
    assert reader.thread("a")["count"] == 0


def test_more_than_one_batch_is_brought_up(service: InProcess, reader: Reader) -> None:
    reader.comment("a", "Many.")
    with closing(sqlite3.connect(service.data_dir / "comments.db")) as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(comment)")]
        changed = {
            "id": "id + n",
            "public_id": "'copy-' || n",
            "seq": "seq + n",
            "rules": "0",
            "html": "'old'",
        }
        chosen = ", ".join(changed.get(column, column) for column in columns)
        numbers = "WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 450)"
        database.execute(f"{numbers} INSERT INTO comment SELECT {chosen} FROM comment, counted WHERE id = 1")
        database.commit()

    assert service.run("rerender") == "Rendered 450 comments again; 450 of them look different now.\n"
