"""Draw which room imports which, into `docs/architecture.md`: `make drawing`.

An arrow that others imply is left out: where A imports B and B imports C, there is none from A to C.
"""

from __future__ import annotations

import re
from pathlib import Path

import grimp

PAGE = Path(__file__).with_name("architecture.md")
BEGIN, END = "<!-- Drawn by `make drawing`. -->\n", "<!-- End of the drawing. -->\n"
SHARED = "model, errors, messages, …"
# Modules that stand in another layer than their folder, and what is small and shared by all rooms.
PLACES = {
    "backends": "settings",
    "cache.codings": "cache/codings",
    "cache.commit_counter": "cache/versions",
    "cache.gapped": "cache/codings",
    "cache.versions": "cache/versions",
    "web.api": "web/api",
    "web.blueprints": "web/blueprints",
    "web.desk": "web/desk",
    "web.pages": "web/pages",
} | dict.fromkeys(
    (
        "csv_lines",
        "errors",
        "http_terms",
        "ids",
        "log",
        "messages",
        "model",
        "origins",
        "records",
        "template_folder",
        "unicode_text",
    ),
    SHARED,
)

Arrows = set[tuple[str, str]]


def room_of(module: str) -> str:
    """The room of a module such as `commentsvc.web.api.reading`."""
    parts = module.split(".")[1:3]
    return PLACES.get(".".join(parts)) or PLACES.get(parts[0], parts[0])


def arrows() -> Arrows:
    """Which room imports which."""
    graph = grimp.build_graph("commentsvc", exclude_type_checking_imports=True)
    modules = graph.modules - {"commentsvc"}
    found = {
        (room_of(importer), room_of(imported))
        for importer in modules
        for imported in graph.find_modules_directly_imported_by(importer) & modules
    }
    return {(importer, imported) for importer, imported in found if importer != imported}


def reduced(drawn: Arrows) -> Arrows:
    """Those of the arrows that no others imply; they must form no circle."""
    return {
        (importer, imported)
        for importer, imported in drawn
        if not any(imported in below(other, drawn) for other in after(importer, drawn) - {imported})
    }


def after(room: str, drawn: Arrows) -> set[str]:
    """What a room imports itself."""
    return {imported for importer, imported in drawn if importer == room}


def below(room: str, drawn: Arrows) -> set[str]:
    """All that a room imports, by whatever way."""
    found, new = set[str](), after(room, drawn)
    while new:
        found |= new
        new = {imported for room in new for imported in after(room, drawn)} - found
    return found


def drawing() -> str:
    """The drawing as Mermaid (https://mermaid.js.org/syntax/flowchart.html), which GitHub shows as a picture."""
    shown = sorted(reduced(arrows()))
    rooms = sorted({room for arrow in shown for room in arrow})
    ids = {room: re.sub(r"\W+", "_", room).strip("_") for room in rooms}
    lines = [f'  {ids[room]}["{room}"]' for room in rooms]
    lines += [f"  {ids[importer]} --> {ids[imported]}" for importer, imported in shown]
    return "\n".join(["```mermaid", "flowchart TD", *lines, "```", ""])


def page_with(drawn: str, page: str) -> str:
    """*page* with that drawing in the place of its own.

    :raises ValueError: the page has no place for one.
    """
    before, rest = page.split(BEGIN)
    _, end = rest.split(END)
    return f"{before}{BEGIN}{drawn}{END}{end}"


if __name__ == "__main__":
    PAGE.write_text(page_with(drawing(), PAGE.read_text()))
