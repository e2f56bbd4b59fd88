"""Whatever is killed when, and whatever people do meanwhile: each comment is rendered again, once, by today's rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from commentsvc.intake import guest_keys
from commentsvc.jobs import runner
from commentsvc.jobs.runner import Runner
from commentsvc.model import Job, JobState
from commentsvc.publishing import sanitise
from commentsvc.service import Service
from commentsvc.storage.tables import CommentRow
from tests.databases import NewDatabase
from tests.jobs.outdated import age, fill_outdated, forget_jobs, job_of, started, written, wrong
from tests.people import Moderator
from tests.running_service import InProcess, make_in_process

SIZE = 160
EVENTS = ("killed between steps", "killed in a transaction", "stopped", "overtaken", "edit", "erase", "spam")
# For each runner, what happens after its steps, and to which comment.
RUNS = st.lists(st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, SIZE)), max_size=4), max_size=4)


class Killed(BaseException):
    """Nothing of ours catches it."""


@dataclass
class World:
    """A service whose runners and people are driven by what Hypothesis draws."""

    service: InProcess
    ours: Service
    moderator: Moderator
    ids: list[str]
    edits: int = 0
    doomed: bool = field(default=False, init=False)

    def now(self) -> datetime:
        """The time; a runner asks for it within the transaction of its step, where a kill may come."""
        if self.doomed:
            self.doomed = False
            raise Killed
        return self.service.clock.now

    def run(self, job: Job, events: list[tuple[str, int]]) -> None:
        """Let a runner work, one event after each step, until it is killed, stopped or done."""
        left = iter(events)

        def wait(_seconds: float) -> bool:
            what, which = next(left, ("stopped", 0))
            return self.happen(job, what, which)

        with suppress(Killed):
            Runner(replace(self.ours, now=self.now), wait).run_job(job.public_id)
        self.doomed = False
        self.service.clock.move(seconds=runner.LEASE.total_seconds() + 1)

    def happen(self, job: Job, what: str, which: int) -> bool:
        comment = self.ids[which % len(self.ids)]
        match what:
            case "killed between steps":
                raise Killed
            case "killed in a transaction":
                self.doomed = True
            case "stopped":
                return True
            case "overtaken":
                self.service.clock.move(seconds=runner.LEASE.total_seconds() + 1)
                Runner(self.ours, lambda _seconds: True).run_job(job.public_id)
            case "edit":
                self.edits += 1
                key = guest_keys.edit_key(self.ours, comment)
                answer = self.service.reader().edit(comment, key, f"Edited *{self.edits}*.")
                assert answer.status_code in {200, 202, 404}, answer.text  # it waits, or was erased
            case "erase":
                self.moderator.decide("purge", comment)
            case "spam":
                self.moderator.decide("spam", comment)
        return False


@pytest.fixture(scope="module")
def world(template: Path, database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    with (
        database() as where,
        closing(make_in_process(folder, template, EDIT_WINDOW="86400", **where)) as service,
    ):
        fill_outdated(service, SIZE)
        with service.ours.database.engine.connect() as connection:
            ids = list(connection.scalars(select(CommentRow.public_id)))
        yield World(service, service.ours, service.moderator(), ids)


@pytest.mark.slow_on_postgresql
@pytest.mark.slow
@pytest.mark.parametrize("examples", [8, pytest.param(50, marks=pytest.mark.soak)])
def test_each_is_rendered_again_once(world: World, examples: int) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(RUNS)
    def tried(runs: list[list[tuple[str, int]]]) -> None:
        is_rendered_again_once(world, runs)

    tried()


def is_rendered_again_once(world: World, runs: list[list[tuple[str, int]]]) -> None:
    forget_jobs(world.service)
    age(world.service)
    before = outdated(world.service)
    job = started(world.service)

    for events in runs:
        world.run(job, events)
    Runner(world.ours, lambda _seconds: False).run_job(job.public_id)

    ended = job_of(world.service, job)
    assert ended.state is JobState.DONE
    assert wrong(world.service) == []
    # Some were edited or erased before their turn; nothing is counted twice.
    deeds = sum(what in {"edit", "erase"} for events in runs for what, _ in events)
    assert before - deeds <= ended.done <= before


def outdated(service: InProcess) -> int:
    with written(service) as connection:
        of_old = select(CommentRow.id).where(
            CommentRow.rules < sanitise.RULES, CommentRow.erased_at.is_(None)
        )
        return len(connection.execute(of_old).all())
