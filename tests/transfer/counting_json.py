"""Count what a format gives, as the counts of a file's `found` are defined, in memory: for small files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from commentsvc.transfer import ForeignComment, ForeignState, ForeignThread


def counted(
    records: Iterable[ForeignThread | ForeignComment], knows: frozenset[str] | None = None
) -> dict[str, Any]:
    """Give all counts of *records*; those outside *knows* are None."""
    threads: list[ForeignThread] = []
    comments: list[ForeignComment] = []
    for record in records:
        threads.append(record) if isinstance(record, ForeignThread) else comments.append(record)
    first: dict[tuple[str | None, str], ForeignComment] = {}
    for comment in comments:
        first.setdefault((comment.thread, comment.key), comment)
    keys = {comment.key for comment in comments}
    above: dict[tuple[str | None, str], tuple[str | None, str] | None] = {}
    orphans = strangers = 0
    for place, comment in first.items():
        named = (comment.thread, comment.parent) if comment.parent is not None else None
        above[place] = named if named in first else None
        if named is not None and named not in first:
            strangers += comment.parent in keys
            orphans += comment.parent not in keys
    cycle = _on_a_cycle(above)
    links = Counter(thread.link for thread in threads if thread.link)
    states = Counter(comment.state for comment in comments)
    found = {
        "threads": len(threads),
        "threads_with_comments": len({comment.thread for comment in comments}),
        "comments": len(comments),
        **{state.value: states[state] for state in ForeignState},
        "pings": sum(comment.ping for comment in comments),
        "max_depth": _depth(above, cycle),
        "replies": sum(1 for place, named in above.items() if named is not None and place not in cycle),
        "orphans": orphans,
        "cross_thread_parents": strangers,
        "cycle_members": len(cycle),
        "no_email": sum(not (comment.email or "").strip() for comment in comments),
        "anonymous": sum(comment.anonymous for comment in comments),
        "empty_body": sum(not comment.text.strip() for comment in comments),
        "duplicate_ids": len(comments) - len(first),
        "closed_threads": sum(thread.closed for thread in threads),
        "duplicate_thread_links": sum(links.values()) - len(links),
        "threads_without_link": sum(not thread.link for thread in threads),
    }
    return {name: count if knows is None or name in knows else None for name, count in found.items()}


def _on_a_cycle(above: dict[Any, Any]) -> set[Any]:
    found: set[Any] = set()
    for place in above:
        path, here = [], place
        while here is not None and here not in path and here not in found:
            path.append(here)
            here = above[here]
        if here in path:
            found.update(path[path.index(here) :])
    return found


def _depth(above: dict[Any, Any], cycle: set[Any]) -> int:
    deepest = 0
    for place in above:
        depth, here = 1, place
        while here not in cycle and above[here] is not None:
            depth, here = depth + 1, above[here]
        deepest = max(deepest, depth)
    return deepest
