"""The list of decisions names each page, with the title that stands on it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

FOLDER = Path(__file__).parents[2] / "docs" / "decisions"
ROW = re.compile(
    r"^\| \[(\d{4})\]\((\S+\.md)\) \| (.+?) \| (in force|replaced by \S+) \| \d{4}-\d\d-\d\d \|$", re.M
)


def test_every_decision_is_listed_with_its_title() -> None:
    listed = {page: title for _, page, title, _ in ROW.findall((FOLDER / "README.md").read_text())}
    pages = {page.name: page.read_text().partition("\n")[0] for page in FOLDER.glob("0*.md")}

    assert set(listed) == set(pages)
    assert [page for page, heading in pages.items() if not heading.endswith(listed[page])] == []
