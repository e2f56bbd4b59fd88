"""A person is erased on the other database too: a backup of it has nothing of them, and neither has a dump of its rows."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.command_line import examined, typed
from tests.databases import on_postgresql
from tests.people import Moderator, Reader
from tests.running_service import InProcess

__all__ = ["on_postgresql"]


@pytest.mark.soak
@pytest.mark.sampled(2)
@pytest.mark.parametrize("keep_text", [False, True])
def test_nothing_is_left_and_a_backup_of_before_is_erased_again(
    service: InProcess, reader: Reader, moderator: Moderator, tmp_path: Path, keep_text: bool
) -> None:
    where = {"DATABASE_URL": service.ours.settings.database_url or ""}
    person = service.reader(name="Quetzalcoatlus Ng", email="quibble@paper.example")
    first = person.comment("a", "Xylophonequartet was here.")
    reader.comment("a", "A reply.", parent=first)
    person.comment("b", "Xylophonequartet again.")
    moderator.request("POST", f"/comments/{first}/notes", json={"text": "A quibble."})
    moderator.block("email", "quibble@paper.example", "hold")
    before = typed("backup", str(tmp_path / "before.zip"), data_dir=service.data_dir, **where)
    assert before.exit_code == 0, before.output

    words = ["--keep-text"] if keep_text else []
    certificate = json.loads(service.run("person", "erase", "QUIBBLE@paper.example", *words))

    assert (certificate["erased"]["comments"], certificate["erased"]["notes"]) == (2, 1)
    traces = [b"quetzalcoatlus", b"quibble", *([] if keep_text else [b"xylophonequartet"])]
    assert left_in_backup(service, tmp_path / "after.zip", traces, where) == []
    assert examined(service)[0] == 0, examined(service)[1]
    names = [one["author"] and one["author"]["name"] for one in reader.thread("a")["comments"]]
    assert names == (["Anonymous", reader.name] if keep_text else [None, reader.name])
    service.ours.database.disconnect()
    done = typed("restore", str(tmp_path / "before.zip"), "--replace", data_dir=service.data_dir, **where)
    assert done.exit_code == 0, done.output
    assert left_in_backup(service, tmp_path / "again.zip", traces, where) == []


def left_in_backup(service: InProcess, file: Path, traces: list[bytes], where: dict[str, str]) -> list[bytes]:
    done = typed("backup", str(file), data_dir=service.data_dir, **where)
    assert done.exit_code == 0, done.output
    with ZipFile(file) as archive:
        content = archive.read("comments.db").lower()
    return [trace for trace in traces if trace in content]
