"""Jobs in processes of their own, as the operator runs them: killed, stopped, two at once, and beside a server."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from commentsvc.jobs import runner
from commentsvc.model import Job, JobState
from commentsvc.settings import PREFIX
from tests.databases import NewDatabase
from tests.jobs.outdated import OLD, fill_outdated, job_of, started, wrong
from tests.preloaded import Forked
from tests.running_service import EASY, InProcess, make_in_process, serving
from tests.running_service import started as begin

pytestmark = [
    pytest.mark.slow,
    pytest.mark.sampled(2),
]  # on PostgreSQL in `make soak`; `test_kills.py` tries both

SIZE = 600  # 15 steps, most of a second of work
PATIENCE_SECONDS = 120


@dataclass
class Filled:
    """A service with outdated comments, and the settings of its database."""

    service: InProcess
    where: dict[str, str]

    @property
    def data_dir(self) -> Path:
        return self.service.data_dir

    @contextmanager
    def working(self) -> Iterator[Worker]:
        """`commentsvc worker`, until the block ends."""
        chosen = EASY | self.where | {"DATA_DIR": str(self.data_dir)}
        environ = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        environ |= {PREFIX + name: value for name, value in chosen.items()}
        log = self.data_dir.parent / f"worker-{time.monotonic_ns()}.log"
        with log.open("wb") as output:
            process = begin(["worker"], environ, output)
        try:
            yield Worker(process, log)
        finally:
            process.kill()
            process.wait(10)

    def until(self, job: Job, reached: Callable[[Job], bool]) -> Job:
        """Wait for a state of the job."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            if reached(seen := job_of(self.service, job)):
                return seen
            time.sleep(0.02)
        raise AssertionError(f"the job came only to {seen}")


@dataclass
class Worker:
    process: subprocess.Popen[bytes] | Forked
    log: Path

    def works(self) -> bool:
        """Whether it is the one that took the job."""
        return "rerender" in self.log.read_text()


@pytest.fixture
def filled(tmp_path: Path, template: Path, database: NewDatabase) -> Iterator[Filled]:
    with database() as where, closing(make_in_process(tmp_path / "data", template, **where)) as service:
        fill_outdated(service, SIZE)
        yield Filled(service, where)


def is_under_way(job: Job) -> bool:
    return 0 < job.done < SIZE


def is_done(job: Job) -> bool:
    return job.state is JobState.DONE


@pytest.mark.soak  # waits for the lease to run out; `test_kills.py` moves the clock
def test_another_worker_goes_on_where_one_was_killed(filled: Filled) -> None:
    job = started(filled.service)
    with ExitStack() as used:
        workers = [used.enter_context(filled.working()) for _ in range(2)]
        filled.until(job, is_under_way)
        (busy,) = [worker for worker in workers if worker.works()]

        busy.process.send_signal(signal.SIGKILL)
        busy.process.wait(10)

        killed = job_of(filled.service, job)
        ended = filled.until(job, is_done)
    assert (killed.state, is_under_way(killed)) == (JobState.RUNNING, True)
    assert (ended.done, ended.total, ended.cursor) == (SIZE, SIZE, {"differ": SIZE})
    assert wrong(filled.service) == []


@pytest.mark.soak
def test_a_worker_that_is_told_to_stop_gives_the_job_back_at_once(filled: Filled) -> None:
    job = started(filled.service)
    with filled.working() as worker:
        filled.until(job, is_under_way)

        worker.process.send_signal(signal.SIGTERM)

        assert worker.process.wait(20) == 0
    left = job_of(filled.service, job)
    assert (left.state, is_under_way(left)) == (JobState.QUEUED, True)
    with filled.working():
        assert filled.until(job, is_done).done == SIZE
    assert wrong(filled.service) == []


@pytest.mark.soak
def test_a_server_begins_by_itself_and_people_read_and_post_meanwhile(filled: Filled) -> None:
    with serving(filled.data_dir, "--workers", "2", **filled.where) as live:
        reader = live.reader()
        posted = []
        while OLD in {
            comment["html"] for comment in reader.thread("a", limit=200, order="newest")["comments"]
        }:
            posted.append(reader.comment("a", f"Number {len(posted)}."))
        assert posted
        listed = live.run("job", "list")
        assert live.stop() == 0

    assert "rerender" in listed
    assert "sweep" in listed
    with filled.working():
        filled.until(_rerender_of(filled), is_done)
    assert wrong(filled.service) == []


@pytest.mark.soak  # three starts
def test_a_server_that_is_stopped_or_killed_goes_on_after_its_next_start(filled: Filled) -> None:
    def begin(ending: Callable[..., object]) -> None:
        with serving(filled.data_dir, **filled.where) as live:
            job = _rerender_of(filled)
            done = job.done
            filled.until(job, lambda seen: done < seen.done)
            ending(live)

    begin(lambda live: live.kill())
    killed = _rerender_of(filled)
    begin(lambda live: live.stop())
    stopped = _rerender_of(filled)
    with serving(filled.data_dir, **filled.where):
        ended = filled.until(stopped, is_done)

    assert (killed.state, stopped.state) == (JobState.RUNNING, JobState.QUEUED)
    assert killed.public_id == stopped.public_id
    assert killed.done < stopped.done < ended.done == SIZE
    assert wrong(filled.service) == []


@pytest.mark.soak
def test_a_server_leaves_jobs_to_workers_if_it_is_told_to(filled: Filled) -> None:
    with serving(filled.data_dir, JOBS="worker", **filled.where) as live:
        assert live.run("job", "list") == ""
        with filled.working():
            job = filled.until(_rerender_of(filled), is_done)
            assert live.http().get("/readyz").status_code == 200
    assert job.done == SIZE


def _rerender_of(filled: Filled) -> Job:
    """The job of that kind, as soon as there is one."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        found = [job for job in runner.queue.all_jobs(filled.service.ours) if job.kind == "rerender"]
        if found:
            return found[0]
        time.sleep(0.02)
    raise AssertionError("no job began by itself")
