"""Moving in and out: the exports of other comment systems, and our own."""

from __future__ import annotations

from commentsvc.transfer.foreign import (
    ForeignComment,
    ForeignState,
    ForeignThread,
    Markup,
    Visibility,
)

__all__ = ["ForeignComment", "ForeignState", "ForeignThread", "Markup", "Visibility"]
