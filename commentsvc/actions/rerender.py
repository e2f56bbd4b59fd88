"""Bring the HTML of stored comments up to the current rules."""

from __future__ import annotations

from commentsvc.publishing import sanitise
from commentsvc.service import Service
from commentsvc.storage import comments, threads
from commentsvc.storage.database import retried, transaction

BATCH = 200  # comments a transaction: posts in between wait for a few milliseconds


def rerender(service: Service) -> tuple[int, int]:
    """Render all that older rules made; give how many changed, and how many were looked at."""
    changed = seen = 0
    while True:
        changed_now, seen_now = _rerender_some()
        changed += changed_now
        seen += seen_now
        if seen_now < BATCH:
            return changed, seen


@retried
def _rerender_some() -> tuple[int, int]:
    changed = 0
    with transaction() as tx:
        batch = comments.outdated(tx, sanitise.RULES, BATCH)
        for comment in batch:
            html = sanitise.render(comment.text, bounded=False)
            if html != comment.html:
                comment.html = html
                changed += 1
                threads.changed(tx, comment.thread_id)
            comment.rules = sanitise.RULES
    return changed, len(batch)
