"""Decisions that can be undone and sent again, and comments counted by state."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("decision", sa.Column("undoes", sa.String(length=16), nullable=True))
    op.add_column("comment", sa.Column("withdrawn_by", sa.String(length=16), nullable=True))
    op.create_table(
        "decision_request",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("person", "client_id", name=op.f("pk_decision_request")),
    )
    op.create_index("ix_decision_request_created_at", "decision_request", ["created_at"])
    op.create_table(
        "comment_count",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_comment_count_site_id_site")),
        sa.PrimaryKeyConstraint("site_id", "state", "part", name=op.f("pk_comment_count")),
    )
    op.execute(
        "INSERT INTO comment_count (site_id, state, part, count) "
        "SELECT site_id, state, 0, COUNT(*) FROM comment WHERE erased_at IS NULL GROUP BY site_id, state"
    )


def downgrade() -> None:
    op.drop_table("comment_count")
    op.drop_table("decision_request")
    op.drop_column("comment", "withdrawn_by")
    op.drop_column("decision", "undoes")
