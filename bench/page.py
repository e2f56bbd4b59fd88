"""The page: the results as tables and plots, in docs/performance.md."""

from __future__ import annotations

import subprocess
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bench import live, table
from bench.machine import BENCH_PYTHON
from bench.peers import isso, nginx, ours
from bench.results import Results, Steps, read
from bench.sizes import CONNECTIONS, LARGEST_PAGE, MANY_POSTERS, PAGE, POSTERS, RENDERING_CONNECTIONS
from bench.steps import STEPS
from commentsvc.cache.codings import BROTLI_QUALITY

HERE = Path(__file__).parent
PLOTS = HERE / "plots.py"


def write(results_file: Path, folder: Path) -> None:
    """Write `performance.md` into *folder*, and its plots into `images` below."""
    images = folder / "images"
    images.mkdir(exist_ok=True)
    subprocess.run([BENCH_PYTHON, PLOTS, results_file, images], check=True)
    notes = (HERE / "notes.md").read_text()
    (folder / "performance.md").write_text(page_of(read(results_file), notes))


def page_of(results: Results, notes: str) -> str:
    """The page in Markdown; *notes* are its last chapter."""
    environment = Environment(
        loader=FileSystemLoader(HERE),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Markdown, of our own numbers
    )
    aimed = [row for row in results.rows if row.target is not None]
    return environment.get_template("page.md.jinja").render(
        results=results,
        notes=notes.strip(),
        aimed=aimed,
        missed=[row for row in aimed if not row.reached()],
        steps=[step for step in STEPS if any(step in found.steps for found in results.steps.values())],
        figure=table.figure,
        wanted=table.wanted,
        verdict=table.verdict,
        value_of=table.value_of,
        share=share,
        ms=milliseconds,
        bytes=lambda name: f"{results.facts[name] / 1000:.1f} kB",
        live=live.rows(results.measured),
        streams=live.STREAMS,
        connections=CONNECTIONS,
        rendering=RENDERING_CONNECTIONS,
        posters=POSTERS,
        many_posters=MANY_POSTERS,
        clients=ours.CLIENTS,
        largest_page=LARGEST_PAGE,
        page=PAGE,
        isso_workers=isso.WORKERS,
        isso_settings=isso.SETTINGS.format(folder="…", port="…"),
        quality=BROTLI_QUALITY,
        nginx_configuration=nginx.shown(),
    )


def share(found: Steps, step: str) -> str:
    """What a step takes, and its share of the whole."""
    if step not in found.steps:
        return "–"
    return f"{found.steps[step]:,.1f} µs, {found.steps[step] / found.whole:.0%}"


def milliseconds(seconds: float) -> str:
    """A time in milliseconds, with its unit."""
    return f"{seconds * 1000:,.1f} ms"
