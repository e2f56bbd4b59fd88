"""Who comments can be told of replies by mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "follow",
        sa.Column("id", row_id, nullable=False),
        sa.Column("comment_id", row_id, nullable=True),
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("thread_id", row_id, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("stop", sa.String(length=26), nullable=False),
        sa.Column("person", sa.String(length=26), nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("confirmed_at", moment, nullable=True),
        sa.Column("stopped_at", moment, nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_follow_comment_id_comment")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_follow_site_id_site")),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_follow_thread_id_thread")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow")),
        sa.UniqueConstraint("comment_id", name=op.f("uq_follow_comment_id")),
        sa.UniqueConstraint("stop", name=op.f("uq_follow_stop")),
    )
    op.create_index("ix_follow_person", "follow", ["person", "thread_id"])
    of_all = sa.text("kind = 'all' AND stopped_at IS NULL")
    op.create_index(
        "ix_follow_all", "follow", ["thread_id", "id"], sqlite_where=of_all, postgresql_where=of_all
    )
    op.create_table(
        "notice",
        sa.Column("id", row_id, nullable=False),
        sa.Column("person", sa.String(length=26), nullable=False),
        sa.Column("comment_id", row_id, nullable=False),
        sa.Column("thread_id", row_id, nullable=False),
        sa.Column("follow_id", row_id, nullable=False),
        sa.Column("until", moment, nullable=True),
        sa.Column("batch", row_id, nullable=True),
        sa.ForeignKeyConstraint(["follow_id"], ["follow.id"], name=op.f("fk_notice_follow_id_follow")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("person", "comment_id", name=op.f("uq_notice_person_comment_id")),
    )
    op.create_index("ix_notice_until", "notice", ["person", "thread_id", "until"])
    op.create_index("ix_notice_batch", "notice", ["batch"])
    op.create_index("ix_notice_follow_id", "notice", ["follow_id"])
    op.create_index("ix_notice_comment_id", "notice", ["comment_id"])
    op.create_table(
        "question",
        sa.Column("id", row_id, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("recipient", sa.LargeBinary(), nullable=False),
        sa.Column("comment_id", row_id, nullable=True),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("public_id", name=op.f("uq_question_public_id")),
    )
    op.create_index("ix_question_recipient", "question", ["recipient", "created_at"])
    op.create_index("ix_question_comment_id", "question", ["comment_id"])
    op.create_index("ix_question_expires_at", "question", ["expires_at"])


def downgrade() -> None:
    op.drop_table("question")
    op.drop_table("notice")
    op.drop_table("follow")
