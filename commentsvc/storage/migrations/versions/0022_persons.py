"""What belongs to a person is found and erased; and how long each site keeps what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("site", sa.Column("retain", sa.JSON(), nullable=False, server_default="{}"))
    op.create_index("ix_report_lookup", "report", ["lookup"])
    op.create_table(
        "erasure",
        sa.Column("id", row_id, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("site_id", row_id, nullable=True),
        sa.Column("keep_text", sa.Boolean(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_erasure_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
        sa.UniqueConstraint("public_id", name=op.f("uq_erasure_public_id")),
    )
    op.create_index("ix_erasure_person", "erasure", ["person"])


def downgrade() -> None:
    op.drop_table("erasure")
    op.drop_index("ix_report_lookup", "report")
    op.drop_column("site", "retain")
