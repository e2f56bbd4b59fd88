"""Store the scripts that pages embed, and find those of other versions."""

from __future__ import annotations

import re

from commentsvc.errors import NotFound
from commentsvc.publishing.scripts import Script, digest_of, text_of
from commentsvc.storage import scripts as stored
from commentsvc.storage.database import reading, retried, transaction

DIGEST = re.compile("[0-9a-f]{16}")


@retried
def store_scripts() -> None:
    """Store those of this version: from now on, each node and each later version can serve them."""
    with transaction() as session:
        for script in Script:
            stored.add(session, script, digest_of(script), text_of(script).encode())


def old_script(name: str, digest: str) -> bytes:
    """Give what a script of another version contains.

    :raises NotFound: no script with that name and digest was ever served.
    """
    content = stored.find(reading(), name, digest) if DIGEST.fullmatch(digest) else None
    if content is None:
        raise NotFound("There is no script of that name.")
    return content
