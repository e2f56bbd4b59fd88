"""The pages of docs/embed, and the files that they say to write."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parents[3] / "docs/embed"
PAGES = sorted(page.stem for page in FOLDER.glob("*.md") if page.stem != "README")
SERVICE = "https://comments.example"

# A line that names a file first and ends in a colon; below it, what to write there.
FILE = re.compile(r"^(?:In )?`([^`\n]+)`[^\n]*:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)


def files_of(page: str, service: str = SERVICE) -> dict[str, str]:
    """What to write where, for a service at that address."""
    return dict(FILE.findall((FOLDER / f"{page}.md").read_text().replace(SERVICE, service)))
