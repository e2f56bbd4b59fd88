"""What keeps the processes of a server small: how much they take is measured by `make bench`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.running_service import FROM_NOTHING, Live, serving

pytestmark = pytest.mark.slow


def worker_of(live: Live) -> int:
    first = live.process.pid
    [worker] = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    return int(worker)


def loaded(pid: int, library: str) -> bool:
    """Whether a process has compiled modules of *library* in its memory."""
    return f"/site-packages/{library}/" in Path(f"/proc/{pid}/maps").read_text()


def heaps(pid: int) -> list[bytes]:
    """What the environment that a program began with says of its heaps."""
    begun_with = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return [line for line in begun_with if line.startswith(b"MALLOC_ARENA_MAX=")]


@pytest.mark.soak
def test_what_watches_over_a_worker_loads_little_and_both_have_one_heap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)

    with serving(tmp_path, program=FROM_NOTHING) as live:
        assert loaded(worker_of(live), "sqlalchemy")
        assert not loaded(live.process.pid, "sqlalchemy")
        assert heaps(live.process.pid) == heaps(worker_of(live)) == [b"MALLOC_ARENA_MAX=1"]


@pytest.mark.soak
def test_the_environment_may_say_another_number_of_heaps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MALLOC_ARENA_MAX", "3")

    with serving(tmp_path, program=FROM_NOTHING) as live:
        assert heaps(live.process.pid) == heaps(worker_of(live)) == [b"MALLOC_ARENA_MAX=3"]
