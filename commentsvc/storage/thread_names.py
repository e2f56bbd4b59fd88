"""Which thread an article ID names: its own, or the one that it was moved to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import aliased

from commentsvc.storage.tables import ThreadRow


def thread_named(site: Any, article: Any) -> ScalarSelect[int]:
    """The number of the row of the thread that *article* names, an older ID of it included; found by index."""
    named = aliased(ThreadRow, name="named")  # one for each statement: see `Prepared.on`
    of_name = select(func.coalesce(named.moved_to, named.id)).where(
        named.site_id == site, named.article == article
    )
    return of_name.scalar_subquery()
