"""The keys that the database is used with, revisions of comments, and what a person vouched for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# What a person approved before counts as vouched for, unless a person took something of the same
# author away after that.
VOUCH = """
UPDATE comment SET vouched = TRUE WHERE state = 'approved' AND EXISTS (
  SELECT 1 FROM decision approval
  WHERE approval.comment = comment.public_id AND approval.action = 'approve' AND NOT EXISTS (
    SELECT 1 FROM comment other JOIN decision removal ON removal.comment = other.public_id
    WHERE other.site_id = comment.site_id AND other.author_id = comment.author_id
      AND removal.action IN ('spam', 'trash', 'purge') AND removal."by" <> 'rule' AND removal.id > approval.id
  )
)
"""


def upgrade() -> None:
    op.create_table(
        "service_key",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("check_value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "position", name="pk_service_key"),
    )
    op.add_column("comment", sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("comment", sa.Column("vouched", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(VOUCH)
    op.create_index(
        "ix_comment_vouched",
        "comment",
        ["site_id", "author_id"],
        sqlite_where=sa.text("vouched = 1"),
        postgresql_where=sa.text("vouched"),
    )


def downgrade() -> None:
    op.drop_index("ix_comment_vouched", "comment")
    op.drop_column("comment", "vouched")
    op.drop_column("comment", "revision")
    op.drop_table("service_key")
