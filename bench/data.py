"""The data that is read: made once for each size, and kept until the code that makes it changes."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from flask import Flask

from bench import seed
from bench.peers import ours
from bench.sizes import COUNTED, LARGEST_PAGE, Sizes
from commentsvc.app import create_app
from commentsvc.model import Order
from commentsvc.service import Service
from commentsvc.settings import Settings
from commentsvc.storage import schema

ROOT = Path(__file__).parents[1]
KEPT = Path(__file__).with_name(".data")
MADE_BY = (
    "bench/data.py",
    "bench/seed.py",
    "commentsvc/actions/bulk_insert.py",
    "commentsvc/storage/loading.py",
    "commentsvc/storage/tables/*.py",
    "commentsvc/storage/migrations/versions/*.py",
    "commentsvc/publishing/*.py",
)

HUNDRED, THOUSAND, LONGEST = "hundred", "thousand", "longest"


@dataclass(frozen=True, slots=True)
class Data:
    """Two data directories: *large* has all threads, *small* 200, of which one has 100 comments."""

    large: Path
    small: Path
    cursors: dict[str, list[str]]
    """By order: cursors into the longest thread, evenly spread over it."""


def spread(number: int) -> str:
    """The article of one of the threads of 100 comments over which reads are spread."""
    return f"spread-{number}"


def counted(threads: int) -> list[str]:
    """Articles to ask the counts of, from among so many threads, most of them short."""
    return [f"article-{number}" for number in Random(1).sample(range(threads), COUNTED)]


def prepared(sizes: Sizes) -> Data:
    """Give the data of those sizes; the first time it is made, which takes minutes."""
    folder = KEPT / _name(sizes)
    if not folder.exists():
        _forget_outdated()
        print(f"Making threads with {sizes.longest:,} and {sizes.spread * 100:,} comments …", flush=True)
        # In a process of its own, whose access log nobody wants.
        command = [sys.executable, "-m", "bench.data", json.dumps(asdict(sizes)), str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr[-3000:])
    cursors = json.loads((folder / "cursors.json").read_text())
    return Data(folder / "large", folder / "small", cursors)


def fresh(data_dir: Path, *, comments: int = 0) -> Path:
    """A data directory to post to, with a thread of so many comments and nothing else."""
    with _filling(data_dir) as (_, service):
        if comments:
            seed.fill(service, HUNDRED, comments)
    return data_dir


def comments(data_dir: Path, article: str) -> Iterator[dict[str, Any]]:
    """The comments of one thread in the order in which they were posted, for another service to take in."""
    connection = sqlite3.connect(data_dir / "comments.db")
    rows = connection.execute(
        """SELECT comment.seq, parent.seq, comment.author_name, comment.text, comment.posted_at
        FROM comment JOIN thread ON thread.id = comment.thread_id
        LEFT JOIN comment AS parent ON parent.id = comment.parent_id
        WHERE thread.article = ? ORDER BY comment.seq""",
        [article],
    )
    for number, parent, name, text, posted_at in rows:
        yield {
            "article": article,
            "number": number,
            "parent": parent,
            "name": name,
            "email": f"{name.lower().replace(' ', '-')}@mail.example",
            "text": text,
            "posted_at": datetime.fromisoformat(posted_at).timestamp(),
        }
    connection.close()


def kept(name: str) -> Path:
    """The folder of what else is made once, until the code that makes it changes."""
    return KEPT / f"{name}-{_code()}"


def _name(sizes: Sizes) -> str:
    """Of the sizes that matter, and of the code that makes the data."""
    return f"{sizes.longest}-{sizes.threads}-{sizes.spread}-{sizes.cursors}-{_code()}"


def _code() -> str:
    files = sorted(file for pattern in MADE_BY for file in ROOT.glob(pattern))
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _forget_outdated() -> None:
    for folder in KEPT.glob("*"):
        if not folder.name.endswith(_code()):
            shutil.rmtree(folder)


def _make(sizes: Sizes, folder: Path) -> None:
    making = folder.with_suffix(".making")
    shutil.rmtree(making, ignore_errors=True)
    _fill(sizes, making)
    making.rename(folder)


def _fill(sizes: Sizes, folder: Path) -> None:
    with _filling(folder / "small") as (_, service):
        seed.fill(service, HUNDRED, 100)
        seed.fill_many(service, COUNTED)
    with _filling(folder / "large") as (app, service):
        seed.fill(service, HUNDRED, 100)
        seed.fill(service, THOUSAND, 1000)
        seed.fill_spread(service, sizes.spread)
        seed.fill_many(service, sizes.threads)
        seed.fill(service, LONGEST, sizes.longest)
        cursors = {str(order): _walk(app, order, sizes) for order in Order}
    (folder / "cursors.json").write_text(json.dumps(cursors))


@contextmanager
def _filling(data_dir: Path) -> Iterator[tuple[Flask, Service]]:
    """A service on an empty data directory."""
    app = create_app(Settings.from_environ(ours.environ(data_dir, ours.SHOWN)))
    service = app.extensions["commentsvc"]
    schema.prepare(service.database, service.settings)
    yield app, service
    service.database.disconnect()


def _walk(app: Flask, order: Order, sizes: Sizes) -> list[str]:
    """Read the longest thread from end to end, and keep some of its cursors."""
    client, addresses = app.test_client(), ours.clients()
    cursors: list[str] = []
    query = {"article": LONGEST, "order": str(order), "limit": str(LARGEST_PAGE)}
    while True:
        more = {"cursor": cursors[-1]} if cursors else {}
        address = addresses[len(cursors) % len(addresses)]
        answer = client.get(
            "/api/v1/thread", query_string=query | more, environ_base={"REMOTE_ADDR": address}
        )
        assert answer.json
        assert answer.status_code == 200
        if answer.json["next"] is None:
            break
        cursors.append(answer.json["next"])
    last = len(cursors) - 1
    return [cursors[last * number // (sizes.cursors - 1)] for number in range(sizes.cursors)]


if __name__ == "__main__":
    _make(Sizes(**json.loads(sys.argv[1])), Path(sys.argv[2]))
