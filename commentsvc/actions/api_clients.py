"""What a program with an API token of scope `post` may do: post without a form token."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from commentsvc.actions import tokens as api_tokens
from commentsvc.actions.sites import site_of
from commentsvc.errors import Forbidden
from commentsvc.intake import form_tokens
from commentsvc.model import Permission, Site, Submission
from commentsvc.service import Service


def site_to_post_to(service: Service, key: str, slug: str | None) -> Site:
    """Give the site that the program may post to.

    :raises NotAuthenticated, Forbidden: the token is not known, or not good for that.
    """
    token = api_tokens.holder(service, key, Permission.POST)
    with service.reading() as work:
        site = site_of(service, work, slug or token.site)
    if token.site_id not in {None, site.id}:
        raise Forbidden(f"This API token is good for the site “{token.site}” alone.")
    return site


def of_api_client(
    service: Service, key: str, submission: Submission, idempotency_key: str | None
) -> Submission:
    """Give *submission* as this program's: with its idempotency key, if it sent one, as the nonce."""
    submission = replace(submission, by_api_client=True)
    if not idempotency_key:
        return submission
    token = api_tokens.holder(service, key, Permission.POST)
    return replace(
        submission,
        nonce=service.keys.sign("idempotency key", f"{token.public_id}\0{idempotency_key}"),
        nonce_expires_at=service.now() + timedelta(seconds=form_tokens.LIFETIME),
    )
