"""Decide by a link of a mail, without signing in: the link says who decides, about which comment, and what.

It is good once, and for seven days. What its holder may do is looked up when it is used.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from commentsvc.access import accounts
from commentsvc.access.permissions import require
from commentsvc.actions.accounts import lacks_second_factor
from commentsvc.actions.decide import decide_within
from commentsvc.actions.desk import read_comment
from commentsvc.audit.trail import Kind, record
from commentsvc.errors import Forbidden, NotFound, OutOfDate
from commentsvc.intake.mail_links import UNKNOWN
from commentsvc.messages import message
from commentsvc.model import Action, ModeratedComment, Moderator, Permission, Seen, State
from commentsvc.records import StoredAccount, StoredDecision
from commentsvc.service import Service
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads import cursors

GOOD_FOR = timedelta(days=7)
ACTIONS = (Action.APPROVE, Action.SPAM, Action.TRASH)
PURPOSE = "decide by mail"
OUT_OF_DATE = message(
    "This link is out of date: it was good for seven days. You can still decide at the desk."
)
NO_ACCOUNT = message("The account to which this link was sent no longer exists.")


@dataclass(frozen=True, slots=True)
class DecideLink:
    """What a link decides; `state` is how the comment stood when it was sent."""

    account: str
    comment: str
    state: State
    action: Action


@dataclass(frozen=True, slots=True)
class Matter:
    """What a link is about, as it is now; `comment` is None once it was erased.

    `is_open`: the link can still decide. Else the comment was decided about by `decided_by`, who did `deed`; both are
    None where nobody did.
    """

    action: Action
    comment: ModeratedComment | None
    is_open: bool
    decided_by: str | None
    is_own: bool
    deed: str | None


class _Edited(Exception):
    """The comment is no longer as it was read."""


def token_of(service: Service, link: DecideLink) -> str:
    """What stands in a link that is sent now: sealed, so that it tells nothing and nobody can make one."""
    ends = int((service.now() + GOOD_FOR).timestamp())
    parts = (link.account, link.comment, link.state, link.action, str(ends))
    return cursors.seal(" ".join(parts), PURPOSE, service.keys.derive(PURPOSE, 64))


def matter_of(service: Service, work: UnitOfWork, token: str) -> Matter:
    """What the link is about, in whose URL *token* stands.

    :raises NotFound: we did not make it.
    :raises OutOfDate: it is older than seven days.
    :raises Forbidden: who got it may not decide about that comment any more.
    """
    link, _ = _read(service, token)
    account = _account_of(work, link)
    return _matter(service, work, link, account, is_used=_is_used(work, token))


@retried
def decide_by_mail(service: Service, token: str, revision: int | None) -> tuple[Matter, bool]:
    """Decide as the link says, unless it was used or somebody decided before; give the matter, and whether it was done.

    :param revision: the one that was read; another is not decided about. Where it is None, whatever there is.
    :raises NotFound, OutOfDate, Forbidden: as `matter_of` does.
    """
    link, ends = _read(service, token)
    try:
        with service.unit_of_work() as work:
            account = _account_of(work, link)
            is_new = work.moderators_mail.use_link(_digest(token), ends)
            before = _matter(service, work, link, account, is_used=not is_new)
            if not before.is_open:
                return before, False
            moderator = accounts.moderator(account)
            seen = Seen(link.comment, revision, link.state)
            done = decide_within(service, work, moderator, [seen], link.action, None)
            if not done.decided:
                raise _Edited
            told = {"comment": link.comment, "action": str(link.action), "decision": done.decided[0].decision}
            record(work, service, moderator.actor, Kind.DECIDED_BY_MAIL, **told)
            return _matter(service, work, link, account, is_used=True), True
    except _Edited:
        with service.reading() as work:
            return matter_of(service, work, token), False


def reader_of(account: StoredAccount) -> Moderator:
    """Who the account is where no addresses are shown, as in a mail."""
    whole = accounts.moderator(account)
    return Moderator(whole.name, frozenset({Permission.READ}), whole.sites, whole.actor, whole.display_name)


def _read(service: Service, token: str) -> tuple[DecideLink, datetime]:
    try:
        parts = cursors.unseal_any(token, PURPOSE, service.keys.derive_each(PURPOSE, 64)).split(" ")
    except cursors.BadCursor:
        raise NotFound(UNKNOWN) from None
    account, comment, state, action, ends = parts
    end = datetime.fromtimestamp(int(ends), UTC)
    if end <= service.now():
        raise OutOfDate(OUT_OF_DATE)
    return DecideLink(account, comment, State(state), Action(action)), end


def _account_of(work: UnitOfWork, link: DecideLink) -> StoredAccount:
    account = work.accounts.by_public_id(link.account)
    if account is None:
        raise Forbidden(NO_ACCOUNT)
    require(accounts.moderator(account), Permission.DECIDE)
    if lacks_second_factor(work, account):
        raise Forbidden(
            message("A site of yours requires a second factor. Set one up at /moderation/account.")
        )
    return account


def _matter(
    service: Service, work: UnitOfWork, link: DecideLink, account: StoredAccount, *, is_used: bool
) -> Matter:
    for standing in work.queue.standing([link.comment]):
        if account.sites is not None and standing.site_id not in account.sites:
            slug = work.sites.by_id(standing.site_id).slug
            raise Forbidden(message("The site “%(site)s” is not yours to moderate.", site=slug))
    try:
        comment = read_comment(service, work, reader_of(account), link.comment)
    except NotFound:
        comment = None
    is_open = not is_used and comment is not None and comment.state is link.state
    if is_open and comment is not None and link.state is State.APPROVED:
        is_open = comment.reports > 0  # it was sent since readers reported it
    line = _last_line(work, link.comment)
    by = None if line is None else work.decisions.latest_by(link.comment)
    return Matter(
        action=link.action,
        comment=comment,
        is_open=is_open,
        decided_by=None if by is None else by.name,
        is_own=by is not None and by.id == account.public_id,
        deed=None if line is None else line.action,
    )


def _last_line(work: UnitOfWork, comment: str) -> StoredDecision | None:
    lines = work.decisions.of_comment(comment)
    return lines[-1] if lines else None


def _is_used(work: UnitOfWork, token: str) -> bool:
    return work.moderators_mail.is_link_used(_digest(token))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
