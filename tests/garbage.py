"""Measuring in the tests' own process, which is so large that a collection of its garbage takes 20 ms and more."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def not_collected() -> Iterator[None]:
    """Let no collection fall into what is measured."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
