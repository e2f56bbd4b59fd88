"""Figures of decisions by day, and comments by the day on which they were posted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "figure",
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_figure_site_id_site")),
        sa.PrimaryKeyConstraint("site_id", "what", "day", "name", name=op.f("pk_figure")),
    )
    op.create_table(
        "figure_progress",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_progress")),
    )
    op.create_index("ix_comment_day", "comment", ["site_id", "posted_at", "state"])


def downgrade() -> None:
    op.drop_index("ix_comment_day", "comment")
    op.drop_table("figure_progress")
    op.drop_table("figure")
