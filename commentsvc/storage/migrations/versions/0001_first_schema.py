"""The first schema, and the default site."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
bytewise = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", row_id, nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("all_sites", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("session_key", sa.String(length=22), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
    )
    op.create_table(
        "site",
        sa.Column("id", row_id, nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("origins", sa.JSON(), nullable=False),
        sa.Column("mode", sa.String(16), nullable=True),
        sa.Column("privacy_url", sa.Text(), nullable=True),
        sa.Column("epoch", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("slug", name=op.f("uq_site_slug")),
    )
    op.create_table(
        "account_site",
        sa.Column("account_id", row_id, nullable=False),
        sa.Column("site_id", row_id, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_site_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_account_site_site_id")),
        sa.PrimaryKeyConstraint("account_id", "site_id", name=op.f("pk_account_site")),
    )
    op.create_table(
        "api_token",
        sa.Column("id", row_id, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("site_id", row_id, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_api_token_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_token_digest")),
        sa.UniqueConstraint("public_id", name=op.f("uq_api_token_public_id")),
    )
    op.create_table(
        "block",
        sa.Column("id", row_id, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("site_id", row_id, nullable=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("lookup", sa.LargeBinary(), nullable=True),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_block_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_block")),
        sa.UniqueConstraint("public_id", name=op.f("uq_block_public_id")),
    )
    op.create_index("ix_block_kind", "block", ["kind"])
    op.create_index("ix_block_lookup", "block", ["lookup"])

    op.create_table(
        "decision",
        sa.Column("id", row_id, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("comment", sa.String(length=16), nullable=False),
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("from_state", sa.String(16), nullable=True),
        sa.Column("to_state", sa.String(16), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_decision_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("public_id", name=op.f("uq_decision_public_id")),
    )
    op.create_index("ix_decision_comment", "decision", ["comment"])
    op.create_index("ix_decision_site", "decision", ["site_id", "id"])

    op.create_table(
        "thread",
        sa.Column("id", row_id, nullable=False),
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("article", bytewise, nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("claimed_title", sa.Text(), nullable=True),
        sa.Column("claimed_url", sa.Text(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_thread_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread")),
        sa.UniqueConstraint("site_id", "article", name=op.f("uq_thread_site_id_article")),
    )
    op.create_table(
        "comment",
        sa.Column("id", row_id, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("thread_id", row_id, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("root_seq", sa.BigInteger(), nullable=False),
        sa.Column("path", bytewise, nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("parent_id", row_id, nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("public_below", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.String(length=22), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("author_url", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["comment.id"], name=op.f("fk_comment_parent_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_comment_site_id")),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_comment_thread_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_comment_public_id")),
        sa.UniqueConstraint("thread_id", "seq", name=op.f("uq_comment_thread_id_seq")),
    )
    op.create_index("ix_comment_author", "comment", ["site_id", "author_id", "state"])
    op.create_index("ix_comment_path", "comment", ["thread_id", "path"])
    op.create_index("ix_comment_queue", "comment", ["site_id", "state", "id"])
    op.create_index("ix_comment_rules", "comment", ["rules"])
    op.create_index(
        "ix_comment_shown_oldest",
        "comment",
        ["thread_id", "root_seq", "path"],
        sqlite_where=sa.text("shown = 1"),
        postgresql_where=sa.text("shown"),
    )
    op.create_index(
        "ix_comment_shown_newest",
        "comment",
        ["thread_id", sa.text("root_seq DESC"), "path"],
        sqlite_where=sa.text("shown = 1"),
        postgresql_where=sa.text("shown"),
    )
    op.create_index("ix_comment_state", "comment", ["state", "id"])

    op.create_table(
        "address",
        sa.Column("comment_id", row_id, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_address_comment_id")),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_address")),
    )
    op.create_index("ix_address_lookup", "address", ["lookup"])

    op.create_table(
        "spent_token",
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("comment_id", row_id, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_spent_token_comment_id")),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_spent_token")),
    )
    op.create_index("ix_spent_token_expires_at", "spent_token", ["expires_at"])

    sites = sa.table("site", sa.column("slug"), sa.column("origins", sa.JSON), sa.column("epoch"))
    op.bulk_insert(sites, [{"slug": "default", "origins": [], "epoch": secrets.token_urlsafe(12)}])


def downgrade() -> None:
    raise NotImplementedError("There is nothing before the first schema; restore a backup instead.")
