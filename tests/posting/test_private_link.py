"""After a plain post a button and a private link lead to a form that edits and deletes that one comment."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.conftest import MakeService
from tests.people import Moderator, Reader
from tests.posting.html_page import Page, without_receipt
from tests.running_service import InProcess

pytestmark = pytest.mark.any_database

ADA = {"name": "Ada Sample", "email": "ada@paper.example", "text": "Written *by hand*."}
BUTTON = "Edit or delete your comment"
LINK = "Private link, to keep"
WAITS = "Your comment is awaiting moderation."


def posted(reader: Reader, **query: str) -> Page:
    """Post on the page, and see what it leads to."""
    return Page.of(reader, **query).send(**ADA).followed()


def opened(reader: Reader, **query: str) -> Page:
    """Post, and go to the form for that comment."""
    return posted(reader, **query).press(BUTTON)


def test_the_page_after_posting_shows_the_link_above_the_comment(reader: Reader) -> None:
    reader.comment("a-1", "Before.")

    page = posted(reader)

    assert page.find(role="status").text == "Your comment is posted."
    assert "until 24 November 2026, 09:15 UTC" in page.texts("private")[0]
    html = page.answer.text
    assert (
        html.index("Before.")
        < html.index(BUTTON)
        < html.index(LINK)
        < html.index("Written <em>by hand</em>.")
    )
    assert page.answer.headers["Cache-Control"] == "no-store"
    assert page.answer.headers["Referrer-Policy"] == "same-origin"


def test_the_address_after_posting_holds_no_edit_key(reader: Reader) -> None:
    sent = Page.of(reader).send(**ADA)
    comment = reader.thread("a-1")["comments"][0]["id"]
    own = parse_qs(urlsplit(sent.location).query)["own"][0]

    for part in (own, *own.split(".")):
        assert reader.edit(comment, part, "Mine.").status_code == 403
    assert "Set-Cookie" not in sent.answer.headers


def test_who_is_given_that_address_later_sees_no_link(service: InProcess, reader: Reader) -> None:
    address = Page.of(reader).send(**ADA).location

    service.clock.move(seconds=299)
    assert LINK in reader.get(address).text
    service.clock.move(seconds=1)
    assert LINK not in reader.get(address).text


@pytest.mark.parametrize("change", ["x", "0", ""])
def test_an_address_that_somebody_made_up_shows_no_link(reader: Reader, change: str) -> None:
    comment = reader.comment("a-1")
    address = Page.of(reader).send(**ADA).location
    own = parse_qs(urlsplit(address).query)["own"][0]
    mine, until, signature = own.split(".")

    for made in (
        f"{comment}.{until}.{signature}",
        f"{mine}.{until}{change or 9}.{signature}",
        f"{mine}.{until}.{signature[:-1]}{change}",
        f"{mine}..{signature}",
        "é", "\0", ".", "..", "1",
    ):  # fmt: skip
        answer = reader.get("/thread", article="a-1", comment=comment, own=made)
        assert (answer.status_code, LINK in answer.text) == (200, False), made


def test_the_link_belongs_to_its_thread(reader: Reader) -> None:
    address = Page.of(reader).send(**ADA).location.replace("article=a-1", "article=a-2")

    assert LINK not in reader.get(address).text


def test_other_readers_see_nothing_of_it(reader: Reader) -> None:
    comment = re.search("comment=([^&]+)", Page.of(reader).send(**ADA).location)
    assert comment

    for query in ({}, {"comment": comment[1]}):
        assert LINK not in Page.of(reader, **query).answer.text


@pytest.mark.parametrize("seconds", ["0", "60"])
def test_no_link_is_shown_that_would_not_work(make_service: MakeService, seconds: str) -> None:
    service = make_service(EDIT_WINDOW=seconds)
    sent = Page.of(service.reader()).send(**ADA)
    service.clock.move(seconds=int(seconds))

    page = sent.followed()

    assert page.texts("text") == ["Written by hand."]
    assert LINK not in page.answer.text


def test_the_form_begins_with_what_was_typed(reader: Reader) -> None:
    form = opened(reader)

    assert form.answer.status_code == 200
    assert form.typed()["text"] == ADA["text"]
    assert "until 24 November 2026, 09:15 UTC" in form.texts("notes")[0]
    assert form.answer.headers["Cache-Control"] == "no-store"
    assert form.find(name="robots").attributes["content"] == "noindex"
    assert "key=" not in form.find(method="post").attributes["action"]


def test_a_saved_comment_has_its_new_text(service: InProcess, reader: Reader) -> None:
    form = opened(reader)
    service.clock.move(minutes=1)

    saved = form.press("Save", text="Better, *much*.").followed()

    assert saved.texts("text") == ["Better, much."]
    assert saved.find(role="status").text == "Your comment is posted."
    assert saved.press(BUTTON).typed()["text"] == "Better, *much*."
    assert reader.thread("a-1")["comments"][0]["edited_at"] == "2026-11-24T09:01:00Z"


def test_a_preview_saves_nothing(reader: Reader) -> None:
    form = opened(reader)

    preview = form.press("Preview", text="Better, *much*.")

    assert preview.texts("preview") == ["Better, much."]
    assert preview.typed() == form.typed() | {"text": "Better, *much*."}
    assert reader.texts("a-1") == ["Written <em>by hand</em>."]
    assert preview.press("Save").answer.status_code == 303


def test_to_delete_is_asked_once_more_and_can_be_left(reader: Reader) -> None:
    form = opened(reader)

    asked = form.press("Delete", text="Half typed.")
    kept = asked.press("Keep it")

    assert asked.answer.status_code == kept.answer.status_code == 200
    assert asked.texts("preview") == ["Written by hand."]
    assert kept.typed() == form.typed() | {"text": "Half typed."}
    assert reader.thread("a-1")["count"] == 1


def test_a_deleted_comment_is_gone(reader: Reader) -> None:
    form = opened(reader)

    after = form.press("Delete").press("Delete for good").followed()

    assert after.find(role="status").text == "Your comment is deleted."
    assert after.texts("text") == []
    assert reader.thread("a-1")["count"] == 0
    late = form.press("Save", text="Back again.")
    assert late.answer.status_code == 404
    assert "deleted" in late.find(role="alert").text


def test_the_order_site_and_length_of_a_page_stay(service: InProcess, reader: Reader) -> None:
    service.run("site", "add", "blog", "--origin", "https://blog.example")
    for number in range(3):
        reader.comment("a-1", f"number {number}", site="blog")

    saved = opened(reader, site="blog", order="newest", limit="2").press("Save", text="Better.").followed()

    assert saved.texts("text") == ["Better.", "number 2"]


@pytest.mark.parametrize("mode", ["first", "all"])
def test_a_comment_that_waits_can_be_edited_and_deleted(make_service: MakeService, mode: str) -> None:
    service = make_service(MODERATION=mode)
    reader, moderator = service.reader(), service.moderator()

    saved = opened(reader).press("Save", text="Better.")

    assert without_receipt(saved.location) == "/thread?article=a-1&held=1#status"
    page = saved.followed()
    assert page.find(role="status").text == WAITS
    assert "Better." not in page.answer.text
    assert [comment["text"] for comment in moderator.queue(state="pending")] == ["Better."]
    page.press(BUTTON).press("Delete").press("Delete for good")
    assert moderator.queue(state="pending") == []


def test_a_blocked_comment_is_edited_as_one_that_waits(make_service: MakeService) -> None:
    service = make_service(MODERATION="all")
    reader, blocked = service.reader(), service.reader(email="blocked@paper.example")
    service.moderator().block("email", "blocked@paper.example", "reject")

    pages = [Page.of(one).send(**ADA | {"email": one.email}).followed() for one in (reader, blocked)]
    forms = [page.press(BUTTON) for page in pages]
    saved = [form.press("Save", text="Better.") for form in forms]

    def alike(page: Page) -> str:
        hidden = r"(comment|key|own)=[\w.-]+|comment-[\w-]+|name=\"(token|key)\" value=\"[^\"]+\""
        return re.sub(hidden, "", page.answer.text) + without_receipt(page.answer.headers.get("Location", ""))

    for held, caught in (pages, forms, saved):
        assert alike(held) == alike(caught)
        assert held.answer.status_code == caught.answer.status_code


def test_an_edit_that_a_rule_catches_waits_again(reader: Reader, moderator: Moderator) -> None:
    form = opened(reader)
    moderator.block("word", "casino", "hold")

    assert form.press("Save", text="Come to the CASINO!").followed().find(role="status").text == WAITS
    assert reader.thread("a-1")["count"] == 0


def test_an_edit_that_a_rule_refuses_can_be_changed(reader: Reader, moderator: Moderator) -> None:
    form = opened(reader)
    moderator.block("word", "casino", "reject")

    refused = form.press("Save", text="Come to the CASINO!")

    assert refused.answer.status_code == 422
    assert refused.typed()["text"] == "Come to the CASINO!"
    assert refused.press("Save", text="Come!").answer.status_code == 303


@pytest.mark.parametrize("text", ["", " \n", "\na\0b", "x" * 10_001, "&#8203;"])
def test_a_text_that_posting_refuses_is_refused_here_and_kept(reader: Reader, text: str) -> None:
    refused = opened(reader).press("Save", text=text)

    assert refused.answer.status_code == 422
    assert refused.error_of("text")
    assert refused.typed()["text"] == text
    assert reader.texts("a-1") == ["Written <em>by hand</em>."]


def test_when_the_time_is_over_the_page_says_so_and_keeps_the_text(
    service: InProcess, reader: Reader
) -> None:
    link = posted(reader)
    form = link.press(BUTTON)
    service.clock.move(minutes=15)

    late, opened_late = form.press("Save", text="Too late."), link.press(BUTTON)

    for page in (late, opened_late):
        assert page.answer.status_code == 403
        assert "09:15 UTC" in page.find(role="alert").text
        assert all(e.name != "button" for e in page.elements)
        assert page.follow("Back to the discussion").texts("text") == ["Written by hand."]
    assert late.typed() == {"text": "Too late."}


@pytest.mark.parametrize("key", ["", "wrong", "é", "\0"])
def test_without_its_edit_key_nobody_opens_or_changes_a_comment(reader: Reader, key: str) -> None:
    form = opened(reader)

    looked = form.send(key=key, open="1")
    saved, deleted = form.send(key=key, text="Mine."), form.send(key=key, delete="yes")

    assert [page.answer.status_code for page in (looked, saved, deleted)] == [403] * 3
    assert "by hand" not in looked.answer.text
    assert reader.texts("a-1") == ["Written <em>by hand</em>."]


def test_the_private_link_has_its_key_in_the_fragment_alone(reader: Reader) -> None:
    page = posted(reader)
    key = page.typed(page.find(name="open").form)["key"]

    addresses = [e.attributes.get(name, "") for e in page.elements for name in ("href", "action", "src")]
    link = urlsplit(next(e for e in page.elements if e.text == LINK).attributes["href"])

    assert reader.edit(parse_qs(link.query)["comment"][0], key, "It is the edit key.").status_code == 200
    assert link.fragment == f"key={key}"
    assert not [address for address in addresses if key in address.partition("#")[0]]


@pytest.mark.parametrize("written", ["{link}", " {link}\n", "https://talk.example{link}", "{key}", " {key} "])
def test_who_kept_the_link_pastes_it_where_no_script_runs(reader: Reader, written: str) -> None:
    page = posted(reader)
    link = next(e for e in page.elements if e.text == LINK).attributes["href"]
    asked = page.follow(LINK)

    form = asked.press("Open", key=written.format(link=link, key=link.partition("#key=")[2]))

    assert asked.answer.status_code == 200
    assert asked.typed() == {"open": "1", "key": ""}
    assert form.typed()["text"] == ADA["text"]
    assert form.press("Save", text="Better.").followed().texts("text") == ["Better."]


def test_a_wrong_link_is_said_to_be_wrong_and_stays_in_its_field(reader: Reader) -> None:
    asked = posted(reader).follow(LINK)

    refused = asked.press("Open", key="not-a-key")

    assert refused.answer.status_code == 403
    assert "not the one of this comment" in refused.find(role="alert").text
    assert refused.typed() == {"open": "1", "key": "not-a-key"}


def test_a_key_in_the_query_opens_and_changes_nothing(reader: Reader) -> None:
    link = next(e for e in posted(reader).elements if e.text == LINK).attributes["href"].replace("#", "&")

    assert "by hand" not in reader.get(link).text
    assert reader.http.post(link, data={"text": "Mine."}).status_code == 403
    assert reader.http.post(link, data={"open": "1"}).status_code == 403
    assert reader.texts("a-1") == ["Written <em>by hand</em>."]


def test_the_address_after_posting_is_worth_nothing_in_another_network(
    service: InProcess, reader: Reader
) -> None:
    address = Page.of(reader).send(**ADA).location

    elsewhere = service.reader("198.51.100.7").get(address).text
    assert BUTTON not in elsewhere
    assert LINK not in elsewhere
    assert BUTTON in reader.get(address).text


def test_a_foreign_page_cannot_send_the_form(reader: Reader) -> None:
    form = opened(reader)

    refused = form.send({"Origin": "https://evil.example"}, text="Mine.")

    assert refused.answer.status_code == 403
    assert refused.typed()["text"] == "Mine."
    assert reader.texts("a-1") == ["Written <em>by hand</em>."]


def test_attempts_to_guess_a_key_are_limited_and_lose_no_text(make_service: MakeService) -> None:
    service = make_service(RATE_LIMIT_POST="1 per minute")
    form = opened(service.reader())

    answers = [form.send(key=f"guess {number}", text="Mine.") for number in range(10)]

    assert answers[0].answer.status_code == 403
    assert answers[-1].answer.status_code == 429
    assert answers[-1].typed()["text"] == "Mine."
    assert form.send(key="another guess", open="1").answer.status_code == 429


@pytest.mark.parametrize(("status", "sent"), [(413, b"text=" + b"x" * 200_000), (415, b"text=x")])
def test_a_body_that_cannot_be_read_is_refused_on_the_page(reader: Reader, status: int, sent: bytes) -> None:
    form = opened(reader).find(method="post").attributes["action"]
    kind = "application/x-www-form-urlencoded" if status == 413 else "text/plain"

    answer = reader.http.post(form, content=sent, headers={"Content-Type": kind})

    assert answer.status_code == status
    assert Page(reader, answer).find(role="alert").text.strip()
    assert reader.texts("a-1") == ["Written <em>by hand</em>."]
