"""People by an opaque id and a name, their sessions, what API tokens are for, and the audit trail.

Sessions of before end: they were no rows. Everybody signs in once more.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    named = [
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.UniqueConstraint("public_id", name=op.f("uq_account_public_id")),
    ]
    _remake_accounts(named, lambda: {"public_id": secrets.token_urlsafe(12), "name": None})
    op.create_table(
        "session",
        sa.Column("id", row_id, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", row_id, nullable=False),
        sa.Column("browser", sa.String(length=64), nullable=False),
        sa.Column("began_at", moment, nullable=False),
        sa.Column("used_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_session_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_session_digest")),
        sa.UniqueConstraint("public_id", name=op.f("uq_session_public_id")),
    )
    op.create_index("ix_session_account_id", "session", ["account_id"])
    op.add_column("api_token", sa.Column("label", sa.Text(), nullable=True))
    op.add_column("api_token", sa.Column("expires_at", moment, nullable=True))
    op.add_column("api_token", sa.Column("used_at", moment, nullable=True))
    op.create_table(
        "audit",
        sa.Column("id", row_id, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("by", sa.String(length=16), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("what", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("public_id", name=op.f("uq_audit_public_id")),
    )
    op.create_index("ix_audit_kind", "audit", ["kind", "id"])


def downgrade() -> None:
    op.drop_table("audit")
    for column in ("label", "expires_at", "used_at"):
        op.drop_column("api_token", column)
    op.drop_table("session")
    keyed = [sa.Column("session_key", sa.String(length=22), nullable=False)]
    _remake_accounts(keyed, lambda: {"session_key": secrets.token_urlsafe(16)})


def _remake_accounts(columns: list[Any], fresh: Callable[[], dict[str, Any]]) -> None:
    """Make the table of accounts with other *columns*, each row with *fresh* values in them.

    SQLite cannot add a column that must not be null; and to drop a table under `foreign_keys` empties
    those that depend on it, so the sites of each account are carried over too.
    """
    connection = op.get_bind()
    lasting: dict[str, Any] = {
        "email": sa.String(),
        "role": sa.String(),
        "all_sites": sa.Boolean(),
        "password_hash": sa.Text(),
        "created_at": moment,
    }
    before = sa.table("account", sa.column("id"), *(sa.column(name, kind) for name, kind in lasting.items()))
    limited = sa.table("account_site", sa.column("account_id"), sa.column("site_id"))
    accounts = connection.execute(sa.select(before).order_by(before.c.id)).mappings().all()
    sites = connection.execute(sa.select(limited)).all()
    op.drop_table("account_site")
    op.drop_table("account")
    after = op.create_table(
        "account",
        sa.Column("id", row_id, nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("all_sites", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
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
    for row in accounts:
        kept = {name: row[name] for name in lasting} | fresh()
        account_id = connection.scalar(after.insert().values(kept).returning(after.c.id))
        theirs = [{"account_id": account_id, "site_id": site_id} for of, site_id in sites if of == row["id"]]
        if theirs:
            connection.execute(limited.insert(), theirs)
