"""What belongs to a person is shown, handed out, and erased wherever it is stored; a certificate says so."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from commentsvc.actions import erase_person
from commentsvc.model import MailEnd
from commentsvc.privacy.sealing import lookup, lookups
from tests.command_line import examined, refusal, typed
from tests.people import Json, Moderator, Reader
from tests.running_service import InProcess, open_in_process, written

NAME, EMAIL, WEBSITE = "Quetzalcoatlus Ng", "Zoë.Quibble@Paper.example", "https://zugzwang.example/"
SAME = "zoë.quibble@paper.example"
TEXT = "Xylophonequartet was here."
TRACES = ("quetzalcoatlus", "quibble", "zugzwang", "xylophonequartet", "wolpertinger", "ouagadougou")
OF_AUTHOR = tuple(trace for trace in TRACES if trace != "xylophonequartet")


def traces_in(folder: Path, traces: tuple[str, ...]) -> list[tuple[str, str]]:
    """Where something of the person is, in any file of a folder."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    return [
        (file.name, trace)
        for file in files
        for trace in traces
        if trace.encode() in file.read_bytes().lower()
    ]


def admin_of(service: InProcess) -> Moderator:
    token = service.run("token", "create", "--scope", "admin").split()[-1]
    return Moderator(service.http(), token)


@pytest.fixture
def person(service: InProcess) -> Reader:
    return service.reader(name=NAME, email=EMAIL)


@pytest.fixture
def posted(service: InProcess, person: Reader, moderator: Moderator) -> Json:
    """A comment with all that can hang on one, and what the person did besides."""
    posted = person.posted(
        "a", TEXT, url=WEBSITE, title="Wolpertinger", page_url="http://127.0.0.1:5000/zugzwang"
    )
    comment = posted["comment"]["id"]
    person.author_key = posted["author_key"]
    other = service.reader(address="192.0.2.9", name="Bo", email="bo@paper.example")
    theirs = other.comment("a", "Another's reply.", parent=comment)
    report(other, comment, text="Says Ouagadougou.", email="bo@paper.example", name="Bo")
    report(person, theirs, text="Says Wolpertinger.", email=SAME, name=NAME)
    moderator.request("POST", f"/comments/{comment}/notes", json={"text": "A quibble about Ouagadougou."})
    moderator.decide("approve", comment, reason="A wolpertinger.")
    queued = moderator.queue(email=EMAIL)[0]
    moderator.block("email", SAME, "hold", note="A quibble.")
    moderator.block("author", queued["author_id"], "hold")
    moderator.rule({"emails": [EMAIL], "words": ["x"]}, mode="watching")
    held = person.posted("b", "Held, as it is blocked: xylophonequartet.", url=WEBSITE)
    person.http.post(
        f"/api/v1/comments/{held['comment']['id']}/reasons",
        json={"text": "Why, Wolpertinger?"},
        headers={"Authorization": f"Bearer {held['edit_key']}"},
    )
    return posted | {"reply": theirs, "author_id": queued["author_id"]}


def report(reader: Reader, comment: str, **more: Any) -> None:
    body = {"token": reader.token("a"), "reason": "abuse", "good_faith": True} | more
    answer = reader.http.post(f"/api/v1/comments/{comment}/reports", json=body)
    assert answer.status_code == 202, answer.text


def test_it_is_shown_and_handed_out(service: InProcess, person: Reader, posted: Json) -> None:
    shown = service.run("person", "show", SAME)
    whole = json.loads(service.run("person", "export", SAME.upper()))
    by_admin = admin_of(service).request("POST", "/person", json={"email": SAME, "do": "show"}).json()

    assert "comments: 1 approved, 1 pending\n" in shown
    assert "trusted on: default\n" in shown
    assert "reports made: 1\nblocks: 1\nrules: 1\n" in shown
    assert "1 notes  1 reports" in shown
    first, held = whole["comments"]
    assert (first["text"], first["name"], first["url"], first["email"]) == (
        TEXT,
        NAME,
        WEBSITE,
        "Zoë.Quibble@paper.example",
    )
    assert [note["text"] for note in first["notes"]] == ["A quibble about Ouagadougou."]
    assert [set(one) for one in first["reports"]] == [{"at", "reason", "closed_at"}]
    assert (held["state"], len(held["objections"])) == ("pending", 1)
    assert whole["reports_made"][0]["text"] == "Says Wolpertinger."
    assert whole["reports_made"][0]["email"] == SAME
    assert (by_admin["by_state"], by_admin["names"]) == ({"approved": 1, "pending": 1}, [NAME])
    assert "bo@" not in json.dumps(whole)


@pytest.mark.parametrize("keep_text", [False, True])
def test_nothing_of_it_is_anywhere_any_more(
    service: InProcess,
    posted: Json,
    moderator: Moderator,
    tmp_path: Path,
    keep_text: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    words = ["--keep-text"] if keep_text else []
    assert traces_in(service.data_dir, TRACES)

    certificate = json.loads(service.run("person", "erase", SAME, *words))

    gone = OF_AUTHOR if keep_text else TRACES
    backed_up = typed("backup", str(tmp_path / "after.zip"), data_dir=service.data_dir)
    assert backed_up.exit_code == 0, backed_up.output
    shutil.unpack_archive(tmp_path / "after.zip", tmp_path / "after")
    public = service.http()
    answers = [
        public.get(path, params={"article": "a"}).text
        for path in ("/thread", "/feeds/thread.atom", "/feeds/site.atom", "/api/v1/thread")
    ]
    assert traces_in(service.data_dir, gone) == traces_in(tmp_path / "after", gone) == []
    assert not [trace for trace in gone for answer in answers if trace in answer.lower()]
    assert not [trace for trace in TRACES if trace in caplog.text.lower()]
    assert certificate["erased"] == {
        "comments": 2,
        "texts_kept": 2 if keep_text else 0,
        "notes": 1,
        "reports_about": 1,
        "reports_made": 1,
        "objections": 1,
        "reasons": 1,
        "blocks": 2,
        "rules": 1,
    }
    assert moderator.queue(email=EMAIL) == moderator.queue(author=posted["author_id"]) == []
    with closing(sqlite3.connect(service.data_dir / "comments.db")) as database:
        authors = database.execute("SELECT author_id FROM comment").fetchall()
    assert posted["author_id"] not in {one for (one,) in authors}
    assert len(set(authors)) == len(authors)
    first, reply = service.reader().thread("a")["comments"]
    if keep_text:
        assert (first["author"], first["html"]) == ({"name": "Anonymous", "url": None}, f"<p>{TEXT}</p>")
    else:
        assert (first["removed"], first["author"], first["html"]) == (True, None, "")
    assert reply["html"] == "<p>Another's reply.</p>"
    assert examined(service)[0] == 0, examined(service)[1]
    assert "are as they were written" in proof_of_log(service)


def proof_of_log(service: InProcess) -> str:
    done = typed("audit", "verify", data_dir=service.data_dir)
    assert done.exit_code == 0, done.output
    return done.stderr


def test_the_author_is_a_stranger_afterwards(
    service: InProcess, person: Reader, posted: Json, moderator: Moderator
) -> None:
    service.run("person", "erase", EMAIL)

    again = person.posted("c", "Here again.")

    (queued,) = moderator.queue(email=EMAIL)
    assert again["comment"]["id"] == queued["id"]
    assert queued["state"] == "approved"  # no block holds it any more
    assert "trusted on" not in service.run("person", "show", EMAIL)
    (rule,) = moderator.request("GET", "/rules").json()["rules"]
    assert rule["mode"] == "off"


def test_a_certificate_can_be_checked(
    service: InProcess, person: Reader, posted: Json, tmp_path: Path
) -> None:
    file = tmp_path / "certificate.json"
    certificate = service.run("person", "erase", EMAIL)
    file.write_text(certificate)

    assert service.run("person", "erase", EMAIL) == certificate  # nothing came since
    assert "Genuine: 2 comments" in service.run("person", "verify", str(file))
    assert "paper.example" not in certificate.lower()

    file.write_text(certificate.replace('"comments": 2', '"comments": 3'))
    forged = typed("person", "verify", str(file), data_dir=service.data_dir)
    assert "did not sign" in refusal(forged)

    service.clock.move(minutes=5)
    person.posted("a", "Of later.")
    file.write_text(certificate)
    assert "Genuine" in service.run("person", "verify", str(file))
    with written(service) as connection:
        connection.exec_driver_sql("UPDATE comment SET posted_at = '2026-01-01 00:00:00.000000'")
    came_back = typed("person", "verify", str(file), data_dir=service.data_dir)
    assert "1 comments of then are here" in refusal(came_back)


def test_one_that_is_killed_goes_on_and_ends_the_same(
    service: InProcess, person: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        person.comment("a", f"Number {number}.")
    steps = iter(range(2))

    class Killed(BaseException):
        """What ends a process without a word."""

    step = erase_person._step

    def some(*given: Any) -> bool:
        if next(steps, None) is None:
            raise Killed
        return step(*given)

    monkeypatch.setattr(erase_person, "AT_ONCE", 2)
    with monkeypatch.context() as killed:
        killed.setattr(erase_person, "_step", some)
        with pytest.raises(Killed):
            erase_person.erase_person(service.ours, None, EMAIL, None, keep_text=False)
    assert len(admin_of(service).queue(email=EMAIL)) == 3

    certificate = erase_person.erase_person(service.ours, None, EMAIL, None, keep_text=False)

    assert certificate.erased["comments"] == 7
    assert admin_of(service).queue(email=EMAIL) == []


def test_what_is_dated_later_than_now_is_erased_too(service: InProcess, person: Reader) -> None:
    """As by an import, or by a clock that was ahead for a while."""
    service.clock.move(days=400)
    person.comment("a", "Of the future.")
    service.clock.move(days=-400)
    person.comment("a", "Of today.")

    certificate = json.loads(service.run("person", "erase", EMAIL))

    assert certificate["erased"]["comments"] == 2
    assert admin_of(service).queue(email=EMAIL) == []


def test_another_site_keeps_what_it_has(service: InProcess, person: Reader) -> None:
    service.run("site", "add", "weekend", "--origin", "https://weekend.example")
    person.comment("a", "On the first.")
    person.comment("a", "On the second.", site="weekend")

    certificate = json.loads(service.run("person", "erase", EMAIL, "--site", "weekend"))

    assert (certificate["site"], certificate["erased"]["comments"]) == ("weekend", 1)
    assert [one["site"] for one in admin_of(service).queue(email=EMAIL)] == ["default"]


def test_it_is_for_admins(service: InProcess, moderator: Moderator, posted: Json) -> None:
    for do in ("show", "export", "erase"):
        answer = moderator.request("POST", "/person", json={"email": EMAIL, "do": do})
        assert answer.status_code == 403
    admin = admin_of(service)
    for wrong in ({"email": EMAIL}, {"email": "nobody", "do": "show"}, {"email": EMAIL, "do": "x"}):
        assert admin.request("POST", "/person", json=wrong).status_code == 422
    assert len(moderator.queue(email=EMAIL)) == 2


@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize("keep_text", [False, True])
def test_a_backup_of_before_has_the_person_erased_again(
    service: InProcess, person: Reader, posted: Json, tmp_path: Path, keep_text: bool
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    backup = folder / "before.zip"
    assert typed("backup", str(backup), "--with-keys", data_dir=service.data_dir).exit_code == 0
    assert [file.name for file in folder.iterdir()] == ["before.zip"]
    service.run("keys", "rotate", "lookup")
    certificate = service.run("person", "erase", EMAIL, *(["--keep-text"] if keep_text else []))
    service.clock.move(minutes=5)
    person.author_key = None
    person.comment("a", "Of later.")
    moved = service.data_dir.rename(tmp_path / "of-before")
    assert b"paper.example" not in (moved / "erased.jsonl").read_bytes()
    later = folder / "later.zip"
    assert typed("backup", str(later), "--with-keys", data_dir=moved).exit_code == 0

    new = tmp_path / "new"
    done = typed("restore", str(backup), data_dir=new)

    assert done.exit_code == 0, done.output
    assert traces_in(new, OF_AUTHOR if keep_text else TRACES) == []
    (tmp_path / "certificate.json").write_text(certificate)
    assert typed("person", "verify", str(tmp_path / "certificate.json"), data_dir=new).exit_code == 0
    assert (new / "erased.jsonl").read_bytes() == (moved / "erased.jsonl").read_bytes()
    assert typed("doctor", "--deep", data_dir=new).exit_code == 0
    known = (new / "erased.jsonl").read_text()
    (new / "erased.jsonl").write_text(
        known.replace('"person":{"', '"person":{"0').replace('"at":"2026', '"at":"2999')
    )
    said = refusal(typed("restore", str(backup), "--replace", data_dir=new))
    assert "who were erased after" in said
    (new / "erased.jsonl").write_text(known + '{"id": "half')
    again = typed("restore", str(later), "--replace", data_dir=new)
    assert again.exit_code == 0, again.output
    left = open_in_process(new)
    assert [one["text"] for one in admin_of(left).queue(email=EMAIL)] == ["Of later."]
    left.close()


def end_mail(service: InProcess) -> None:
    """As by the link in a mail."""
    with service.ours.unit_of_work() as work:
        work.mail_addresses.end(lookup(EMAIL, service.ours.address_keys), MailEnd.STOPPED, service.clock())


def has_mail_ended(service: InProcess) -> bool:
    with service.ours.reading() as work:
        return work.mail_addresses.is_ended(lookups(EMAIL, service.ours.address_keys))


def test_nor_does_a_backup_of_before_bring_back_that_mail_ended(
    service: InProcess, person: Reader, tmp_path: Path
) -> None:
    person.comment("a", "All that there is.")
    end_mail(service)
    backup = tmp_path / "before.zip"
    assert typed("backup", str(backup), "--with-keys", data_dir=service.data_dir).exit_code == 0
    service.run("person", "erase", EMAIL)
    assert not has_mail_ended(service)

    assert typed("restore", str(backup), "--replace", data_dir=service.data_dir).exit_code == 0

    again = open_in_process(service.data_dir)
    assert not has_mail_ended(again)
    again.close()


def test_what_is_known_of_mail_alone_is_erased_too(service: InProcess, posted: Json) -> None:
    service.run("person", "erase", EMAIL)
    service.clock.move(minutes=5)
    end_mail(service)

    service.run("person", "erase", EMAIL)

    assert not has_mail_ended(service)


def test_who_ended_mail_after_being_erased_gets_none_after_a_restore(
    service: InProcess, person: Reader, posted: Json, tmp_path: Path
) -> None:
    service.run("person", "erase", EMAIL)
    service.clock.move(minutes=5)
    person.author_key = None
    person.comment("a", "Of later.")
    end_mail(service)
    backup = tmp_path / "later.zip"
    assert typed("backup", str(backup), "--with-keys", data_dir=service.data_dir).exit_code == 0

    assert typed("restore", str(backup), "--replace", data_dir=service.data_dir).exit_code == 0

    again = open_in_process(service.data_dir)
    assert has_mail_ended(again)
    again.close()


def test_what_was_blacked_out_is_gone_from_the_text_that_is_kept(
    service: InProcess, person: Reader, moderator: Moderator
) -> None:
    comment = person.comment("a", "My name is Quetzalcoatlus, call 0190-123.")
    spans = [{"from": 11, "to": 25}, {"from": 32, "to": 40}]
    assert moderator.request("PATCH", f"/comments/{comment}", json={"redact": spans}).status_code == 200
    before = person.texts("a")

    service.run("person", "erase", EMAIL, "--keep-text")

    assert person.texts("a") == before == ["My name is █████, call █████."]
    assert [one["text"] for one in moderator.queue()] == before
    assert traces_in(service.data_dir, ("quetzalcoatlus", "0190")) == []
    service.run("rerender")
    assert person.texts("a") == before
    assert moderator.request("PATCH", f"/comments/{comment}", json={"redact": []}).status_code == 200
    assert person.texts("a") == before


@pytest.mark.soak
@pytest.mark.slow
@pytest.mark.parametrize("after_seconds", [0.6, 0.9, 1.3])
def test_killed_at_any_time_it_ends_the_same(
    service: InProcess, person: Reader, after_seconds: float, tmp_path: Path
) -> None:
    """Half a second is what a command needs to begin; the rest is a few steps of it, or none, by how busy the machine is."""
    for number in range(400):
        person.comment(f"a{number % 7}", f"Number {number}.")
    service.ours.database.disconnect()
    environ = os.environ | {"COMMENTSVC_DATA_DIR": str(service.data_dir)}
    command = [sys.executable, "-m", "commentsvc", "person", "erase", EMAIL]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as first:
        try:
            first.wait(after_seconds)
        except subprocess.TimeoutExpired:
            first.kill()

    certificate = json.loads(typed("person", "erase", EMAIL, data_dir=service.data_dir).stdout)

    assert certificate["erased"]["comments"] == 400
    assert examined(service)[0] == 0
