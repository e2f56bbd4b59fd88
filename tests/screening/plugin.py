"""A package with a check of its own, as it lies in an operator's environment."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from textwrap import dedent, indent

import pytest

_numbers = count()  # no two have the same module: Python loads each once


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Installs packages, each with one check whose function `look` has the given lines."""
    loaded: list[str] = []

    def installed(look: str, *, name: str = "shouting", phase: str = "before", above: str = "") -> str:
        module = f"example_check_{next(_numbers)}"
        folder = tmp_path / module
        metadata = folder / f"{module}-1.0.dist-info"
        metadata.mkdir(parents=True)
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(f"[commentsvc.checks]\n{module} = {module}:Example\n")
        (folder / f"{module}.py").write_text(
            f"from commentsvc.screening import Finding\n{dedent(above)}\n"
            f"class Example:\n    name = {name!r}\n    phase = {phase!r}\n\n"
            f"    def look(self, candidate, facts):\n{indent(dedent(look), ' ' * 8)}\n"
        )
        monkeypatch.syspath_prepend(folder)
        loaded.append(module)
        return module

    yield installed
    for module in loaded:
        sys.modules.pop(module, None)
