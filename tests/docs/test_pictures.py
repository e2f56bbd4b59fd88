"""The pictures of the documentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images"
PAGES = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
MOST = 120_000  # bytes, so that a page of documentation stays quick


def test_every_picture_is_shown_and_every_shown_one_is_there() -> None:
    shown = {
        (page.parent / address).resolve()
        for page in PAGES
        for address in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page.read_text())
    }

    assert shown == set(IMAGES.iterdir())


def test_no_picture_is_heavy() -> None:
    assert {file.name: size for file in IMAGES.glob("*.png") if (size := file.stat().st_size) > MOST} == {}
