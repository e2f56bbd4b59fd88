"""Who may do what: the one table of roles and scopes. Actions ask it, and nothing else asks for a role."""

from __future__ import annotations

from commentsvc.errors import Forbidden
from commentsvc.messages import message
from commentsvc.model import Moderator, Permission, Role, Scope

_READING = frozenset({Permission.READ, Permission.READ_TRAIL})
_JUDGING = frozenset({Permission.READ, Permission.SEE_ADDRESSES, Permission.DECIDE})
_EVERYTHING = frozenset(Permission) - {Permission.POST, Permission.FOLLOW}

OF_ROLE: dict[Role, frozenset[Permission]] = {
    Role.MODERATOR: _JUDGING,
    Role.ADMIN: _EVERYTHING,
    Role.AUDITOR: _READING,
}
OF_SCOPE: dict[Scope, frozenset[Permission]] = {
    Scope.READ: _READING,
    Scope.POST: frozenset({Permission.POST}),
    Scope.MODERATE: _JUDGING | {Permission.SET_FOR_ALL, Permission.READ_TRAIL},
    Scope.ADMIN: _EVERYTHING,
    Scope.FEED: frozenset({Permission.FOLLOW}),
}

_REFUSALS = {
    Permission.READ: message("This is for moderators."),
    Permission.SEE_ADDRESSES: message("You may not see addresses, so you cannot look for one."),
    Permission.DECIDE: message("You may read here, and change nothing."),
    Permission.SET_FOR_ALL: message("What holds for all sites is set by an admin."),
    Permission.READ_TRAIL: message("The audit trail is for admins and auditors of all sites."),
    Permission.MANAGE: message("This is for admins of all sites."),
    Permission.POST: message("This credential is not good for posting."),
    Permission.FOLLOW: message("This is for moderators."),
}


def require(moderator: Moderator, permission: Permission) -> None:
    """Let a moderator pass that has the permission.

    :raises Forbidden: this one has not.
    """
    if not moderator.may(permission):
        raise Forbidden(_REFUSALS[permission])


def require_everywhere(moderator: Moderator, permission: Permission) -> None:
    """Let a moderator pass that has the permission for all sites.

    :raises Forbidden: this one has not.
    """
    if not moderator.may_everywhere(permission):
        raise Forbidden(_REFUSALS[permission])
