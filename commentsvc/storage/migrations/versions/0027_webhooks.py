"""Webhooks, their secrets, and what was sent to them last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

moment = sa.DateTime(timezone=True)
row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", row_id, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("site_id", row_id, nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("failing_since", moment, nullable=True),
        sa.Column("disabled_at", moment, nullable=True),
        sa.Column("why", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_webhook_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        sa.UniqueConstraint("public_id", name=op.f("uq_webhook_public_id")),
    )
    op.create_table(
        "webhook_secret",
        sa.Column("id", row_id, nullable=False),
        sa.Column("webhook_id", row_id, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.Column("ends_at", moment, nullable=True),
        _of_webhook("webhook_secret"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_secret")),
    )
    op.create_index("ix_webhook_secret_webhook_id", "webhook_secret", ["webhook_id"])
    op.create_table(
        "webhook_delivery",
        sa.Column("id", row_id, nullable=False),
        sa.Column("webhook_id", row_id, nullable=False),
        sa.Column("message", sa.String(length=26), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=120), nullable=True),
        _of_webhook("webhook_delivery"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
    )
    op.create_index("ix_webhook_delivery_webhook_id", "webhook_delivery", ["webhook_id", "id"])


def downgrade() -> None:
    for table in ("webhook_delivery", "webhook_secret", "webhook"):
        op.drop_table(table)


def _of_webhook(table: str) -> sa.ForeignKeyConstraint:
    """Whose it is: with the webhook it goes."""
    name = op.f(f"fk_{table}_webhook_id_webhook")
    return sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], name=name, ondelete="CASCADE")
