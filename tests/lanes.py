"""How many cases each lane tries: `python -m tests.lanes` prints it as a table of docs/decisions/0046."""

from __future__ import annotations

import contextlib
import io
from collections import Counter

import pytest

LANES = ("make check", "make test", "make soak")


class Counted:
    """Counts the cases that pytest collects, by folder and lane."""

    def __init__(self) -> None:
        self.cases: Counter[tuple[str, str]] = Counter()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            self.cases[item.path.relative_to(session.config.rootpath).parts[1], lane_of(item)] += 1


def lane_of(item: pytest.Item) -> str:
    """The first lane that tries it; `make test` tries what `make check` does as well."""
    if item.get_closest_marker("soak"):
        return "make soak"
    return "make check" if item.get_closest_marker("unit") else "make test"


def main() -> None:
    counted = Counted()
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main(["--collect-only", "-m", ""], plugins=[counted])
    print("| family |", " | ".join(LANES), "| all |")
    print("| --- |", " | ".join("--:" for _ in LANES), "| --: |")
    families = sorted({family for family, _ in counted.cases})
    for family in families:
        _print_row(family, [counted.cases[family, lane] for lane in LANES])
    _print_row("all", [sum(counted.cases[family, lane] for family in families) for lane in LANES])


def _print_row(family: str, cases: list[int]) -> None:
    print(f"| {family} |", " | ".join(f"{number:,}" for number in [*cases, sum(cases)]), "|")


if __name__ == "__main__":
    main()
