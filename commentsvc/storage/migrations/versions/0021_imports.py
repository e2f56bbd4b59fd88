"""Imports, what they brought, and comments whose text is HTML."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column(
        "comment", sa.Column("markup", sa.String(length=16), server_default="markdown", nullable=False)
    )
    op.create_table(
        "import",
        sa.Column("id", row_id, nullable=False),
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("format", sa.String(length=32), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("finished_at", moment, nullable=True),
        sa.Column("undone_at", moment, nullable=True),
        sa.Column("counts", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_import_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import")),
    )
    op.create_table(
        "imported_thread",
        sa.Column("import_id", row_id, nullable=False),
        sa.Column("thread_id", row_id, nullable=False),
        sa.Column("created", sa.Boolean(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import.id"], name=op.f("fk_imported_thread_import_id_import")
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["thread.id"], name=op.f("fk_imported_thread_thread_id_thread")
        ),
        sa.PrimaryKeyConstraint("import_id", "thread_id", name=op.f("pk_imported_thread")),
    )
    op.create_table(
        "foreign_id",
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("comment_id", row_id, nullable=False),
        sa.Column("import_id", row_id, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_foreign_id_site_id_site")),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_foreign_id_comment_id_comment")
        ),
        sa.ForeignKeyConstraint(["import_id"], ["import.id"], name=op.f("fk_foreign_id_import_id_import")),
        sa.PrimaryKeyConstraint("site_id", "digest", name=op.f("pk_foreign_id")),
        sqlite_with_rowid=False,
    )
    answers = sa.text("parent_id IS NOT NULL")
    op.create_index(
        "ix_comment_parent_id", "comment", ["parent_id"], sqlite_where=answers, postgresql_where=answers
    )
    op.create_index(
        "ix_comment_newest",
        "comment",
        ["site_id", "posted_at", "id"],
        sqlite_where=sa.text("shown = 1"),
        postgresql_where=sa.text("shown"),
    )
    op.create_index("ix_foreign_id_comment_id", "foreign_id", ["comment_id"], unique=True)
    op.create_index("ix_foreign_id_import_id", "foreign_id", ["import_id", "comment_id"])


def downgrade() -> None:
    op.drop_index("ix_comment_newest", "comment")
    op.drop_index("ix_comment_parent_id", "comment")
    op.drop_table("foreign_id")
    op.drop_table("imported_thread")
    op.drop_table("import")
    op.drop_column("comment", "markup")
