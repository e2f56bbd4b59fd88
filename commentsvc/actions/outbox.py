"""What is in the outbox, for admins: what waits, what died and why; and to send one again."""

from __future__ import annotations

from datetime import timedelta

from commentsvc.actions.admins import acting_admin
from commentsvc.actions.moderate import cursor_of, position_of
from commentsvc.errors import AlreadySent, Invalid, NotFound
from commentsvc.messages import message
from commentsvc.model import ListedMessage, MessageKind, MessageState, Moderator
from commentsvc.records import OutboxMessage, OutboxState
from commentsvc.service import Service
from commentsvc.storage.outbox import MOST_COUNTED
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork

LISTING = "outbox"
LATE = timedelta(minutes=15)
"""How late a message may be: more is a fault, for operators to be told of."""


def list_messages(
    service: Service,
    work: UnitOfWork,
    moderator: Moderator,
    state: str | None,
    kind: str | None,
    limit: int,
    cursor: str | None,
) -> tuple[list[OutboxMessage], str | None]:
    """Give a page of the messages in the outbox, newest first, and the cursor of the next.

    :raises Forbidden: this is no admin of all sites.
    :raises Invalid: there is no such state or kind, or the cursor does not belong to this list.
    """
    acting_admin(moderator)
    if state is not None and state not in set(MessageState):
        raise Invalid({"state": ["A state is one of " + ", ".join(MessageState) + "."]})
    if kind is not None and kind not in set(MessageKind):
        raise Invalid({"kind": ["A kind is one of " + ", ".join(MessageKind) + "."]})
    found = work.outbox.latest(
        None if state is None else MessageState(state),
        None if kind is None else MessageKind(kind),
        position_of(service, cursor, LISTING),
        limit + 1,
    )
    page = found[:limit]
    return page, cursor_of(service, page[-1].id, LISTING) if len(found) > limit else None


def listed(one: OutboxMessage) -> ListedMessage:
    """Give *one* as admins read it; `next_at` is when it is tried next."""
    next_at = one.due_at if one.state is MessageState.WAITING else None
    return ListedMessage(
        one.public_id, one.kind, one.about, one.receiver, one.state, one.tries, next_at, one.error
    )


@retried
def send_again(service: Service, moderator: Moderator, public_id: str) -> OutboxMessage:
    """Let what waits or died be sent at once, with the id that it had, and give it. What is being sent stays as it is.

    :raises Forbidden: this is no admin of all sites.
    :raises NotFound: no such id.
    :raises AlreadySent: it was sent, so what it was about is forgotten.
    """
    acting_admin(moderator)
    with service.unit_of_work() as work:
        work.outbox.retry(public_id, service.now())
        found = work.outbox.find(public_id)
    if found is None:
        raise NotFound(message("There is no such message."))
    if found.state is MessageState.SENT:
        raise AlreadySent(message("This message was sent already."))
    return found


def is_ill(state: OutboxState) -> bool:
    """Whether an operator should look at it."""
    return state.oldest_seconds > LATE.total_seconds() or bool(state.dead or state.set_aside)


def whole_state(service: Service) -> OutboxState:
    """How the outbox stands, counted to the last."""
    with service.reading() as work:
        return state_of(service, work, most=10**9)


def state_of(service: Service, work: UnitOfWork, most: int = MOST_COUNTED) -> OutboxState:
    """How the outbox stands, counted up to *most* each.

    What happened waits to be told only where somebody is told of anything: else it is late for nobody.
    """
    return work.outbox.state(service.now(), most, events=_tells_anybody(service, work))


def _tells_anybody(service: Service, work: UnitOfWork) -> bool:
    settings = service.settings
    channels = (settings.smtp_url, settings.notify_urls, settings.websub_hub)
    return any(channels) or work.webhooks.count() > 0
