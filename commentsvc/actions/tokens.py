"""API tokens: make, list and revoke them, and tell who one is."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from commentsvc.access import api_tokens
from commentsvc.actions.sites import site_of
from commentsvc.audit.trail import OPERATOR, Kind, record
from commentsvc.errors import Invalid, NotFound
from commentsvc.model import Moderator, Role, Scope
from commentsvc.records import StoredToken
from commentsvc.service import Service
from commentsvc.storage.database import CANNOT_WRITE, retried
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.unicode_text import is_line


def moderator_of_token(service: Service, token: str) -> Moderator:
    """Give who an API token decides as.

    :raises NotAuthenticated, Forbidden: it is not known, has expired, or is not good for moderating.
    """
    found = holder(service, token, Scope.MODERATE)
    sites = None if found.site_id is None else frozenset({found.site_id})
    return Moderator(f"API token {found.public_id}", Role.ADMIN, sites, api_tokens.actor(found), found.label)


@retried
def holder(service: Service, token: str, scope: Scope) -> StoredToken:
    """Give what *token* is good for, and note that it is in use.

    :raises NotAuthenticated, Forbidden: it is not known, has expired, or is not good for *scope*.
    """
    now = service.now()
    with service.reading() as work:
        found = api_tokens.holder(work, token, scope, now)
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
) -> str:
    """Make an API token, of all sites where none is named, and give it.

    :raises NotFound: there is no such site.
    :raises Invalid: the label is too long, or no line.
    """
    if label is not None and (len(label) > api_tokens.LONGEST_LABEL or not is_line(label)):
        raise Invalid({"label": [f"A label is one line of at most {api_tokens.LONGEST_LABEL} characters."]})
    with service.unit_of_work() as work:
        site_id = site_of(service, work, slug).id if slug is not None else None
        token, row = api_tokens.create(work, scope, site_id, label, expires_at, service.now())
        until = expires_at.isoformat() if expires_at else None
        told = {"scope": str(scope), "site": slug, "label": label, "expires": until}
        record(work, service, OPERATOR, Kind.TOKEN_CREATED, token=row.public_id, **told)
    return token


def list_tokens(work: UnitOfWork) -> list[StoredToken]:
    """Give all API tokens, the oldest first."""
    return work.api_tokens.all_tokens()


@retried
def revoke_token(service: Service, public_id: str) -> None:
    """End an API token at once.

    :raises NotFound: no account, token or session has that id.
    """
    with service.unit_of_work() as work:
        if not work.api_tokens.remove(public_id):
            raise NotFound(f"Unknown API token “{public_id}”; “commentsvc token list” shows those there are.")
        record(work, service, OPERATOR, Kind.TOKEN_REVOKED, token=public_id)
