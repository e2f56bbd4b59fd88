"""Mail to moderators: what each wants to be told of, what they are told of, and links that were used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "mail_choice",
        sa.Column("account_id", row_id, nullable=False),
        sa.Column("waiting", sa.String(length=16), nullable=False),
        sa.Column("reports", sa.Boolean(), nullable=False),
        sa.Column("all_sites", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_mail_choice_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_mail_choice")),
    )
    op.create_table(
        "mail_choice_site",
        sa.Column("account_id", row_id, nullable=False),
        sa.Column("site_id", row_id, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_mail_choice_site_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_mail_choice_site_site_id_site")),
        sa.PrimaryKeyConstraint("account_id", "site_id", name=op.f("pk_mail_choice_site")),
    )
    op.create_table(
        "waiting_notice",
        sa.Column("id", row_id, nullable=False),
        sa.Column("account_id", row_id, nullable=False),
        sa.Column("comment_id", row_id, nullable=False),
        sa.Column("occasion", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_waiting_notice_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_notice")),
        sa.UniqueConstraint(
            "account_id",
            "comment_id",
            "occasion",
            name=op.f("uq_waiting_notice_account_id_comment_id_occasion"),
        ),
    )
    op.create_index("ix_waiting_notice_batch", "waiting_notice", ["account_id", "batch"])
    op.create_table(
        "used_link",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_used_link")),
    )
    op.create_index("ix_used_link_expires_at", "used_link", ["expires_at"])


def downgrade() -> None:
    for table in ("used_link", "waiting_notice", "mail_choice_site", "mail_choice"):
        op.drop_table(table)
