"""Only moderation, mail and exports open an e-mail address: an import from anywhere else fails `make check`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYER = "Only moderation, mail and exports open an e-mail address"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    shutil.copytree(
        ROOT / "commentsvc", tmp_path / "commentsvc", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def checked(checkout: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).parent / "lint-imports", "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, timeout=120, check=False)


def test_the_tree_as_it_is_keeps_its_layers(checkout: Path) -> None:
    result = checked(checkout)

    assert result.returncode == 0, result.stdout
    assert f"{LAYER} KEPT" in result.stdout


@pytest.mark.sampled(5)
@pytest.mark.parametrize(
    "module",
    ["web/api/reading.py", "publishing/public.py", "actions/read.py", "intake/fields.py", "cli/sites.py"],
)
def test_a_planted_import_is_caught(checkout: Path, module: str) -> None:
    file = checkout / "commentsvc" / module
    file.write_text(file.read_text() + "\nfrom commentsvc.privacy.opening import open_address\n")

    result = checked(checkout)

    assert result.returncode != 0
    assert f"{LAYER} BROKEN" in result.stdout
    assert f"commentsvc.{module.removesuffix('.py').replace('/', '.')}" in result.stdout
