"""An address at rest: sealed, found by a keyed hash alone, and its keys readable by their owner alone."""

from __future__ import annotations

import base64
import hashlib
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.command_line import create_service
from tests.people import Moderator
from tests.running_service import InProcess, open_in_process

ADDRESSES = ["quibbleada@paper.example", "QuibbleBo@Paper.example", "quibblerené@bücher.example"]
UNREADABLE = "(sealed with a key that is not here)"


@pytest.fixture
def used(service: InProcess, moderator: Moderator) -> InProcess:
    """A service on which people posted, edited, and were blocked and sought."""
    reader = service.reader()
    for address in ADDRESSES:
        posted = reader.posted("a", email=address)
        reader.edit(posted["comment"]["id"], posted["edit_key"], "Edited.")
        moderator.block("email", address, "spam")
        reader.comment("a", "Blocked.", email=address)
        moderator.queue(email=address)
    reader.post("a", email=ADDRESSES[0], text="")
    return service


def files_of(service: InProcess) -> dict[str, bytes]:
    files = {file.name: file.read_bytes() for file in service.data_dir.rglob("*") if file.is_file()}
    assert {"comments.db", "comments.db-wal", "limits.db"} <= set(files)
    return files


def test_no_file_holds_one_in_clear(used: InProcess) -> None:
    for name, content in files_of(used).items():
        assert b"quibble" not in content.lower(), name
        assert "bücher".encode() not in content, name


def test_no_file_holds_an_unkeyed_hash_of_one(used: InProcess) -> None:
    spellings = {
        spelling for address in ADDRESSES for spelling in (address, address.lower(), address.casefold())
    }
    digests = {
        hashlib.new(name, spelling.encode()).digest()
        for spelling in spellings
        for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s", "sha3_256")
    }
    digests |= {
        hashlib.blake2b(s.encode(), digest_size=n).digest() for s in spellings for n in (8, 16, 20, 32)
    }

    for name, content in files_of(used).items():
        for digest in digests:
            made = (
                digest,
                digest[:12],
                digest.hex().encode(),
                base64.b64encode(digest),
                base64.urlsafe_b64encode(digest),
            )
            assert not any(part in content for part in made), name


def test_two_comments_under_one_address_are_sealed_differently(service: InProcess) -> None:
    for _ in range(2):
        service.reader().comment("a")

    with database_of(service) as database:
        sealed, lookups = zip(*database.execute("SELECT sealed, lookup FROM address"), strict=True)

    assert len(set(sealed)) == 2
    assert len(set(lookups)) == 1


def test_two_services_find_the_same_address_by_different_hashes(make_service: type[InProcess]) -> None:
    lookups = set()
    for _ in range(2):
        service = make_service()
        service.reader().comment("a")
        with database_of(service) as database:
            lookups |= set(database.execute("SELECT lookup FROM address"))

    assert len(lookups) == 2


def test_a_sealed_address_moved_to_another_comment_does_not_open(
    service: InProcess, moderator: Moderator
) -> None:
    reader = service.reader()
    reader.comment("a", email=ADDRESSES[0])
    reader.comment("a", email=ADDRESSES[1])

    with database_of(service) as database:
        database.execute("UPDATE address SET sealed = (SELECT sealed FROM address WHERE comment_id = 1)")
        database.commit()

    assert [comment["email"] for comment in moderator.queue()] == [ADDRESSES[0], UNREADABLE]


@pytest.mark.parametrize(
    "spoilt",
    [
        b"",
        b"\x01",
        b"\x01\xff",
        b"\x02" + b"x" * 60,
        b"\x01\x02k1" + b"x" * 60,
        b"\x01\x02\xff\xfe" + b"x" * 60,
    ],
)
def test_a_spoilt_seal_does_not_stop_the_moderators(
    service: InProcess, moderator: Moderator, spoilt: bytes
) -> None:
    service.reader().comment("a", "Still here.")

    with database_of(service) as database:
        database.execute("UPDATE address SET sealed = ?", (spoilt,))
        database.commit()

    queued = moderator.queue()[0]
    assert (queued["email"], queued["text"]) in {(UNREADABLE, "Still here."), ("", "Still here.")}


def database_of(service: InProcess) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(service.data_dir / "comments.db"))


@pytest.fixture
def _careless() -> Iterator[None]:
    """An operator whose files are everybody's unless a program sees to it."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("_careless")
def test_what_is_made_at_first_start_is_its_owners_alone(tmp_path: Path) -> None:
    data_dir = tmp_path / "made" / "data"

    create_service(data_dir)
    service = open_in_process(data_dir)
    service.reader().comment("a")

    files = [file for file in data_dir.rglob("*") if file.is_file() and file.name != ".lock"]
    modes = {file.name: mode_of(file) for file in files}
    assert {mode_of(folder) for folder in data_dir.rglob("*") if folder.is_dir()} == {0o700}
    service.close()
    assert mode_of(data_dir) == 0o700
    assert {
        "comments.db",
        "comments.db-wal",
        "comments.db-shm",
        "secret.key",
        "address.keys",
        "limits.db",
    } <= set(modes)
    assert set(modes.values()) == {0o600}


def test_keys_come_from_the_environment_and_are_then_not_written(tmp_path: Path) -> None:
    settings = {"SECRET_KEY": "x" * 43, "ADDRESS_KEYS": "k1:" + "A" * 43}

    create_service(tmp_path / "data", **settings)

    assert not {"secret.key", "address.keys"} & {file.name for file in (tmp_path / "data").iterdir()}
