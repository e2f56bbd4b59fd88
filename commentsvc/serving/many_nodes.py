"""What nodes that share a database do not share, told once at a start."""

from __future__ import annotations

import structlog
from sqlalchemy import make_url

from commentsvc.settings import PREFIX, Settings


def tell_what_is_apart(settings: Settings) -> None:
    """Log that limits are counted by each node alone, where several may share the database."""
    url = settings.database_url
    if url is None or make_url(url).get_backend_name() == "sqlite" or settings.redis_url is not None:
        return
    log = structlog.get_logger("commentsvc")
    log.warning("limits are counted by each node alone", setting=f"{PREFIX}REDIS_URL")
