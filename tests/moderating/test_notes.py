"""What moderators note about a comment, for each other."""

from __future__ import annotations

import pytest

from tests.moderating.test_erasing import Erase, bytes_of, delete, purge
from tests.people import Moderator, Reader
from tests.running_service import InProcess


def test_notes_are_listed_oldest_first_with_who_wrote_them(
    service: InProcess, reader: Reader, moderator: Moderator, sports: Moderator
) -> None:
    comment = reader.comment("a")
    path = f"/comments/{comment}/notes"

    first = moderator.request("POST", path, json={"text": "  Asked the author.\n\nNo answer. "})
    for number in range(3):
        moderator.request("POST", path, json={"text": f"Number {number}."})

    assert first.status_code == 201
    note = first.json()
    assert note["text"] == "Asked the author.\n\nNo answer."
    assert (note["at"], note["by_name"]) == ("2026-11-24T09:00:00Z", f"API token {note['by']}")
    page = moderator.request("GET", path, params={"limit": 3}).json()
    rest = moderator.request("GET", path, params={"cursor": page["next"]}).json()
    assert page["notes"][0] == note
    assert [one["text"] for one in (page["notes"] + rest["notes"])[1:]] == [f"Number {n}." for n in range(3)]
    assert rest["next"] is None
    assert sports.request("GET", path).status_code == 404
    assert sports.request("POST", path, json={"text": "Mine?"}).status_code == 404


@pytest.mark.parametrize("text", ["", " \u200b\n", "x" * 2001, None, 5], ids=ascii)
def test_what_is_no_note_is_refused(reader: Reader, moderator: Moderator, text: object) -> None:
    path = f"/comments/{reader.comment('a')}/notes"

    answer = moderator.request("POST", path, json={"text": text})

    assert answer.status_code in {400, 422}
    assert moderator.request("GET", path).json() == {"notes": [], "next": None}
    assert moderator.request("GET", path, params={"cursor": "x"}).status_code == 422


@pytest.mark.parametrize("erase", [purge, delete], ids=["purged", "deleted"])
def test_notes_are_erased_with_the_comment(
    service: InProcess, reader: Reader, moderator: Moderator, erase: Erase
) -> None:
    posted = reader.posted("a")
    path = f"/comments/{posted['comment']['id']}/notes"
    moderator.request("POST", path, json={"text": "Zanzibarquintet."})
    assert b"zanzibarquintet" in bytes_of(service.data_dir)

    erase(reader, moderator, posted)

    assert moderator.request("GET", path).status_code == 404
    assert moderator.request("POST", path, json={"text": "Too late."}).status_code == 404
    assert b"zanzibarquintet" not in bytes_of(service.data_dir)


def test_who_may_only_read_reads_notes_and_writes_none(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    path = f"/comments/{reader.comment('a')}/notes"
    moderator.request("POST", path, json={"text": "Look."})
    token = service.run("token", "create", "--scope", "read").split()[-1]
    auditor = Moderator(service.http(), token)

    assert auditor.request("POST", path, json={"text": "No."}).status_code == 403
    assert len(auditor.request("GET", path).json()["notes"]) == 1
