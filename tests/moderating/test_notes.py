"""What moderators note about a comment, for each other."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.moderating.desk import PASSWORD, Desk, shown
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


def test_notes_are_read_and_added_beside_the_comment(
    reader: Reader, moderator: Moderator, desk: Desk, service: InProcess
) -> None:
    comment, other = reader.comment("a"), reader.comment("a", "Without any.")
    for number in range(4):
        moderator.request("POST", f"/comments/{comment}/notes", json={"text": f"Number {number}."})
    page = desk.queue(state="approved", article="a")
    said = {
        one: beside.partition("</article>")[0] for one, beside in zip(shown(page), entries(page), strict=True)
    }
    assert "Number 0" not in said[comment]
    assert re.search(r"and 1 more.*Number 1\..*Number 2\..*Number 3\.", said[comment], re.DOTALL)
    assert "<q" not in said[other]

    answer = desk.note(page, comment, "Asked <b>her</b>.\r\nNo answer; wrote to ann@paper.example.")

    assert answer.headers["Location"] == f"/moderation?state=approved&article=a#comment-{comment}"
    text = moderator.request("GET", f"/comments/{comment}/notes").json()["notes"][-1]["text"]
    assert text == "Asked <b>her</b>.\nNo answer; wrote to ann@paper.example."
    alone = desk.http.get(f"/moderation/comments/{comment}").text
    assert "Number 0." in alone
    assert "Asked &lt;b&gt;her&lt;/b&gt;.\nNo answer; wrote to ann@paper.example." in alone
    assert desk.note(page, comment, " ").status_code == 303  # nothing to add
    for refused in ("long " * 500, "NUL \0"):
        told = desk.note(page, comment, refused)
        assert (told.status_code, "A note has at most 2000 characters." in told.text) == (422, True)
        assert refused[:40] in told.text
    assert len(moderator.request("GET", f"/comments/{comment}/notes").json()["notes"]) == 5

    service.run("user", "add", "audit@paper.example", "--role", "auditor", input=PASSWORD + "\n")
    auditor = Desk(service.http(), "audit@paper.example")
    auditor.sign_in()
    seen = auditor.queue(state="approved").text
    assert "No answer; wrote to" in seen
    assert "ann@paper.example" not in seen
    assert "noting" not in seen


def entries(page: httpx.Response) -> list[str]:
    """The markup of each comment that a page of the desk shows, in its order."""
    return page.text.split('<article class="queued"')[1:]
