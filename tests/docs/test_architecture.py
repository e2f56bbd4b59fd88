"""The page on the architecture shows the code as it is: its drawing, and the ways of one post and one read."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import commentsvc
from docs import drawing
from tests.people import Reader

PAGE = drawing.PAGE.read_text()
PACKAGE = Path(commentsvc.__file__).parent
ROW = re.compile(r"^\| `(?P<file>[\w/]+\.py)` \| `(?P<function>[\w.]+)` \|", re.MULTILINE)

Call = tuple[str, str]
"""A file, from the package on, and the qualified name of a function in it."""


@contextmanager
def recorded_calls() -> Iterator[list[Call]]:
    """The functions of the service that this thread calls during the block, each once, in the order of the first calls."""
    seen: dict[Call, None] = {}

    def record(frame: FrameType, event: str, _argument: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(str(PACKAGE)):
            seen.setdefault((Path(code.co_filename).relative_to(PACKAGE).as_posix(), code.co_qualname))

    calls: list[Call] = []
    sys.setprofile(record)
    try:
        yield calls
    finally:
        sys.setprofile(None)
        calls += seen


def way(heading: str) -> list[Call]:
    """The functions that the page names below that heading."""
    _, _, rest = PAGE.partition(f"## {heading}\n")
    section = rest.partition("\n## ")[0]
    return [(row["file"], row["function"]) for row in ROW.finditer(section)]


def post(reader: Reader) -> None:
    assert reader.post("a", "Hello *you*.").status_code == 201


def read(reader: Reader) -> None:
    assert reader.get("/api/v1/thread?article=a").status_code == 200


@pytest.mark.parametrize(
    ("heading", "action"), [("One post, from file to file", post), ("One read, from file to file", read)]
)
def test_the_page_follows_the_calls_as_they_are(
    reader: Reader, heading: str, action: Callable[[Reader], None]
) -> None:
    named = way(heading)
    reader.posted("a", "Good morning.")

    with recorded_calls() as calls:
        action(reader)

    assert len(named) >= 10
    assert [call for call in calls if call in named] == named


def test_the_drawing_of_imports_is_up_to_date() -> None:
    assert drawing.page_with(drawing.drawing(), PAGE) == PAGE, "run: make drawing"


def test_no_room_imports_itself_by_way_of_others() -> None:
    arrows = drawing.arrows()

    assert {room for room, _ in arrows if room in drawing.below(room, arrows)} == set()


def test_an_import_that_others_imply_is_not_drawn() -> None:
    chain = {("a", "b"), ("b", "c"), ("c", "d")}

    assert drawing.reduced(chain | {("a", "c"), ("a", "d"), ("a", "e")}) == chain | {("a", "e")}


def test_every_room_of_the_package_is_drawn() -> None:
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}

    assert {room for room in rooms if f'["{drawing.room_of(f"commentsvc.{room}")}"]' not in PAGE} == set()
