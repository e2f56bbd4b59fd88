"""Networks that guests' comments came from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("site", sa.Column("retain_networks", sa.Integer(), nullable=True))
    op.create_table(
        "network",
        sa.Column("comment_id", row_id, nullable=False),
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_network_comment_id_comment")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_network_site_id_site")),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_network")),
    )
    op.create_index("ix_network_lookup", "network", ["lookup", "comment_id"])
    op.create_index("ix_network_created_at", "network", ["site_id", "created_at"])


def downgrade() -> None:
    op.drop_table("network")
    op.drop_column("site", "retain_networks")
