"""`make bench`: measure, save, print, and write the page of it."""

from __future__ import annotations

import os
from pathlib import Path

import click

from bench import page, table
from bench.machine import LOAD_CORE
from bench.measure import measure
from bench.results import Results, read, save
from bench.sizes import FULL, QUICK

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
def main(quick: bool, page_alone: bool) -> None:
    """Measure commentsvc beside its peers, and write docs/performance.md."""
    results_file, folder = RESULTS, ROOT / "docs"
    if quick:
        results_file, folder = QUICK_FOLDER / "results.json", QUICK_FOLDER
    if not page_alone:
        os.sched_setaffinity(0, {int(LOAD_CORE)})  # what we do ourselves belongs to the load
        results_file.parent.mkdir(exist_ok=True)
        save(measure(QUICK if quick else FULL, quick=quick), results_file)
    results = read(results_file)
    show(results)
    page.write(results_file, folder)


def show(results: Results) -> None:
    """Print the tables."""
    click.echo(f"\n{table.printed(results.rows, results.measured)}\n")
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
