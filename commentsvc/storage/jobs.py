"""Jobs: long work in steps, each of which the database knows of. One runner has the lease of a job at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Update, and_, case, delete, func, or_, select, update

from commentsvc.model import Job, JobState, JobStep
from commentsvc.storage.repository import Repository, unless_there
from commentsvc.storage.tables import JobRow

ENDS = (JobState.DONE, JobState.CANCELLED, JobState.FAILED)
SLACK = timedelta(minutes=1)  # by which clocks of nodes may differ
MOST_CANDIDATES = 20  # of the jobs that are due; a runner takes one at a time

_JOB = (
    JobRow.id,
    JobRow.public_id,
    JobRow.kind,
    JobRow.state,
    JobRow.arguments,
    JobRow.cursor,
    JobRow.done,
    JobRow.total,
    JobRow.failures,
    JobRow.due_at,
    JobRow.created_at,
    JobRow.started_at,
    JobRow.finished_at,
    JobRow.error,
)
_ADD = unless_there(JobRow, JobRow.id)


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return JobRow.finished_at.is_(None), JobRow.due_at <= now


def _put_off(now: datetime, longest: Mapping[str, timedelta], lease: timedelta) -> ColumnElement[bool]:
    leased = and_(JobRow.state == JobState.RUNNING, JobRow.due_at > now + lease + SLACK)
    waiting = (
        and_(JobRow.state == JobState.QUEUED, JobRow.kind == kind, JobRow.due_at > now + pause + SLACK)
        for kind, pause in longest.items()
    )
    return and_(JobRow.finished_at.is_(None), or_(leased, *waiting))


def _leased(job: Job, owner: str) -> Update:
    running = JobRow.state == JobState.RUNNING
    return update(JobRow).where(JobRow.id == job.id, JobRow.lease_owner == owner, running)


_WELL: dict[str, Any] = {"failures": 0, "error": None}


def _ended(state: JobState, now: datetime) -> dict[str, Any]:
    return {"state": state, "finished_at": now, "singleton": None, "lease_owner": None}


def _queued(due_at: datetime) -> dict[str, Any]:
    return {"state": JobState.QUEUED, "due_at": due_at, "lease_owner": None}


class Jobs(Repository):
    """Jobs, and who has the lease of each."""

    def add(
        self,
        public_id: str,
        kind: str,
        arguments: Mapping[str, Any],
        now: datetime,
        *,
        singleton: str | None,
    ) -> bool:
        """Add a job that is due at once; give whether there was none yet that *singleton* names."""
        added = self._first(
            self._for(_ADD),
            public_id=public_id,
            kind=kind,
            state=JobState.QUEUED,
            singleton=singleton,
            arguments=dict(arguments),
            cursor={},
            done=0,
            failures=0,
            due_at=now,
            created_at=now,
        )
        return added is not None

    def find(self, public_id: str) -> Job | None:
        """The job of that id, if there is one."""
        return self._one(JobRow.public_id == public_id)

    def by_singleton(self, singleton: str) -> Job | None:
        """The job that *singleton* names, if there is one that is not at its end."""
        return self._one(JobRow.singleton == singleton)

    def hasten(self, singleton: str, now: datetime) -> Job:
        """Let the job that *singleton* names be due by *now*, and give it; there must be one."""
        waits = and_(JobRow.state == JobState.QUEUED, JobRow.due_at > now)
        due_at = case((waits, now), else_=JobRow.due_at)
        row = self._connection.execute(
            update(JobRow).where(JobRow.singleton == singleton).values(due_at=due_at).returning(*_JOB)
        ).one()
        return Job(*row)

    def all_jobs(self) -> list[Job]:
        """All jobs, the newest first."""
        return [Job(*row) for row in self._connection.execute(select(*_JOB).order_by(JobRow.id.desc()))]

    def count_by_state(self) -> dict[tuple[str, str], int]:
        """How many jobs there are, by kind and state."""
        counted = select(JobRow.kind, JobRow.state, func.count()).group_by(JobRow.kind, JobRow.state)
        return {(kind, str(state)): number for kind, state, number in self._connection.execute(counted)}

    def due(self, kinds: Collection[str], now: datetime) -> list[Job]:
        """Jobs of those kinds that nobody works on and that are due, those that waited longest first."""
        row = self._connection.execute(
            select(*_JOB)
            .where(JobRow.kind.in_(kinds), *_is_due(now))
            .order_by(JobRow.due_at, JobRow.id)
            .limit(MOST_CANDIDATES)
        )
        return [Job(*row) for row in row]

    def take(self, job_id: int, owner: str, now: datetime, until: datetime) -> Job | None:
        """Give *owner* the lease of that job; None where another has it, or nothing is left to do."""
        return self._changed(
            update(JobRow)
            .where(JobRow.id == job_id, *_is_due(now))
            .values(
                state=JobState.RUNNING,
                lease_owner=owner,
                due_at=until,
                started_at=func.coalesce(JobRow.started_at, now),
            ),
        )

    def lock(self, job: Job) -> None:
        """Let nobody else take the job before this transaction ends, however long that takes."""
        self._connection.execute(select(JobRow.id).where(JobRow.id == job.id).with_for_update())

    def advance(self, job: Job, owner: str, step: JobStep, until: datetime) -> Job | None:
        """Store that *owner* did a step, and renew the lease; None where it is no longer theirs."""
        return self._changed(
            _leased(job, owner).values(
                cursor=dict(step.cursor),
                done=JobRow.done + step.done,
                total=job.total,
                due_at=until,
                **_WELL,
            ),
        )

    def finish(self, job: Job, owner: str, now: datetime) -> Job | None:
        """Store that *owner* did all of it; None where the lease is no longer theirs."""
        return self._changed(_leased(job, owner).values(**_WELL, **_ended(JobState.DONE, now)))

    def repeat(self, job: Job, owner: str, due_at: datetime) -> Job | None:
        """Store that *owner* did all of it, and that all of it is due again at *due_at*."""
        fresh = {"cursor": {}, "done": 0, "total": None, "started_at": None} | _WELL
        return self._changed(_leased(job, owner).values(**fresh, **_queued(due_at)))

    def release(self, job: Job, owner: str, now: datetime) -> Job | None:
        """Give the lease back: another may go on at once."""
        return self._changed(_leased(job, owner).values(**_queued(now)))

    def postpone(self, job: Job, owner: str, error: str, due_at: datetime) -> Job | None:
        """Store that a step failed, and when it is tried again."""
        return self._changed(
            _leased(job, owner).values(failures=JobRow.failures + 1, error=error, **_queued(due_at)),
        )

    def give_up(self, job: Job, owner: str, error: str, now: datetime) -> Job | None:
        """Store that the job failed for good."""
        ended = _ended(JobState.FAILED, now)
        return self._changed(_leased(job, owner).values(error=error, failures=JobRow.failures + 1, **ended))

    def cancel(self, public_id: str, now: datetime) -> Job | None:
        """End a job that is not at its end; what it did stays. None where there is none such.

        A step under way is either stored before that, or not at all.
        """
        return self._changed(
            update(JobRow)
            .where(JobRow.public_id == public_id, JobRow.finished_at.is_(None))
            .values(**_ended(JobState.CANCELLED, now)),
        )

    def is_put_off(self, now: datetime, longest: Mapping[str, timedelta], lease: timedelta) -> bool:
        """Whether a job waits, or is leased, for longer than any is; see `mend_clock`."""
        far = select(JobRow.id).where(_put_off(now, longest, lease)).limit(1)
        return self._connection.scalar(far) is not None

    def mend_clock(self, now: datetime, longest: Mapping[str, timedelta], lease: timedelta) -> int:
        """Bring back what a clock that was ahead has put off; give how many jobs.

        None of a kind waits for longer than *longest* says of it, and no lease is longer than *lease*.
        """
        due_at = case((JobRow.state == JobState.RUNNING, now + lease), else_=now)
        mended = update(JobRow).where(_put_off(now, longest, lease)).values(due_at=due_at)
        return len(self._connection.execute(mended.returning(JobRow.id)).all())

    def sweep(self, before: datetime, limit: int) -> int:
        """Forget jobs that ended before then, *limit* at most; give how many."""
        ended = select(JobRow.id).where(JobRow.finished_at < before).limit(limit).scalar_subquery()
        return len(
            self._connection.execute(delete(JobRow).where(JobRow.id.in_(ended)).returning(JobRow.id)).all()
        )

    def _changed(self, change: Update) -> Job | None:
        row = self._connection.execute(change.returning(*_JOB)).first()
        return None if row is None else Job(*row)

    def _one(self, condition: Any) -> Job | None:
        row = self._connection.execute(select(*_JOB).where(condition)).first()
        return None if row is None else Job(*row)
