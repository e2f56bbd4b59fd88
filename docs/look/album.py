"""The folder with the pictures, and its page."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from jinja2 import Environment

PAGE = Path(__file__).with_name("album.html.jinja")


@dataclass(frozen=True)
class Picture:
    """What it shows: a state of a chapter, in a look, that many CSS pixels wide."""

    chapter: str
    state: str
    look: str
    width: int

    @property
    def file(self) -> str:
        """The name of its file."""
        return _slug(f"{self.chapter} {self.state} {self.look} {self.width}") + ".png"

    @property
    def anchor(self) -> str:
        """Where its state is on the page."""
        return _slug(f"{self.chapter} {self.state}")


@dataclass
class Album:
    """The pictures in the order in which they are taken."""

    folder: Path
    pictures: list[Picture] = field(default_factory=list)

    def place_of(self, picture: Picture) -> Path:
        """Where to put this one, which the page shows from then on."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.pictures.append(picture)
        return self.folder / picture.file

    def write(self) -> Path:
        """Make the page; give its path."""
        chapters = {
            chapter: {state: list(shown) for state, shown in groupby(pictures, lambda picture: picture.state)}
            for chapter, pictures in groupby(self.pictures, lambda picture: picture.chapter)
        }
        page = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
            PAGE.read_text()
        )
        index = self.folder / "index.html"
        index.write_text(page.render(chapters=chapters))
        return index


def _slug(words: str) -> str:
    return re.sub(r"\W+", "-", words.lower()).strip("-")
