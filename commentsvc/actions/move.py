"""Rename the article ID of a thread, which keeps the older ones as names of it, and merge two threads."""

from __future__ import annotations

from dataclasses import dataclass

from commentsvc.actions import closing
from commentsvc.audit.trail import Kind, record
from commentsvc.errors import ArticleTaken, Invalid
from commentsvc.intake.articles import NO_SUCH_ARTICLE, is_article_of
from commentsvc.messages import message
from commentsvc.model import Actor, Moderator, Site
from commentsvc.records import StoredThread
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads.lifecycle import show_change
from commentsvc.threads.merging import merge

MERGED_AT_ONCE = 1000  # comments of both threads: a fraction of a second; more are a job


@dataclass(frozen=True, slots=True)
class Merge:
    """Two threads that are to become one, by the numbers of their rows, and who wants it."""

    source: int
    target: int
    size: int
    by: Actor


def move(
    service: Service,
    work: UnitOfWork,
    moderator: Moderator,
    site: Site,
    thread: StoredThread,
    to: str,
    *,
    may_merge: bool,
) -> Merge | None:
    """Let *thread*, which is locked, be that of the article *to*; give what is still to be merged by a job.

    :raises Invalid: the site has no such article.
    :raises ArticleTaken: it has a thread, and they are not to be merged.
    """
    if to == thread.article:
        return None
    if not is_article_of(site, to):
        raise Invalid({"rename_to": [NO_SUCH_ARTICLE]})
    target = work.threads.reserve(site.id, to, thread.id)
    if target == thread.id:
        work.threads.rename(site.id, thread, to)
        show_change(work, thread.id, service.now())
        told = {"site": site.slug, "article": thread.article, "to": to}
        record(work, service, moderator.actor, Kind.THREAD_RENAMED, **told)
        return None
    if not may_merge:
        raise ArticleTaken(
            message("The article “%(article)s” has a thread; with “merge” the two become one.", article=to)
        )
    size = work.threads.size(thread.id) + work.threads.size(target)
    asked = Merge(thread.id, target, size, moderator.actor)
    if size > MERGED_AT_ONCE:
        return asked
    carry_out(service, work, site, asked)
    return None


def carry_out(service: Service, work: UnitOfWork, site: Site, asked: Merge) -> int:
    """Merge two threads of *site*; give how many comments the one has then, 0 where it was done before."""
    source = work.threads.by_id(asked.source)
    merged = merge(work, asked.source, asked.target, service.now())
    if merged:
        target = work.threads.by_id(asked.target)
        if not target.reopened:
            closing.plan(work, site, target, target.close_after_days, service.now())
        told = {"site": site.slug, "article": source.article, "to": target.article, "comments": merged}
        record(work, service, asked.by, Kind.THREAD_MERGED, **told)
    return merged
