"""Keep rules, and try them on the comments there are."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import MAXYEAR, datetime
from typing import Any

from commentsvc.access.permissions import require
from commentsvc.actions.blocks import site_id_of_rule
from commentsvc.actions.moderate import cursor_of, permalinks, position_of, sites_of
from commentsvc.audit.trail import Kind, record
from commentsvc.errors import CatchesAll, Forbidden, Invalid, NotFound
from commentsvc.intake.fields import read_name, spelling_of_email
from commentsvc.messages import message
from commentsvc.model import BlockAction, CheckMode, Moderator, Permission, Rule, Site, State, Trial, When
from commentsvc.moderation import queue, rules, unseen
from commentsvc.moderation.addresses import opened_domain
from commentsvc.moderation.blocks import LONGEST_NOTE
from commentsvc.moderation.networks import ends_of, opened_network
from commentsvc.privacy import sealing
from commentsvc.records import Filter, NewRule, QueuedRow, StoredRule, TriedComment
from commentsvc.screening.rendered import rendered
from commentsvc.screening.rules import Subject, why_caught
from commentsvc.service import Service
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork

MOST_TRIED = 1000  # comments: some 50 ms where they are short
MOST_CHARACTERS = (
    4_000_000  # of all that one trial looks at: some 3 s, in which others wait for the processor
)
ALL_OF_LAST = 100  # comments that a rule must not catch altogether, unless that is meant
LISTING = "rules"


def list_rules(
    service: Service,
    work: UnitOfWork,
    moderator: Moderator,
    site: Site | None,
    limit: int,
    cursor: str | None,
) -> tuple[list[Rule], str | None]:
    """Give a page of the rules that this moderator may see, oldest first, and the cursor of the next.

    :raises Forbidden: the site is not this moderator's.
    :raises Invalid: the cursor does not belong to this list.
    """
    after = position_of(service, cursor, LISTING) or 0
    found = work.rules.visible(sites_of(moderator, site), after, limit + 1)
    page = found[:limit]
    following = cursor_of(service, page[-1].id, LISTING) if len(found) > limit else None
    return [
        unseen.rule_for(moderator, rules.opened(work, rule, service.address_keys)) for rule in page
    ], following


def read_rule(service: Service, work: UnitOfWork, moderator: Moderator, public_id: str) -> Rule:
    """Give one rule.

    :raises NotFound: no such id among those that this moderator may see.
    """
    rule = rules.opened(work, _visible(work, moderator, public_id), service.address_keys)
    return unseen.rule_for(moderator, rule)


@retried
def add_rule(
    service: Service,
    moderator: Moderator,
    site: Site | None,
    *,
    name: str,
    when: When,
    outcome: BlockAction,
    mode: CheckMode,
    until: datetime | None,
    note: str | None,
    confirm: bool,
) -> Rule:
    """Set a rule on one site, or on all where none is named.

    :raises Forbidden: the site is not this moderator's, or all sites are not.
    :raises Invalid: a value is wrong, or there are as many rules as may be.
    :raises CatchesAll: it would have caught all of the last comments, and that is not confirmed.
    """
    site_id = site_id_of_rule(moderator, site)
    new = _checked(service, NewRule(site_id, name, when, outcome, mode, until, note))
    with service.reading() as work:
        _refuse_catching_all(service, work, new, confirmed=confirm)
    with service.unit_of_work() as work:
        _require_place(work, site_id)
        stored = rules.create(work, new, service.address_keys, service.now().replace(microsecond=0))
        told = {"outcome": str(new.outcome), "mode": str(new.mode), "site": stored.site}
        record(work, service, moderator.actor, Kind.RULE_ADDED, rule=stored.public_id, **told)
        return rules.opened(work, stored, service.address_keys)


@retried
def change_rule(
    service: Service, moderator: Moderator, public_id: str, changes: dict[str, Any], *, confirm: bool
) -> Rule:
    """Change what *changes* names of a rule: `site` (None: all sites), and the fields of `NewRule`.

    :raises NotFound: no such id among this moderator's sites.
    :raises Forbidden: it is, or is to be, on all sites, and this is no admin; or on a site of others.
    :raises Invalid, CatchesAll: as `add_rule` does.
    """
    changes = dict(changes)
    if "site" in changes:
        changes["site_id"] = site_id_of_rule(moderator, changes.pop("site"))
    with service.reading() as work:
        before, after = _before_and_after(service, work, moderator, public_id, changes)
        if after != replace(before, name=after.name, until=after.until, note=after.note):
            _refuse_catching_all(service, work, after, confirmed=confirm)
    with service.unit_of_work() as work:
        # Read again, so that of two changes at the same time none is lost.
        before, after = _before_and_after(service, work, moderator, public_id, changes)
        if after.site_id != before.site_id:
            _require_place(work, after.site_id)
        stored = rules.change(work, _own(work, moderator, public_id), before, after, service.address_keys)
        changed = [name for name in changes if getattr(after, name) != getattr(before, name)]
        if changed:
            told = {"outcome": str(after.outcome), "mode": str(after.mode), "site": stored.site}
            record(work, service, moderator.actor, Kind.RULE_CHANGED, rule=public_id, changed=changed, **told)
        return rules.opened(work, stored, service.address_keys)


@retried
def remove_rule(service: Service, moderator: Moderator, public_id: str) -> None:
    """Remove a rule.

    :raises NotFound, Forbidden: as `change_rule` does.
    """
    with service.unit_of_work() as work:
        stored = _own(work, moderator, public_id)
        work.rules.remove(stored.id)
        record(work, service, moderator.actor, Kind.RULE_REMOVED, rule=public_id)
    service.database.forget_erased()


def try_rule(
    service: Service, work: UnitOfWork, moderator: Moderator, site: Site | None, when: When, last: int
) -> Trial:
    """Say what a rule would have caught of the last comments of its sites. Nothing is changed.

    A rule that names networks catches here what came from a network that was kept, and is within one of them as a whole.
    Of long comments no more are looked at than have `MOST_CHARACTERS`.

    :param last: how many comments to look at, up to `MOST_TRIED`.
    :raises Forbidden: the site is not this moderator's, or this one decides nothing: a trial looks for addresses.
    :raises Invalid: a condition is wrong.
    """
    require(moderator, Permission.DECIDE)
    return _trial(service, work, sites_of(moderator, site), rules.normalised(when, spelling_of_email), last)


def try_stored_rule(
    service: Service, work: UnitOfWork, moderator: Moderator, public_id: str, last: int
) -> Trial:
    """As `try_rule`, for a rule that there is.

    :raises NotFound: no such id among those that this moderator may see.
    :raises Forbidden: as `try_rule` does.
    """
    require(moderator, Permission.DECIDE)
    stored = _visible(work, moderator, public_id)
    sites = moderator.sites if stored.site_id is None else frozenset({stored.site_id})
    return _trial(service, work, sites, rules.opened(work, stored, service.address_keys).when, last)


def _trial(service: Service, work: UnitOfWork, sites: frozenset[int] | None, when: When, last: int) -> Trial:
    looked_at, caught = _tried(service, work, sites, when, last)
    states = Counter(row.state for row, _ in caught)
    wrongly = [
        queue.moderated(row, service.address_keys, permalinks(service))
        for row, known in caught
        if known.by_person
    ]
    return Trial(looked_at, len(caught), {state: states[state] for state in State}, wrongly)


def _tried(
    service: Service, work: UnitOfWork, sites: frozenset[int] | None, when: When, last: int
) -> tuple[int, list[tuple[QueuedRow, TriedComment]]]:
    """How many comments there were to look at, and those of them that *when* would have caught, newest first."""
    rows, _ = work.queue.listed(Filter(sites=sites, newest_first=True), None, last)
    known = work.rules.tried([row.id for row in rows])
    keys = service.address_keys
    lookups = {one for email in when.emails or () for one in sealing.lookups(email, keys)}
    caught = []
    looked_at = characters = 0
    for row in rows:
        characters += len(row.text)
        if characters > MOST_CHARACTERS:
            break
        looked_at += 1
        facts = known[row.id]
        of_address = facts.lookup in lookups if when.emails else None
        if why_caught(when, _subject(service, row, facts), of_address=of_address) is not None:
            caught.append((row, facts))
    return looked_at, caught


def _subject(service: Service, row: QueuedRow, facts: TriedComment) -> Subject:
    email_domain = opened_domain(row.public_id, row.sealed, service.address_keys) if row.sealed else ""
    return Subject(
        name=row.author_name,
        text=row.text,
        seen=rendered(row.html),
        author_id=row.author_id,
        ips=ends_of(opened_network(row.public_id, row.sealed_network, service.address_keys)),
        email_domain=email_domain,
        first_comment=facts.first_comment,
        thread_opened_at=facts.thread_opened_at,
        at=row.posted_at,
    )


def _before_and_after(
    service: Service, work: UnitOfWork, moderator: Moderator, public_id: str, changes: dict[str, Any]
) -> tuple[NewRule, NewRule]:
    stored = _own(work, moderator, public_id)
    rule = rules.opened(work, stored, service.address_keys)
    before = NewRule(stored.site_id, rule.name, rule.when, rule.outcome, rule.mode, rule.until, rule.note)
    after = replace(before, **changes)
    return before, _checked(service, after, before)


def _checked(service: Service, rule: NewRule, before: NewRule | None = None) -> NewRule:
    """Give *rule* in its one spelling; what it has of *before* was checked then, and stays as it is.

    So a rule can be switched off whose time is over, or whose addresses cannot be opened any more.
    """
    errors: dict[str, list[str]] = {}
    name, when = rule.name, rule.when
    try:
        name = read_name(name)  # an e-mail address in it would be told where none may be
        if len(name) > rules.LONGEST_NAME:
            raise ValueError(
                message("A rule's name has at most %(most)s characters.", most=rules.LONGEST_NAME)
            )
    except ValueError as wrong:
        errors["name"] = [str(wrong)]
    is_new_end = rule.until is not None and (before is None or rule.until != before.until)
    if is_new_end and not _is_to_come(rule.until, service.now()):
        errors["until"] = [
            message("The end must be in the future, with a time zone, such as 2027-01-31T00:00:00Z.")
        ]
    if rule.note is not None and len(rule.note) > LONGEST_NOTE:
        errors["note"] = [message("A note has at most %(most)s characters.", most=LONGEST_NOTE)]
    try:
        if before is None or when != before.when:
            when = rules.normalised(when, spelling_of_email)
    except Invalid as wrong:
        errors |= wrong.errors
    if errors:
        raise Invalid(errors)
    return replace(rule, name=name, when=when)


def _is_to_come(until: datetime | None, now: datetime) -> bool:
    return until is not None and until.tzinfo is not None and until > now and until.year != MAXYEAR


def _refuse_catching_all(service: Service, work: UnitOfWork, rule: NewRule, *, confirmed: bool) -> None:
    if confirmed or rule.mode is not CheckMode.ON:
        return
    sites = None if rule.site_id is None else frozenset({rule.site_id})
    looked_at, caught = _tried(service, work, sites, rule.when, ALL_OF_LAST)
    if looked_at == len(caught) == ALL_OF_LAST:
        raise CatchesAll(
            f"This rule would have caught all of the last {ALL_OF_LAST} comments. "
            "If that is meant, send it again with “confirm”: true."
        )


def _require_place(work: UnitOfWork, site_id: int | None) -> None:
    if work.rules.count(site_id) >= rules.MOST_RULES:
        raise Invalid(
            {
                "site": [
                    message(
                        "There are %(most)s rules already; remove one that is not needed.",
                        most=rules.MOST_RULES,
                    )
                ]
            }
        )


def _visible(work: UnitOfWork, moderator: Moderator, public_id: str) -> StoredRule:
    stored = work.rules.by_public_id(public_id)
    if stored is None or not (moderator.sites is None or stored.site_id in moderator.sites):
        raise NotFound(message("There is no such rule."))
    return stored


def _own(work: UnitOfWork, moderator: Moderator, public_id: str) -> StoredRule:
    require(moderator, Permission.DECIDE)
    stored = _visible(work, moderator, public_id)
    if stored.site_id is None and not moderator.may(Permission.SET_FOR_ALL):
        raise Forbidden(message("A rule on all sites is changed by an admin."))
    return stored
