"""Write the JSON Schema of an exported line, `docs/export.schema.json`, from the classes that write and read it."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from commentsvc.transfer.native import CommentLine, Header, SiteLine, ThreadLine

FILE = Path(__file__).with_name("export.schema.json")
LINES = (Header, SiteLine, ThreadLine, CommentLine)


def text() -> str:
    """The schema."""
    references, definitions = msgspec.json.schema_components(LINES, ref_template="#/$defs/{name}")
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of a commentsvc export (JSON Lines, version 1)",
        "description": "The first line is a Header; the others are a site, a thread or a comment, as their `type` says.",
        "anyOf": list(references),
        "$defs": definitions,
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
