"""What checks found out about each comment, what a site does with each check, and texts that come again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("site", sa.Column("checks", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("comment", sa.Column("findings", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("comment", sa.Column("fingerprint", sa.LargeBinary(), nullable=True))
    known = sa.text("fingerprint IS NOT NULL")
    op.create_index(
        "ix_comment_fingerprint",
        "comment",
        ["site_id", "fingerprint", "posted_at"],
        sqlite_where=known,
        postgresql_where=known,
    )


def downgrade() -> None:
    op.drop_index("ix_comment_fingerprint", "comment")
    op.drop_column("comment", "fingerprint")
    op.drop_column("comment", "findings")
    op.drop_column("site", "checks")
