"""Forget what is older than the operator, or a site, wants to keep: addresses, spam, trash, and words of the log.

What is looked at goes by the numbers of rows, some at a time, so that others can write in between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from commentsvc.model import Action, State
from commentsvc.records import NewDecision
from commentsvc.service import Service
from commentsvc.storage.retention import Aged
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads.lifecycle import RULE, RULE_NAME, erase

LOOKED_AT = 500  # rows at a time: a few milliseconds
PURGED = 50  # comments at a time: as long as it takes to erase some 50


class Kept(StrEnum):
    """What is kept for some days, by the words of `site set --retain`."""

    EMAILS = "emails"
    SPAM = "spam"
    TRASH = "trash"
    LOG = "log"


Days = Mapping[int, Mapping[Kept, int | None]]
"""By the row of a site, for how many days it keeps what; None is for ever."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One way through a table: what it is called in the log, what it looks at, and how that is forgotten."""

    name: str
    kind: Kept
    most: int
    look: Callable[[UnitOfWork, int, int], list[Aged]]
    forget: Callable[[Service, UnitOfWork, Sequence[Aged]], int]


def days_of(service: Service, work: UnitOfWork) -> Days:
    """For how many days each site keeps what.

    The log is one for all sites: its entries go by the service's setting alone (`actions.sweep`), and a site says for
    how long the reasons of its decisions stay.
    """
    settings = service.settings
    shared: dict[Kept, int | None] = {
        Kept.EMAILS: settings.retain_emails,
        Kept.SPAM: settings.retain_spam,
        Kept.TRASH: settings.retain_trash,
        Kept.LOG: None,
    }
    return {
        site_id: {kind: own.get(str(kind), shared[kind]) for kind in Kept}
        for site_id, own in work.sites.retained()
    }


def too_old(rows: Sequence[Aged], kind: Kept, days: Days, now: datetime) -> list[Aged]:
    """Those of *rows* that are older than their sites keep them."""
    return [
        row
        for row in rows
        if (most := days.get(row.site_id, {}).get(kind)) is not None
        and row.since < now - timedelta(days=most)
    ]


def is_limited(kind: Kept, days: Days) -> bool:
    """Whether any site keeps it for some days alone."""
    return any(of_site[kind] is not None for of_site in days.values())


def _forget_addresses(service: Service, work: UnitOfWork, rows: Sequence[Aged]) -> int:
    """Forget the addresses of comments; their authors are told of nothing any more, as there is nowhere to write to."""
    comments = [row.row_id for row in rows]
    work.follows.end(comments, service.now().replace(microsecond=0))
    work.questions.end(comments, service.now())
    return work.retention.forget_addresses(rows)


def _purge(service: Service, work: UnitOfWork, rows: Sequence[Aged], state: State) -> int:
    """Erase comments as the desk's purge does, each with a line in the log; those that are in that state still."""
    found = [comment for row in rows if (comment := work.comments.by_public_id(row.public_id))]
    for thread_id in sorted({comment.thread_id for comment in found}):
        work.threads.lock(thread_id)
    purged = 0
    for row in rows:
        comment = work.comments.by_public_id(row.public_id)
        if comment is None or comment.state is not state:
            continue
        line = NewDecision(
            by=RULE,
            by_name=RULE_NAME,
            comment=comment.public_id,
            site_id=comment.site_id,
            article=work.public_comments.author_view(comment.id)[1].article,
            action=str(Action.PURGE),
            from_state=comment.state,
            to_state=None,
            reason="It was kept for as long as this site keeps such comments.",
        )
        now = service.now().replace(microsecond=0)
        work.decisions.add(line, service.random_bytes, now)
        erase(work, comment, now)
        purged += 1
    return purged


PASSES = (
    Pass(
        "emails",
        Kept.EMAILS,
        LOOKED_AT,
        lambda work, after, most: work.retention.addresses(after, most),
        lambda service, work, rows: _forget_addresses(service, work, rows),
    ),
    Pass(
        "reporters",
        Kept.EMAILS,
        LOOKED_AT,
        lambda work, after, most: work.retention.reports(after, most),
        lambda _service, work, rows: work.retention.forget_reporters(rows),
    ),
    Pass(
        "spam",
        Kept.SPAM,
        PURGED,
        lambda work, after, most: work.retention.in_state(State.SPAM, after, most),
        lambda service, work, rows: _purge(service, work, rows, State.SPAM),
    ),
    Pass(
        "trash",
        Kept.TRASH,
        PURGED,
        lambda work, after, most: work.retention.in_state(State.TRASH, after, most),
        lambda service, work, rows: _purge(service, work, rows, State.TRASH),
    ),
    Pass(
        "reasons",
        Kept.LOG,
        LOOKED_AT,
        lambda work, after, most: work.retention.reasons(after, most),
        lambda _service, work, rows: work.retention.forget_reasons(rows),
    ),
)
