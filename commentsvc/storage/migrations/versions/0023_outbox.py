"""What happened and whom to tell: events, the outbox, and what was told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
waits = sa.text("ended_at IS NULL")
ended = sa.text("ended_at IS NOT NULL")
named = sa.text("recipient IS NOT NULL")
leased = sa.text("lease_owner IS NOT NULL")
fresh = sa.text("failures = 0")
failed = sa.text("failures > 0")


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("id", row_id, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("site_id", row_id, nullable=True),
        sa.Column("thread_id", row_id, nullable=True),
        sa.Column("comment_id", row_id, nullable=True),
        sa.Column("by", sa.String(length=64), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("only", sa.String(length=32), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", row_id, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("about", sa.String(length=32), nullable=False),
        sa.Column("receiver", sa.String(length=255), nullable=False),
        sa.Column("lane", sa.String(length=255), nullable=False),
        sa.Column("recipient", sa.LargeBinary(), nullable=True),
        sa.Column("site_id", row_id, nullable=True),
        sa.Column("thread_id", row_id, nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("late_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=32), nullable=True),
        sa.Column("error", sa.String(length=120), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("public_id", name=op.f("uq_outbox_public_id")),
    )
    for name, table, columns, condition in (
        ("ix_event_fresh", "event", ["id"], fresh),
        ("ix_event_failed", "event", ["due_at"], failed),
        ("ix_outbox_lane", "outbox", ["lane", "due_at", "id"], waits),
        ("ix_outbox_late_at", "outbox", ["late_at"], waits),
        ("ix_outbox_lease", "outbox", ["lease_owner"], leased),
        ("ix_outbox_ended_at", "outbox", ["state", "ended_at"], ended),
        ("ix_outbox_recipient", "outbox", ["recipient", "ended_at"], named),
    ):
        op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)
    op.create_index("ix_outbox_state", "outbox", ["state", "kind", "id"])
    op.create_table(
        "told",
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_told")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in ("told", "outbox", "event"):
        op.drop_table(table)
