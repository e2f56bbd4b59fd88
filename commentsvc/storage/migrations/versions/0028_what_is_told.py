"""When the database was restored."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "restored",
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("at", name=op.f("pk_restored")),
    )


def downgrade() -> None:
    op.drop_table("restored")
