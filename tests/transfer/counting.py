"""What is in an export, counted from the records that a format gives: the counts that the contract calls `found`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from commentsvc.transfer import ForeignComment, ForeignThread
from commentsvc.transfer.format import Format
from commentsvc.transfer.sources import opened

Name = tuple[str | None, str]  # of a comment: its thread, and its key there


@dataclass
class Reading:
    """What a format gave, and what it told besides."""

    threads: list[ForeignThread] = field(default_factory=list)
    comments: list[ForeignComment] = field(default_factory=list)
    told: list[tuple[str, int | None, str]] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """The counts that the contract calls `found`."""
        return counts(self.threads, self.comments)


def read(format_: Format, file: Path, scratch: Path, *, keep_going: bool = False) -> Reading:
    """Read *file* to its end.

    :raises Unreadable: that is not possible.
    """
    reading = Reading()
    source = opened(file, keep_going, lambda *what: reading.told.append(what), scratch)
    for record in format_.read(source):
        (reading.threads if isinstance(record, ForeignThread) else reading.comments).append(record)
    return reading


def counts(threads: Iterable[ForeignThread], comments: list[ForeignComment]) -> dict[str, int]:
    """The counts from `threads` to `threads_without_link`."""
    threads = list(threads)
    first: dict[Name, ForeignComment] = {}
    for comment in comments:
        first.setdefault((comment.thread, comment.key), comment)
    keys = {comment.key for comment in comments}
    parents = {
        name: (name[0], comment.parent) if (name[0], comment.parent) in first else None
        for name, comment in first.items()
    }
    lost = [
        comment.parent
        for name, comment in first.items()
        if comment.parent is not None and parents[name] is None
    ]
    cycles = _cycles(parents)
    states = Counter(comment.state.value for comment in comments)
    links = Counter(thread.link for thread in threads if thread.link)
    return {
        "threads": len(threads),
        "threads_with_comments": len({comment.thread for comment in comments}),
        "comments": len(comments),
        **{state: states[state] for state in ("approved", "pending", "spam", "deleted")},
        "pings": sum(comment.ping for comment in comments),
        "max_depth": max(_depths(parents, cycles).values(), default=0),
        "replies": sum(parent is not None and name not in cycles for name, parent in parents.items()),
        "orphans": sum(parent not in keys for parent in lost),
        "cross_thread_parents": sum(parent in keys for parent in lost),
        "cycle_members": len(cycles),
        "no_email": sum(not (comment.email or "").strip() for comment in comments),
        "anonymous": sum(comment.anonymous for comment in comments),
        "empty_body": sum(not comment.text.strip() for comment in comments),
        "duplicate_ids": len(comments) - len(first),
        "closed_threads": sum(thread.closed for thread in threads),
        "duplicate_thread_links": sum(number - 1 for number in links.values()),
        "threads_without_link": sum(not thread.link for thread in threads),
    }


def _cycles(parents: dict[Name, Name | None]) -> set[Name]:
    cycles: set[Name] = set()
    done: set[Name] = set()
    for start in parents:
        way: dict[Name, None] = {}
        name: Name | None = start
        while name is not None and name not in done and name not in way:
            way[name] = None
            name = parents[name]
        if name in way:
            names = list(way)
            cycles.update(names[names.index(name) :])
        done.update(way)
    return cycles


def _depths(parents: dict[Name, Name | None], cycles: set[Name]) -> dict[Name, int]:
    depths = dict.fromkeys(cycles, 1)
    for start in parents:
        way: list[Name] = []
        name: Name | None = start
        while name is not None and name not in depths:
            way.append(name)
            name = parents[name]
        depth = 0 if name is None else depths[name]
        for name in reversed(way):
            depth += 1
            depths[name] = depth
    return depths
