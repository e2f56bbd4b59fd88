"""Tell the author of a comment why it is not public, and take their objection. The edit key opens both, at any time."""

from __future__ import annotations

from commentsvc.errors import Forbidden, NotFound, ObjectionAnswered
from commentsvc.intake import guest_keys
from commentsvc.messages import message
from commentsvc.model import Action, Decision, EventKind, Objection, Outcome, State, Statement
from commentsvc.moderation import reasons, reports
from commentsvc.records import NewDecision, StoredComment, StoredDecision, StoredObjection
from commentsvc.service import Service
from commentsvc.storage import findings
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads.lifecycle import RULE, RULE_NAME, change_state, tell

MOST_LINES = 1000  # of the log about one comment
NOTHING_DECIDED = message("There is no decision against this comment.")
ANSWERED = message("A moderator has answered your objection already.")


def statement(service: Service, work: UnitOfWork, public_id: str, key: str) -> Statement:
    """Give the statement of reasons for the decision against one's own comment.

    :raises Forbidden: the key is not this comment's.
    :raises NotFound: nothing was decided against it, or nothing that its author may be told.
    """
    line = _decision(service, work, public_id, key)
    comment = work.comments.by_public_id(public_id)
    earlier = work.objections.latest(comment.id) if comment else None
    objection = reports.objection(earlier) if earlier and not earlier.granted else None
    if line.by == RULE:
        return _of_program(work, line, comment, objection)
    return _of_person(work, line, comment, objection)


def statement_if_any(service: Service, work: UnitOfWork, public_id: str, key: str) -> Statement | None:
    """As `statement`; None where it raises."""
    try:
        return statement(service, work, public_id, key)
    except (Forbidden, NotFound):
        return None


def statement_of_person(work: UnitOfWork, comment: StoredComment, decision: str) -> Statement | None:
    """The statement of reasons for that decision of a person; None where it does not stand any more."""
    line = reasons.decision_against(work.decisions.of_comment(comment.public_id))
    if line is None or line.public_id != decision:
        return None
    return _of_person(work, line, comment, None)


def _can_object(comment: StoredComment | None, objection: Objection | None) -> bool:
    return comment is not None and (objection is None or objection.answered_at is None)


@retried
def object_to(service: Service, public_id: str, key: str, text: str) -> None:
    """Take an objection to the decision against one's own comment, which then waits for a moderator again.

    Another one takes the place of the first as long as nobody has answered.

    :raises Forbidden, NotFound: as `statement` does; or the comment was erased.
    :raises ObjectionAnswered: a moderator looked at it again, and decided.
    """
    with service.unit_of_work() as work:
        comment = work.comments.by_public_id(public_id)
        if comment is not None:
            work.threads.lock(comment.thread_id)
        line = _decision(service, work, public_id, key)
        comment = work.comments.by_public_id(public_id)
        if comment is None:
            raise NotFound(reasons.ERASED)
        _keep(service, work, comment, line, work.objections.latest(comment.id), text)
        tell(work, comment, EventKind.OBJECTED, service.now(), decision=line.public_id)
        if comment.state is not State.PENDING:
            _return_to_queue(service, work, comment)


def _keep(
    service: Service,
    work: UnitOfWork,
    comment: StoredComment,
    line: StoredDecision,
    earlier: StoredObjection | None,
    text: str,
) -> None:
    if earlier is None or earlier.granted:
        work.objections.add(comment.id, line.public_id, text, service.now().replace(microsecond=0))
    elif earlier.answered_at is None:
        work.objections.replace(earlier.id, text)
    elif earlier.text != text:
        raise ObjectionAnswered(ANSWERED)


def _return_to_queue(service: Service, work: UnitOfWork, comment: StoredComment) -> None:
    returned = NewDecision(
        by=RULE,
        by_name=RULE_NAME,
        comment=comment.public_id,
        site_id=comment.site_id,
        article=work.public_comments.author_view(comment.id)[1].article,
        action=reasons.OBJECTION,
        from_state=comment.state,
        to_state=State.PENDING,
        reason=None,
        revision=comment.revision,
    )
    now = service.now()
    work.decisions.add(returned, service.random_bytes, now.replace(microsecond=0))
    change_state(work, comment, State.PENDING, now, told=False)  # that it is objected to is told


def _decision(service: Service, work: UnitOfWork, public_id: str, key: str) -> StoredDecision:
    if not guest_keys.is_edit_key(service, public_id, key):
        raise Forbidden(message("This edit key is not the one of this comment."))
    line = reasons.decision_against(work.decisions.of_comment(public_id))
    if line is None or (line.by == RULE and work.statements.find(line.public_id) is None):
        raise NotFound(NOTHING_DECIDED)
    return line


def _of_program(
    work: UnitOfWork, line: StoredDecision, comment: StoredComment | None, objection: Objection | None
) -> Statement:
    told = work.statements.find(line.public_id)
    assert told is not None  # noqa: S101 - `_decision` looked
    outcome, rows = told
    facts = [findings.text_from_json(row) for row in rows]
    action = Action.HOLD if outcome is Outcome.HOLD else Action.SPAM
    reported = facts == [reasons.REPORTED]
    return Statement(
        decided_at=_entry(work, line).decided_at,
        action=str(action),
        scope=reasons.ENDS_VISIBILITY[action],
        facts=tuple(facts) if reported else (reasons.FOUND_BY_CHECKS, *facts),
        automated=True,
        ground=reasons.SITE_RULES,
        how_to_object=reasons.HOW_TO_OBJECT if comment else reasons.ERASED,
        objection=objection,
        can_object=_can_object(comment, objection),
    )


def _of_person(
    work: UnitOfWork,
    line: StoredDecision,
    comment: StoredComment | None,
    objection: Objection | None,
) -> Statement:
    entry = _entry(work, line)
    reason = entry.reason or ""
    was_reported = comment is not None and work.reports.were_open(comment.id, entry.decided_at)
    return Statement(
        decided_at=entry.decided_at,
        action=line.action,
        scope=reasons.ENDS_VISIBILITY[line.action],
        facts=(reason or reasons.READ_BY_PERSON, *([reasons.REPORTED] if was_reported else [])),
        automated=False,
        ground=reasons.ground_of(reason, work.sites.by_id(line.site_id).reasons),
        how_to_object=reasons.HOW_TO_OBJECT if comment else reasons.ERASED,
        objection=objection,
        can_object=_can_object(comment, objection),
    )


def _entry(work: UnitOfWork, line: StoredDecision) -> Decision:
    """The line with its time and its reason."""
    entries = work.decisions.latest(None, line.comment, None, MOST_LINES)
    return next(entry for _, entry in entries if entry.id == line.public_id)
