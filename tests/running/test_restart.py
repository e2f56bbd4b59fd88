"""After a restart on the same data everything that was handed out still holds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.people import Moderator, Reader
from tests.running_service import InProcess, open_in_process, serving


def test_comments_keys_and_tokens_hold(service: InProcess, reader: Reader, moderator: Moderator) -> None:
    posted = reader.posted("a", "Before.")
    submission = reader.submission("a", "Sent across.")
    service.close()

    again = open_in_process(service.data_dir)
    reader = again.reader(author_key=posted["author_key"])

    assert reader.edit(posted["comment"]["id"], posted["edit_key"], "After.").status_code == 200
    assert reader.send(submission).status_code == 201
    assert reader.texts("a") == ["After.", "Sent across."]
    assert reader.posted("a")["author_key"] == posted["author_key"]
    assert len(Moderator(again.http(), moderator.token).queue()) == 3
    again.close()


def test_depth_and_moderation_change_for_what_comes_from_then_on(service: InProcess, reader: Reader) -> None:
    root = reader.comment("a", "Root.")
    deep = reader.comment("a", "Deep.", parent=reader.comment("a", "Reply.", parent=root))
    service.close()

    again = open_in_process(service.data_dir, MAX_DEPTH="2", MODERATION="all")

    assert again.reader().post("a", "Waits.", parent=deep).status_code == 202
    assert [c["depth"] for c in again.reader().thread("a")["comments"]] == [0, 1, 2]
    again.close()


@pytest.mark.soak
@pytest.mark.slow
def test_a_backup_put_back_is_not_taken_for_what_readers_kept(tmp_path: Path) -> None:
    data, backup = tmp_path / "data", tmp_path / "backup"
    with serving(data) as live:
        live.reader().comment("other")
        assert live.stop() == 0
    shutil.copytree(data, backup)
    with serving(data) as live:
        live.reader().comment("a", "Lost with the disk.")
        lost = live.reader().get("/api/v1/thread", article="a").headers["ETag"]
        assert live.stop() == 0
    shutil.rmtree(data)
    shutil.move(backup, data)

    with serving(data) as live:
        reader = live.reader()
        reader.comment("a", "Said after that.")
        again = reader.http.get("/api/v1/thread?article=a", headers={"If-None-Match": lost})

        assert again.status_code == 200
        assert "Said after that." in again.text
