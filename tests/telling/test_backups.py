"""What waited when a backup was made, and what is forgotten of messages."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from commentsvc.actions import backup
from commentsvc.actions.sweep import sweep
from commentsvc.model import EventKind, MessageKind, MessageState
from commentsvc.privacy.sealing import lookup
from commentsvc.records import NewEvent, NewMessage
from commentsvc.storage.tables import EventRow, OutboxRow
from tests.people import Reader
from tests.running_service import InProcess
from tests.telling.delivering import deliver

MINUTE = timedelta(minutes=1)


def put(service: InProcess, *hosts: str, recipient: bytes | None = None) -> list[str]:
    """Put a message to each host into the outbox; give their ids."""
    with service.ours.unit_of_work() as work:
        for host in hosts:
            told = NewMessage(
                kind=MessageKind.CHAT, about="test", receiver=host, lane=host, data={}, recipient=recipient
            )
            assert work.outbox.add(told, service.ours.random_bytes, service.clock.now)
        return [one.public_id for one in reversed(work.outbox.latest(None, None, None, len(hosts)))]


def lease(service: InProcess, public_id: str, end: MessageState | None = None) -> None:
    """Let that message be being sent, or have come to its end."""
    with service.ours.unit_of_work() as work:
        found = work.outbox.find(public_id)
        assert found is not None
        taken = work.outbox.take(found, "owner", service.clock.now + MINUTE)
        assert taken is not None
        if end is not None:
            work.outbox.end(taken, "owner", end, service.clock.now, "410")


def test_what_waited_in_a_backup_is_not_sent_until_an_admin_says_so(
    service: InProcess, reader: Reader, tmp_path: Path
) -> None:
    reader.post("a", "First.")
    deliver(service)
    waits, is_sent = put(service, "waits.example", "sent.example")
    lease(service, is_sent)  # a backup is made while it is being sent
    with service.ours.unit_of_work() as work:
        work.events.add(NewEvent(kind=EventKind.DECIDED, at=service.clock.now))
    settings, file = service.ours.settings, tmp_path / "backup.zip"
    backup.back_up(settings, file, with_keys=False)
    service.ours.database.disconnect()
    backup.restore(settings, file, replace_old=True, to=None)

    with service.ours.reading() as work:
        found = [work.outbox.find(one) for one in (waits, is_sent)]
    assert [(one.state, one.error) for one in found if one] == [(MessageState.DEAD, "from the backup")] * 2
    with service.ours.database.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(EventRow)) == 0
        assert connection.scalar(select(func.count()).where(OutboxRow.lease_owner.is_not(None))) == 0


def test_what_was_sent_is_forgotten_after_a_week_and_what_died_after_a_month(service: InProcess) -> None:
    waits, dead, sent = put(service, "waits.example", "dead.example", "sent.example")
    lease(service, dead, MessageState.DEAD)
    lease(service, sent, MessageState.SENT)

    def left() -> list[str]:
        with service.ours.unit_of_work() as work:
            sweep(work, service.ours)
            return [one.public_id for one in reversed(work.outbox.latest(None, None, None, 9))]

    service.clock.move(days=6)
    assert left() == [waits, dead, sent]
    service.clock.move(days=2)
    assert left() == [waits, dead]
    service.clock.move(days=23)
    assert left() == [waits]


def test_messages_to_a_person_who_is_erased_go(service: InProcess, reader: Reader) -> None:
    reader.email = "ada@paper.example"
    reader.post("a", "First.")
    theirs = lookup(reader.email, service.ours.address_keys)
    put(service, "paper.example", recipient=theirs)
    (other,) = put(service, "other.example", recipient=b"x" * 32)
    service.clock.move(minutes=1)
    service.run("person", "erase", reader.email)
    with service.ours.reading() as work:
        assert [one.public_id for one in work.outbox.latest(None, None, None, 9)] == [other]


def test_doctor_tells_what_waits_is_late_and_died(service: InProcess) -> None:
    now = service.clock.now
    assert asked(service) == (True, {"waiting": 0, "oldest_seconds": 0, "dead": 0})
    _, dead = put(service, "waits.example", "dead.example")
    service.clock.move(minutes=14)
    assert asked(service) == (True, {"waiting": 2, "oldest_seconds": 14 * 60, "dead": 0})
    service.clock.now = now + timedelta(minutes=16)
    assert asked(service) == (False, {"waiting": 2, "oldest_seconds": 16 * 60, "dead": 0})
    with service.ours.unit_of_work() as work:
        work.outbox.end_lane("waits.example", now, "410")
    lease(service, dead, MessageState.SENT)
    assert asked(service) == (False, {"waiting": 0, "oldest_seconds": 0, "dead": 1})
    service.clock.move(days=1)
    assert asked(service) == (True, {"waiting": 0, "oldest_seconds": 0, "dead": 0})


def asked(service: InProcess) -> tuple[bool, dict[str, int]]:
    """What `doctor --json` says of the outbox, and whether that is well."""
    from click.testing import CliRunner

    from commentsvc.cli import commands

    result = CliRunner(env={"COMMENTSVC_DATA_DIR": str(service.data_dir)}).invoke(
        commands.main, ["doctor", "--json"], obj=lambda _settings, **_: service.app
    )
    told = json.loads(result.stdout)
    (check,) = [one for one in told["checks"] if one["name"] == "outbox"]
    assert (result.exit_code == 0) == told["ok"] == check["ok"]
    return check["ok"], told["outbox"]
