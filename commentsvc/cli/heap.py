"""How much memory the processes of a server hold, apart and together."""

from __future__ import annotations

import gc


def share() -> None:
    """Let processes forked from now on share what is in memory for as long as nothing changes it.

    A garbage collection writes into every object that it looks at; those that are here now stay out of it.
    """
    gc.collect()
    gc.freeze()
