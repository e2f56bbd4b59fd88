"""How much is measured, and for how long: one set for figures, one to see that it works."""

from __future__ import annotations

from dataclasses import dataclass

CONNECTIONS = 32
"""Readers at a time, where a rate is measured."""

RENDERING_CONNECTIONS = 8
"""Readers at a time of what is rendered for each: as many as the service renders at a time."""

POSTERS = 8
MANY_POSTERS = 64
POSTED_ARTICLES = 50  # the threads that posters post to, where they do not all post to one
STREAM = 20
"""Posts a second while others read: more than the busiest thread of a newspaper gets in a minute."""

COUNTED = 200  # articles whose comments one request counts; the most that it may
LARGEST_PAGE = 200  # comments; the most that a page may have
PAGE = 50  # comments of a page, where pages of threads of different length are compared


@dataclass(frozen=True, slots=True)
class Sizes:
    """Seconds are those of one measurement in one round; numbers are comments, threads, cursors."""

    rounds: int
    seconds: int
    posting_seconds: int
    peer_seconds: int
    """For a peer that answers a few requests a second, so that they can be counted."""

    longest: int
    threads: int
    spread: int
    cursors: int
    """In each order."""

    few_waiting: int
    waiting: int
    """Comments in the moderators' queue, in two services."""

    live_seconds: int
    """Of readers, beside those who have a thread open."""

    reads: int
    """Before memory is looked at."""

    sampled_seconds: int


FULL = Sizes(
    rounds=5,
    seconds=1,
    posting_seconds=2,
    peer_seconds=4,
    longest=1_000_000,
    threads=100_000,
    spread=1000,
    cursors=20,
    few_waiting=1000,
    waiting=1_000_000,
    live_seconds=2,
    reads=100_000,
    sampled_seconds=8,
)
QUICK = Sizes(
    rounds=2,
    seconds=1,
    posting_seconds=1,
    peer_seconds=1,
    longest=3000,
    threads=400,
    spread=20,
    cursors=3,
    few_waiting=100,
    waiting=3000,
    live_seconds=1,
    reads=2000,
    sampled_seconds=1,
)
