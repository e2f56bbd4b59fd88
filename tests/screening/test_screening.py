"""The checks that come with the service, as people and programs meet them, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from commentsvc.storage.tables import CommentRow
from tests.command_line import refusal, typed
from tests.conftest import MakeService
from tests.databases import on_both
from tests.people import Json, Moderator, Reader
from tests.running_service import InProcess

__all__ = ["on_both"]

LINKS = " ".join(f"See https://host-{number}.example/." for number in range(12))
ADVERT = "Buy the best watches of this town at the lowest price there is!"
CAUGHT: dict[str, tuple[Json, str]] = {
    "links": ({"text": LINKS}, "too many links"),
    "link-only": ({"text": "https://watches.example/"}, "nothing but links"),
    "honeypot": (
        {"text": "Good day.", "subject": "https://watches.example/"},
        "the hidden field was filled in",
    ),
}
STATE = {"links": "pending", "link-only": "pending", "honeypot": "spam"}


def set_check(service: InProcess, check: str, mode: str, site: str = "default") -> None:
    service.run("site", "set", site, "--check", f"{check}={mode}")


@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize("check", CAUGHT)
def test_what_a_check_catches_seems_to_wait(
    service: InProcess, reader: Reader, moderator: Moderator, check: str
) -> None:
    fields, message = CAUGHT[check]
    set_check(service, check, "on")

    answer = reader.post("a", **fields)

    assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    assert "findings" not in answer.text
    assert reader.thread("a")["count"] == 0
    (queued,) = moderator.queue()
    assert (queued["state"], queued["reasons"]) == (STATE[check], [message])
    caught = {one["check"]: one for one in queued["findings"]}[check]
    assert (caught["message"], caught["watching"]) == (message, False)
    assert 0 < caught["score"] <= 1
    assert caught["evidence"]


@pytest.mark.parametrize("check", CAUGHT)
def test_one_that_watches_records_what_it_would_have_done(
    service: InProcess, reader: Reader, moderator: Moderator, check: str
) -> None:
    fields, message = CAUGHT[check]
    set_check(service, check, "watching")

    assert reader.post("a", **fields).status_code == 201

    (queued,) = moderator.queue()
    assert (queued["state"], queued["reasons"]) == ("approved", [])
    outcome = "spam" if check == "honeypot" else "hold"
    seen = [(one["check"], one["outcome"], one["message"], one["watching"]) for one in queued["findings"]]
    assert seen == [(check, outcome, message, True)]


@pytest.mark.parametrize("check", CAUGHT)
def test_one_that_is_off_finds_nothing(
    service: InProcess, reader: Reader, moderator: Moderator, check: str
) -> None:
    fields, _ = CAUGHT[check]
    set_check(service, check, "off")

    assert reader.post("a", **fields).status_code == 201
    assert moderator.queue()[0]["findings"] == []


def test_by_default_a_link_alone_is_only_noted(reader: Reader, moderator: Moderator) -> None:
    assert reader.post("a", "https://watches.example/").status_code == 201
    assert [one["watching"] for one in moderator.queue()[0]["findings"]] == [True]


def test_a_site_has_its_own_settings(service: InProcess, reader: Reader) -> None:
    service.run("site", "add", "sports", "--origin", "https://sports.example")
    set_check(service, "links", "off", "sports")

    assert reader.post("a", LINKS).status_code == 202
    assert reader.post("a", LINKS, site="sports").status_code == 201


@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize("mode", ["first", "all"])
def test_blocks_and_modes_are_checks_like_the_others(make_service: MakeService, mode: str) -> None:
    service = make_service(MODERATION=mode)
    reader, moderator = service.reader(), service.moderator()
    moderator.block("word", "lottery", "spam")
    name = {"first": "first-comment", "all": "mode"}[mode]

    reader.comment("a", "Win the lottery.")
    set_check(service, "blocks", "watching")
    reader.comment("a", "Another lottery.")
    set_check(service, name, "off")
    assert reader.post("a", "A third lottery.").status_code == 201

    found = [[(f["check"], f["watching"]) for f in c["findings"]] for c in moderator.queue()]
    assert found == [
        [("blocks", False), (name, False)],
        [("blocks", True), (name, False)],
        [("blocks", True)],
    ]
    assert [c["state"] for c in moderator.queue()] == ["spam", "pending", "approved"]


@pytest.mark.parametrize("kind", ["word", "range"])
def test_a_rejecting_block_that_only_watches_lets_pass(
    service: InProcess, reader: Reader, moderator: Moderator, kind: str
) -> None:
    moderator.block(kind, {"word": "lottery", "range": "192.0.2.0/24"}[kind], "reject")
    set_check(service, "blocks", "watching")

    assert reader.post("a", "A lottery.").status_code == 201

    assert [f["outcome"] for f in moderator.queue()[0]["findings"]] == ["reject"]


def test_the_strongest_outcome_holds_and_all_are_told(reader: Reader, moderator: Moderator) -> None:
    reader.posted("a", LINKS, subject="x")

    (queued,) = moderator.queue()
    assert (queued["state"], len(queued["reasons"])) == ("spam", 2)


def test_a_text_that_comes_again_and_again_is_held(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    def post(text: str, number: int) -> int:
        return reader.post(f"a-{number}", text, email=f"reader-{number}@paper.example").status_code

    assert [post(ADVERT, number) for number in range(5)] == [201, 201, 201, 202, 202]
    assert post(f"**{ADVERT.upper()}**", 6) == 202
    assert post(ADVERT.replace("watches", "clocks"), 7) == 201
    assert moderator.queue(state="pending")[0]["findings"][0]["evidence"] == "3 times before within a day"
    service.clock.move(days=1, seconds=1)
    assert post(ADVERT, 8) == 201


def test_what_was_erased_is_no_earlier_text(reader: Reader) -> None:
    for number in range(4):
        posted = reader.posted(f"a-{number}", ADVERT)
        assert reader.delete(posted["comment"]["id"], posted["edit_key"]).status_code == 204

    assert reader.post("a", ADVERT).status_code == 201


def test_an_edit_is_looked_at_as_a_post_is(reader: Reader, moderator: Moderator) -> None:
    posted = [reader.posted("a", text) for text in ("Good day.", "Good evening.", "Good night.")]

    def edit(number: int, text: str) -> int:
        return reader.edit(posted[number]["comment"]["id"], posted[number]["edit_key"], text).status_code

    assert edit(0, LINKS) == 202
    assert edit(1, "Good evening to you.") == 200
    for number in range(3):
        reader.posted(f"a-{number}", ADVERT)
    assert edit(2, ADVERT) == 202

    found = [[f["check"] for f in c["findings"]] for c in moderator.queue(article="a")]
    assert found == [["links"], [], ["repeated"]]


def test_to_save_the_same_text_again_is_no_repetition(reader: Reader) -> None:
    for number in range(2):
        reader.posted(f"a-{number}", ADVERT)
    posted = reader.posted("a", ADVERT)

    for spaces in range(1, 5):
        edited = reader.edit(posted["comment"]["id"], posted["edit_key"], ADVERT + " " * spaces)
        assert edited.status_code == 200


def test_an_edit_leaves_what_is_said_of_the_new_text_alone(reader: Reader, moderator: Moderator) -> None:
    posted = reader.posted("a", LINKS)

    reader.edit(posted["comment"]["id"], posted["edit_key"], "Good day.")

    (queued,) = moderator.queue()
    assert (queued["state"], queued["findings"]) == ("pending", [])


def test_what_is_erased_loses_its_findings(service: InProcess, reader: Reader, moderator: Moderator) -> None:
    root = reader.comment("a", "https://watches.example/")
    reader.comment("a", "A reply.", parent=root)

    moderator.decide("purge", root)

    assert "watches.example" not in str(moderator.queue())
    with service.ours.database.engine.connect() as connection:
        row = connection.execute(select(CommentRow).where(CommentRow.public_id == root)).one()
        assert (row.findings, row.fingerprint) == ([], None)


@pytest.mark.parametrize("subject", ["", "   ", None])
def test_an_empty_hidden_field_is_as_none(reader: Reader, subject: str | None) -> None:
    assert reader.post("a", subject=subject).status_code == 201


def test_a_hidden_field_that_is_no_text_is_an_error_of_that_field(reader: Reader) -> None:
    answer = reader.post("a", subject=["x"])

    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["subject"])


@pytest.mark.parametrize("trap", ["\0", "\u202e" + "x" * 50_000, "<script>", "\ud800"])
def test_whatever_stands_in_the_hidden_field_is_spam_and_no_error(
    reader: Reader, moderator: Moderator, trap: str
) -> None:
    import json

    sent = json.dumps(reader.submission("a", subject=trap))
    answer = reader.http.post("/api/v1/comments", content=sent, headers={"Content-Type": "application/json"})

    assert answer.status_code in {202, 400, 422}
    assert all(len(c["findings"][0]["evidence"]) <= 200 for c in moderator.queue())


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("links", "Invalid “links”: expected a check and on, off or watching"),
        ("links=maybe", "Invalid “links=maybe”"),
        ("=on", "Invalid “=on”"),
        ("", "Invalid “”"),
        ("lynx=on", "Unknown check “lynx”; there are blocks, mode, first-comment"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(service: InProcess, setting: str, said: str) -> None:
    url = service.app.extensions["commentsvc"].settings.database_url
    where = {"DATABASE_URL": url} if url else {}

    refused = typed("site", "set", "default", "--check", setting, data_dir=service.data_dir, **where)

    assert said in refusal(refused)


def test_the_sites_are_listed_with_their_checks(service: InProcess) -> None:
    set_check(service, "links", "off")
    service.run("site", "set", "default", "--check", "mode=watching", "--check", "link-only=on")

    assert (
        "    checks: blocks on, mode watching, first-comment on, honeypot on, links off, link-only on, repeated on, rules on\n"
        in service.run("site", "list")
    )
