"""Which webhooks are told of what happened."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from commentsvc.model import EventKind, HookEvent, MessageKind
from commentsvc.records import NewMessage, StoredEvent, StoredWebhook
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

_LATER = {
    EventKind.PUBLIC: HookEvent.APPROVED,
    EventKind.GONE: HookEvent.REMOVED,
    EventKind.EDITED: HookEvent.EDITED,
    EventKind.REPORTED: HookEvent.REPORTED,
}
_AT_ONCE = {EventKind.PUBLIC: HookEvent.POSTED, EventKind.HELD: HookEvent.POSTED}
_FOR_MODERATORS = frozenset(
    {EventKind.HELD, EventKind.REPORTED}
)  # of what waits public webhooks learn nothing


class WebhookListener:
    """A message for each webhook that asked for such an event; there are so few that all fit into one transaction."""

    name = "webhooks"

    def messages(self, service: Service, work: UnitOfWork, event: StoredEvent) -> Iterable[NewMessage]:
        """What is to be sent because of *event*."""
        if event.site_id is None or event.comment_id is None:
            return
        kind = (_AT_ONCE if "posted" in event.data else _LATER).get(event.kind)
        if kind is None:
            return
        for hook in work.webhooks.active(event.site_id):
            if event.at < hook.created_at:
                continue
            if kind in hook.events and (hook.private or event.kind not in _FOR_MODERATORS):
                yield _message(hook, kind, event)


def _message(hook: StoredWebhook, kind: HookEvent, event: StoredEvent) -> NewMessage:
    return NewMessage(
        kind=MessageKind.WEBHOOK,
        about=kind,
        receiver=host_of(hook),
        lane=lane_of(hook),
        data={
            "hook": hook.public_id,
            "comment": event.comment_id,
            "at": event.at.isoformat().replace("+00:00", "Z"),
        },
        site_id=event.site_id,
        thread_id=event.thread_id,
    )


def host_of(hook: StoredWebhook) -> str:
    """The host that operators see: the rest of an address is often a password."""
    return urlsplit(hook.url).hostname or ""


def lane_of(hook: StoredWebhook) -> str:
    """The lane of what is sent to *hook*: what is slow there delays nobody else."""
    return f"webhook:{hook.public_id}"
