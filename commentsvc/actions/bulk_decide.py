"""One decision about all comments that match a search: asked for at once, carried out by a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from commentsvc.access import accounts, api_tokens
from commentsvc.access.permissions import OF_SCOPE, require
from commentsvc.actions.decide import MAX_DECIDED, decide_within
from commentsvc.actions.moderate import QueueRequest, filters_of
from commentsvc.errors import NotFound
from commentsvc.messages import message
from commentsvc.model import Action, Job, Moderator, Permission, Seen
from commentsvc.privacy.sealing import lookups
from commentsvc.records import Filter, Lookups, QueuedRow
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

KIND: Final = "decide"  # of the job
MERGE_KIND: Final = "merge"
MOST_COUNTED = 5000  # comments that match; of more the total is not known, as all would have to be read
COUNTED_AT_ONCE = 1000
PROBE = "probe"  # what tells one set of keys from another
LAST_SECOND = 253_402_300_799  # of the year 9999
MOST_PAGES = 50  # that are looked through to count; each may look at 10,000 comments


@dataclass(frozen=True, slots=True)
class Moment:
    """When somebody looked: the newest comment and the newest decision then, by their rows, and the time."""

    comment: int
    decision: int
    at: datetime

    def __str__(self) -> str:
        """As a form carries it."""
        return f"{self.comment} {self.decision} {int(self.at.timestamp())}"

    @classmethod
    def parse(cls, text: str) -> Moment:
        """What `str` made.

        :raises ValueError: it is something else.
        """
        comment, decision, seconds = (int(part) if len(part) < 19 else -1 for part in text.split(" "))
        if min(comment, decision, seconds) < 0 or seconds > LAST_SECOND:
            raise ValueError
        return cls(comment, decision, datetime.fromtimestamp(seconds, UTC))


@dataclass(frozen=True, slots=True)
class BulkDecision:
    """What was asked for: `newest` is the newest comment then, as what came later is not meant; `by` is who asked.

    What was edited since `asked_at`, or about which there is a line in the log behind `decided`, stays as it is.
    `keys` are what an address or a network is looked for by, where one is: after a rotation nothing would be found any more.
    """

    action: Action
    reason: str | None
    filters: Filter
    newest: int
    by: str
    total: int | None
    keys: Lookups | None = None
    asked_at: datetime | None = None
    decided: int = 0

    @property
    def moment(self) -> Moment | None:
        """When it was asked for; None where only what comes later is not meant."""
        return None if self.asked_at is None else Moment(self.newest, self.decided, self.asked_at)

    def as_arguments(self) -> dict[str, Any]:
        """What the job's row stores: an address or a network that is looked for is there as its keyed digests."""
        arguments: dict[str, Any] = msgspec.to_builtins(self)
        return arguments

    @classmethod
    def of_arguments(cls, arguments: Mapping[str, Any]) -> BulkDecision:
        """What `as_arguments` gave."""
        return msgspec.convert(dict(arguments), cls)


def ask(
    service: Service,
    work: UnitOfWork,
    moderator: Moderator,
    request: QueueRequest,
    action: Action,
    reason: str | None,
    read: Moment | None = None,
) -> BulkDecision:
    """Give what is to be decided about all comments that match *request*.

    :param read: when the moderator looked, if that was not now.
    :raises Forbidden: this one decides nothing, or the site or an address is not theirs to look for.
    :raises NotFound: there is no comment whose address could be looked for.
    """
    require(moderator, Permission.DECIDE)
    filters = replace(filters_of(service, work, moderator, request), newest_first=False)
    now = service.now().replace(microsecond=0)
    read = read or Moment(work.queue.newest(), work.decisions.newest(), now)
    total = _count(work, filters, read.comment)
    is_by_digests = filters.lookups is not None or filters.networks is not None
    keys = lookups(PROBE, service.address_keys) if is_by_digests else None
    by = moderator.actor.id
    return BulkDecision(action, reason, filters, read.comment, by, total, keys, read.at, read.decision)


def ask_about_author(
    work: UnitOfWork, moderator: Moderator, author: str, action: Action, reason: str | None
) -> BulkDecision:
    """The same for all comments of an author."""
    require(moderator, Permission.DECIDE)
    filters = Filter(sites=moderator.sites, author=author)
    newest = work.queue.newest()
    total = _count(work, filters, newest)
    return BulkDecision(action, reason, filters, newest, moderator.actor.id, total)


def who_asked(work: UnitOfWork, public_id: str, now: datetime) -> Moderator | None:
    """Who asked, as they are now; None where they may not decide any more."""
    account = work.accounts.by_public_id(public_id)
    if account is not None:
        moderator = accounts.moderator(account)
    else:
        token = next((one for one in work.api_tokens.all_tokens() if one.public_id == public_id), None)
        if token is None or (token.expires_at is not None and token.expires_at <= now):
            return None
        sites = None if token.site_id is None else frozenset({token.site_id})
        actor = api_tokens.actor(token)
        moderator = Moderator(actor.name, OF_SCOPE[token.scope], sites, actor, token.label)
    return moderator if moderator.may(Permission.DECIDE) else None


def finds(service: Service, asked: BulkDecision) -> bool:
    """Whether the address that is looked for, if one is, can still be found by what the job's row has of it."""
    return asked.keys is None or asked.keys == lookups(PROBE, service.address_keys)


def next_page(
    work: UnitOfWork, asked: BulkDecision, moderator: Moderator, after: int | None
) -> tuple[list[Seen], int | None]:
    """Up to `MAX_DECIDED` comments behind row *after*, as they stand; and the row behind which more may follow."""
    filters = replace(asked.filters, sites=_common(asked.filters.sites, moderator.sites))
    rows, more = work.queue.listed(filters, after, MAX_DECIDED)
    meant = [row for row in rows if row.id <= asked.newest and not _is_edited_since(row, asked.asked_at)]
    if asked.moment is not None:
        decided = work.decisions.decided_since([row.public_id for row in meant], asked.moment.decision)
        meant = [row for row in meant if row.public_id not in decided]
    seen = [Seen(row.public_id, row.revision, row.state) for row in meant]
    return seen, None if more is None or more >= asked.newest else more


def _is_edited_since(row: QueuedRow, asked_at: datetime | None) -> bool:
    """Both times are of whole seconds: an edit in the second of the request counts as one after it."""
    return asked_at is not None and row.edited_at is not None and row.edited_at >= asked_at


def carry_out(
    service: Service, work: UnitOfWork, asked: BulkDecision, moderator: Moderator, page: list[Seen]
) -> int:
    """Decide about one page; give how many of it are done. What changed since it was read is left as it is."""
    decide_within(service, work, moderator, page, asked.action, asked.reason)
    return len(page)


def visible(work: UnitOfWork, moderator: Moderator, job: Job | None) -> Job:
    """Give a job that a moderator may look at and cancel: it is about sites of theirs alone.

    :raises NotFound: there is none.
    """
    sites: frozenset[int] | None = frozenset()
    if job is not None and job.kind == KIND:
        asked = BulkDecision.of_arguments(job.arguments)
        sites = asked.filters.sites
        job = replace(job, total=asked.total)  # no runner may have come to it yet
    elif job is not None and job.kind == MERGE_KIND:
        sites = frozenset({work.merging.thread(job.arguments["target"]).site_id})
    is_theirs = moderator.sites is None or (sites is not None and sites <= moderator.sites)
    if job is None or job.kind not in {KIND, MERGE_KIND} or not is_theirs:
        raise NotFound(message("There is no such job."))
    return job


def _common(asked: frozenset[int] | None, theirs: frozenset[int] | None) -> frozenset[int] | None:
    if asked is None or theirs is None:
        return theirs if asked is None else asked
    return asked & theirs


def _count(work: UnitOfWork, filters: Filter, newest: int) -> int | None:
    """How many match; None where that would take long."""
    if filters == Filter(sites=filters.sites, states=filters.states):
        counts = work.counts.by_state(filters.sites)
        return sum(counts[state] for state in filters.states or counts)
    total, after = 0, None
    for _ in range(MOST_PAGES):
        rows, after = work.queue.listed(filters, after, COUNTED_AT_ONCE)
        total += sum(row.id <= newest for row in rows)
        if after is None or after >= newest:
            return total
        if total > MOST_COUNTED:
            return None
    return None
