"""Threads that moderators shape: pins, locks, times of closing, slow mode, other names; staff, and parts blacked out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

moment = sa.DateTime(timezone=True)

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
moved = sa.text("moved_to IS NOT NULL")


def upgrade() -> None:
    op.add_column("site", sa.Column("close_after_days", sa.Integer(), nullable=True))
    op.add_column("thread", sa.Column("pins", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("thread", sa.Column("locks", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("thread", sa.Column("close_after_days", sa.Integer(), nullable=True))
    op.add_column("thread", sa.Column("closes_at", moment, nullable=True))
    op.add_column("thread", sa.Column("expired", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("thread", sa.Column("slow_mode_seconds", sa.Integer(), nullable=True))
    op.add_column("thread", sa.Column("moved_to", row_id, nullable=True))
    op.create_index(
        "ix_thread_closes_at",
        "thread",
        ["closes_at"],
        sqlite_where=sa.text("closes_at IS NOT NULL AND expired = 0"),
        postgresql_where=sa.text("closes_at IS NOT NULL AND NOT expired"),
    )
    op.create_index("ix_thread_moved_to", "thread", ["moved_to"], sqlite_where=moved, postgresql_where=moved)
    op.add_column("comment", sa.Column("staff", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("comment", sa.Column("redactions", sa.JSON(), nullable=True))
    op.add_column("comment", sa.Column("answered_by", sa.String(length=64), nullable=True))
    op.create_table(
        "slow_mode_post",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_slow_mode_post")),
    )
    op.create_index("ix_slow_mode_post_expires_at", "slow_mode_post", ["expires_at"])


def downgrade() -> None:
    op.drop_table("slow_mode_post")
    for column in ("answered_by", "redactions", "staff"):
        op.drop_column("comment", column)
    op.drop_index("ix_thread_moved_to", "thread")
    op.drop_index("ix_thread_closes_at", "thread")
    for column in (
        "moved_to", "slow_mode_seconds", "expired", "closes_at", "close_after_days", "locks", "pins"
    ):  # fmt: skip
        op.drop_column("thread", column)
    op.drop_column("site", "close_after_days")
