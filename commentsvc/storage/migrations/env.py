"""How Alembic reaches the database: by the connection that `storage/schema.py` gives it."""

from __future__ import annotations

from alembic import context

from commentsvc.storage.tables import Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
