"""When the database was restored, until when it is known who was told of what, and what was not sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

moment = sa.DateTime(timezone=True)
KNOWN_FOR = timedelta(
    days=90
)  # after the upgrade, who was told before it: longer than anybody could be told again

comment = sa.table("comment", sa.column("id"), sa.column("erased_at"))
notice = sa.table("notice", sa.column("forget_at", moment))
waiting_notice = sa.table("waiting_notice", sa.column("comment_id"))


def upgrade() -> None:
    op.create_table(
        "restored",
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("at", name=op.f("pk_restored")),
    )
    op.add_column("told", sa.Column("forget_at", moment, nullable=True))
    is_known = sa.text("forget_at IS NOT NULL")
    op.create_index(
        "ix_told_forget_at", "told", ["forget_at"], sqlite_where=is_known, postgresql_where=is_known
    )
    op.add_column("notice", sa.Column("forget_at", moment, nullable=True))
    forget_at = datetime.now(UTC) + KNOWN_FOR
    op.execute(notice.update().values(forget_at=sa.bindparam("at", forget_at, moment)))
    op.create_index("ix_notice_forget_at", "notice", ["forget_at"])
    no = sa.false()
    op.add_column("outbox", sa.Column("perhaps_sent", sa.Boolean(), nullable=False, server_default=no))
    op.add_column("follow", sa.Column("unasked", sa.Boolean(), nullable=False, server_default=no))
    there = sa.select(comment.c.id).where(comment.c.erased_at.is_(None))
    op.execute(waiting_notice.delete().where(waiting_notice.c.comment_id.not_in(there)))
    op.create_index("ix_waiting_notice_comment_id", "waiting_notice", ["comment_id"])


def downgrade() -> None:
    op.drop_index("ix_waiting_notice_comment_id", "waiting_notice")
    op.drop_column("follow", "unasked")
    op.drop_column("outbox", "perhaps_sent")
    for table in ("notice", "told"):
        op.drop_index(f"ix_{table}_forget_at", table)
        op.drop_column(table, "forget_at")
    op.drop_table("restored")
