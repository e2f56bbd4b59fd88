"""The page of figures, made from what a run saved."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from bench import table
from bench.page import page_of
from bench.results import Measured, Results, Steps, Tail, read, save
from bench.sizes import FULL

pytestmark = pytest.mark.unit


@pytest.fixture
def results() -> Results:
    """Of a run in which each measurement gave another number."""
    measured = {
        name: Measured("/s", [100.0 * number, 110.0 * number])
        for number, name in enumerate(sorted(table.names()), 1)
    }
    return Results(
        date="2026-11-24",
        quick=False,
        machine={"processor": "P", "cores": "2", "memory": "25 GB", "system": "Debian"},
        versions={"commentsvc": "0.1.0", "Isso": "0.14.0"},
        sizes=asdict(FULL),
        facts={
            "bytes bare": 9000,
            "isso bytes bare": 46_000,
            "processes": 2,
            "isso processes": 5,
            "reads before memory": 100_000,
        },
        measured=measured,
        rows=table.rows(measured),
        waiting=table.waiting_rows(measured),
        glances={"oldest": [1.0, 1.1], "newest": [1.0, 1.2]},
        tails={"one thread": Tail(640, 0.010, 0.015, 0.021, 9, 11)},
        steps={
            "hot read": Steps(20.0, {"server": 15.0, "answer": 5.0}, 8000),
            "post": Steps(800.0, {"server": 200.0, "commit": 600.0}, 8000),
        },
    )


def lines_of(page: str, what: str) -> list[list[str]]:
    """The cells of the table's lines that begin so."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in page.splitlines()
        if line.startswith(f"| {what} |")
    ]


def test_the_page_shows_the_moderators_queue_on_both_databases(results: Results) -> None:
    page = page_of(results, "")

    assert [line[1] for line in lines_of(page, "second page")] == ["SQLite", "PostgreSQL"]
    assert [line[4] for line in lines_of(page, "words that nobody wrote")] == ["≤ 5.00", "≤ 5.00"]


def test_the_page_shows_every_line_with_its_ratio_range_target_and_verdict(results: Results) -> None:
    page = page_of(results, "")

    shown = [cells for row in results.rows for cells in lines_of(page, row.what) if cells[1] == row.against]
    assert len({(cells[0], cells[1]) for cells in shown}) == len(table.LINES)
    for row in results.rows:
        [cells] = [cells for cells in lines_of(page, row.what) if cells[1] == row.against]
        assert cells[2] == table.figure(row.ratio())
        assert cells[3] == f"{table.figure(min(row.ratios))} to {table.figure(max(row.ratios))}"
        assert cells[4:6] == [table.wanted(row), table.verdict(row)]


def test_the_page_names_each_target_that_was_missed(results: Results) -> None:
    for row in results.rows:
        row.ratios = [row.target or 1.0] * 2  # reached by a hair
    results.rows[0].ratios = [0.5, 0.6]

    page = page_of(results, "")

    aimed = sum(line.least is not None or line.most is not None for line in table.LINES)
    assert f"1 of the {aimed} targets was missed: {results.rows[0].what} against" in page
    assert page.count("MISSED") == 1


def test_a_ratio_is_taken_within_each_round_and_not_of_medians() -> None:
    line = table.Line("a", "b", "ours", "theirs", least=1.5)
    measured = {"ours": Measured("/s", [10, 200, 30]), "theirs": Measured("/s", [10, 100, 10])}

    row = line.row(measured)

    assert row.ratios == [1, 2, 3]
    assert row.ratio() == 2
    assert row.reached()


@pytest.mark.parametrize(("ratio", "reached"), [(0.9, True), (1.0, True), (1.1, False)])
def test_a_target_that_is_an_upper_bound_is_reached_from_below(ratio: float, reached: bool) -> None:
    line = table.Line("a", "b", "ours", "theirs", most=1.0)

    row = line.row({"ours": Measured("ms", [ratio]), "theirs": Measured("ms", [1.0])})

    assert row.reached() is reached


def test_the_page_shows_each_step_with_its_share(results: Results) -> None:
    page = page_of(results, "")

    assert lines_of(page, "commit") == [["commit", "–", "600.0 µs, 75%"]]
    assert lines_of(page, "server") == [["server", "15.0 µs, 75%", "200.0 µs, 25%"]]


def test_what_was_written_by_hand_stands_at_the_end_of_the_page(results: Results) -> None:
    assert page_of(results, "## What is left\nNothing.\n").endswith("## What is left\nNothing.\n")


def test_results_are_read_as_they_were_saved(results: Results, tmp_path: Path) -> None:
    save(results, tmp_path / "results.json")

    assert read(tmp_path / "results.json") == results
