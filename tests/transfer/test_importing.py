"""What an import makes of threads and comments, whatever their format."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from typing import cast
from unittest.mock import Mock

import pytest
from click.testing import CliRunner
from sqlalchemy import event

from commentsvc.cli import commands
from commentsvc.errors import BadSetting
from commentsvc.transfer import ForeignState, Markup, Visibility, ordering
from commentsvc.transfer import format as formats
from commentsvc.transfer.errors import Unreadable
from tests.command_line import examined
from tests.conftest import MakeService
from tests.databases import on_both
from tests.running_service import InProcess
from tests.storage.plans import engine_of
from tests.transfer.imports import Record, Watcher, comment, imported, outline, thread

__all__ = ["on_both"]


def shown(service: InProcess, article: str = "/tea/") -> list[tuple[int, str | None]]:
    return [(depth, name) for depth, name, _ in outline(service, article)]


def test_a_thread_stands_as_it_stood_and_comes_once(service: InProcess) -> None:
    export = (
        comment("3", "2"),  # before what it answers, and before its thread
        thread(title="Tea", closed=True),
        comment("2", email="ada@mail.example", url="ada.example", posted_at="2015-01-01T02:02:30.7+02:00"),
        comment("1"),
        thread("/closed/", closed=True),
        thread("/nobody-wrote/"),
    )

    report = imported(service, *export)
    again = imported(service, *export)

    assert shown(service) == [(0, "Reader 1"), (0, "Reader 2"), (1, "Reader 3")]
    facts = service.reader().thread("/tea/")
    assert (facts["title"], facts["open"], facts["count"]) == ("Tea", False, 3)
    assert facts["comments"][1]["posted_at"].startswith("2015-01-01T00:02:30")
    assert facts["comments"][1]["author"]["url"] == "https://ada.example"
    assert (report["added"], report["threads_added"]) == (3, 2)
    assert (report["found"]["max_depth"], report["found"]["threads"]) == (2, 3)
    assert (again["added"], again["already"], again["threads_added"]) == (0, 3, 0)
    assert again["altered_by"] == {}
    assert examined(service)[0] == 0
    emails = {one["author"]["name"]: one["email"] for one in service.moderator().queue(state="approved")}
    assert emails == {"Reader 1": "", "Reader 2": "ada@mail.example", "Reader 3": ""}


def test_comments_go_in_with_a_few_statements(service: InProcess) -> None:
    """A row a statement would let SQLite copy what each touches, and write the index of words for each."""
    tables = ("comment", "address", "search_text", "foreign_id")
    said: list[str] = []
    event.listen(engine_of(service), "before_cursor_execute", lambda _c, _k, text, *_: said.append(text))
    few = [comment(str(n), str(n - 1) if n % 2 else None, email=f"r{n}@mail.example") for n in range(1, 11)]
    many = [comment(str(n), thread=f"/{n % 4}/", email=f"r{n}@mail.example") for n in range(1, 41)]
    for records in ([thread(), *few], [*(thread(f"/{n}/") for n in range(4)), *many]):
        said.clear()
        assert imported(service, *records)["skipped"] == 0
        added = [sum(text.startswith(f"INSERT INTO {table} ") for text in said) for table in tables]
        assert added == [1, 1, 1, 1]
    assert examined(service)[0] == 0


def test_two_articles_that_are_one_by_now_come_together(service: InProcess) -> None:
    reader = service.reader()
    for article in ("/old/", "/tea/"):
        reader.post(article, f"In {article}.")
    moderator = service.moderator()
    assert moderator.set_thread("/old/", rename_to="/tea/", merge=True).status_code == 200

    export = [thread(), thread("/old/"), comment("1"), comment("2", "1"), comment("3", thread="/old/")]
    report = imported(service, *export, comment("4", "3", thread="/old/"))

    assert report["added"] == 4
    names = [name for _, name in shown(service)]
    assert names[:4] == ["Reader 1", "Reader 2", "Reader 3", "Reader 4"]
    assert len(names) == 6
    assert examined(service)[0] == 0


def test_what_is_lost_or_cannot_be_is_told(service: InProcess) -> None:
    """Of each kind one; what is skipped and what is altered is counted."""
    report = imported(
        service,
        thread(),
        thread("/cups/"),
        comment("1", "77"),
        comment("2", "9"),
        comment("9", thread="/cups/"),
        comment("3", "4"),
        comment("4", "3"),
        comment("5", "5"),
        comment("6"),
        comment("6", text="again"),
        comment("7", text=" \n"),
        comment("8", thread="nowhere"),
        comment("10", ping=True),
        comment("11", malformed="an order note"),
        comment("12", state=ForeignState.DELETED, text=""),
        comment("13", state=ForeignState.DELETED),
        comment(
            "14", "13", email="undefined", name="ada@mail.example", url="javascript:x", text="a\0b\ud800"
        ),
        comment("15", "10", posted_at="0000-00-00 00:00:00"),
        comment("16", text="<p>one<iframe>x</iframe></p>", markup=Markup.HTML),
    )

    assert report["skipped_by"] == {
        "deleted": 1, "duplicate": 1, "empty": 1, "malformed": 1, "no-thread": 1, "ping": 1
    }  # fmt: skip
    assert report["found"]["comments"] == report["added"] + report["skipped"]
    assert report["altered_by"] == {
        "characters": 1, "cycle": 3, "date": 1, "email": 1, "html": 1, "name": 1, "orphan": 2, "other-thread": 1, "url": 1
    }  # fmt: skip
    found = report["found"]
    assert (found["orphans"], found["cross_thread_parents"], found["cycle_members"]) == (1, 1, 3)
    threads = outline(service)
    assert (0, None, "") in threads  # the deleted one that was answered
    assert (1, "Anonymous", "<p>a�b�</p>") in threads
    assert (0, "Reader 16", "<p>one</p>") in threads
    assert examined(service)[0] == 0


def test_states_go_with_the_comment_and_its_article(service: InProcess) -> None:
    report = imported(
        service,
        thread(),
        thread("draft", link=None, article="/draft/", title="Secret", visibility=Visibility.HIDDEN),
        thread("gone", link="", visibility=Visibility.DELETED),
        comment("1", state=ForeignState.PENDING),
        comment("2", state=ForeignState.SPAM),
        comment("3", thread="draft"),
        comment("4", thread="gone"),
    )

    states = {
        (one["article"], one["state"])
        for state in ("pending", "spam", "trash", "approved")
        for one in service.moderator().queue(state=state)
    }
    assert states == {("/tea/", "pending"), ("/tea/", "spam"), ("/draft/", "pending"), ("gone", "trash")}
    assert report["altered_by"] == {"hidden": 2}
    assert service.reader().thread("/draft/")["title"] is None


def test_what_was_written_elsewhere_stands_by_its_time(make_service: MakeService) -> None:
    """Among comments that are here; pins, locks and replies stay where they are."""
    service = make_service(MAX_DEPTH="3")
    service.clock.now = datetime(2015, 1, 1, 0, 2, 30, tzinfo=UTC)
    reader = service.reader()
    here = reader.comment("/tea/", name="Here")
    reader.comment("/tea/", "An answer.", parent=here, name="Answers")
    service.clock.move(days=1)
    last = reader.comment("/tea/", "The last.", name="Last")
    moderator = service.moderator()
    assert moderator.request("PATCH", f"/comments/{last}", json={"pinned": True}).status_code == 200

    chain = [comment(str(n), str(n - 1) if n > 3 else None) for n in range(3, 8)]
    report = imported(service, thread(), comment("1"), comment("2", "1"), *chain)
    later = imported(service, thread(), comment("1"), comment("8", "1"), comment("2", "1"), *chain)

    assert (report["altered_by"], later["added"], later["already"]) == ({"depth": 2}, 1, 7)
    assert shown(service) == [
        (0, "Last"),
        (0, "Reader 1"),
        (1, "Reader 2"),
        (1, "Reader 8"),
        (0, "Here"),
        (1, "Answers"),
        (0, "Reader 3"),
        (1, "Reader 4"),
        (2, "Reader 5"),
        (2, "Reader 6"),
        (2, "Reader 7"),
    ]
    assert examined(service)[0] == 0


def test_articles_are_named_by_rules_and_nothing_is_joined_in_silence(make_service: MakeService) -> None:
    service = make_service()
    export = (
        thread("1", link="https://tea.example/a?x=1"),
        thread("2", link="http://tea.example/a"),
        thread("3", link="https://tea.example/" + "a" * 300),
        comment("1", thread="1"),
        comment("1", thread="2"),
        comment("2", thread="3"),
    )
    rules = ("s#^https?://[^/]+##", r"s/\?.*$//")

    rehearsed = imported(service, *export, rules=rules, dry_run=True)
    report = imported(service, *export, rules=rules)

    assert rehearsed == report | {"dry_run": True, "import": None}
    assert report["collisions"] == [
        {"to": "/a", "from": ["https://tea.example/a?x=1", "http://tea.example/a"]}
    ]
    assert report["articles"] == [
        {"from": "https://tea.example/a?x=1", "to": "/a"},
        {"from": "http://tea.example/a", "to": "/a"},
    ]
    assert (report["added"], report["skipped_by"]) == (2, {"no-thread": 1})
    assert [name for _, name in shown(service, "/a")] == ["Reader 1", "Reader 1"]


def test_what_answers_a_comment_that_is_in_another_article_now_begins_a_discussion(
    make_service: MakeService,
) -> None:
    """The rules were others when the first export came."""
    service = make_service()
    imported(service, thread(), comment("1"))

    imported(service, thread(), comment("1"), comment("2", "1"), rules=("s#tea#cups#",))

    assert shown(service, "/cups/") == [(0, "Reader 2")]
    assert examined(service)[0] == 0


def test_an_export_that_breaks_off_writes_nothing(make_service: MakeService) -> None:
    service = make_service()

    with pytest.raises(Unreadable):
        imported(service, thread(), comment("1"), Unreadable("It ends here.", line=3, file="export"))

    assert shown(service) == []
    assert service.run("imports", "list") == ""


def test_a_later_export_may_have_one_thread_more_with_the_same_link(make_service: MakeService) -> None:
    """Old threads of Disqus share a link; none of what came comes twice when one more does."""
    service = make_service()
    first = (thread("1", link="/tea/"), comment("1", thread="1"), comment("2", thread="1"))
    more = (thread("2", link="/tea/"), comment("1", thread="2"), comment("3", thread="2"))
    assert imported(service, *first)["added"] == 2

    later, again = imported(service, *first, *more), imported(service, *first, *more)

    assert (later["already"], later["added"]) == (2, 2)
    assert (again["already"], again["added"]) == (4, 0)


def test_no_room_for_what_an_export_holds_is_told(
    make_service: MakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = make_service()
    full = Mock(side_effect=sqlite3.OperationalError("database or disk is full"))
    monkeypatch.setattr(ordering, "link_up", full)

    with pytest.raises(Unreadable, match="disk is full"):
        imported(service, thread(), comment("1"))


def test_what_moderators_set_keeps_an_import(service: InProcess) -> None:
    """A comment that is pinned or locked, and a thread that has a title now, are not as they came."""
    export = (thread(), comment("1"), comment("2"), comment("3"), thread("/cups/", closed=True))
    number = imported(service, *export)["import"]
    moderator = service.moderator()
    first, second, _ = service.reader().thread("/tea/")["comments"]
    moderator.request("PATCH", f"/comments/{first['id']}", json={"pinned": True})
    moderator.request("PATCH", f"/comments/{second['id']}", json={"locked": True})
    moderator.set_thread("/cups/", title="Cups")

    undone = _undone(service, number)

    assert undone == (3, {"removed": 1, "answered": 0, "touched": 2, "threads_removed": 0, "threads_kept": 2})
    assert shown(service) == [(0, "Reader 1"), (0, "Reader 2")]
    assert service.reader().thread("/cups/")["title"] == "Cups"


@pytest.mark.parametrize(
    "record", [ValueError("ada@mail.example"), "no record", comment("1", thread=7), comment("1", text=None)]
)
def test_a_format_that_fails_is_told_and_writes_nothing(make_service: MakeService, record: object) -> None:
    """Anybody may write a format; its error may quote what stands in the file."""
    service = make_service()
    with pytest.raises(Unreadable, match=r"format told cannot read this: \w+Error at") as failed:
        imported(service, thread(), comment("1"), cast("Record", record))

    assert "@" not in str(failed.value)
    assert service.run("imports", "list") == ""


def test_a_format_that_cannot_be_loaded_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = EntryPoint("paper", "paper_of_old.formats:Paper", formats.GROUP)
    monkeypatch.setattr(formats, "entry_points", lambda group: [gone])
    with pytest.raises(formats.BadFormat, match="paper_of_old"):
        formats.installed()


def test_the_last_import_is_taken_back_first_where_it_answers_an_earlier_one(service: InProcess) -> None:
    """Else the earlier one would leave empty places, which are there already when it comes again."""
    export = [thread(), *(comment(str(n), str(n - 1) if n > 1 else None) for n in range(1, 5))]
    first = imported(service, *export[:3])["import"]
    later = imported(service, *export)["import"]

    with pytest.raises(AssertionError, match=f"Take it back first: commentsvc imports undo {later}"):
        service.run("imports", "undo", str(first))
    service.run("imports", "undo", str(later))
    service.run("imports", "undo", str(first))

    assert shown(service) == []
    assert imported(service, *export)["added"] == 4
    assert len(shown(service)) == 4


def test_an_import_is_taken_back(service: InProcess) -> None:
    reader = service.reader()
    own = reader.comment("/cups/", "Here before.", name="Here")
    before = outline(service, "/cups/")
    export = (
        thread(title="Tea"),
        thread("/cups/", title="Cups"),
        thread("/closed/", closed=True),
        *(
            comment(str(n), str(n - 1) if n % 3 else None, email=f"reader-{n}@mail.example")
            for n in range(1, 20)
        ),
        comment("20", thread="/cups/"),
        comment("21", thread="/cups/", state=ForeignState.SPAM),
    )
    number = imported(service, *export)["import"]
    assert [name for _, name in shown(service, "/cups/")] == ["Reader 20", "Here"]

    service.run("imports", "undo", str(number))

    assert shown(service) == []
    assert outline(service, "/cups/") == before
    assert service.reader().thread("/cups/")["title"] is None
    assert reader.thread("/cups/")["comments"][0]["id"] == own
    code, said = examined(service)
    assert code == 0
    assert "1 comments in 1 threads" in said
    assert service.moderator().queue(state="spam") == []
    assert imported(service, *export)["added"] == 21  # and it may come again


def test_what_was_touched_stays_and_what_was_answered_leaves_a_place(service: InProcess) -> None:
    number = imported(
        service, thread(), comment("1"), comment("2"), comment("3", state=ForeignState.PENDING)
    )["import"]
    moderator = service.moderator()
    (pending,) = moderator.queue(state="pending")
    moderator.decide("approve", pending["id"])
    first = service.reader().thread("/tea/")["comments"][0]["id"]
    service.reader().comment("/tea/", "An answer.", parent=first, name="Answers")

    undone = _undone(service, number)

    assert undone == (3, {"removed": 1, "answered": 1, "touched": 1, "threads_removed": 0, "threads_kept": 1})
    assert shown(service) == [(0, None), (1, "Answers"), (0, "Reader 3")]
    assert examined(service)[0] == 0


def _undone(service: InProcess, number: int) -> tuple[int, dict[str, int]]:
    words = ["imports", "undo", str(number), "--json"]
    result = CliRunner().invoke(commands.main, words, obj=lambda _settings, **_: service.app)
    return result.exit_code, json.loads(result.stdout)


def test_the_newest_of_a_site_are_the_latest_posted(service: InProcess) -> None:
    """Whoever follows a site by its feed is not told what others wrote elsewhere years ago."""
    reader = service.reader()
    own = reader.comment("/cups/", "Just now.")

    imported(service, thread(), comment("1"), comment("2"))

    entries = reader.http.get("/feeds/site.atom").text
    assert entries.index(own) < entries.index("Comment 2.") < entries.index("Comment 1.")


@pytest.mark.any_database
def test_an_answer_to_what_other_rules_brought_elsewhere_is_told(service: InProcess) -> None:
    imported(service, thread(), comment("1"))

    report = imported(service, thread(), comment("1"), comment("2", parent="1"), rules=("s#^/tea/#/green/#",))

    assert (report["already"], report["added"]) == (1, 1)
    assert report["altered_by"] == {"other-thread": 1}


def test_of_two_imports_of_the_same_at_once_one_is_told_so(service: InProcess) -> None:
    """As two nodes can, which share no data directory."""
    records = [thread(), *(comment(f"k{number}") for number in range(250))]

    class Another(Watcher):
        begun = False

        def writing(self, comments: int, total: int) -> None:
            if not self.begun:
                self.begun = True
                imported(service, *records)

    with pytest.raises(BadSetting, match="Another node imports the same"):
        imported(service, *records, watcher=Another())

    assert service.reader().thread("/tea/", limit="1")["count"] == 250
    assert examined(service)[0] == 0
