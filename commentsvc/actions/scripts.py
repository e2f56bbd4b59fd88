"""Store the scripts that pages embed, and find those of other versions."""

from __future__ import annotations

import re

from commentsvc.errors import NotFound
from commentsvc.publishing.scripts import Script, digest_of, text_of
from commentsvc.service import Service
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork

DIGEST = re.compile("[0-9a-f]{16}")


@retried
def store_scripts(service: Service) -> None:
    """Store those of this version: from now on, each node and each later version can serve them."""
    with service.unit_of_work() as work:
        for script in Script:
            work.scripts.add(script, digest_of(script), text_of(script).encode())


def old_script(work: UnitOfWork, name: str, digest: str) -> bytes:
    """Give what a script of another version contains.

    :raises NotFound: no script with that name and digest was ever served.
    """
    content = work.scripts.find(name, digest) if DIGEST.fullmatch(digest) else None
    if content is None:
        raise NotFound("There is no script of that name.")
    return content
