"""`make bench`: measure, save, print, and write the page of it."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

import click
from msgspec.structs import replace

from bench import data, live, page, table, waiting
from bench.machine import LOAD_CORE
from bench.measure import measure
from bench.results import Measured, Results, read, save
from bench.sizes import FULL, QUICK, Sizes

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).with_name("results.json")
QUICK_FOLDER = Path(__file__).with_name(".quick")


@click.command()
@click.option(
    "--quick", is_flag=True, help="Short rounds and small sizes, to see that it works; keeps no figures."
)
@click.option(
    "--page", "page_alone", is_flag=True, help="Measure nothing; write the page of the last run anew."
)
@click.option(
    "--waiting",
    "queue_alone",
    is_flag=True,
    help="Measure the moderators' queue alone; the rest is of the last run.",
)
@click.option(
    "--live",
    "live_alone",
    is_flag=True,
    help="Measure readers beside streams of events alone; the rest is of the last run.",
)
def main(quick: bool, page_alone: bool, queue_alone: bool, live_alone: bool) -> None:
    """Measure commentsvc beside its peers, and write docs/performance.md."""
    results_file, folder = RESULTS, ROOT / "docs"
    if quick:
        results_file, folder = QUICK_FOLDER / "results.json", QUICK_FOLDER
    if queue_alone:
        save(with_queue(read(results_file), QUICK if quick else FULL), results_file)
    elif live_alone:
        os.sched_setaffinity(0, {int(LOAD_CORE)})
        save(with_streams(read(results_file), QUICK if quick else FULL), results_file)
    elif not page_alone:
        os.sched_setaffinity(0, {int(LOAD_CORE)})  # what we do ourselves belongs to the load
        results_file.parent.mkdir(exist_ok=True)
        save(measure(QUICK if quick else FULL, quick=quick), results_file)
    results = read(results_file)
    show(results)
    page.write(results_file, folder)


def with_queue(results: Results, sizes: Sizes) -> Results:
    """The same results with the queue's figures of today."""
    found: dict[str, Measured] = {}
    waiting.measure(
        sizes,
        data.kept("waiting"),
        lambda name, unit, value: found.setdefault(name, Measured(unit, [])).rounds.append(value),
    )
    measured = results.measured | found
    return replace(results, sizes=asdict(sizes), measured=measured, waiting=table.waiting_rows(measured))


def with_streams(results: Results, sizes: Sizes) -> Results:
    """The same results with today's figures of readers beside streams."""
    found: dict[str, Measured] = {}
    live.measure(
        sizes, lambda name, unit, value: found.setdefault(name, Measured(unit, [])).rounds.append(value)
    )
    return replace(results, sizes=asdict(sizes), measured=results.measured | found)


def show(results: Results) -> None:
    """Print the tables."""
    click.echo(f"\n{table.printed((*results.rows, *results.waiting), results.measured)}\n")
    for one in live.rows(results.measured):
        click.echo(
            f"{one.what}: {one.median} ({one.lowest} to {one.highest}), aimed at {one.target}: {one.verdict}"
        )
    for where, tail in results.tails.items():
        click.echo(
            f"posters at once on {where}: 99th percentile / median = {tail.percentile_99 / tail.median:.2f}"
            f" ({tail.percentile_99 * 1000:.1f} ms / {tail.median * 1000:.1f} ms), longest {tail.longest * 1000:.0f} ms"
        )
    for kind, found in results.steps.items():
        parts = ", ".join(f"{step} {taken / found.whole:.0%}" for step, taken in found.steps.items())
        click.echo(f"{kind}, {found.whole:,.0f} µs: {parts}")


if __name__ == "__main__":
    main()
