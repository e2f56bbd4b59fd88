"""Whose form titled a thread, whether somebody opened it after its time, and which text a decision was about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

thread = sa.table(
    "thread",
    *(
        sa.column(name)
        for name in ("id", "site_id", "claimed_title", "claimed_url", "claimed_by", "closes_at")
    ),
    *(sa.column(name) for name in ("expired", "reopened", "close_after_days", "last_seq", "moved_to")),
)
site = sa.table("site", sa.column("id"), sa.column("close_after_days"))
comment = sa.table("comment", sa.column("id"), sa.column("thread_id"), sa.column("seq"))


def upgrade() -> None:
    op.add_column("decision", sa.Column("revision", sa.Integer(), nullable=True))
    op.add_column("thread", sa.Column("claimed_by", sa.BigInteger(), nullable=True))
    op.add_column("thread", sa.Column("reopened", sa.Boolean(), nullable=False, server_default=sa.false()))
    first = (
        sa.select(comment.c.id)
        .where(comment.c.thread_id == thread.c.id)
        .order_by(comment.c.seq)
        .limit(1)
        .scalar_subquery()
    )
    claims = sa.or_(thread.c.claimed_title.is_not(None), thread.c.claimed_url.is_not(None))
    op.execute(thread.update().where(claims).values(claimed_by=first))
    of_site = sa.select(site.c.close_after_days).where(site.c.id == thread.c.site_id).scalar_subquery()
    # One that has comments and days, and no end by them, was opened by somebody.
    op.execute(
        thread.update()
        .where(
            thread.c.last_seq > 0,
            thread.c.moved_to.is_(None),
            thread.c.closes_at.is_(None),
            sa.not_(thread.c.expired),
            sa.func.coalesce(thread.c.close_after_days, of_site).is_not(None),
        )
        .values(reopened=sa.true())
    )


def downgrade() -> None:
    op.drop_column("thread", "reopened")
    op.drop_column("thread", "claimed_by")
    op.drop_column("decision", "revision")
