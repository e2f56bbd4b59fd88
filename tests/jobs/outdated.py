"""Comments whose HTML older rules made, and what became of them."""

from __future__ import annotations

from sqlalchemy import select, update

from bench.seed import fill
from commentsvc.jobs import queue
from commentsvc.jobs.kinds import KINDS
from commentsvc.model import Job
from commentsvc.publishing import sanitise
from commentsvc.storage.tables import CommentRow, JobRow
from tests.running_service import InProcess, written

OLD = "<p>As older rules made it.</p>"


def fill_outdated(service: InProcess, size: int) -> None:
    """Give the article `a` that many comments, all of older rules."""
    fill(service.ours, "a", size)
    age(service)


def age(service: InProcess) -> None:
    """Make all comments look as if older rules had made them."""
    with written(service) as connection:
        connection.execute(update(CommentRow).where(CommentRow.erased_at.is_(None)).values(rules=0, html=OLD))


def wrong(service: InProcess) -> list[str]:
    """The comments that are not exactly as the rules of today make them, by id."""
    with service.ours.database.engine.connect() as connection:
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
    return queue.start(service.ours, KINDS[kind])[0]


def job_of(service: InProcess, job: Job) -> Job:
    """The job as it is now."""
    return queue.find(service.ours, job.public_id)


def forget_jobs(service: InProcess) -> None:
    with written(service) as connection:
        connection.execute(JobRow.__table__.delete())
