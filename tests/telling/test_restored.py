"""A service that was restored from a backup is well: what ended before the restore is no news."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from commentsvc.actions import backup
from commentsvc.model import MessageState
from tests.databases import on_both
from tests.running_service import InProcess
from tests.telling.test_backups import asked, lease, put

__all__ = ["on_both"]  # found here by the tests


@pytest.mark.slow_on_postgresql
def test_what_ended_before_a_restore_is_no_fault_and_what_dies_after_it_is_one(
    service: InProcess, tmp_path: Path
) -> None:
    put(service, "waits.example")
    file = tmp_path / "backup.zip"
    restore(service, file)
    assert asked(service) == (True, {"waiting": 0, "oldest_seconds": 0, "dead": 0})
    died = put(service, "dies.example")[0]
    lease(service, died, MessageState.DEAD)
    assert asked(service) == (False, {"waiting": 0, "oldest_seconds": 0, "dead": 1})
    put(service, "waits.example")
    restore(service, file)
    assert asked(service) == (True, {"waiting": 0, "oldest_seconds": 0, "dead": 0})
    with service.ours.reading() as work:
        found = work.outbox.latest(MessageState.DEAD, None, None, 9)
    assert [one.error for one in found] == ["from the backup", "410", "from the backup"]
    service.clock.move(days=1, minutes=1)
    died = put(service, "dies.example")[0]
    lease(service, died, MessageState.DEAD)
    assert asked(service) == (False, {"waiting": 0, "oldest_seconds": 0, "dead": 1})


def restore(service: InProcess, file: Path) -> None:
    """Make a backup, and put the service's database in its place."""
    settings = service.ours.settings
    backup.back_up(settings, file, with_keys=False)
    service.ours.database.disconnect()
    backup.restore(settings, file, replace_old=True, to=None)
    service.clock.now = datetime.now(UTC)  # by which it was restored
