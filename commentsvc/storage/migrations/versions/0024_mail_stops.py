"""Addresses to which mail ended; and when a rate let out a mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "mail_stop",
        sa.Column("id", row_id, nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_stop")),
    )
    op.create_index("ix_mail_stop_lookup", "mail_stop", ["lookup"])
    op.add_column("outbox", sa.Column("let_out_at", sa.DateTime(timezone=True), nullable=True))
    let_out = sa.text("let_out_at IS NOT NULL")
    for name, columns in (
        ("ix_outbox_let_out_at", ["let_out_at"]),
        ("ix_outbox_let_out_to", ["recipient", "let_out_at"]),
    ):
        op.create_index(name, "outbox", columns, sqlite_where=let_out, postgresql_where=let_out)


def downgrade() -> None:
    op.drop_index("ix_outbox_let_out_to", "outbox")
    op.drop_index("ix_outbox_let_out_at", "outbox")
    op.drop_column("outbox", "let_out_at")
    op.drop_table("mail_stop")
