"""Which webhooks are told of what happened."""

from __future__ import annotations

from collections.abc import Iterable

from commentsvc.model import EventKind, HookEvent, MessageKind
from commentsvc.notifications.outbound import host_of
from commentsvc.records import NewMessage, StoredEvent, StoredWebhook
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

_KINDS = {
    EventKind.PUBLIC: HookEvent.APPROVED,
    EventKind.GONE: HookEvent.REMOVED,
    EventKind.EDITED: HookEvent.EDITED,
    EventKind.REPORTED: HookEvent.REPORTED,
}


class WebhookListener:
    """A message for each webhook that asked for such an event; there are so few that all fit into one transaction."""

    name = "webhooks"

    def messages(self, service: Service, work: UnitOfWork, event: StoredEvent) -> Iterable[NewMessage]:
        """What is to be sent because of *event*."""
        if event.site_id is None or event.comment_id is None:
            return
        is_posted = "posted" in event.data
        kind = HookEvent.POSTED if is_posted else _KINDS.get(event.kind)
        if kind is None:
            return
        # Of what waits public webhooks learn nothing.
        needs_private = event.kind in {EventKind.HELD, EventKind.REPORTED}
        for hook in work.webhooks.active(event.site_id):
            if kind in hook.events and (hook.private or not needs_private):
                yield _message(hook, kind, event)


def _message(hook: StoredWebhook, kind: HookEvent, event: StoredEvent) -> NewMessage:
    return NewMessage(
        kind=MessageKind.WEBHOOK,
        about=kind,
        receiver=host_of(hook.url),
        lane=lane_of(hook),
        data={
            "hook": hook.public_id,
            "comment": event.comment_id,
            "at": event.at.isoformat().replace("+00:00", "Z"),
        },
        site_id=event.site_id,
        thread_id=event.thread_id,
    )


def lane_of(hook: StoredWebhook) -> str:
    """The lane of what is sent to *hook*: what is slow there delays nobody else."""
    return f"webhook:{hook.public_id}"
