"""Show what belongs to the person of an e-mail address, and give it to take along (GDPR, Articles 15 and 20).

Whose it is says the address alone, compared as everywhere: it is not known who can read its mail.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from msgspec import structs

from commentsvc.access.accounts import normalised_login
from commentsvc.access.permissions import require, require_everywhere
from commentsvc.actions.moderate import permalinks, sites_of
from commentsvc.errors import Invalid
from commentsvc.intake.fields import spelling_of_email
from commentsvc.model import (
    BlockKind,
    MadeReportFacts,
    ModeratedComment,
    Moderator,
    Permission,
    PersonAccount,
    PersonBlock,
    PersonComment,
    PersonDecision,
    PersonFile,
    PersonFollow,
    PersonLine,
    PersonNote,
    PersonRule,
    PersonSummary,
    ReportAbout,
    Site,
)
from commentsvc.moderation import blocks, queue
from commentsvc.moderation import reports as reporting
from commentsvc.privacy.sealing import lookups
from commentsvc.records import Filter, Follow, Lookups
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

AT_ONCE = 200  # comments
MOST_ABOUT = 1000  # notes, reports or decisions of one comment: more than there may be


def address_of_person(email: str) -> str:
    """Give *email* as a comment would have it.

    :raises Invalid: it is no address.
    """
    try:
        return blocks.normalised(BlockKind.EMAIL, spelling_of_email(email))
    except ValueError as wrong:
        raise Invalid({"email": [str(wrong)]}) from None


def require_admin_somewhere(moderator: Moderator) -> None:
    """Let admins pass, whichever their sites are; which one is meant may not be known yet.

    :raises Forbidden: this is none.
    """
    require(moderator, Permission.MANAGE)


def require_admin(moderator: Moderator | None, site: Site | None) -> None:
    """Let the operator pass, who is None, and admins: of that site, or of all where none is named.

    :raises Forbidden: this is neither.
    """
    if moderator is None:
        return
    if site is None:
        require_everywhere(moderator, Permission.MANAGE)
    else:
        require(moderator, Permission.MANAGE)
        sites_of(moderator, site)


def show_person(
    service: Service, work: UnitOfWork, moderator: Moderator | None, email: str, site: Site | None
) -> PersonSummary:
    """Say what is stored of a person, in short.

    :raises Forbidden: this is no admin.
    :raises Invalid: *email* is no address.
    """
    require_admin(moderator, site)
    email = address_of_person(email)
    by, site_id = lookups(email, service.address_keys), None if site is None else site.id
    by_state: Counter[str] = Counter()
    addresses: dict[str, None] = {}
    names: dict[str, None] = {}
    lines: list[PersonLine] = []
    for row_id, comment in _comments(service, work, by, site_id):
        by_state[str(comment.state)] += 1
        addresses[comment.email or ""] = None
        names[comment.author.name] = None
        lines.append(_line(work, row_id, comment))
    return PersonSummary(
        email=email,
        site=None if site is None else site.slug,
        at=_now(service),
        by_state=dict(by_state),
        addresses=list(addresses),
        names=list(names),
        comments=lines,
        trusted=work.persons.trusted(by, site_id),
        reports_made=len(work.persons.reports_made(by, site_id)),
        blocks=len(work.persons.blocks(by, site_id)),
        rules=len(work.persons.rules(by, site_id)),
        account=account_of(work, moderator, email),
        follows=len(work.follows.of_lookups(by, site_id)),
    )


def export_person(
    service: Service, work: UnitOfWork, moderator: Moderator | None, email: str, site: Site | None
) -> PersonFile:
    """Give all that is stored of a person, to be read by programs; of others nothing is in it.

    :raises Forbidden, Invalid: as `show_person` does.
    """
    require_admin(moderator, site)
    email = address_of_person(email)
    by, site_id = lookups(email, service.address_keys), None if site is None else site.id
    return PersonFile(
        email=email,
        site=None if site is None else site.slug,
        at=_now(service),
        comments=[_whole(work, row_id, comment) for row_id, comment in _comments(service, work, by, site_id)],
        trusted=work.persons.trusted(by, site_id),
        reports_made=_reports_made(service, work, by, site_id),
        blocks=[
            PersonBlock(one.public_id, one.site, str(one.action), one.created_at, one.until, one.note)
            for one in work.persons.blocks(by, site_id)
        ],
        rules=[PersonRule(*one) for one in work.persons.rules(by, site_id)],
        account=account_of(work, moderator, email),
        follows=_follows(work, work.follows.of_lookups(by, site_id)),
    )


def export_own(
    service: Service, work: UnitOfWork, email: str, is_theirs: Callable[[str], bool]
) -> PersonFile:
    """Give all that belongs to who reads the mail of *email*, on all sites, to that person.

    What moderators wrote for each other is not in it: notes, reasons, blocks and rules, which the operator hands out.

    :param is_theirs: whether an address that is found with *email* is a spelling of it, and not of another mailbox.
    """
    by = lookups(email, service.address_keys)
    comments = []
    for row_id, comment in _comments(service, work, by, None):
        if is_theirs(comment.email or ""):
            whole = _whole(work, row_id, comment)
            decisions = [structs.replace(one, reason=None) for one in whole.decisions]
            comments.append(structs.replace(whole, decisions=decisions, notes=[], reasons=(), findings=()))
    ids = {comment.id for comment in comments}
    return PersonFile(
        email=email,
        site=None,
        at=_now(service),
        comments=comments,
        trusted=work.persons.trusted(by, None),
        reports_made=[one for one in _reports_made(service, work, by, None) if is_theirs(one.email)],
        blocks=[],
        rules=[],
        account=None,
        follows=_follows(work, [one for one in work.follows.of_lookups(by) if one.comment in ids]),
    )


def _follows(work: UnitOfWork, follows: Iterable[Follow]) -> list[PersonFollow]:
    return [
        PersonFollow(
            comment=one.comment or "",
            site=work.sites.by_id(one.site_id).slug,
            article=work.threads.by_id(one.thread_id).article,
            notify=one.kind,
            language=one.lang,
            at=one.created_at,
            confirmed_at=one.confirmed_at,
            stopped_at=one.stopped_at,
        )
        for one in follows
    ]


def account_of(work: UnitOfWork, moderator: Moderator | None, email: str) -> PersonAccount | None:
    """The account at the desk under that address, if there is one, for who may see the list of accounts.

    That is the operator, who is None, and the admins of all sites: an admin of one site does not learn who works on others.
    """
    if moderator is not None and not moderator.may_everywhere(Permission.MANAGE):
        return None
    account = work.accounts.by_email(normalised_login(email))
    return None if account is None else PersonAccount(account.public_id, account.name, str(account.role))


def _comments(
    service: Service, work: UnitOfWork, by: Lookups, site_id: int | None
) -> Iterator[tuple[int, ModeratedComment]]:
    """Each comment with its row's number, the oldest row first."""
    permalink_of: Callable[[str, str, str], str] = permalinks(service)
    filters = Filter(sites=None if site_id is None else frozenset({site_id}), lookups=by)
    after: int | None = None
    while True:
        rows, after = work.queue.listed(filters, after, AT_ONCE)
        for row in rows:
            yield row.id, queue.moderated(row, service.address_keys, permalink_of)
        if after is None:
            return


def _line(work: UnitOfWork, row_id: int, comment: ModeratedComment) -> PersonLine:
    return PersonLine(
        id=comment.id,
        site=comment.site,
        article=comment.article,
        permalink=comment.permalink,
        state=comment.state,
        posted_at=comment.posted_at,
        name=comment.author.name,
        notes=work.notes.count(row_id),
        reports=len(work.reports.of_comment(row_id, 0, MOST_ABOUT)),
        objections=len(work.objections.of_comment(row_id)),
    )


def _whole(work: UnitOfWork, row_id: int, comment: ModeratedComment) -> PersonComment:
    return PersonComment(
        id=comment.id,
        site=comment.site,
        article=comment.article,
        permalink=comment.permalink,
        parent=comment.parent,
        state=comment.state,
        posted_at=comment.posted_at,
        edited_at=comment.edited_at,
        name=comment.author.name,
        url=comment.author.url,
        email=comment.email or "",
        text=comment.text,
        html=comment.html,
        author_id=comment.author_id,
        network=comment.network,
        reasons=comment.reasons,
        findings=tuple(f"{one.check}: {one.message}" for one in comment.findings),
        decisions=[
            PersonDecision(one.decided_at, one.action, one.from_, one.to, one.reason)
            for _, one in work.decisions.latest(None, comment.id, None, MOST_ABOUT)
        ],
        notes=[PersonNote(note.at, note.text) for _, note in work.notes.of_comment(row_id, None, MOST_ABOUT)],
        reports=[
            ReportAbout(one.created_at, one.reason, one.closed_at)
            for one in work.reports.of_comment(row_id, 0, MOST_ABOUT)
        ],
        objections=[reporting.objection(one) for one in work.objections.of_comment(row_id)],
    )


def _reports_made(
    service: Service, work: UnitOfWork, by: Lookups, site_id: int | None
) -> list[MadeReportFacts]:
    return [
        MadeReportFacts(
            id=one.public_id,
            comment=one.comment,
            site=one.site,
            article=one.article,
            at=one.created_at,
            reason=one.reason,
            text=one.text,
            name=one.name,
            email=reporting.address_of(one.public_id, one.sealed, service.address_keys),
            good_faith=one.good_faith,
            closed_at=one.closed_at,
        )
        for one in work.persons.reports_made(by, site_id)
    ]


def _now(service: Service) -> datetime:
    return service.now().replace(microsecond=0)
