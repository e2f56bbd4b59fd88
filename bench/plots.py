"""Draw the plots of the page; run by the interpreter that has matplotlib.

python plots.py RESULTS.json FOLDER
"""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot as plt

WIDTH = 8  # inches
# Okabe and Ito's colours, which those who see red and green alike can tell apart.
BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, RED, PINK = (
    "#000000",
    "#e69f00",
    "#56b4e9",
    "#009e73",
    "#f0e442",
    "#0072b2",
    "#d55e00",
    "#cc79a7",
)
SERVERS = {
    "nginx, a file": ("nginx {name}", SKY),
    "bare WSGI": ("bare {name}", ORANGE),
    "commentsvc": ("hot {name}", BLUE),
    "smallest Flask route": ("flask {coding}", YELLOW),
    "commentsvc, a miss": ("miss {coding}", GREEN),
    "Isso": ("isso 100", RED),
}
REPRESENTATIONS = {
    "JSON, Brotli": ("json-100-br", "br"),
    "JSON, not compressed": ("json-100-identity", "identity"),
    "fragment, Brotli": ("fragment-100-br", None),
    "fragment, not compressed": ("fragment-100-identity", None),
}
STEP_COLOURS = {
    "server": "#bbbbbb",
    "routing": SKY,
    "look-up": BLUE,
    "limits": PINK,
    "validation": YELLOW,
    "Markdown": GREEN,
    "bleach": ORANGE,
    "sealing": BLACK,
    "statements": "#004c78",
    "commit": RED,
    "answer": "#80cdb8",
    "Brotli": "#a65628",
    "log": "#fdbf6f",
    "other": "#e5e5e5",
}


def main(results_file: str, folder: str) -> None:
    """Draw all of them from one run's results."""
    results = json.loads(Path(results_file).read_text())
    plt.rcParams.update(
        {
            "figure.facecolor": "white",  # its own, so that it can be read on a dark page too
            "savefig.facecolor": "white",
            "svg.hashsalt": "commentsvc",  # the same drawing has the same bytes
            "axes.spines.top": False,
            "axes.spines.right": False,
            "font.size": 9,
        }
    )
    for name, draw in (("reads", draw_reads), ("pages", draw_pages), ("steps", draw_steps)):
        figure = draw(results)
        figure.savefig(Path(folder) / f"performance-{name}.svg", bbox_inches="tight", metadata={"Date": None})
        plt.close(figure)


def draw_reads(results: dict[str, Any]) -> Any:
    """Requests a second by server, on a logarithmic scale, with the range over the rounds."""
    figure, axes = plt.subplots(figsize=(WIDTH, 5))
    height = 0.8 / len(SERVERS)
    for place, (server, (pattern, colour)) in enumerate(SERVERS.items()):
        for line, (name, coding) in enumerate(REPRESENTATIONS.values()):
            measured = results["measured"].get(pattern.format(name=name, coding=coding))
            if measured is None:
                continue
            rounds = measured["rounds"]
            middle = statistics.median(rounds)
            across = line + (place - len(SERVERS) / 2 + 0.5) * height
            error = [[middle - min(rounds)], [max(rounds) - middle]]
            label = server if line == 0 else None
            axes.barh(
                across, middle, height, color=colour, xerr=error, label=label, error_kw={"linewidth": 0.8}
            )
            axes.text(max(rounds) * 1.08, across, f"{middle:,.0f}", va="center", fontsize=7)
    axes.set_yticks(range(len(REPRESENTATIONS)), REPRESENTATIONS)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlim(left=0.5)
    axes.set_xlabel("requests a second, one core, 100 comments (logarithmic)")
    axes.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.45, 1), frameon=False)
    return figure


def draw_pages(results: dict[str, Any]) -> Any:
    """Milliseconds of pages by their place in the longest thread."""
    figure, axes = plt.subplots(figsize=(WIDTH, 3))
    for (order, taken), colour in zip(results["glances"].items(), (BLUE, ORANGE), strict=True):
        places = [100 * number / (len(taken) - 1) for number in range(len(taken))]
        axes.plot(
            places,
            taken,
            "o-",
            color=colour,
            label=f"{order} first, {results['sizes']['longest']:,} comments",
        )
    first = statistics.median(results["measured"]["first page of 100"]["rounds"])
    axes.axhline(first, color=BLACK, linestyle="--", label="first page of a thread of 100")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("place in the thread, per cent")
    axes.set_ylabel("ms a page of 50")
    axes.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.45, 1), frameon=False)
    return figure


def draw_steps(results: dict[str, Any]) -> Any:
    """Of each kind of request the steps, stacked to a hundred per cent."""
    figure, axes = plt.subplots(figsize=(WIDTH, 3))
    kinds = results["steps"]
    ends = dict.fromkeys(kinds, 0.0)
    for step, colour in STEP_COLOURS.items():
        shares = {kind: 100 * found["steps"].get(step, 0) / found["whole"] for kind, found in kinds.items()}
        if any(shares.values()):
            axes.barh(list(kinds), list(shares.values()), left=list(ends.values()), color=colour, label=step)
        ends = {kind: end + shares[kind] for kind, end in ends.items()}
    axes.set_yticks(range(len(kinds)), [f"{kind}, {found['whole']:,.0f} µs" for kind, found in kinds.items()])
    axes.invert_yaxis()
    axes.set_xlabel("per cent of one request")
    axes.legend(ncols=6, loc="lower center", bbox_to_anchor=(0.45, 1), frameon=False)
    return figure


if __name__ == "__main__":
    main(*sys.argv[1:])
