"""A database as an older version of the program left it."""

from __future__ import annotations

from alembic import command
from alembic.config import Config

from commentsvc.storage.schema import MIGRATIONS
from tests.running_service import InProcess
from tests.storage.plans import engine_of


def downgrade(service: InProcess, to: str) -> None:
    """Take the database of *service* down to that version."""
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    engine = engine_of(service)
    with engine.connect().execution_options(write=True) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, to)
    engine.dispose()
