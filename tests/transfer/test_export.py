"""`commentsvc export`: everything of a site, of one moment, for whoever leaves or keeps an archive."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from docs import export_schema
from tests.command_line import typed
from tests.databases import on_both
from tests.people import Json
from tests.running_service import InProcess
from tests.transfer.everything import EMAILS, fill

__all__ = ["on_both"]

SCHEMA = Path(__file__).parents[2] / "docs" / "export.schema.json"


def exported(service: InProcess, *words: str) -> list[Json]:
    return [json.loads(line) for line in service.run("export", *words).splitlines()]


def of_type(lines: list[Json], kind: str) -> list[Json]:
    return [line for line in lines if line.get("type") == kind]


@pytest.mark.slow_on_postgresql
def test_everything_is_in_it_and_each_line_is_as_the_schema_says(service: InProcess) -> None:
    from jsonschema import Draft202012Validator  # reads dozens of grammars, a second

    ids = fill(service)

    lines = exported(service)

    check = Draft202012Validator(json.loads(SCHEMA.read_text()))
    for line in lines:
        check.validate(line)
    assert lines[0] == {"commentsvc": "export", "version": 1, "sites": ["default"], "since": None}
    (site,) = of_type(lines, "site")
    assert (site["articles"], site["close_after_days"], site["checks"]) == (["*"], 400, {"links": "watching"})
    assert site["retain"] == {"emails": 400, "networks": 30, "spam": None}
    threads = {thread["article"]: thread for thread in of_type(lines, "thread")}
    assert list(threads) == ["=news/2", "news/1", "planned"]
    assert threads["=news/2"]["aliases"] == ["old"]
    assert (threads["=news/2"]["open"], threads["=news/2"]["slow_mode_seconds"]) == (False, 60)
    comments = {comment["id"]: comment for comment in of_type(lines, "comment")}
    assert {comments[ids[name]]["state"] for name in ("hold", "spam", "trash")} == {
        "pending",
        "spam",
        "trash",
    }
    root, reply, second = (comments[ids[name]] for name in ("root", "reply", "second"))
    assert (root["email"], reply["email"]) == EMAILS[:2]
    assert reply["author_id"] == root["author_id"]
    assert reply["posted_at"] == "2026-11-24T09:01:30Z"
    assert (root["pinned"], second["pinned"], reply["locked"]) == (1, 2, True)
    assert (second["text"], second["redactions"]) == ("A secret number: 12345.", [[17, 22]])
    assert (comments[ids["purge"]]["text"], comments[ids["purge"]]["email"]) == ("", None)
    assert comments[ids["edited"]]["edited_at"]
    assert comments[ids["edited"]]["revision"] == 2
    assert (comments[ids["staff"]]["staff"], comments[ids["staff"]]["email"]) == (True, None)
    assert [note["text"] for note in reply["notes"]] == ["Asked the author."]
    assert [report["email"] for report in root["reports"]] == [EMAILS[2]]


@pytest.mark.slow_on_postgresql
def test_what_a_line_needs_comes_before_it(service: InProcess) -> None:
    fill(service)
    service.run("site", "add", "weekend", "--origin", "https://weekend.example")
    service.reader().comment("a", site="weekend")

    lines = exported(service, "--site", "*")

    sites: set[str] = set()
    threads: set[tuple[str, str]] = set()
    comments: set[str | None] = {None}
    for line in lines[1:]:
        match line["type"]:
            case "site":
                sites.add(line["slug"])
            case "thread":
                assert line["site"] in sites
                threads.add((line["site"], line["article"]))
            case "comment":
                assert (line["site"], line["article"]) in threads
                assert line["parent"] in comments
                comments.add(line["id"])
    assert sites == {"default", "weekend"}
    assert exported(service, "--site", "weekend")[0]["sites"] == ["weekend"]


@pytest.mark.slow_on_postgresql
def test_a_file_is_whole_and_its_owners_alone(service: InProcess, tmp_path: Path) -> None:
    service.reader().comment("a")
    file = tmp_path / "all.jsonl"

    service.run("export", str(file))
    once = file.read_bytes()
    service.run("export", str(file))

    assert file.read_bytes() == once == service.run("export").encode()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.glob(".export*")) == []
    log = service.run("audit", "list", "--kind", "exported")
    assert log.count('exported  {"format":"jsonl","site":"default","comments":1}') == 3


def test_nothing_else_is_written_over(service: InProcess, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    diary.write_text("Dear diary")

    with pytest.raises(AssertionError, match="exists and is no such export"):
        service.run("export", str(diary))

    assert diary.read_text() == "Dear diary"


def test_since_a_day_there_is_what_changed_with_what_it_answers(service: InProcess) -> None:
    reader, moderator = service.reader(), service.moderator()
    first, second = reader.comment("a", "One."), reader.comment("a", "Two.")
    decided, marked = reader.comment("b", "Three."), reader.comment("b", "Four.")
    reader.comment("c", "Five.")
    service.clock.move(days=2)
    since = (service.clock.now - timedelta(days=1)).date().isoformat()
    answer = reader.comment("a", "Six.", parent=second)
    moderator.decide("spam", decided)
    moderator.request("PATCH", f"/comments/{marked}", json={"pinned": True})

    found = of_type(exported(service, "--since", since), "comment")

    assert [comment["id"] for comment in found] == [second, answer, decided, marked]
    assert first not in {comment["id"] for comment in found}


def test_since_a_day_it_is_told_whose_text_alone_is_left(service: InProcess) -> None:
    service.reader(email="bo@paper.example", name="Bo").comment("a", "Of Bo.")
    service.reader().comment("b", "Of Ada.")
    service.clock.move(days=2)
    since = (service.clock.now - timedelta(days=1)).date().isoformat()
    assert of_type(exported(service, "--since", since), "comment") == []

    service.run("person", "erase", "bo@paper.example", "--keep-text")

    (left,) = of_type(exported(service, "--since", since), "comment")
    assert (left["text"], left["name"], left["email"]) == ("Of Bo.", "Anonymous", None)


@pytest.mark.any_database
def test_the_schema_is_the_one_of_the_program() -> None:
    assert SCHEMA.read_text() == export_schema.text(), "python -m docs.export_schema writes it"


@pytest.mark.any_database
@pytest.mark.parametrize("since", ["yesterday", "0001-01-01T00:00+23:59", "9999-12-31T23:59-23:59"])
def test_what_is_no_date_is_told(service: InProcess, since: str) -> None:
    done = typed("export", "--since", since, data_dir=service.data_dir)

    assert done.exit_code == 2
    assert "is no date; write it as 2026-11-24" in done.output
