"""What counts in the windows of the rate limits, where nodes share PostgreSQL and have no Redis."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "rate_hit",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", "at", name=op.f("pk_rate_hit")),
    )
    op.create_index("ix_rate_hit_expires", "rate_hit", ["expires"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE rate_hit SET UNLOGGED")  # a crash may begin the counters at zero


def downgrade() -> None:
    op.drop_table("rate_hit")
