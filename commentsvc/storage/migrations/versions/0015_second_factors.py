"""Invitations, second factors, and the sites that require one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

moment = sa.DateTime(timezone=True)
row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("site", sa.Column("second_factor", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "invitation",
        sa.Column("account_id", row_id, autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        _account("invitation"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("digest", name=op.f("uq_invitation_digest")),
    )
    op.create_table(
        "totp",
        sa.Column("account_id", row_id, autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at", moment, nullable=True),
        _account("totp"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_totp")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("account_id", row_id, autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        _account("recovery_code"),
        sa.PrimaryKeyConstraint("account_id", "digest", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "passkey",
        sa.Column("id", row_id, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", row_id, nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("used_at", moment, nullable=True),
        _account("passkey"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("public_id", name=op.f("uq_passkey_public_id")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index("ix_passkey_account_id", "passkey", ["account_id"])


def downgrade() -> None:
    for table in ("passkey", "recovery_code", "totp", "invitation"):
        op.drop_table(table)
    op.drop_column("site", "second_factor")


def _account(table: str) -> sa.ForeignKeyConstraint:
    """Whose it is: with the account it goes."""
    name = op.f(f"fk_{table}_account_id_account")
    return sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=name, ondelete="CASCADE")
