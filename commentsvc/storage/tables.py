"""The schema. Rows become the dataclasses of `model` at the edge of this package."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from commentsvc.model import BlockAction, BlockKind, CheckMode, JobState, ModerationMode, Role, Scope, State

SCHEMA = "0013"
"""The version of the schema below: the newest of `migrations/`."""

# SQLite gives an INTEGER PRIMARY KEY its fast row id; PostgreSQL needs the long one.
RowId = BigInteger().with_variant(Integer(), "sqlite")
# Paths are compared byte for byte, whatever the database's locale.
Bytewise = String().with_variant(String(collation="C"), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time in UTC; SQLite, which knows no zones, keeps it bare."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """Read a time; on SQLite at once from its text, since a page has hundreds of them."""
        return _from_text if dialect.name == "sqlite" else _in_utc


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value + "+00:00")


def _in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


class EnumString(TypeDecorator[Any]):
    """One of our enums, stored as its value: a new member needs no migration."""

    impl = String(16)
    cache_ok = True

    def __init__(self, words: type[Any]) -> None:
        super().__init__()
        self.words = words
        self.read = {None: None} | {str(word): word for word in words}

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Read a word: a look-up takes a tenth of what asking the enum does."""
        return self.read.__getitem__


class Base(DeclarativeBase):
    """The base of our tables; constraints have names, so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class SiteRow(Base):
    """`epoch` is random and renewed when a setting that shows changes: kept answers end with it."""

    __tablename__ = "site"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    origins: Mapped[list[str]] = mapped_column(JSON)
    articles: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    checks: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    mode: Mapped[ModerationMode | None] = mapped_column(EnumString(ModerationMode))
    privacy_url: Mapped[str | None] = mapped_column(Text)
    epoch: Mapped[str] = mapped_column(String(32))


class ThreadRow(Base):
    """`last_seq` numbers the comments, `version` the public states of the thread."""

    __tablename__ = "thread"
    __table_args__ = (UniqueConstraint("site_id", "article"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    article: Mapped[str] = mapped_column(Bytewise)
    title: Mapped[str | None] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    claimed_title: Mapped[str | None] = mapped_column(Text)
    claimed_url: Mapped[str | None] = mapped_column(Text)
    open: Mapped[bool] = mapped_column(default=True)
    count: Mapped[int] = mapped_column(default=0)
    last_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    version: Mapped[int] = mapped_column(BigInteger, default=0)


def _listed(name: str, *columns: str) -> Index:
    """An index of the comments that were not erased."""
    condition = text("erased_at IS NULL")
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


class CommentRow(Base):
    """A comment and its place; see `threads.places` for `path`, `shown` and `public_below`.

    `revision` grows with each edit. `vouched`: a person approved it, or an import brought it in as
    approved, and nobody took anything of its author away since; see `storage.trust`. `withdrawn_by` is the
    decision that ended that. `fingerprint` is the
    same for the same text (see `screening.fingerprint`); None for what was imported or is older than it.

    A row is never deleted: what was erased keeps its place and loses name, text and address.
    """

    __tablename__ = "comment"
    __table_args__ = (
        UniqueConstraint("thread_id", "seq"),
        Index(
            "ix_comment_shown_oldest",
            "thread_id",
            "root_seq",
            "path",
            sqlite_where=text("shown = 1"),
            postgresql_where=text("shown"),
        ),
        Index(
            "ix_comment_shown_newest",
            "thread_id",
            text("root_seq DESC"),
            "path",
            sqlite_where=text("shown = 1"),
            postgresql_where=text("shown"),
        ),
        Index("ix_comment_path", "thread_id", "path"),
        # What was erased is in no list: thousands of purged comments would be passed over each time.
        _listed("ix_comment_queue", "site_id", "state", "id"),
        _listed("ix_comment_state", "state", "id"),
        _listed("ix_comment_thread_state", "thread_id", "state", "id"),
        Index("ix_comment_author", "site_id", "author_id", "state"),
        Index(
            "ix_comment_vouched",
            "site_id",
            "author_id",
            sqlite_where=text("vouched = 1"),
            postgresql_where=text("vouched"),
        ),
        Index(
            "ix_comment_fingerprint",
            "site_id",
            "fingerprint",
            "posted_at",
            sqlite_where=text("fingerprint IS NOT NULL"),
            postgresql_where=text("fingerprint IS NOT NULL"),
        ),
        _listed("ix_comment_rules", "rules", "id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id"))
    seq: Mapped[int] = mapped_column(BigInteger)
    root_seq: Mapped[int] = mapped_column(BigInteger)
    path: Mapped[str] = mapped_column(Bytewise)
    depth: Mapped[int]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"))
    state: Mapped[State] = mapped_column(EnumString(State))
    reasons: Mapped[list[str]] = mapped_column(JSON)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, server_default="[]")
    shown: Mapped[bool] = mapped_column(default=False)
    public_below: Mapped[int] = mapped_column(default=0)
    author_id: Mapped[str] = mapped_column(String(22))
    author_name: Mapped[str] = mapped_column(Text)
    author_url: Mapped[str | None] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    rules: Mapped[int]
    fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary)
    revision: Mapped[int] = mapped_column(default=1)
    vouched: Mapped[bool] = mapped_column(default=False)
    withdrawn_by: Mapped[str | None] = mapped_column(String(16))
    posted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AddressRow(Base):
    """A comment's e-mail address, sealed. Public queries never come here."""

    __tablename__ = "address"
    __table_args__ = (Index("ix_address_lookup", "lookup", "comment_id"),)

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    lookup: Mapped[bytes] = mapped_column(LargeBinary)


class SpentTokenRow(Base):
    """A form token that made a comment; `digest` tells the same content from another."""

    __tablename__ = "spent_token"
    __table_args__ = (Index("ix_spent_token_expires_at", "expires_at"),)

    nonce: Mapped[str] = mapped_column(String(64), primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SentFormRow(Base):
    """A plain form that made a comment a short while ago; `digest` is a keyed hash of what it held, and whence it came."""

    __tablename__ = "sent_form"
    __table_args__ = (Index("ix_sent_form_expires_at", "expires_at"),)

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DecisionRow(Base):
    """The audit log. It outlives what it speaks of, hence names and no row ids."""

    __tablename__ = "decision"
    __table_args__ = (Index("ix_decision_site", "site_id", "id"), Index("ix_decision_comment", "comment"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(Text)
    comment: Mapped[str] = mapped_column(String(16))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    article: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(String(16))
    from_state: Mapped[State | None] = mapped_column(EnumString(State))
    to_state: Mapped[State | None] = mapped_column(EnumString(State))
    reason: Mapped[str | None] = mapped_column(Text)
    undoes: Mapped[str | None] = mapped_column(String(16))


class DecisionRequestRow(Base):
    """A request to decide that its client named: sent again, it is answered as it was."""

    __tablename__ = "decision_request"
    __table_args__ = (Index("ix_decision_request_created_at", "created_at"),)

    person: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CommentCountRow(Base):
    """How many comments of a site are in a state, in parts: who changes them takes any, so that few wait for each other."""

    __tablename__ = "comment_count"

    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), primary_key=True)
    state: Mapped[State] = mapped_column(EnumString(State), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class AccountRow(Base):
    """A moderator. `public_id` stands for the person wherever the address must not be named."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    name: Mapped[str | None] = mapped_column(Text)
    role: Mapped[Role] = mapped_column(EnumString(Role))
    all_sites: Mapped[bool]
    password_hash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AccountSiteRow(Base):
    """A site that an account may moderate."""

    __tablename__ = "account_site"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), primary_key=True)


class SessionRow(Base):
    """Somebody signed in on a browser. The cookie's id is kept as its SHA-256: a stolen copy opens nothing."""

    __tablename__ = "session"
    __table_args__ = (Index("ix_session_account_id", "account_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    browser: Mapped[str] = mapped_column(String(64))
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ApiTokenRow(Base):
    """An API token, of which only a hash is kept; without a site it holds for all."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scope: Mapped[Scope] = mapped_column(EnumString(Scope))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    label: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BlockRow(Base):
    """A block. The value of one on an e-mail address is sealed like an address, and found by `lookup`."""

    __tablename__ = "block"
    __table_args__ = (Index("ix_block_lookup", "lookup"), Index("ix_block_kind", "kind"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    kind: Mapped[BlockKind] = mapped_column(EnumString(BlockKind))
    value: Mapped[str | None] = mapped_column(Text)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    lookup: Mapped[bytes | None] = mapped_column(LargeBinary)
    action: Mapped[BlockAction] = mapped_column(EnumString(BlockAction))
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RuleRow(Base):
    """A rule; `conditions` is its `When` without e-mail addresses, which are in `rule_address`."""

    __tablename__ = "rule"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    conditions: Mapped[dict[str, Any]] = mapped_column(JSON)
    names_addresses: Mapped[bool]
    outcome: Mapped[BlockAction] = mapped_column(EnumString(BlockAction))
    mode: Mapped[CheckMode] = mapped_column(EnumString(CheckMode))
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RuleAddressRow(Base):
    """An e-mail address that a rule names, sealed for the rule's public id."""

    __tablename__ = "rule_address"
    __table_args__ = (Index("ix_rule_address_rule_id", "rule_id", "lookup"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("rule.id"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    lookup: Mapped[bytes] = mapped_column(LargeBinary)


class ServiceKeyRow(Base):
    """A key that the service uses: its name and a check value, which tells nothing of the key itself.

    `position` counts from the oldest; see `storage.service_keys`.
    """

    __tablename__ = "service_key"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text)
    check_value: Mapped[bytes] = mapped_column(LargeBinary)


class AuditRow(Base):
    """What was done about people, tokens, sites, blocks and threads; `by` is an opaque id, never an address."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_kind", "kind", "id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(16))
    by_name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(32))
    what: Mapped[dict[str, Any]] = mapped_column(JSON)


class ScriptRow(Base):
    """A script that was served under the digest of its content; it is never removed."""

    __tablename__ = "script"

    digest: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(16))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class JobRow(Base):
    """Long work: see `model.Job`. A runner that works on it has a lease until `due_at`, which each step puts off.

    `singleton` names what there may be but one of that is not at its end; `finished_at` is set at the end alone.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index(
            "ix_job_due",
            "due_at",
            "id",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
        Index(
            "ix_job_finished_at",
            "finished_at",
            sqlite_where=text("finished_at IS NOT NULL"),
            postgresql_where=text("finished_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    kind: Mapped[str] = mapped_column(String(32))
    state: Mapped[JobState] = mapped_column(EnumString(JobState))
    singleton: Mapped[str | None] = mapped_column(String(64), unique=True)
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    cursor: Mapped[dict[str, Any]] = mapped_column(JSON)
    done: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int | None] = mapped_column(BigInteger)
    failures: Mapped[int]
    lease_owner: Mapped[str | None] = mapped_column(String(32))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(String(64))


class RateHitRow(Base):
    """What counts in a window of the rate limits, on PostgreSQL without Redis; times are microseconds since the epoch.

    A client is in `key` as a keyed digest alone. Nothing of it has to outlive a crash: see `rate_limits/postgresql.py`.
    """

    __tablename__ = "rate_hit"
    __table_args__ = (Index("ix_rate_hit_expires", "expires"),)

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    amount: Mapped[int] = mapped_column(BigInteger)
    expires: Mapped[int] = mapped_column(BigInteger)


Base.registry.configure()  # now, by one thread: mapped classes are finished by the first statement with them
