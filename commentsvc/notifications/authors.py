"""Who wrote a comment is told why it was taken away, and what became of their objection: at a confirmed address alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from commentsvc.actions.following import confirmed_by_author
from commentsvc.model import EventKind, MessageKind, State
from commentsvc.notifications.moderators import USUAL
from commentsvc.privacy.mailboxes import mailbox_of
from commentsvc.records import NewEvent, NewMessage, StoredComment, StoredEvent
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

_SEEN = frozenset({State.APPROVED, State.PENDING})


class Authors:
    """Makes mails for authors about decisions; see `notifications.kind.Listener`."""

    name = "authors"

    def messages(
        self, service: Service, work: UnitOfWork, event: StoredEvent
    ) -> Iterable[NewMessage | NewEvent]:
        """Tell the author of what a person decided."""
        if (
            service.settings.smtp_url is None
            or event.kind is not EventKind.DECIDED
            or event.comment_id is None
        ):
            return ()
        comment = work.comments.of_row(event.comment_id)
        return () if comment is None else _of_decision(service, work, event, comment)


def _of_decision(
    service: Service, work: UnitOfWork, event: StoredEvent, comment: StoredComment
) -> Iterator[NewMessage]:
    line = work.decisions.find(event.data["decision"])
    if line is None:
        return
    data: dict[str, int | str]
    objection = work.objections.latest(comment.id)
    if objection is not None and objection.answered_at == event.at:
        what, data = "answer", {"comment": comment.id, "objection": objection.id}
    elif (line.from_state in _SEEN and line.to_state not in _SEEN | {None}) or _is_hold(
        line.from_state, line.to_state
    ):
        what, data = "statement", {"comment": comment.id, "decision": line.public_id}
    else:
        return
    address = work.addresses.of_comment(comment.id)
    mailbox = None if address is None else mailbox_of(address.sealed, address.public_id, service.address_keys)
    if mailbox is None or confirmed_by_author(service, work, comment, mailbox) is None:
        return
    yield NewMessage(
        kind=MessageKind.MAIL,
        about="reasons",
        receiver=mailbox.domain,
        lane=USUAL,
        data=data,
        recipient=mailbox.mail[0],
        site_id=comment.site_id,
        thread_id=comment.thread_id,
        once=f"{what}:{comment.public_id}",
    )


def _is_hold(before: State | None, after: State | None) -> bool:
    return before is State.APPROVED and after is State.PENDING
