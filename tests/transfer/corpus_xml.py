"""Read every export of a corpus in XML, and compare what is found with the counts of its index.

python -m tests.transfer.corpus_xml FOLDER
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from commentsvc.transfer.errors import Unreadable
from commentsvc.transfer.format import Format
from commentsvc.transfer.sources import opened
from tests.transfer.counting import read
from tests.transfer.formats_xml import FORMATS

NAMES = {"blogger-atom": "blogger", "disqus-custom-wxr": "wxr", "disqus-xml": "disqus", "wxr": "wxr"}


def main(folder: Path) -> int:
    """Print a line for each file, and one more where it was read with `--keep-going`; give how many differ."""
    differing = 0
    for entry in json.loads((folder / "index.json").read_text(encoding="utf-8")):
        file, counts = folder / entry["file"], entry["counts"]
        with tempfile.TemporaryDirectory() as scratch:
            known = _known_by(file, Path(scratch))
            one = FORMATS.get(NAMES.get(entry["format"], ""))
            if one is None:
                differing += bool(known)
                continue
            results = [_result(one, file, counts, Path(scratch), keep_going) for keep_going in (False, True)]
        differing += any(result.startswith("DIFFERS") for result in results)
        print(f"{entry['file']:54} known by {known or 'none'}: {results[0]}")
        if results[1] != results[0]:
            print(f"{'':54} --keep-going: {results[1]}")
    print(f"{differing} differ")
    return differing


def _known_by(file: Path, scratch: Path) -> str:
    name, first = next(opened(file, False, lambda *what: None, scratch).files())
    with first.open() as stream:
        head = stream.read(64 * 1024)
    return ", ".join(one.name for one in FORMATS.values() if one.detect(head, name))


def _result(one: Format, file: Path, counts: dict[str, Any], scratch: Path, keep_going: bool) -> str:
    try:
        reading = read(one, file, scratch, keep_going=keep_going)
    except Unreadable as fault:
        return f"unreadable, {fault}"
    told = f", told {len(reading.told)}: {reading.told[0]}" if reading.told else ""
    if "threads" not in counts:  # the index could not read it
        return f"{len(reading.threads)} threads, {len(reading.comments)} comments{told}"
    different = {
        name: (count, counts[name]) for name, count in reading.counts().items() if count != counts[name]
    }
    return f"DIFFERS {different}" if different else f"equal{told}"


if __name__ == "__main__":
    sys.exit(bool(main(Path(sys.argv[1]))))
