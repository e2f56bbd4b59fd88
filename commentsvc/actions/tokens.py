"""API tokens: make, list and revoke them, and tell who one is."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from commentsvc.access import api_tokens
from commentsvc.access.permissions import OF_SCOPE
from commentsvc.actions.admins import acting_admin
from commentsvc.actions.sites import site_of
from commentsvc.audit.trail import Kind, record
from commentsvc.errors import Forbidden, Invalid, NotAuthenticated, NotFound
from commentsvc.messages import message
from commentsvc.model import ApiToken, Moderator, NewApiToken, Permission, Scope
from commentsvc.records import StoredToken
from commentsvc.service import Service
from commentsvc.storage.database import CANNOT_WRITE
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.unicode_text import is_line


def moderator_of_token(service: Service, token: str) -> Moderator:
    """Give who an API token decides as.

    :raises NotAuthenticated, Forbidden: it is not known, has expired, or is not good for reading what moderators do.
    """
    return _moderator(holder(service, token, Permission.READ))


def _moderator(found: StoredToken) -> Moderator:
    sites = None if found.site_id is None else frozenset({found.site_id})
    return Moderator(
        f"API token {found.public_id}", OF_SCOPE[found.scope], sites, api_tokens.actor(found), found.label
    )


def follower_of_token(service: Service, token: str) -> Moderator:
    """Give who reads the private feed of what waits with *token*.

    :raises NotFound: it is not known, has expired, or is good for something else: a feed's URL tells nothing.
    """
    try:
        found = holder(service, token, Permission.FOLLOW)
    except (NotAuthenticated, Forbidden):
        raise NotFound("There is no such feed; “commentsvc token create --scope feed” makes one.") from None
    return _moderator(found)


@retried
def holder(service: Service, token: str, permission: Permission) -> StoredToken:
    """Give what *token* is good for, and note that it is in use.

    :raises NotAuthenticated, Forbidden: it is not known, has expired, or has not that permission.
    """
    now = service.now()
    with service.reading() as work:
        found = api_tokens.holder(work, token, permission, now)
    if api_tokens.needs_touch(found, now):
        with (
            suppress(*CANNOT_WRITE),
            service.unit_of_work(patience=0) as work,
        ):  # who reads waits for no writer
            work.api_tokens.touch(found.public_id, now)
    return found


@retried
def create_token(
    service: Service,
    scope: Scope,
    slug: str | None,
    label: str | None = None,
    expires_at: datetime | None = None,
    *,
    moderator: Moderator | None = None,
) -> NewApiToken:
    """Make an API token, of all sites where none is named, and give it; the operator is None.

    One that is made by a token ends when that does, at the latest.

    :raises Forbidden: this is no admin of all sites.
    :raises NotFound: there is no such site.
    :raises Invalid: the label is too long, or no line.
    """
    by = acting_admin(moderator)
    if label is not None and (len(label) > api_tokens.LONGEST_LABEL or not is_line(label)):
        raise Invalid(
            {
                "label": [
                    message(
                        "A label is one line of at most %(most)s characters.", most=api_tokens.LONGEST_LABEL
                    )
                ]
            }
        )
    with service.unit_of_work() as work:
        site_id = site_of(service, work, slug).id if slug is not None else None
        expires_at = _no_later_than_its_maker(work, moderator, expires_at)
        token, row = api_tokens.create(work, scope, site_id, label, expires_at, service.now())
        until = expires_at.isoformat() if expires_at else None
        told = {"scope": str(scope), "site": slug, "label": label, "expires": until}
        record(work, service, by, Kind.TOKEN_CREATED, token=row.public_id, **told)
    return NewApiToken(row.public_id, scope, slug, label, row.created_at, expires_at, None, token)


def _no_later_than_its_maker(
    work: UnitOfWork, moderator: Moderator | None, expires_at: datetime | None
) -> datetime | None:
    ids = () if moderator is None else (moderator.actor.id,)
    made_by = next((one for one in work.api_tokens.all_tokens() if one.public_id in ids), None)
    ends = [one for one in (expires_at, made_by.expires_at if made_by else None) if one is not None]
    return min(ends, default=None)


def list_tokens(work: UnitOfWork, moderator: Moderator | None = None) -> list[ApiToken]:
    """Give all API tokens, the oldest first; the operator is None.

    :raises Forbidden: this is no admin of all sites.
    """
    acting_admin(moderator)
    return [
        ApiToken(one.public_id, one.scope, one.site, one.label, one.created_at, one.expires_at, one.used_at)
        for one in work.api_tokens.all_tokens()
    ]


@retried
def revoke_token(service: Service, public_id: str, moderator: Moderator | None = None) -> None:
    """End an API token at once; the operator is None.

    :raises Forbidden: this is no admin of all sites.
    :raises NotFound: no account, token or session has that id.
    """
    by = acting_admin(moderator)
    with service.unit_of_work() as work:
        if not work.api_tokens.remove(public_id):
            raise NotFound(f"Unknown API token “{public_id}”; “commentsvc token list” shows those there are.")
        record(work, service, by, Kind.TOKEN_REVOKED, token=public_id)
