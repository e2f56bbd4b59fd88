"""The scripts that were ever served, by the digest of their content."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from commentsvc.storage.repository import Repository, unless_there
from commentsvc.storage.tables import ScriptRow

_ADD = unless_there(ScriptRow, ScriptRow.digest)
_FIND = select(ScriptRow.content).where(
    ScriptRow.digest == bindparam("digest"), ScriptRow.name == bindparam("script")
)


class Scripts(Repository):
    """Scripts, by name and digest."""

    def add(self, name: str, digest: str, content: bytes) -> None:
        """Store a script, where it is not stored already."""
        self._first(self._for(_ADD), digest=digest, name=name, content=content)

    def find(self, name: str, digest: str) -> bytes | None:
        """What that script contains, if it was ever served."""
        row = self._first(_FIND, digest=digest, script=name)
        return None if row is None else bytes(row[0])
