"""Decisions that a client sends again, because it never saw the answer: they are answered as they were."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import msgspec

from commentsvc.errors import AlreadyDecided
from commentsvc.messages import message
from commentsvc.model import Conflict, Decided, Decisions, Moderator
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Named:
    """A request with the id that its client gave it; *content* is all that it asks for."""

    id: str
    content: bytes

    def digest(self) -> bytes:
        """What tells this content from another."""
        return hashlib.sha256(self.content).digest()


class SentAtOnce(Exception):
    """The same request was carried out at the same time; nothing of this one stays, and there is an answer."""


class AnsweredByJob(Exception):
    """The request came before, and was answered with a job, whose id this has."""

    def __init__(self, job: str) -> None:
        super().__init__(job)
        self.job = job


class _Answer(msgspec.Struct):
    decided: list[Decided]
    missing: list[str]
    conflicts: list[Conflict]
    job: str | None = None


def answered(work: UnitOfWork, moderator: Moderator, named: Named) -> Decisions | None:
    """Give the answer to that request, if it came before.

    :raises AlreadyDecided: what came under that id was another.
    :raises AnsweredByJob: it was answered with a job.
    """
    earlier = work.decision_requests.find(moderator.actor.id, named.id)
    if earlier is None:
        return None
    digest, stored = earlier
    if digest != named.digest():
        raise AlreadyDecided(
            message("Another decision was sent as “%(id)s” before; give each an id of its own.", id=named.id)
        )
    answer = msgspec.convert(stored, _Answer)
    if answer.job is not None:
        raise AnsweredByJob(answer.job)
    return Decisions(answer.decided, answer.missing, [_without_address(one) for one in answer.conflicts])


def _without_address(conflict: Conflict) -> Conflict:
    """What an older program stored names who decided by an address, and without a name."""
    return conflict if conflict.by_name else Conflict(conflict.id, conflict.why)


def remember(
    service: Service, work: UnitOfWork, moderator: Moderator, named: Named, decisions: Decisions
) -> None:
    """Store the answer, with what it tells of.

    :raises SentAtOnce: a request of that id was carried out since `answered` looked.
    """
    _remember(
        service, work, moderator, named, _Answer(decisions.decided, decisions.missing, decisions.conflicts)
    )


def remember_job(service: Service, work: UnitOfWork, moderator: Moderator, named: Named, job: str) -> None:
    """Store that the request was answered with that job.

    :raises SentAtOnce: as `remember` does.
    """
    _remember(service, work, moderator, named, _Answer([], [], [], job))


def _remember(service: Service, work: UnitOfWork, moderator: Moderator, named: Named, given: _Answer) -> None:
    answer = msgspec.to_builtins(given)
    who, now = moderator.actor.id, service.now().replace(microsecond=0)
    if not work.decision_requests.remember(who, named.id, named.digest(), answer, now):
        raise SentAtOnce
