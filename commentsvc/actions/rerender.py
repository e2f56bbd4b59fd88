"""Bring the HTML of stored comments up to the current rules, a few at a time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from commentsvc.model import SafeHtml
from commentsvc.publishing import sanitise
from commentsvc.publishing.redaction import render_stored
from commentsvc.records import Outdated
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads.lifecycle import show_change

RENDER_SECONDS = 0.025  # for one batch: posts of the same process wait for no more than that
MOST = 50  # comments of one batch: to store so many takes a few milliseconds
FIRST = (-1, 0)
"""The position before all comments, as (rules, row)."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A comment, and the HTML that the current rules make of it."""

    comment: Outdated
    html: SafeHtml

    @property
    def differs(self) -> bool:
        """Whether readers see another comment than before."""
        return self.html != self.comment.html


def count_outdated(work: UnitOfWork) -> int:
    """How many comments older rules made."""
    return work.comments.count_outdated(sanitise.RULES)


def is_needed(work: UnitOfWork) -> bool:
    """Whether there is any such comment."""
    return bool(work.comments.outdated(sanitise.RULES, FIRST, 1))


def find_outdated(work: UnitOfWork, after: tuple[int, int]) -> list[Outdated]:
    """Some of them, from behind *after* on."""
    return work.comments.outdated(sanitise.RULES, after, MOST)


def render_outdated(outdated: Sequence[Outdated]) -> list[Rendered]:
    """Render some of *outdated*, from the first on; at least one where there is any. Nothing is stored yet."""
    until = time.monotonic() + RENDER_SECONDS
    rendered: list[Rendered] = []
    for comment in outdated:
        rendered.append(Rendered(comment, render_stored(comment.text, comment.redactions, comment.markup)))
        if time.monotonic() > until:
            break
    return rendered


def store_rendered(work: UnitOfWork, service: Service, rendered: Sequence[Rendered]) -> tuple[int, int]:
    """Store what was rendered, where it is still of the comment's text; give how many, and how many differ."""
    now = service.now()
    for thread_id in sorted({one.comment.thread_id for one in rendered if one.differs}):
        work.threads.lock(thread_id)  # before its comments, as everybody does
    stored = [(one, work.comments.bring_up(one.comment, one.html, sanitise.RULES)) for one in rendered]
    for thread_id in {thread_id for one, thread_id in stored if one.differs and thread_id is not None}:
        show_change(work, thread_id, now)  # where it is now: two threads may have become one
    differ = [one.differs for one, thread_id in stored if thread_id is not None]
    return len(differ), sum(differ)
