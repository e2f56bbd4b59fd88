"""Forget what has ended: spent form tokens, forms that were sent, jobs of long ago."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from commentsvc.service import Service
from commentsvc.storage import jobs, sent_forms, spent_tokens

MOST = 500  # rows of each table at a time: a few milliseconds
JOBS_SHOWN = timedelta(days=30)  # after their end


def sweep(tx: Session, service: Service) -> tuple[int, bool]:
    """Forget some of it; give how many rows, and whether there may be more."""
    now = service.now()
    swept = (
        spent_tokens.sweep(tx, now, MOST),
        sent_forms.sweep(tx, now, MOST),
        jobs.sweep(tx, now - JOBS_SHOWN, MOST),
    )
    return sum(swept), MOST in swept
