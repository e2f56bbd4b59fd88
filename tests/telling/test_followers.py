"""Who comments is asked by mail whether mail is wanted, told of replies, and can stop it with one press."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import select

from commentsvc.jobs.runner import Runner
from commentsvc.storage import persons
from commentsvc.storage.tables import FollowRow
from tests.people import Reader
from tests.running_service import InProcess
from tests.smtp_server import Received, SmtpServer
from tests.telling.delivering import deliver


@pytest.fixture
def told(make_service: Callable[..., InProcess], smtp: SmtpServer) -> Iterator[InProcess]:
    """A service that sends mail; none of it may name anybody but its receiver."""
    yield make_service(**smtp.settings, BASE_URL="https://comments.example")
    for mail in smtp.messages:
        whole = f"{mail.message.items()} {mail.text} {mail.html}"
        named = set(re.findall(r"[^\s<>\"'(),:;]+@(?!blog\.example)[\w.-]+", whole))
        assert named == set(mail.rcpt_tos)


def link(mail: Received, path: str) -> str:
    """The link of a mail that leads there, as a path of the service."""
    (url,) = set(re.findall(rf"https://comments\.example{path}\?\S+", mail.text))
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def stop_links(mail: Received) -> list[str]:
    return [
        url.removeprefix("https://comments.example")
        for url in re.findall(r"https://\S+/mail/stop\S+", mail.text)
    ]


def kinds(smtp: SmtpServer) -> list[str]:
    return [mail["X-Comments-Kind"] for mail in smtp.messages]


def press(service: InProcess, path: str) -> httpx.Response:
    asked = service.http().get(path)
    assert asked.status_code == 200
    assert "<button" in asked.text
    pressed = service.http().post(path)
    assert pressed.status_code == 200
    assert "<button" not in pressed.text
    return pressed


def confirmed(
    service: InProcess, smtp: SmtpServer, name: str, email: str, notify: str = "replies"
) -> tuple[Reader, str]:
    """Somebody who commented on the article a and confirmed that mail is wanted."""
    reader = Reader(service.http(), name, email)
    posted = reader.posted("a", f"First words of {name}.", notify=notify)
    reader.author_key = posted["author_key"]
    deliver(service)
    press(service, link(smtp.messages[-1], "/mail/confirm"))
    smtp.messages.clear()
    return reader, posted["comment"]["id"]


def test_from_the_post_to_the_stop(told: InProcess, smtp: SmtpServer) -> None:
    ada, bob = Reader(told.http()), Reader(told.http(), "Bob Sample", "bob@paper.example")
    posted = ada.posted("a", "What of kites?", notify="replies", title="Kites")
    bob.post("a", "Too early.", parent=posted["comment"]["id"])
    deliver(told)
    assert kinds(smtp) == ["confirm"]
    question = smtp.messages[0]
    assert question.rcpt_tos == ["ada@paper.example"]
    assert "kite" not in question.text.lower()

    press(told, link(question, "/mail/confirm"))
    press(told, link(question, "/mail/confirm"))  # again: the same page
    deliver(told)
    assert kinds(smtp) == ["confirm", "reply"]
    assert "Too early." in smtp.messages[1].text

    told.clock.move(hours=2)
    bob.post("a", "They *fly*.", parent=posted["comment"]["id"])
    bob.post("a", "Something else.")
    deliver(told)
    assert kinds(smtp) == ["confirm", "reply", "reply"]
    reply = smtp.messages[2]
    assert "They *fly*." in reply.text
    assert "They <em>fly</em>." in reply.html
    assert "Kites" in reply["Subject"]
    assert "bob@" not in reply.raw.decode()
    thread, everything = stop_links(reply)

    press(told, thread)
    told.clock.move(hours=2)
    bob.post("a", "They land.", parent=posted["comment"]["id"])
    deliver(told)
    assert len(smtp.messages) == 3

    one_click = urlsplit(reply["List-Unsubscribe"].strip("<>"))
    assert f"{one_click.path}?{one_click.query}" == everything
    at_once = told.http().post(everything, data={"List-Unsubscribe": "One-Click"})
    assert at_once.status_code == 200
    ada.post("b", "Another discussion.", notify="all", author_key=posted["author_key"])
    deliver(told)
    assert len(smtp.messages) == 3


def test_many_replies_are_one_message_without_what_was_taken_back(told: InProcess, smtp: SmtpServer) -> None:
    ada, comment = confirmed(told, smtp, "Ada Sample", "ada@paper.example", "all")
    bob = Reader(told.http(), "Bob Sample", "bob@paper.example")
    bob.post("a", "First.", parent=comment)
    deliver(told)
    bob.post("a", "Second.", parent=comment)
    gone = bob.posted("a", "Third.")
    bob.post("a", "Fourth.")
    ada.post("a", "Her own.")
    deliver(told)
    assert kinds(smtp) == ["reply"]
    bob.delete(gone["comment"]["id"], gone["edit_key"])
    told.clock.move(minutes=61)
    deliver(told)
    assert kinds(smtp) == ["reply", "digest"]
    digest = smtp.messages[1].text
    assert [word for word in ("First", "Second", "Third", "Fourth", "Her own") if word in digest] == [
        "Second",
        "Fourth",
    ]
    assert smtp.messages[0]["References"] == smtp.messages[1]["References"]


def test_what_is_held_while_a_mail_is_gathered_is_told_of_once_it_is_public_again(
    told: InProcess, smtp: SmtpServer
) -> None:
    moderator = told.moderator()
    _, comment = confirmed(told, smtp, "Ada Sample", "ada@paper.example", "all")
    bob = Reader(told.http(), "Bob Sample", "bob@paper.example")
    bob.post("a", "First.", parent=comment)
    deliver(told)
    held = bob.comment("a", "Held for two hours.", parent=comment)
    short = bob.comment("a", "Held for a minute.", parent=comment)
    deliver(told)
    for one in (held, short):
        moderator.decide("hold", one)
        deliver(told)
    moderator.decide("approve", short)
    deliver(told)
    told.clock.move(hours=2)
    deliver(told)
    assert kinds(smtp) == ["reply", "digest"]
    moderator.decide("approve", held)
    deliver(told)
    assert kinds(smtp) == ["reply", "digest", "reply"]
    for mail, text in zip(smtp.messages[1:], ("Held for a minute.", "Held for two hours."), strict=True):
        assert re.findall(r"Held for [\w ]+\.", mail.text) == [text]
    for again in ("hold", "approve"):
        moderator.decide(again, held)
        deliver(told)
        told.clock.move(hours=2)
    deliver(told)
    assert len(smtp.messages) == 3


def test_what_was_erased_keeps_nothing_that_comes_later_from_being_told(
    told: InProcess, smtp: SmtpServer
) -> None:
    """Its rows are deleted, and the next ones may have their numbers."""
    _, comment = confirmed(told, smtp, "Ada Sample", "ada@paper.example")
    bob = Reader(told.http(), "Bob Sample", "bob@paper.example")
    first = bob.posted("a", "Was told of.", parent=comment)
    deliver(told)
    bob.delete(first["comment"]["id"], first["edit_key"])
    told.clock.move(hours=2)
    smtp.answers["connect"] = "421 4.3.2 Later"
    second = bob.posted("a", "Waits.", parent=comment)
    deliver(told)
    bob.delete(second["comment"]["id"], second["edit_key"])
    bob.post("a", "Comes after it.", parent=comment)
    deliver(told)
    smtp.answers.clear()
    told.clock.move(hours=3)
    deliver(told)
    assert kinds(smtp) == ["reply", "reply"]
    assert "Comes after it." in smtp.messages[1].text


def test_one_press_for_two_wishes_is_one_mail_at_once_and_one_later(
    told: InProcess, smtp: SmtpServer
) -> None:
    ada = Reader(told.http())
    first = ada.posted("a", "First words.", notify="replies")
    ada.author_key = first["author_key"]
    second = ada.comment("a", "Second words.", notify="replies")
    bob = Reader(told.http(), "Bob Sample", "bob@paper.example")
    for answered in (first["comment"]["id"], second):
        bob.post("a", f"An answer to {answered}.", parent=answered)
    deliver(told)
    press(told, link(smtp.messages[-1], "/mail/confirm"))
    smtp.messages.clear()
    deliver(told)
    assert kinds(smtp) == ["reply"]
    told.clock.move(hours=2)
    deliver(told)
    assert kinds(smtp) == ["reply", "digest"]
    assert [mail.text.count("An answer to") for mail in smtp.messages] == [1, 1]


def test_a_comment_that_waits_is_told_of_when_it_is_public_and_once(
    told: InProcess, smtp: SmtpServer
) -> None:
    moderator = told.moderator()
    _, comment = confirmed(told, smtp, "Ada Sample", "ada@paper.example")
    bob = Reader(told.http(), "Bob Sample", "bob@paper.example")
    moderator.rule({"words": ["held"]})
    held = bob.comment("a", "This is held.", parent=comment, notify="replies")
    deliver(told)
    assert kinds(smtp) == []
    moderator.decide("approve", held)
    deliver(told)
    assert sorted(kinds(smtp)) == ["confirm", "reply"]  # nobody is asked before it is public
    moderator.decide("hold", held)
    moderator.decide("approve", held)
    told.clock.move(hours=2)
    deliver(told)
    assert len(smtp.messages) == 2
    old = bob.comment("a", "This is held for long.", parent=comment)
    told.clock.move(days=31)
    moderator.decide("approve", old)
    deliver(told)
    assert len(smtp.messages) == 2


def test_who_types_an_address_without_its_key_asks_anew_and_three_times_a_day(
    told: InProcess, smtp: SmtpServer
) -> None:
    confirmed(told, smtp, "Ada Sample", "ada@paper.example")
    stranger = Reader(told.http(), "Mallory", "ADA@paper.example")
    mine = stranger.comment("a", "It is me.", notify="all")
    for number in range(4):
        stranger.post(f"b{number}", "It is me, too.", notify="all")
    deliver(told)
    assert kinds(smtp) == ["confirm", "confirm"]
    assert {mail.rcpt_tos[0] for mail in smtp.messages} == {"ADA@paper.example"}
    Reader(told.http(), "Bob Sample", "bob@paper.example").post("a", "An answer.", parent=mine)
    deliver(told)
    assert kinds(smtp) == ["confirm", "confirm"]
    told.clock.move(hours=25)
    stranger.post("c", "It is me again.", notify="all")
    deliver(told)
    assert kinds(smtp) == ["confirm"] * 3


def test_what_somebody_asked_for_in_ones_name_keeps_nothing_from_oneself(
    told: InProcess, smtp: SmtpServer
) -> None:
    stranger = Reader(told.http(), "Not Ada", "ada@paper.example")
    unconfirmed = stranger.comment("a", "I only type her address.", notify="all")
    deliver(told)
    confirmed(told, smtp, "Ada Sample", "ada@paper.example", "all")
    bob = Reader(told.http(), "Bob Sample", "bob@paper.example")
    bob.post("a", "Seen by her.", parent=unconfirmed)
    deliver(told)
    assert kinds(smtp) == ["reply"]
    assert "Seen by her." in smtp.messages[0].text


def test_the_longest_title_reads_as_it_was_typed(told: InProcess, smtp: SmtpServer) -> None:
    title = "=?utf-8?q?_?= " + "\N{GRINNING FACE}" * 286
    Reader(told.http()).post("b", "What of kites?", notify="all", title=title)
    deliver(told)
    press(told, link(smtp.messages[-1], "/mail/confirm"))
    Reader(told.http(), "Bob Sample", "bob@paper.example").post("b", "They float.")
    deliver(told)
    reply = smtp.messages[-1]
    assert (reply["X-Comments-Kind"], reply["Subject"]) == ("reply", f"New comment on “{title}”")
    lines = reply.raw.split(b"\r\n")
    assert max(map(len, lines)) < 100
    assert title in reply.html


def test_another_mailbox_that_folds_to_the_same_is_somebody_else(told: InProcess, smtp: SmtpServer) -> None:
    one, _ = confirmed(told, smtp, "Ada Sample", "strasse@paper.example")
    one.email = "straße@paper.example"
    other = one.posted("a", "From elsewhere.", notify="replies")
    deliver(told)
    assert kinds(smtp) == ["confirm"]  # the same key, and another mailbox
    Reader(told.http(), "Bob Sample", "bob@paper.example").post("a", "Oh.", parent=other["comment"]["id"])
    deliver(told)
    assert kinds(smtp) == ["confirm"]
    told.http().post("/me", data={"email": "STRASSE@paper.example"})
    deliver(told)
    assert sorted(mail.rcpt_tos[0] for mail in smtp.messages[1:]) == ["strasse@paper.example"]
    pages = [told.http().get(link(mail, "/me/data")).text for mail in smtp.messages[1:]]
    assert "First words" in pages[0]
    assert "From elsewhere" not in pages[0]


def test_who_wrote_much_erases_nothing_of_another_mailbox_that_folds_to_the_same(
    told: InProcess, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many newer comments there are of one, the other is looked for."""
    monkeypatch.setattr(persons, "ADDRESSES_AT_ONCE", 2)
    other = told.reader(name="Bo Sample", email="straße@paper.example")
    other.comment("b", "Of the other.")
    one = told.reader(name="Ada Sample", email="strasse@paper.example")
    for number in range(3):
        one.comment("a", f"Number {number}.")
    for email in ("strasse@paper.example", "straße@paper.example"):
        told.http().post("/me", data={"email": email})
    deliver(told)
    assert sorted(mail.rcpt_tos[0] for mail in smtp.messages) == [
        "strasse@paper.example",
        "straße@paper.example",
    ]

    path = next(
        link(mail, "/me/data") for mail in smtp.messages if mail.rcpt_tos == ["strasse@paper.example"]
    )
    told.http().post(path, data={"do": "erase", "texts": "erase"})

    assert told.reader().thread("a")["count"] == 0
    assert told.reader().texts("b") == ["Of the other."]


def test_links_that_are_wrong_or_out_of_date_say_what_to_do(told: InProcess, smtp: SmtpServer) -> None:
    Reader(told.http()).post("a", "What of kites?", notify="replies")
    deliver(told)
    good = link(smtp.messages[0], "/mail/confirm")
    for path in (
        good.replace("?t=", "?t=x"),
        "/mail/confirm?t=",
        "/mail/stop?t=txyz",
        "/mail/stop",
        "/me/data?t=1",
    ):
        for method in ("GET", "POST"):
            answer = told.http().request(method, path, data={} if method == "POST" else None)
            expected = 415 if method == "POST" and path.startswith("/me") else 404
            assert answer.status_code in {expected, 404}, (method, path)
    told.clock.move(hours=49)
    for method in ("GET", "POST"):
        answer = told.http().request(method, good)
        assert answer.status_code == 410
        assert "<h1>" in answer.text
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"


def test_me_shows_hands_out_and_erases_what_is_there(told: InProcess, smtp: SmtpServer) -> None:
    ada, comment = confirmed(told, smtp, "Ada Sample", "ada@paper.example")
    known, unknown = (
        told.http().post("/me", data={"email": email})
        for email in ("ada@paper.example", "none@paper.example")
    )
    for answer in (known, unknown):
        del answer.headers["X-Request-ID"]
    assert (known.status_code, known.content, known.headers) == (
        unknown.status_code,
        unknown.content,
        unknown.headers,
    )
    deliver(told)
    assert kinds(smtp) == ["access"]
    path = link(smtp.messages[0], "/me/data")
    page = told.http().get(path)
    assert "First words of Ada Sample." in page.text
    handed = told.http().post(path, data={"do": "download"}).json()
    assert [one["id"] for one in handed["comments"]] == [comment]
    assert [one["notify"] for one in handed["follows"]] == ["replies"]
    told.http().post(path, data={"do": "stop-all"})
    assert "come-back" in told.http().get(path).text
    told.http().post(path, data={"do": "come-back"})
    assert "come-back" not in told.http().get(path).text
    assert "Keep the texts" in told.http().post(path, data={"do": "ask-erase"}).text
    assert told.http().post(path, data={"do": "erase", "texts": "erase"}).status_code == 200
    assert ada.texts("a") == []
    assert told.http().get(path).status_code == 410


def test_what_is_started_at_me_while_the_comment_waits_is_told(
    make_service: Callable[..., InProcess], smtp: SmtpServer
) -> None:
    told = make_service(**smtp.settings, BASE_URL="https://comments.example", MODERATION="all")
    moderator, bob = told.moderator(), Reader(told.http(), "Bob Sample", "bob@paper.example")
    waits = Reader(told.http()).posted("a", "What of kites?", notify="replies")["comment"]["id"]
    told.http().post("/me", data={"email": "ada@paper.example"})
    deliver(told)
    path = link(smtp.messages[0], "/me/data")
    (follow,) = re.findall(r'name="follow" value="(\d+)"', told.http().get(path).text)

    told.http().post(path, data={"do": "resume", "follow": follow})
    moderator.decide("approve", waits)
    moderator.decide("approve", bob.comment("a", "They fly.", parent=waits))
    deliver(told)

    assert kinds(smtp) == ["access", "reply"]


def test_without_mail_nothing_is_asked_and_no_post_fails(service: InProcess) -> None:
    reader = service.reader()
    for notify in ("replies", "everything", 7):
        assert reader.post("a", f"What of {notify}?", notify=notify).status_code == 201
    assert "notify" not in service.http().get("/thread", params={"article": "a"}).text
    assert service.http().get("/me").status_code == 404


def test_the_boxes_of_the_form(told: InProcess, smtp: SmtpServer) -> None:
    http = told.http()
    page = http.get("/thread", params={"article": "a"}).text
    assert re.findall(r'name="notify" value="(\w+)">', page) == ["replies", "all"]
    assert "notify" in http.get("/thread/fragment", params={"article": "a"}).text
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token
    fields = {
        "token": token[1],
        "name": "Ada",
        "email": "ada@paper.example",
        "text": "Hello.",
        "notify": ["replies", "all"],
    }
    assert http.post("/thread", params={"article": "a"}, data=fields).status_code == 303
    deliver(told)
    assert kinds(smtp) == ["confirm"]
    wrong = Reader(http).post("a", "Hello.", notify="everything")
    assert wrong.status_code == 422
    assert set(wrong.json()["errors"]) == {"notify"}


def test_a_link_of_a_mail_that_is_pasted_is_shown_without_its_token(
    told: InProcess, smtp: SmtpServer
) -> None:
    Reader(told.http()).post("a", "What of kites?", notify="replies")
    deliver(told)
    url = f"https://comments.example{link(smtp.messages[0], '/mail/confirm')}"
    wrapped = "https://links.example/?url=" + httpx.QueryParams({"u": url})["u"].replace("/", "%2F").replace(
        "?", "%3F"
    ).replace("=", "%3D")
    shown = Reader(told.http()).posted("b", f"Look: {url} and {wrapped}")["comment"]["html"]
    token = re.search(r"t=([a-zA-Z0-9_-]+)", url)
    assert token
    assert token[1] not in shown
    website = Reader(told.http()).posted("b", "Look there.", url=url)["comment"]["author"]["url"]
    assert token[1] not in website
    assert "/mail/confirm?t=" in shown


def run_jobs(service: InProcess) -> None:
    looks = iter([False] * 20)
    Runner(service.ours, lambda _seconds: next(looks, True)).run()


def follow_rows(service: InProcess) -> list[tuple[bool, bool]]:
    """Of each wish, whether it has a comment, and whether it was stopped."""
    with service.ours.database.engine.connect() as connection:
        rows = connection.execute(select(FollowRow.comment_id, FollowRow.stopped_at).order_by(FollowRow.id))
        return [(row.comment_id is not None, row.stopped_at is not None) for row in rows]


def test_with_its_address_a_wish_ends_and_its_stop_link_still_answers(
    told: InProcess, smtp: SmtpServer
) -> None:
    ada, comment = confirmed(told, smtp, "Ada Sample", "ada@paper.example")
    other = ada.posted("a", "And this?", notify="all")
    bob = Reader(told.http(), "Bob Sample", "bob@paper.example")
    bob.post("a", "An answer.", parent=comment)
    deliver(told)
    (thread, everything) = stop_links(smtp.messages[0])
    key = other["edit_key"]
    assert ada.delete(other["comment"]["id"], key).status_code == 204
    assert follow_rows(told) == [(True, False), (False, True)]
    erased = json.loads(told.run("person", "erase", "ADA@paper.example", "--keep-text"))
    assert erased["erased"]["follows"] == 1
    assert follow_rows(told) == [(False, True), (False, True)]
    told.clock.move(hours=2)
    bob.post("a", "Another answer.", parent=comment)
    deliver(told)
    assert kinds(smtp) == ["reply"]
    for path in (thread, everything):
        press(told, path)


def test_an_address_that_goes_by_its_age_ends_the_wish(
    make_service: Callable[..., InProcess], smtp: SmtpServer
) -> None:
    told = make_service(**smtp.settings, BASE_URL="https://comments.example", RETAIN_EMAILS="30")
    _, comment = confirmed(told, smtp, "Ada Sample", "ada@paper.example")
    told.clock.move(days=31)
    told.run("job", "start", "retain")
    run_jobs(told)
    assert follow_rows(told) == [(False, True)]
    Reader(told.http(), "Bob Sample", "bob@paper.example").post("a", "An answer.", parent=comment)
    deliver(told)
    assert kinds(smtp) == []


def test_what_follows_a_thread_follows_the_one_that_it_was_merged_into(
    told: InProcess, smtp: SmtpServer
) -> None:
    confirmed(told, smtp, "Ada Sample", "ada@paper.example", "all")
    bob = Reader(told.http(), "Bob Sample", "bob@paper.example")
    bob.post("b", "In another thread.")
    deliver(told)
    merged = told.moderator().set_thread("a", rename_to="b", merge=True)
    assert merged.status_code < 300, merged.text
    run_jobs(told)
    bob.post("b", "In the thread of both.")
    deliver(told)
    assert kinds(smtp) == ["reply"]
    assert "In the thread of both." in smtp.messages[0].text


def test_no_line_of_the_log_holds_a_token_or_an_address(
    told: InProcess, smtp: SmtpServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    confirmed(told, smtp, "Ada Sample", "ada@paper.example")
    told.http().post("/me", data={"email": "ada@paper.example"})
    deliver(told)
    path = link(smtp.messages[0], "/me/data")
    told.http().get(path)
    told.http().post(path, data={"do": "stop-all"})
    said = caplog.text + "".join(capfd.readouterr())
    assert "/me/data" in said
    token = re.search(r"t=([^&]+)", path)
    assert token
    for secret in (token[1], "paper.example", "ada@"):
        assert secret not in said


def test_in_the_language_in_which_one_followed(told: InProcess, smtp: SmtpServer) -> None:
    http = told.http()
    http.headers["Accept-Language"] = "ar"
    Reader(http).post("a", "What of kites?", notify="replies")
    deliver(told)
    question = smtp.messages[0]
    assert question["Content-Language"] == "ar"
    assert 'dir="rtl"' in question.html
    assert "lang=ar" in question.text


def test_what_is_stopped_or_taken_back_before_a_later_try_is_not_sent(
    told: InProcess, smtp: SmtpServer
) -> None:
    _, comment = confirmed(told, smtp, "Ada Sample", "ada@paper.example")
    _, other = confirmed(told, smtp, "Cy Sample", "cy@paper.example")
    bob = Reader(told.http(), "Bob Sample", "bob@paper.example")
    for answered in (comment, other):
        bob.post("a", "The first one.", parent=answered)
    deliver(told)
    for answered in (comment, other):
        bob.post("a", "Gathered.", parent=answered)
    deliver(told)
    by_receiver = {mail.rcpt_tos[0]: mail for mail in smtp.messages}
    press(told, stop_links(by_receiver["ada@paper.example"])[0])
    smtp.messages.clear()
    smtp.answers["RCPT"] = ["451 4.7.1 Come later"]
    told.clock.move(minutes=61)
    deliver(told)
    assert smtp.messages == []
    for one in bob.thread("a")["comments"]:
        if "Gathered" in one["html"]:
            told.moderator().decide("trash", one["id"])
    told.clock.move(minutes=5)
    deliver(told)
    assert smtp.messages == []


def test_a_stop_is_also_for_what_waits_until_it_is_asked_for_again(told: InProcess, smtp: SmtpServer) -> None:
    ada, comment = confirmed(told, smtp, "Ada Sample", "ada@paper.example")
    moderator, bob = told.moderator(), Reader(told.http(), "Bob Sample", "bob@paper.example")
    moderator.rule({"words": ["held"]})
    held = ada.comment("a", "This is held.", notify="all")
    bob.post("a", "An answer.", parent=comment)
    deliver(told)
    press(told, stop_links(smtp.messages[0])[0])
    moderator.decide("approve", held)
    told.clock.move(hours=2)
    bob.post("a", "Another answer.", parent=comment)
    deliver(told)
    assert kinds(smtp) == ["reply"]
    ada.post("a", "I want to know again.", notify="all")
    deliver(told)
    bob.post("a", "A third answer.")
    deliver(told)
    assert kinds(smtp) == ["reply", "reply"]


def test_what_a_form_claims_titles_no_mail_unless_its_comment_is_public(
    told: InProcess, smtp: SmtpServer
) -> None:
    moderator = told.moderator()
    mallory = Reader(told.http(), "Mallory", "mallory@paper.example")
    spam = mallory.posted("a", "Nice.", title="BUY PILLS at evil.example")["comment"]["id"]
    moderator.decide("spam", spam)
    _, comment = confirmed(told, smtp, "Ada", "ada@paper.example")

    def told_of(text: str, **fields: str) -> str:
        told.clock.move(hours=2)
        Reader(told.http(), "Bob", "bob@paper.example").comment("a", text, parent=comment, **fields)
        deliver(told)
        return smtp.messages[-1]["Subject"]

    assert "PILLS" not in told_of("One answer.")
    assert "The opera opens" in told_of("Another.", title="The opera opens")
    assert "The opera opens" in told_of("A third.", title="Something else")
    assert moderator.queue(article="a")[0]["claimed_title"] == "The opera opens"
    moderator.decide("purge", spam)
    assert "PILLS" not in told.run("export", "--format", "wxr")
