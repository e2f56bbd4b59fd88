"""Two checkouts side by side: the processor time of a miss and of a post in each, asked in turns in one run.

A process of each checkout calls its application as a server would. In every round both do the same, in an order by
chance; what is printed is the median of each, and that of their ratios, which a neighbour on the machine changes little.

    python -m bench.pairs OTHER_CHECKOUT
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from statistics import median

from bench import data, steps
from bench.peers import ours
from commentsvc.app import create_app
from commentsvc.settings import Settings

EXPECTED = {"miss": "200", "post": "201"}
AT_ONCE = 10  # calls of one side before it is the other's turn
ROUNDS = 40
HERE = Path(__file__).parents[1]


def compare(other: Path) -> None:
    """Print a line for each kind of call."""
    with closing(Side(other)) as old, closing(Side(HERE)) as new:
        for kind in EXPECTED:
            rounds = [_round(old, new, kind) for _ in range(ROUNDS)]
            before, now = (median(taken) for taken in zip(*rounds, strict=True))
            ratio = median(after / earlier for earlier, after in rounds)
            print(
                f"{kind}: {before:,.0f} µs there, {now:,.0f} µs here; {ratio - 1:+.1%} in pairs", flush=True
            )


def _round(old: Side, new: Side, kind: str) -> tuple[float, float]:
    first, second = random.sample([old, new], 2)
    taken = {first: first.microseconds(kind), second: second.microseconds(kind)}
    return taken[old], taken[new]


class Side:
    """A process of one checkout."""

    def __init__(self, checkout: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--serve"],
            cwd=checkout,
            env=os.environ | {"PYTHONPATH": str(checkout)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def microseconds(self, kind: str) -> float:
        """The median of some calls."""
        assert self._process.stdin
        assert self._process.stdout
        print(kind, file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline())

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def serve() -> None:
    """Call what each line of the input names, and print the median of what that took."""
    answers, sys.stdout = sys.stdout, sys.stderr  # the access log goes to what is the output then
    with tempfile.TemporaryDirectory() as folder:
        where = data.fresh(Path(folder, "data"), comments=100)
        calls = {kind: _calls(kind, where) for kind in EXPECTED}
        for line in sys.stdin:
            print(median(islice(calls[line.strip()], AT_ONCE)), file=answers, flush=True)


def _calls(kind: str, where: Path) -> Iterator[float]:
    """What one call after the other takes."""
    app = create_app(Settings.from_environ(ours.environ(where, steps.KINDS[kind])))
    for number, environ in enumerate(steps._environs(kind, app, 1)):
        began = time.process_time()
        steps._call(app, environ, EXPECTED[kind])
        if number >= steps.WARM:
            yield (time.process_time() - began) * 1e6


if __name__ == "__main__":
    if sys.argv[1] == "--serve":
        serve()
    else:
        compare(Path(sys.argv[1]))
