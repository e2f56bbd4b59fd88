"""The audit log in one chain of hashes, and notes of moderators."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

moment = sa.DateTime(timezone=True)
row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Columns = list[tuple[str, Any]]
CHAINED: Columns = [("position", sa.BigInteger()), ("hash", sa.String(length=64))]
OF_DECISIONS: Columns = [
    ("by_name", sa.Text()),
    ("salt", sa.String(length=32)),
    ("reason_digest", sa.String(length=64)),
]
TABLES = {"decision": OF_DECISIONS + CHAINED, "audit": CHAINED}


def upgrade() -> None:
    unchained = sa.text("position IS NULL")
    for table, columns in TABLES.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind, nullable=True))
        op.create_index(f"ix_{table}_position", table, ["position"], unique=True)
        op.create_index(
            f"ix_{table}_unchained", table, ["id"], sqlite_where=unchained, postgresql_where=unchained
        )
    op.create_index("ix_audit_kind_position", "audit", ["kind", "position"])
    op.create_table(
        "audit_chain",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("gone_position", sa.BigInteger(), nullable=False),
        sa.Column("gone_hash", sa.String(length=64), nullable=False),
        sa.Column("gone_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_chain")),
    )
    op.create_table(
        "note",
        sa.Column("id", row_id, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("comment_id", row_id, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("by", sa.String(length=16), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_note_comment_id_comment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
        sa.UniqueConstraint("public_id", name=op.f("uq_note_public_id")),
    )
    op.create_index("ix_note_comment_id", "note", ["comment_id", "id"])


def downgrade() -> None:
    op.drop_table("note")
    op.drop_table("audit_chain")
    op.drop_index("ix_audit_kind_position", "audit")
    for table, columns in TABLES.items():
        op.drop_index(f"ix_{table}_unchained", table)
        op.drop_index(f"ix_{table}_position", table)
        for name, _kind in reversed(columns):
            op.drop_column(table, name)
