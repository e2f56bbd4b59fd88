"""What a webhook is told: settled when it is sent, from what is true then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from commentsvc.model import HookEvent, State
from commentsvc.moderation.unseen import finding_without_addresses
from commentsvc.publishing.public import public_comment, thread_url
from commentsvc.records import PublicRow, StoredWebhook, ThreadRef
from commentsvc.service import Service
from commentsvc.storage import findings
from commentsvc.storage.unit_of_work import UnitOfWork

TEST = "webhook.test"


def body(kind: str, at: str, site: str | None, article: str | None, comment: object) -> str:
    """The JSON that is signed and sent.

    :param at: when it happened.
    """
    data = {"site": site, "article": article, "comment": comment}
    return msgspec.json.encode({"type": kind, "timestamp": at, "data": data}).decode()


def body_of(
    service: Service, work: UnitOfWork, hook: StoredWebhook, kind: HookEvent, data: Mapping[str, Any]
) -> str | None:
    """What *hook* is told of a comment; None where there is nothing to tell any more.

    :param data: of the message, as the listener stored it.
    """
    located = work.public_comments.whatever_its_state(data["comment"])
    if located is None:
        return None
    row, where = located
    comment = _told(service, work, hook, kind, row, where)
    return None if comment is None else body(kind, data["at"], where.site, where.article, comment)


def _told(
    service: Service, work: UnitOfWork, hook: StoredWebhook, kind: HookEvent, row: PublicRow, where: ThreadRef
) -> dict[str, Any] | None:
    if kind not in hook.events:
        return None  # it does not ask for these any more
    is_public = row.state is State.APPROVED
    if kind is HookEvent.REMOVED:
        return None if is_public else {"id": row.public_id}
    if not is_public and (not hook.private or kind is HookEvent.APPROVED or row.state is not State.PENDING):
        return None
    thread = thread_url(service.settings.base_url, where.site, where.article)
    public: dict[str, Any] = msgspec.to_builtins(public_comment(row, thread, where.marks, own=True))
    return public | _for_moderators(work, row) if hook.private else public


def _for_moderators(work: UnitOfWork, row: PublicRow) -> dict[str, Any]:
    """What moderators see besides; never an address, also not in what checks found."""
    queued = work.queue.one(row.public_id)
    if queued is None:  # erased, so it is told no more
        return {}
    return {
        "state": queued.state,
        "text": queued.text,
        "findings": [
            msgspec.to_builtins(finding_without_addresses(one), enc_hook=str.__str__)
            for one in findings.from_json(queued.findings)
        ],
    }
