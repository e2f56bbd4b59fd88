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


def test_what_watches_over_a_worker_does_not_load_the_application(tmp_path: Path) -> None:
    with serving(tmp_path, program=FROM_NOTHING) as live:
        assert loaded(worker_of(live), "sqlalchemy")
        assert not loaded(live.process.pid, "sqlalchemy")


@pytest.mark.parametrize(("asked_for", "given"), [(None, b"1"), ("3", b"3")])
def test_all_threads_have_one_heap_unless_the_environment_says_another_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked_for: str | None, given: bytes
) -> None:
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    if asked_for is not None:
        monkeypatch.setenv("MALLOC_ARENA_MAX", asked_for)

    with serving(tmp_path, program=FROM_NOTHING) as live:
        assert heaps(live.process.pid) == heaps(worker_of(live)) == [b"MALLOC_ARENA_MAX=" + given]
