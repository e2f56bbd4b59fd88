"""The scripts that were ever served, by the digest of their content."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from commentsvc.storage.prepared import Prepared
from commentsvc.storage.tables import ScriptRow


def add(session: Session, name: str, digest: str, content: bytes) -> None:
    """Store a script, where it is not stored already."""
    _ADD.first(session, digest=digest, script=name, bytes=content)


def find(session: Session, name: str, digest: str) -> bytes | None:
    """What that script contains, if it was ever served."""
    row = _FIND.first(session, digest=digest, script=name)
    return None if row is None else bytes(row[0])


_ADD = Prepared(
    lambda insert: (
        insert(ScriptRow)
        .values(digest=bindparam("digest"), name=bindparam("script"), content=bindparam("bytes"))
        .on_conflict_do_nothing()
        .returning(ScriptRow.digest)
    )
)
_FIND = Prepared(
    select(ScriptRow.content).where(
        ScriptRow.digest == bindparam("digest"), ScriptRow.name == bindparam("script")
    )
)
