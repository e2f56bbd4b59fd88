"""Import every export of a corpus, killed in between, and twice: `python -m tests.transfer.corpus FOLDER [PART OF A NAME]`.

FOLDER holds `imports/index.json`, which names exports with what is in each. It is no part of the project. For each file
and database there is a line with the counts beside those of the index, and with what is otherwise; the last line says
how many files are.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from commentsvc.settings import PREFIX
from tests.command_line import create_service, typed
from tests.postgresql import make_ready, running_cluster

Settings = dict[str, str]
KILLED = 1  # times, before it may come to its end
READABLE = (0, 3)
TOLD = ("added", "already", "skipped", "skipped_by", "threads_added", "altered_by")


def main(folder: Path, part: str) -> int:
    """Print a line for each file and database; give how many differ."""
    entries = json.loads((folder / "imports/index.json").read_text())
    differing = 0
    with running_cluster() as cluster, TemporaryDirectory() as made:
        make_ready(cluster, Path(made))
        databases: dict[str, Callable[[], AbstractContextManager[Settings]]] = {
            "sqlite": lambda: nullcontext({}),
            "postgresql": cluster.emptied,
        }
        for entry in entries:
            if part not in entry["file"]:
                continue
            for name, database in databases.items():
                with database() as settings, TemporaryDirectory() as data:
                    lines = list(_tried(folder / "imports" / entry["file"], entry, Path(data), settings))
                differing += any(line.startswith("differs") for line in lines)
                print(f"{entry['file']} ({name})", *lines, sep="\n    ", flush=True)
    print(f"{differing} differ")
    return differing


def _tried(file: Path, entry: dict[str, Any], data: Path, settings: Settings) -> Iterator[str]:
    """Say what came of one file, and what was otherwise."""
    create_service(data / "service", **settings)
    data = data / "service"
    began = time.monotonic()
    rehearsed = typed("import", str(file), "--dry-run", "--json", data_dir=data, **settings)
    whole = time.monotonic() - began
    if rehearsed.exit_code not in READABLE:
        yield f"refused: {rehearsed.stderr.strip()}"
        again = typed("import", str(file), "--json", "--keep-going", data_dir=data, **settings)
        yield from _with_keep_going(again.exit_code, again.stdout, again.stderr, entry)
        return
    for _ in range(KILLED):
        _killed(file, data, settings, within=whole + 4)
    runs = [typed("import", str(file), "--json", data_dir=data, **settings) for _ in range(2)]
    first, second = (json.loads(run.stdout) for run in runs)
    yield f"{first['format']}: " + ", ".join(f"{name} {first[name]}" for name in TOLD)
    expected = json.loads(rehearsed.stdout)
    for name, count in first["found"].items():
        if count != entry["counts"].get(name):
            yield f"differs: {name} is {count}, and the index has {entry['counts'].get(name)}"
    if first["found"]["comments"] != first["added"] + first["already"] + first["skipped"]:
        yield "differs: found is not added, already there and skipped"
    if expected["added"] != first["added"] + first["already"]:
        yield f"differs: the rehearsal said {expected['added']} would come"
    if (second["added"], second["threads_added"]) != (0, 0):
        yield f"differs: the second run added {second['added']}"
    if any(run.exit_code != (3 if first["skipped"] else 0) for run in runs):
        yield f"differs: exit codes {[run.exit_code for run in runs]}"
    examined = typed("doctor", "--deep", data_dir=data, **settings)
    if examined.exit_code:
        yield f"differs: {examined.stdout.strip().splitlines()[-1]}"


def _with_keep_going(code: int, out: str, err: str, entry: dict[str, Any]) -> Iterator[str]:
    if code not in READABLE:
        yield f"and with --keep-going: {err.strip()}"
        return
    found = json.loads(out)
    told = {name: (count, entry["counts"].get(name)) for name, count in found["found"].items() if count}
    yield f"with --keep-going: added {found['added']}, skipped {found['skipped_by']}, found (and of the index) {told}"


def _killed(file: Path, data: Path, settings: Settings, within: float) -> None:
    """Import, and kill it at a random moment."""
    environ = {PREFIX + name: value for name, value in (settings | {"DATA_DIR": str(data)}).items()}
    words = [sys.executable, "-m", "commentsvc", "import", str(file)]
    process = subprocess.Popen(words, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(random.uniform(0, within))
    process.kill()
    process.wait()


if __name__ == "__main__":
    sys.exit(bool(main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "")))
