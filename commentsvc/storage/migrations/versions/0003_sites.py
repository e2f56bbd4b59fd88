"""Which articles a site has, origins as browsers spell them, and plain forms that were sent a short while ago."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from commentsvc.origins import read_origin

revision = "0003"
down_revision = "0002"

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
site = sa.table("site", sa.column("id", row_id), sa.column("origins", sa.JSON()))


def upgrade() -> None:
    op.add_column("site", sa.Column("articles", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "sent_form",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("comment_id", row_id, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_sent_form_comment_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sent_form")),
    )
    op.create_index("ix_sent_form_expires_at", "sent_form", ["expires_at"])
    _respell_origins()


def _respell_origins() -> None:
    """Names that are not ASCII were kept as they were typed, and no browser sends them so."""
    connection = op.get_bind()
    for row in connection.execute(sa.select(site.c.id, site.c.origins)).all():
        spelt = list(dict.fromkeys(map(_spelt, row.origins)))
        if spelt != row.origins:
            connection.execute(sa.update(site).where(site.c.id == row.id).values(origins=spelt))


def _spelt(origin: str) -> str:
    try:
        return read_origin(origin)
    except ValueError:
        return origin  # it never let anybody post, and the operator may still remove it by --origin


def downgrade() -> None:
    op.drop_table("sent_form")
    op.drop_column("site", "articles")
