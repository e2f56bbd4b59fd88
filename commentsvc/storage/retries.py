"""Doing again what PostgreSQL gave up for another's sake."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import OperationalError

TRIES = 4  # of an action that PostgreSQL gives up for another's sake
PAUSE_SECONDS = 0.05  # at most, at random: so that the two do not meet again
GIVEN_UP = {"40001", "40P01"}  # serialization_failure, deadlock_detected: PostgreSQL, appendix A

_P = ParamSpec("_P")
_T = TypeVar("_T")


def retried(action: Callable[_P, _T]) -> Callable[_P, _T]:
    """Do *action*, whole with its transaction, again where PostgreSQL gave it up for another's sake.

    Nothing of it was stored then. After `TRIES` the error is left to the caller.
    """

    @wraps(action)
    def persistent(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        for _ in range(TRIES - 1):
            try:
                return action(*args, **kwargs)
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) not in GIVEN_UP:  # SQLite has no such codes
                    raise
            time.sleep(random.uniform(0, PAUSE_SECONDS))  # noqa: S311 - no secret
        return action(*args, **kwargs)

    return persistent
