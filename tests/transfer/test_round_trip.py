"""An export comes back as it was: into an empty service not a byte differs; anywhere else it joins what is there."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bench.seed import fill as fill_thread
from bench.seed import fill_many
from commentsvc.transfer import importing
from commentsvc.transfer.exporting import jsonl
from commentsvc.transfer.exporting.reading import Reader, Selection
from tests.command_line import examined
from tests.conftest import MakeService
from tests.databases import on_both
from tests.people import Json
from tests.running_service import InProcess
from tests.transfer.everything import fill

__all__ = ["on_both"]


FINDING = {
    "check": "links", "outcome": "hold", "score": 0.5, "message": "many links", "values": {}, "evidence": "",
    "watching": False,
}  # fmt: skip


@pytest.fixture
def file(service: InProcess, tmp_path: Path) -> Path:
    """An export in which there is of everything."""
    fill(service)
    file = tmp_path / "all.jsonl"
    service.run("export", str(file))
    return file


def imported(service: InProcess, file: Path, *words: str) -> Json:
    return json.loads(service.run("import", str(file), "--json", *words))


@pytest.mark.slow_on_postgresql
def test_not_a_byte_differs_in_an_empty_service(file: Path, make_service: MakeService) -> None:
    other = make_service()
    other.clock.move(days=1)

    rehearsed = imported(other, file, "--dry-run")
    first = imported(other, file)
    again = imported(other, file)

    assert other.run("export") == file.read_text()
    assert (first["format"], first["skipped"], first["altered_by"]) == ("commentsvc", 0, {})
    assert first["added"] == first["found"]["comments"] == rehearsed["added"]
    assert (again["added"], again["already"], again["threads_added"]) == (0, first["added"], 0)
    assert examined(other)[0] == 0


@pytest.mark.soak
@pytest.mark.slow_on_postgresql
def test_readers_see_the_same_as_before(service: InProcess, file: Path, make_service: MakeService) -> None:
    other = make_service()
    imported(other, file)

    for article in ("news/1", "=news/2", "old"):
        for order in ("oldest", "newest"):
            before, after = (
                one.reader().thread(article, order=order, limit="100") for one in (service, other)
            )
            assert after == before


@pytest.mark.slow_on_postgresql
def test_where_it_came_from_it_adds_nothing(service: InProcess, file: Path) -> None:
    service.clock.move(days=1)

    report = imported(service, file)

    assert (report["added"], report["threads_added"]) == (0, 0)
    assert service.run("export") == file.read_text()


@pytest.mark.slow_on_postgresql
def test_it_joins_what_is_there(file: Path, make_service: MakeService) -> None:
    other = make_service()
    here = other.reader(name="Di").comment("news/1", "Here before.")
    other.run("site", "add", "weekend", "--origin", "https://weekend.example")

    report = imported(other, file)
    elsewhere = imported(other, file, "--site", "weekend")

    assert report["skipped"] == elsewhere["skipped"] == 0
    assert report["added"] == elsewhere["added"] == report["found"]["comments"]
    comments = other.reader().thread("news/1", limit="100")["comments"]
    assert here in {comment["id"] for comment in comments}
    assert examined(other)[0] == 0
    there = other.reader().thread("news/1", site="weekend", limit="100")["comments"]
    assert len(there) == len(comments) - 1
    assert not {comment["id"] for comment in there} & {comment["id"] for comment in comments}
    assert what_hangs(other, "weekend") == what_hangs(other, "default")


def what_hangs(service: InProcess, site: str) -> list[object]:
    """The notes and reports of a site, without their ids."""
    lines = map(json.loads, service.run("export", "--site", site).splitlines())
    kept = [
        {name: value for name, value in one.items() if name != "id"}
        for line in lines
        for one in (*line.get("notes", ()), *line.get("reports", ()))
    ]
    assert len(kept) > 1
    return sorted(kept, key=str)


@pytest.mark.slow_on_postgresql
def test_an_import_of_it_is_taken_back_to_the_byte(file: Path, make_service: MakeService) -> None:
    other = make_service()
    other.reader(name="Di").comment("own", "Here before.")
    other.clock.move(days=1)
    before = other.run("export")

    number = imported(other, file)["import"]
    other.run("imports", "undo", str(number))

    assert other.run("export") == before
    assert examined(other)[0] == 0


def test_of_several_sites_one_is_named(service: InProcess, tmp_path: Path, make_service: MakeService) -> None:
    service.run(
        "site", "add", "weekend", "--origin", "https://weekend.example", "--origin", "https://more.example"
    )
    service.reader().comment("a")
    service.reader().comment("a", site="weekend")
    file = tmp_path / "all.jsonl"
    service.run("export", str(file), "--site", "*")
    other = make_service()
    other.run("site", "add", "weekend", "--origin", "https://other.example")

    imported(other, file, "--site", "default")
    imported(other, file, "--site", "weekend")

    assert other.run("export", "--site", "*") == file.read_text()


@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize(
    ("spoilt", "told"),
    [
        ('{"commentsvc": "export", "version": 2}', "newer program"),
        ('{"commentsvc": "export", "version": 1, "sites": ["default"]}\n{"type": "comment"', "line 2"),
        ('{"commentsvc": "export", "version": 1, "sites": ["default"]}\n{"type": "diary"}', "line 2"),
        ('{"commentsvc": "export", "version": 1, "sites": ["a", "b"]}', "--site"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(
    service: InProcess, tmp_path: Path, spoilt: str, told: str
) -> None:
    file = tmp_path / "spoilt.jsonl"
    file.write_text(spoilt)
    before = service.run("export")

    with pytest.raises(AssertionError, match=told):
        service.run("import", str(file))

    assert service.run("export") == before


@pytest.mark.soak
def test_long_threads_come_back_whole_also_after_an_end_by_force(
    make_service: MakeService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of several transactions each, with answers, pins and locks across them."""
    service, other = make_service(), make_service()
    fill_thread(service.ours, "long", 5_000, hidden=0.1)
    fill_many(service.ours, 60)
    moderator = service.moderator()
    shown = service.reader().thread("long", limit="200")["comments"]
    for number, comment in enumerate([one for one in shown if one["depth"] == 0 and not one["removed"]][:20]):
        mark = {"pinned": True} if number % 2 else {"locked": True}
        answer = moderator.request("PATCH", f"/comments/{comment['id']}", json=mark)
        assert answer.status_code == 200, answer.text
    file = tmp_path / "long.jsonl"
    service.run("export", str(file))
    other.clock.move(days=1)

    store, left = importing._Import._store, [7]

    def ending(self: Any, group: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return store(self, group)

    for transactions in (1, 7, 19):
        left[0] = transactions
        monkeypatch.setattr(importing._Import, "_store", ending)
        with pytest.raises(AssertionError):
            other.run("import", str(file))
    monkeypatch.undo()
    other.run("import", str(file))

    assert other.run("export") == file.read_text()
    assert examined(other)[0] == 0


def test_an_export_is_of_one_moment(service: InProcess) -> None:
    reader = service.reader()
    reader.comment("a", "Before.")
    reader.comment("b", "Before.")
    ours = service.ours

    with ours.reading() as work:
        lines = jsonl.written(Reader(work, ours.address_keys, Selection(work.sites.all_sites())))
        begun = [next(lines) for _ in range(2)]
        with ThreadPoolExecutor(1) as another:
            another.submit(reader.comment, "b", "Meanwhile.").result()
        whole = b"".join([*begun, *lines]).decode()

    assert whole.count('"type":"comment"') == 2
    assert "Meanwhile." in service.run("export")


@pytest.mark.any_database
def test_what_was_written_into_an_export_by_hand_harms_nobody(
    service: InProcess, tmp_path: Path, make_service: MakeService
) -> None:
    service.reader(name="Mallory").comment("a", "A sample.", url="https://mallory.example/")
    service.moderator().set_thread("a", url="https://news.example/a")
    text = service.run("export")
    text = text.replace("https://mallory.example/", "javascript:alert(1)")
    text = text.replace("https://news.example/a", "javascript:alert(2)")
    text = text.replace('"text":"A sample."', '"text":"<img src=x onerror=alert(3)>A sample.\\u0000"')
    file, other = tmp_path / "spoilt.jsonl", make_service()
    file.write_text(text.replace('"markup":"markdown"', '"markup":"html"').replace('"depth":0', '"depth":9'))
    other.clock.move(days=1)

    report = imported(other, file)

    assert report["altered_by"]["url"] == report["altered_by"]["characters"] == 1
    thread = other.reader().thread("a")
    [comment] = thread["comments"]
    assert (comment["author"]["url"], thread["url"], comment["depth"]) == (None, None, 0)
    assert "onerror" not in comment["html"]
    assert "A sample." in comment["html"]
    assert examined(other)[0] == 0


@pytest.mark.any_database
def test_what_an_export_leaves_open_stays_as_the_operator_set_it(
    service: InProcess, tmp_path: Path, make_service: MakeService
) -> None:
    service.clock.move(days=-400)
    service.reader().comment("old", "Of long ago.")
    file, other = tmp_path / "plain.jsonl", make_service()
    service.run("export", str(file))
    other.run(
        "site", "set", "default", "--close-after", "30", "--retain", "spam=7", "--articles", "old",
        "--second-factor", "on",
    )  # fmt: skip
    before = other.run("site", "list")

    imported(other, file)

    assert other.run("site", "list") == before
    assert other.reader().thread("old")["open"] is False


@pytest.mark.any_database
def test_which_settings_an_export_brings_is_told_before_and_after(
    service: InProcess, tmp_path: Path, make_service: MakeService
) -> None:
    service.run("site", "set", "default", "--moderation", "all", "--reports-hold", "5")
    service.reader().comment("a")
    file, other = tmp_path / "strict.jsonl", make_service()
    service.run("export", str(file))
    before = other.run("site", "list")

    rehearsed = other.run("import", str(file), "--dry-run")
    assert "Would take settings of the site from the export: mode, reports hold." in rehearsed
    assert other.run("site", "list") == before

    told = other.run("import", str(file))
    assert "Took settings of the site from the export: mode, reports hold. An undo leaves them." in told
    assert imported(other, file)["settings"] == []


@pytest.mark.any_database
def test_what_was_erased_says_nothing_whatever_the_file_says(
    service: InProcess, tmp_path: Path, make_service: MakeService
) -> None:
    service.reader(name="Mallory").comment("a", "A sample.")
    file, other = tmp_path / "undead.jsonl", make_service()
    file.write_text(service.run("export").replace('"erased_at":null', '"erased_at":"2026-11-24T09:00:00Z"'))
    other.clock.move(days=1)

    imported(other, file)

    assert "ada@paper.example" not in other.run("export", "--format", "jsonl")
    assert "A sample." not in other.run("export")
    assert "Mallory" not in other.run("export")

    assert examined(other)[0] == 0


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("name", "shown"), [("ada@paper.example", "Anonymous"), ("x" * 200, "x" * 80), ("A\u202eda", "Ada")]
)
def test_a_name_that_nobody_can_have_is_mended(
    service: InProcess, tmp_path: Path, make_service: MakeService, name: str, shown: str
) -> None:
    service.reader(name="Mallory").comment("a", "A sample.")
    file, other = tmp_path / "names.jsonl", make_service()
    file.write_text(service.run("export").replace('"name":"Mallory"', f'"name":{json.dumps(name)}'))
    other.clock.move(days=1)

    report = imported(other, file)

    assert report["altered_by"]["name"] == 1
    assert other.reader().thread("a")["comments"][0]["author"]["name"] == shown


@pytest.mark.any_database
def test_a_comment_without_a_name_gets_one(
    service: InProcess, tmp_path: Path, make_service: MakeService
) -> None:
    service.reader(name="Mallory").comment("a", "A sample.")
    file, other = tmp_path / "nameless.jsonl", make_service()
    file.write_text(service.run("export").replace('"name":"Mallory"', '"name":" \u200b"'))
    other.clock.move(days=1)

    report = imported(other, file)

    assert report["altered_by"]["name"] == 1
    assert other.reader().thread("a")["comments"][0]["author"]["name"] == "Anonymous"


@pytest.mark.any_database
@pytest.mark.whole
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("close_after_days", 10**9),
        ("reports_hold", 2**70),
        ("retain", {"networks": 10**9}),
        ("retain", {"emails": 0}),
        ("slow_mode_seconds", 10**15),
        ("closes_at", "9999-12-31T00:00:00Z"),
        ("revision", 2**70),
        ("posted_at", "9999-12-31T00:00:00Z"),
        ("posted_at", "0001-01-01T00:00:00+05:00"),
        ("findings", [{"check": "links", "outcome": "spam"}]),
        ("findings", [FINDING | {"message": "%", "values": {"number": "1"}}]),
        ("answered_by", "x" * 17),
    ],
    ids=str,
)
def test_a_value_that_no_service_can_live_with_is_refused_before_anything_is_written(
    service: InProcess, tmp_path: Path, make_service: MakeService, name: str, value: object
) -> None:
    service.reader().comment("a", "A sample.")
    lines = [json.loads(line) for line in service.run("export").splitlines()]
    spoilt = [line | ({name: value} if name in line else {}) for line in lines]
    assert spoilt != lines
    file, other = tmp_path / "spoilt.jsonl", make_service()
    file.write_text("".join(json.dumps(line) + "\n" for line in spoilt))
    before = other.run("export")

    with pytest.raises(AssertionError, match=rf"(line \d|setting).*({name}|days|year)"):
        other.run("import", str(file))

    assert other.run("export") == before
    other.reader().comment("b")


@pytest.mark.any_database
def test_where_a_locked_comment_was_taken_back_threads_are_merged_and_imported_into(
    service: InProcess, tmp_path: Path, make_service: MakeService
) -> None:
    comment = service.reader().comment("a")
    service.moderator().request("PATCH", f"/comments/{comment}", json={"locked": True})
    file, other = tmp_path / "locked.jsonl", make_service()
    service.run("export", str(file))
    other.clock.move(days=1)
    other.reader().comment("a", "Written here.")
    other.reader().comment("b", "Written there.")

    other.run("imports", "undo", str(imported(other, file)["import"]))

    assert imported(other, file)["added"] == 1
    other.run("imports", "undo", "2")
    merged = other.moderator().set_thread("a", rename_to="b", merge=True)
    assert (merged.status_code, other.reader().thread("b")["count"]) == (200, 2)
    assert examined(other)[0] == 0
