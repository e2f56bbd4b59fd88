"""Comments whose HTML older rules made, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, select, update

from bench.seed import fill
from commentsvc.jobs import queue
from commentsvc.jobs.kinds import KINDS
from commentsvc.model import Job
from commentsvc.publishing import sanitise
from commentsvc.storage.database import db, end_reading
from commentsvc.storage.tables import CommentRow, JobRow
from tests.running_service import InProcess

OLD = "<p>As older rules made it.</p>"


def fill_outdated(service: InProcess, size: int) -> None:
    """Give the article `a` that many comments, all of older rules."""
    with service.app.app_context():
        fill(service.app.extensions["commentsvc"], "a", size)
    age(service)


def age(service: InProcess) -> None:
    """Make all comments look as if older rules had made them."""
    with written(service) as connection:
        connection.execute(update(CommentRow).where(CommentRow.erased_at.is_(None)).values(rules=0, html=OLD))


@contextmanager
def written(service: InProcess) -> Iterator[Connection]:
    with service.app.app_context(), db.engine.connect().execution_options(write=True) as connection:
        yield connection
        connection.commit()


def wrong(service: InProcess) -> list[str]:
    """The comments that are not exactly as the rules of today make them, by id."""
    with service.app.app_context(), db.engine.connect() as connection:
        rows = connection.execute(
            select(
                CommentRow.public_id, CommentRow.text, CommentRow.html, CommentRow.rules, CommentRow.erased_at
            )
        ).all()
    return [
        row.public_id
        for row in rows
        if (
            row.html != ""
            if row.erased_at
            else row.rules != sanitise.RULES or row.html != _expected(row.text)
        )
    ]


def _expected(text: str) -> str:
    if text not in _rendered:
        _rendered[text] = sanitise.render(text, bounded=False)
    return _rendered[text]


_rendered: dict[str, str] = {}


def started(service: InProcess, kind: str = "rerender") -> Job:
    """Start a job of that kind."""
    with service.app.app_context():
        return queue.start(service.app.extensions["commentsvc"], KINDS[kind])[0]


def job_of(service: InProcess, job: Job) -> Job:
    """The job as it is now."""
    with service.app.app_context():
        found = queue.find(job.public_id)
        end_reading()
        return found


def forget_jobs(service: InProcess) -> None:
    with written(service) as connection:
        connection.execute(JobRow.__table__.delete())
