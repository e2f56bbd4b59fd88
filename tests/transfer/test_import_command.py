"""`commentsvc import` and `commentsvc imports`, as an operator types them."""

from __future__ import annotations

import csv
import fcntl
import json
import os
import shutil
from pathlib import Path

import pytest

from tests.command_line import create_service, refusal, typed
from tests.people import Json

THREADS = [
    {
        "id": "https://tea.example/green/",
        "title": "Green tea",
        "comments": [
            {
                "author": "Ada",
                "email": "ada@tea.example",
                "created": "2014-05-01 10:00:00",
                "text": "How long?",
            },
            {"author": "Bo", "email": "no address", "created": "2014-05-01 11:00:00", "text": "A minute."},
            {"author": "Cy", "created": "2014-05-01 12:00:00", "text": " "},
        ],
    }
]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return create_service(tmp_path / "service")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    file = tmp_path / "comments.json"
    file.write_text(json.dumps(THREADS))
    return file


def report(*words: str, data_dir: Path, code: int) -> Json:
    done = typed("import", *words, "--json", data_dir=data_dir)
    assert done.exit_code == code, done.output
    return json.loads(done.stdout)


def test_an_export_is_rehearsed_imported_listed_and_taken_back(
    data_dir: Path, export: Path, tmp_path: Path
) -> None:
    lines, rule = tmp_path / "report.csv", "s#^https?://[^/]+##"
    words = (str(export), "--map", rule)

    rehearsed = report(*words, "--dry-run", "--report", str(lines), data_dir=data_dir, code=3)
    nothing = typed("imports", "list", data_dir=data_dir).stdout
    came = report(*words, data_dir=data_dir, code=3)
    again = report(*words, data_dir=data_dir, code=3)

    assert rehearsed == came | {"import": None, "dry_run": True}
    assert nothing == ""
    assert came["format"] == "isso-json"
    assert (came["added"], came["skipped_by"], came["altered_by"]) == (2, {"empty": 1}, {"email": 1})
    assert came["articles"] == [{"from": "https://tea.example/green/", "to": "/green/"}]
    assert (again["added"], again["already"]) == (0, 2)
    with lines.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [(row["what"], row["thread"]) for row in rows] == [
        ("empty", "https://tea.example/green/"), ("email", "https://tea.example/green/")
    ]  # fmt: skip
    assert "@" not in lines.read_text()
    assert "no address" not in lines.read_text()
    listed = json.loads(typed("imports", "list", "--json", data_dir=data_dir).stdout)
    assert [(one["id"], one["site"], one["file"], one["counts"]["added"]) for one in listed] == [
        (1, "default", "comments.json", 2),
        (2, "default", "comments.json", 0),
    ]
    undone = typed("imports", "undo", str(came["import"]), data_dir=data_dir)
    assert (undone.exit_code, undone.stdout) == (0, "Removed 2 comments and 1 threads.\n")
    assert "taken back" in refusal(typed("imports", "undo", str(came["import"]), data_dir=data_dir))
    log = typed("audit", "list", data_dir=data_dir).stdout
    assert "imported" in log
    assert "import-undone" in log


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--format", "newspaper"), "no format"),
        (("--format", "disqus"), "line 1"),
        (("--site", "elsewhere"), "Unknown site"),
        (("--map", "s#(#x#"), "RE2"),
    ],
)
def test_what_cannot_be_done_is_told_and_writes_nothing(
    data_dir: Path, export: Path, words: tuple[str, ...], told: str
) -> None:
    done = typed("import", str(export), *words, data_dir=data_dir)

    assert done.exit_code == 1
    assert told in refusal(done)
    assert typed("imports", "list", data_dir=data_dir).stdout == ""
    assert not list(data_dir.glob(".commentsvc-*"))


def test_nothing_in_the_data_directory_is_an_imports_but_what_it_made(data_dir: Path, export: Path) -> None:
    shutil.copy(export, data_dir / "import-disqus.json")
    (data_dir / "import-2026").mkdir()
    shutil.copy(export, data_dir / "import-2026" / "comments.json")
    left = data_dir / ".commentsvc-import-k1ll3d__"
    left.mkdir()
    (left / "unpacked.json").write_bytes(export.read_bytes())

    report(str(data_dir / "import-2026" / "comments.json"), data_dir=data_dir, code=3)

    assert (data_dir / "import-disqus.json").exists()
    assert not left.exists()


@pytest.mark.parametrize("rehearsed", [(), ("--dry-run",)], ids=["", "dry run"])
def test_a_report_takes_the_place_of_nothing_else(
    data_dir: Path, export: Path, rehearsed: tuple[str, ...]
) -> None:
    database = (data_dir / "comments.db").read_bytes()

    done = typed(
        "import", str(export), "--report", str(data_dir / "comments.db"), *rehearsed, data_dir=data_dir
    )

    assert "no such report" in refusal(done)
    assert (data_dir / "comments.db").read_bytes() == database


def test_a_report_is_not_written_over_the_export(data_dir: Path, export: Path) -> None:
    before = export.read_bytes()

    done = typed("import", str(export), "--report", str(export), data_dir=data_dir)

    assert "written over" in refusal(done)
    assert export.read_bytes() == before


def test_one_import_at_a_time(data_dir: Path, export: Path) -> None:
    folder = os.open(data_dir, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    try:
        for words in (("import", str(export)), ("imports", "undo", "1")):
            assert "under way" in refusal(typed(*words, data_dir=data_dir))
    finally:
        os.close(folder)


def test_what_is_nested_too_deep_is_told(data_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_text("[" * 50_000)
    for words in ((), ("--format", "commentsvc"), ("--format", "commento")):
        done = typed("import", str(tmp_path / "deep.json"), *words, data_dir=data_dir)
        assert refusal(done).startswith("deep.json"), done.output


def test_what_is_no_export_is_told(data_dir: Path, tmp_path: Path) -> None:
    empty, other = tmp_path / "empty", tmp_path / "other.txt"
    empty.touch()
    other.write_text("Dear reader, this is a letter.")

    assert "nothing in it" in refusal(typed("import", str(empty), data_dir=data_dir))
    assert "--format" in refusal(typed("import", str(other), data_dir=data_dir))
    nowhere = typed("import", str(tmp_path / "nowhere"), data_dir=data_dir)
    assert (nowhere.exit_code, "No such file" in refusal(nowhere)) == (1, True)
    assert "There is no import 7" in refusal(typed("imports", "undo", "7", data_dir=data_dir))
    assert typed("imports", "undo", "9" * 20, data_dir=data_dir).exit_code == 2
