"""However long a thread is, reading all of it takes no more memory than reading its pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.seed import fill
from tests.people import Reader
from tests.running_service import FROM_NOTHING, Live, make_in_process, serving

LONG = 50_000
MOST_MEGABYTES = 150

pytestmark = [
    pytest.mark.slow,
    pytest.mark.soak,
]  # to make so long a thread takes as long as all tests of a room


@pytest.fixture(scope="module")
def data_dir(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("long")
    service = make_in_process(folder, template)
    fill(service.app.extensions["commentsvc"], "long", LONG)
    service.close()
    return folder


def test_a_long_thread_is_read_to_its_end_in_little_memory(data_dir: Path) -> None:
    with serving(data_dir, program=FROM_NOTHING) as live:
        for order in ("oldest", "newest"):
            seen = walk(live.reader(), order)

            assert len(seen) == LONG
            assert len(set(seen)) == LONG

        peaks = [peak_megabytes(worker) for worker in workers_of(live)]
        assert len(peaks) == 1
        assert 20 < peaks[0] < MOST_MEGABYTES


def walk(reader: Reader, order: str) -> list[str]:
    """The ids of all comments, page by page."""
    seen: list[str] = []
    query: dict[str, str] = {}
    while True:
        page = reader.thread("long", order=order, limit=200, **query)
        seen += [comment["id"] for comment in page["comments"]]
        if page["next"] is None:
            return seen
        query = {"cursor": page["next"]}


def workers_of(live: Live) -> list[int]:
    """The processes that answer requests: the first one only watches over them."""
    first = live.process.pid
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    return [
        int(pid) for pid in children if "resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_text()
    ]


def peak_megabytes(pid: int) -> float:
    """The most memory that a process ever had resident."""
    peak = re.search(r"VmHWM:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert peak
    return int(peak[1]) / 1024
