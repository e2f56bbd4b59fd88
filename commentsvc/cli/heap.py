"""How much memory the processes of a server hold, apart and together."""

from __future__ import annotations

import gc
import os
import sys

HEAPS = "MALLOC_ARENA_MAX"
"""How many heaps the C library may have (mallopt(3)); it reads this once, as a program begins."""


def begin_with_one() -> None:
    """Begin the program again with one heap for all threads, unless the environment says how many it may have.

    By default there are eight for each core, and each keeps what was free for a moment. Threads of Python hardly ever
    wait for a heap: they take turns anyway.
    """
    if HEAPS not in os.environ:
        os.environ[HEAPS] = "1"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - the same program


def share() -> None:
    """Let processes forked from now on share what is in memory for as long as nothing changes it.

    A garbage collection writes into every object that it looks at; those that are here now stay out of it.
    """
    gc.collect()
    gc.freeze()
