"""The sample themes: their styles stand in docs/themes.md, the pages around them in docs/themes/."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.running_service import make_template, open_in_process

DOCS = Path(__file__).parents[1]
THEMES = DOCS / "themes.md"
PAGES = DOCS / "themes"
SHOWN = re.compile(r"^### .*?\(themes/(\w+)\.html\).*?^```css\n(.*?)^```", re.MULTILINE | re.DOTALL)
OWN_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
SERVICE = "https://comments.example"


@dataclass(frozen=True)
class Sample:
    """One theme; `styles` is what a publisher writes for the comments."""

    name: str
    styles: str

    def page(self, service: str) -> str:
        """The page around it, with the comments of that service."""
        html = self._file.read_text().replace(SERVICE, service)
        return html.replace("</style>", f"{self.styles}</style>", 1)

    @property
    def dress(self) -> str:
        """The styles of the page and of the comments, for another page to wear."""
        found = OWN_STYLE.search(self._file.read_text())
        assert found, f"{self._file} has styles of its own"
        return found[1] + self.styles

    @property
    def _file(self) -> Path:
        return PAGES / f"{self.name}.html"


def samples() -> list[Sample]:
    """All that docs/themes.md shows, in its order."""
    return [Sample(name, styles) for name, styles in SHOWN.findall(THEMES.read_text())]


def seed(data_dir: Path) -> None:
    """Fill the data of a service that is to be started there with the discussions of the samples."""
    service = open_in_process(make_template(data_dir))
    now = datetime.now(UTC)
    for article, comments in json.loads((PAGES / "comments.json").read_text()).items():
        ids: list[str] = []
        for said in comments:
            service.clock.now = now
            service.clock.move(minutes=-said["minutes_before"])
            reader = service.reader(name=said["name"])
            parent = {"parent": ids[said["answers"]]} if "answers" in said else {}
            ids.append(reader.comment(article, said["text"], **parent))
    service.close()
