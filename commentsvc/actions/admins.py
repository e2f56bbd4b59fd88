"""Who looks after people and API tokens: admins of all sites, and the operator."""

from __future__ import annotations

from commentsvc.access.permissions import require_everywhere
from commentsvc.audit.trail import OPERATOR
from commentsvc.model import Actor, Moderator, Permission


def acting_admin(moderator: Moderator | None) -> Actor:
    """Who the audit trail names; the operator, who asks nobody, is None.

    :raises Forbidden: this is no admin of all sites.
    """
    if moderator is None:
        return OPERATOR
    require_everywhere(moderator, Permission.MANAGE)
    return moderator.actor
