"""Folded texts with an index of their trigrams, by which searches find comments.

Triggers keep them right whatever program writes: an older one, which runs beside this schema, knows nothing of
them. What it posts or edits is `search_missing` until a job folds it; what it erases is gone from here, too.
PostgreSQL's index is made by `storage.search_index`, where the server lets it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

ON_SQLITE = """
CREATE VIRTUAL TABLE search_index USING fts5(
    folded, content='search_text', content_rowid='comment_id', detail='none', columnsize=0,
    tokenize='trigram case_sensitive 1'
)
---
CREATE TRIGGER search_text_added AFTER INSERT ON search_text BEGIN
    INSERT INTO search_index (rowid, folded) VALUES (NEW.comment_id, NEW.folded);
    DELETE FROM search_missing WHERE comment_id = NEW.comment_id;
END
---
CREATE TRIGGER search_text_removed AFTER DELETE ON search_text BEGIN
    INSERT INTO search_index (search_index, rowid, folded) VALUES ('delete', OLD.comment_id, OLD.folded);
END
---
CREATE TRIGGER search_comment_added AFTER INSERT ON comment WHEN NEW.erased_at IS NULL BEGIN
    INSERT INTO search_missing (comment_id) VALUES (NEW.id);
END
---
CREATE TRIGGER search_comment_changed AFTER UPDATE OF text, author_name, erased_at ON comment
WHEN (OLD.text, OLD.author_name, OLD.erased_at) IS NOT (NEW.text, NEW.author_name, NEW.erased_at) BEGIN
    DELETE FROM search_text WHERE comment_id = NEW.id;
    DELETE FROM search_missing WHERE comment_id = NEW.id;
    INSERT INTO search_missing (comment_id) SELECT NEW.id WHERE NEW.erased_at IS NULL;
END
"""
ON_POSTGRESQL = """
CREATE FUNCTION search_text_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM search_missing WHERE comment_id = NEW.comment_id;
    RETURN NULL;
END $$
---
CREATE FUNCTION search_comment_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM search_text WHERE comment_id = NEW.id;
        DELETE FROM search_missing WHERE comment_id = NEW.id;
    END IF;
    IF NEW.erased_at IS NULL THEN
        INSERT INTO search_missing (comment_id) VALUES (NEW.id);
    END IF;
    RETURN NULL;
END $$
---
CREATE TRIGGER search_text_added AFTER INSERT ON search_text
FOR EACH ROW EXECUTE FUNCTION search_text_added()
---
CREATE TRIGGER search_comment_added AFTER INSERT ON comment
FOR EACH ROW EXECUTE FUNCTION search_comment_changed()
---
CREATE TRIGGER search_comment_changed AFTER UPDATE OF text, author_name, erased_at ON comment
FOR EACH ROW
WHEN ((OLD.text, OLD.author_name, OLD.erased_at) IS DISTINCT FROM (NEW.text, NEW.author_name, NEW.erased_at))
EXECUTE FUNCTION search_comment_changed()
"""


def upgrade() -> None:
    for name, more in (
        ("search_text", [sa.Column("folded", sa.Text(), nullable=False)]),
        ("search_missing", []),
    ):
        op.create_table(
            name,
            sa.Column("comment_id", row_id, autoincrement=False, nullable=False),
            *more,
            sa.ForeignKeyConstraint(
                ["comment_id"], ["comment.id"], name=op.f(f"fk_{name}_comment_id_comment"), ondelete="CASCADE"
            ),
            sa.PrimaryKeyConstraint("comment_id", name=op.f(f"pk_{name}")),
        )
    op.execute("INSERT INTO search_missing (comment_id) SELECT id FROM comment WHERE erased_at IS NULL")
    statements = ON_SQLITE if op.get_bind().dialect.name == "sqlite" else ON_POSTGRESQL
    for statement in statements.split("---"):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name in ("search_comment_added", "search_comment_changed"):
        op.execute(f"DROP TRIGGER {name}" if is_sqlite else f"DROP TRIGGER {name} ON comment")
    if is_sqlite:
        op.execute("DROP TABLE search_index")
    op.drop_table("search_text")
    op.drop_table("search_missing")
    if not is_sqlite:
        op.execute("DROP FUNCTION search_text_added()")
        op.execute("DROP FUNCTION search_comment_changed()")
