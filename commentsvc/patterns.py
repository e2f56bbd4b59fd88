"""Patterns that moderators write: RE2's, which take time in proportion to the text and no more.

RE2 is linear, but not free: `(?:.?){1000}!` takes 0.7 s for 10,000 characters. What it is compiled to is bounded
so that no search takes more than some milliseconds.
"""

from __future__ import annotations

from functools import lru_cache

import re2

from commentsvc.messages import message

LONGEST = 500  # characters
LARGEST = 500  # instructions: with it 10,000 characters take less than 1 ms, and 10 ms in the worst case that we know
MEMORY_BYTES = 1 << 20


@lru_cache(maxsize=1024)  # rules stay for many comments
def compiled(pattern: str) -> re2._Regexp[str]:
    """Give *pattern*, ready to be searched for.

    :raises ValueError: it is none, or could be slow; the text says what to do.
    """
    if not 1 <= len(pattern) <= LONGEST:
        raise ValueError(message("A pattern has 1 to %(most)s characters.", most=LONGEST))
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MEMORY_BYTES
    try:
        made = re2.compile(pattern, options)
    except re2.error as why:
        said = why.args[0].decode(errors="replace") if isinstance(why.args[0], bytes) else why
        raise ValueError(message("RE2 cannot read this pattern: %(why)s", why=said)) from None
    except UnicodeEncodeError:
        raise ValueError(message("A pattern must not hold half a character (a lone surrogate).")) from None
    if made.programsize > LARGEST:
        raise ValueError(
            message(
                "This pattern could be slow: it comes to more than %(most)s steps (%(steps)s). "
                "Use shorter repetitions, or words.",
                most=LARGEST,
                steps=made.programsize,
            )
        )
    return made
