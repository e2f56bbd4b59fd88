"""How much memory the C library holds back for threads that are done with it."""

from __future__ import annotations

import ctypes

# glibc's mallopt(3), and its numbers in malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
ARENAS = 2
LARGE = 32 * 1024  # bytes: what is larger goes back to the system as soon as it is free


def spare() -> None:
    """Let all threads share two heaps, and let large pieces go at once; without glibc, change nothing.

    By default each of many threads that render gets a heap of its own, up to eight for each core, and
    none of them gives back what it had for one answer: 206 MB after reading 200 threads of 100
    comments with 32 readers, and 144 MB so.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for parameter, value in ((_ARENA_MAX, ARENAS), (_MMAP_THRESHOLD, LARGE), (_TRIM_THRESHOLD, LARGE)):
            mallopt(parameter, value)
