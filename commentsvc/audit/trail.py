"""Write a line of the audit trail, in the transaction of what it tells of."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from enum import StrEnum

from commentsvc.model import Actor
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

ID_BYTES = 12

OPERATOR = Actor("operator", "Operator")
"""Who works at the command line."""

OWNER = Actor("owner", "Owner of the address")
"""Who reads the mail of an address, and acts by a link that was mailed there."""

STRANGER = Actor("", "")
"""Who could not prove to be anybody."""


class Kind(StrEnum):
    """What an entry can tell of."""

    DECISION = "decision"
    DECIDED_BY_MAIL = "decided-by-mail"
    SIGN_IN = "sign-in"
    SIGN_IN_FAILED = "sign-in-failed"
    SIGN_OUT = "sign-out"
    SESSION_ENDED = "session-ended"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - a word
    USER_ADDED = "user-added"
    USER_REMOVED = "user-removed"
    USER_ROLE = "user-role"
    USER_CHANGED = "user-changed"
    USER_INVITED = "user-invited"
    INVITATION_ACCEPTED = "invitation-accepted"
    SECOND_FACTOR_ADDED = "second-factor-added"
    SECOND_FACTOR_REMOVED = "second-factor-removed"
    RECOVERY_CODES_CREATED = "recovery-codes-created"
    USER_SIGNED_OUT = "user-signed-out"
    TOKEN_CREATED = "token-created"  # noqa: S105 - a word
    TOKEN_REVOKED = "token-revoked"  # noqa: S105 - a word
    SITE_ADDED = "site-added"
    SITE_CHANGED = "site-changed"
    BLOCK_ADDED = "block-added"
    BLOCK_LIFTED = "block-lifted"
    RULE_ADDED = "rule-added"
    RULE_CHANGED = "rule-changed"
    RULE_REMOVED = "rule-removed"
    THREAD_CHANGED = "thread-changed"
    THREAD_RENAMED = "thread-renamed"
    THREAD_MERGED = "thread-merged"
    COMMENT_MARKED = "comment-marked"
    STAFF_ANSWERED = "staff-answered"
    EXPORTED = "exported"
    PERSON_ERASED = "person-erased"
    IMPORTED = "imported"
    IMPORT_UNDONE = "import-undone"
    WEBHOOK_ADDED = "webhook-added"
    WEBHOOK_CHANGED = "webhook-changed"
    WEBHOOK_REMOVED = "webhook-removed"
    DEMO_CREATED = "demo-created"


def record(work: UnitOfWork, service: Service, by: Actor, kind: Kind, /, **what: object) -> None:
    """Add a line to the trail; *what* is plain JSON without any e-mail address."""
    public_id = urlsafe_b64encode(service.random_bytes(ID_BYTES)).decode()
    at = service.now().replace(microsecond=0)
    work.audit.add(public_id, at, by.id, by.name, str(kind), what)
