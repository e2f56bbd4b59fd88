"""How the program is loaded: a part when a command needs it."""

from __future__ import annotations

import gc
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Import within the block: without a look for garbage, and Ctrl-C ends the program without a word.

    What is loaded stays: to look through it again and again takes a fifth of the time. And Ctrl-C would show what was
    being loaded.
    """
    interrupted = signal.getsignal(signal.SIGINT)
    silent = (
        interrupted is signal.default_int_handler and threading.current_thread() is threading.main_thread()
    )
    if silent:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        if silent:
            signal.signal(signal.SIGINT, interrupted)
