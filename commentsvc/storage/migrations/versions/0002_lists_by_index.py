"""Indexes by which each list of the moderators is read in its order, however long the threads are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

LISTED = {
    "ix_comment_queue": ["site_id", "state", "id"],
    "ix_comment_state": ["state", "id"],
    "ix_comment_thread_state": ["thread_id", "state", "id"],
}


def upgrade() -> None:
    for name in ("ix_comment_queue", "ix_comment_state"):
        op.drop_index(name, "comment")
    not_erased = sa.text("erased_at IS NULL")
    for name, columns in LISTED.items():
        op.create_index(name, "comment", columns, sqlite_where=not_erased, postgresql_where=not_erased)
    op.drop_index("ix_address_lookup", "address")
    op.create_index("ix_address_lookup", "address", ["lookup", "comment_id"])


def downgrade() -> None:
    op.drop_index("ix_address_lookup", "address")
    op.create_index("ix_address_lookup", "address", ["lookup"])
    for name in LISTED:
        op.drop_index(name, "comment")
    op.create_index("ix_comment_queue", "comment", ["site_id", "state", "id"])
    op.create_index("ix_comment_state", "comment", ["state", "id"])
