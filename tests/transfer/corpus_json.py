"""Read every export of a corpus in JSON, YAML or SQLite, and compare what is found with the counts of its index.

python -m tests.transfer.corpus_json FOLDER
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from commentsvc.transfer.errors import Unreadable
from commentsvc.transfer.sources import opened
from tests.transfer.counting_json import counted
from tests.transfer.formats_json import FORMATS

NAMES = {
    "artalk-yml": "artalk",
    "artrans": "artrans",
    "comentario-v3-json": "comentario",
    "commento-json": "commento",
    "discourse-json": "discourse",
    "isso-db": "isso",
    "isso-generic-json": "isso-json",
    "remark42-jsonl": "remark42",
    "remark42-tree": "remark42",
    "staticman-yaml": "staticman",
    "twikoo-jsonl": "twikoo",
    "valine-json": "valine",
    "waline-json": "waline",
    "waline-sqlite": "waline-db",
}


def main(folder: Path) -> int:
    """Print a line for each file; give how many differ."""
    differing = 0
    for entry in json.loads((folder / "index.json").read_text()):
        name = NAMES.get(entry["format"])
        if name is None:
            continue
        result = _compared(folder / entry["file"], name, entry["counts"])
        differing += not result.startswith(("equal", "unreadable"))
        print(f"{entry['file']:50} {name:11} {result}")
    print(f"{differing} differ")
    return differing


def _compared(file: Path, name: str, counts: dict[str, object]) -> str:
    with tempfile.TemporaryDirectory() as scratch:
        source = opened(file, False, lambda what, line, reason: None, Path(scratch))
        first_name, first = next(source.files())
        with first.open() as stream:
            head = stream.read(64 * 1024)
        detected = [one.name for one in FORMATS.values() if one.detect(head, first_name)]
        one = FORMATS[name]
        try:
            found = counted(one.read(source), getattr(one, "knows", None))
        except Unreadable as why:
            kind = "unreadable" if counts.get("unreadable") else "DIFFERS, unreadable"
            return f"{kind}: {why}; detected {detected}"
    differences = {key: (count, counts.get(key)) for key, count in found.items() if counts.get(key) != count}
    if differences or detected != [name]:
        return f"DIFFERS {differences}, detected {detected}"
    return "equal"


if __name__ == "__main__":
    sys.exit(bool(main(Path(sys.argv[1]))))
