"""Long work in steps; and an index by which comments of older rules are found in an order, erased ones left out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", row_id, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("singleton", sa.String(length=64), nullable=True),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("cursor", sa.JSON(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(length=32), nullable=True),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("started_at", moment, nullable=True),
        sa.Column("finished_at", moment, nullable=True),
        sa.Column("error", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("public_id", name=op.f("uq_job_public_id")),
        sa.UniqueConstraint("singleton", name=op.f("uq_job_singleton")),
    )
    active = sa.text("finished_at IS NULL")
    op.create_index("ix_job_due", "job", ["due_at", "id"], sqlite_where=active, postgresql_where=active)
    ended = sa.text("finished_at IS NOT NULL")
    op.create_index("ix_job_finished_at", "job", ["finished_at"], sqlite_where=ended, postgresql_where=ended)
    not_erased = sa.text("erased_at IS NULL")
    op.drop_index("ix_comment_rules", "comment")
    op.create_index(
        "ix_comment_rules", "comment", ["rules", "id"], sqlite_where=not_erased, postgresql_where=not_erased
    )


def downgrade() -> None:
    op.drop_index("ix_comment_rules", "comment")
    op.create_index("ix_comment_rules", "comment", ["rules"])
    op.drop_table("job")
