"""A moderator answers as staff, under a display name; no e-mail address belongs to that."""

from __future__ import annotations

from base64 import urlsafe_b64encode

from commentsvc.access.permissions import require
from commentsvc.actions.mark import NOT_HERE, shown_to
from commentsvc.actions.post import FORMS_REMEMBERED, ID_BYTES
from commentsvc.audit.trail import Kind, record
from commentsvc.errors import NoSuchParent, NotFound
from commentsvc.intake.fields import read_name
from commentsvc.intake.plain_forms import digest_of_answer
from commentsvc.messages import message
from commentsvc.model import NAMELESS, ModeratedComment, Moderator, Permission, SafeHtml, State
from commentsvc.publishing import sanitise
from commentsvc.records import NewComment
from commentsvc.service import Service
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads.lifecycle import add


@retried
def answer_as_staff(
    service: Service, moderator: Moderator, parent: str, text: str, html: SafeHtml
) -> ModeratedComment:
    """Answer the public comment *parent*, in a thread that is closed, too; give the answer.

    The same words sent again within ten minutes give the answer that they made before, while it is public.

    :raises Forbidden: this moderator may only read.
    :raises NotFound: there is no such comment, or it is not this moderator's.
    :raises NoSuchParent: it is not public.
    """
    require(moderator, Permission.DECIDE)
    public_id = urlsafe_b64encode(service.random_bytes(ID_BYTES)).decode()
    digest = digest_of_answer(service, moderator.actor.id, parent, text)
    with service.unit_of_work() as work:
        answered = work.comments.whereabouts(parent)
        if answered is None or not moderator.may_see(answered.site_id):
            raise NotFound(NOT_HERE)
        work.threads.lock(answered.thread_id)
        thread = work.threads.by_id(work.comments.by_id(answered.row_id).thread_id)
        above = work.public_comments.parent(thread.id, parent)
        if above is None:
            raise NoSuchParent(message("This comment is not public; approve it before you answer."))
        if earlier := _earlier(service, work, digest):
            return earlier
        now = service.now().replace(microsecond=0)
        comment = NewComment(
            public_id=public_id,
            site_id=answered.site_id,
            state=State.APPROVED,
            reasons=(),
            findings=[],
            author_id=service.keys.sign("staff author", moderator.actor.id),
            author_name=_name_of(moderator),
            author_url=None,
            text=text,
            html=html,
            rules=sanitise.RULES,
            fingerprint=None,
            posted_at=now,
            staff=True,
            answered_by=moderator.actor.id,
        )
        added = add(work, thread, above, comment, service.settings.max_depth, now, by=moderator.actor.id)
        work.sent_forms.remember(digest, added.row_id, now + FORMS_REMEMBERED)
        record(work, service, moderator.actor, Kind.STAFF_ANSWERED, comment=public_id, parent=parent)
        return shown_to(service, work, public_id)


def _earlier(service: Service, work: UnitOfWork, digest: bytes) -> ModeratedComment | None:
    row_id = work.sent_forms.comment_of(digest, service.now())
    if row_id is None:
        return None
    earlier = work.comments.by_id(row_id)
    return shown_to(service, work, earlier.public_id) if earlier.state is State.APPROVED else None


def _name_of(moderator: Moderator) -> str:
    """The name that readers see: as everybody's, it is no address."""
    try:
        return read_name(moderator.display_name or NAMELESS)
    except ValueError:
        return NAMELESS
