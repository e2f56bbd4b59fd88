"""After a restart on the same data everything that was handed out still holds."""

from __future__ import annotations

from tests.people import Moderator, Reader
from tests.running_service import InProcess, open_in_process


def test_comments_keys_tokens_and_kept_answers_hold(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    posted = reader.posted("a", "Before.")
    submission = reader.submission("a", "Sent across.")
    etag = reader.get("/api/v1/thread", article="a").headers["ETag"]
    service.close()

    again = open_in_process(service.data_dir)
    reader = again.reader(author_key=posted["author_key"])

    unless_changed = {"If-None-Match": etag}
    assert (
        reader.http.get("/api/v1/thread", params={"article": "a"}, headers=unless_changed).status_code == 304
    )
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
