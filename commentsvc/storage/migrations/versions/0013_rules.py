"""Rules that moderators set, and the addresses that they name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

moment = sa.DateTime(timezone=True)
row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "rule",
        sa.Column("id", row_id, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("site_id", row_id, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("names_addresses", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("until", moment, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_rule_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule")),
        sa.UniqueConstraint("public_id", name=op.f("uq_rule_public_id")),
    )
    op.create_index("ix_rule_site_id", "rule", ["site_id"])
    op.create_table(
        "rule_address",
        sa.Column("id", row_id, nullable=False),
        sa.Column("rule_id", row_id, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["rule_id"], ["rule.id"], name=op.f("fk_rule_address_rule_id_rule")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_address")),
    )
    op.create_index("ix_rule_address_rule_id", "rule_address", ["rule_id", "lookup"])


def downgrade() -> None:
    op.drop_table("rule_address")
    op.drop_table("rule")
