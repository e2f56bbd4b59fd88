"""Readers' reports, statements of reasons, and objections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

moment = sa.DateTime(timezone=True)
row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("site", sa.Column("reports_hold", sa.Integer(), server_default="3", nullable=False))
    op.add_column("site", sa.Column("reasons", sa.JSON(), server_default="[]", nullable=False))
    op.create_table(
        "report",
        sa.Column("id", row_id, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("comment_id", row_id, nullable=False),
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("client", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("lookup", sa.LargeBinary(), nullable=True),
        sa.Column("good_faith", sa.Boolean(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("closed_at", moment, nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_report_comment_id_comment")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_report_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("public_id", name=op.f("uq_report_public_id")),
    )
    op.create_index("ix_report_comment_id", "report", ["comment_id", "id"])
    is_open = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_report_open",
        "report",
        ["site_id", "comment_id"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index("uq_report_client", "report", ["comment_id", "client"], unique=True)
    op.create_table(
        "statement",
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("decision", name=op.f("pk_statement")),
    )
    op.create_table(
        "objection",
        sa.Column("id", row_id, nullable=False),
        sa.Column("comment_id", row_id, nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("answered_at", moment, nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_objection_comment_id_comment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
    )
    op.create_index("ix_objection_comment_id", "objection", ["comment_id", "id"])


def downgrade() -> None:
    op.drop_table("objection")
    op.drop_table("statement")
    op.drop_table("report")
    op.drop_column("site", "reasons")
    op.drop_column("site", "reports_hold")
