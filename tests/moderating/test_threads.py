"""`PATCH /api/v1/moderation/thread`: open and close, title and address; and what forms only claim."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeService
from tests.people import Moderator, Reader, bearer
from tests.running_service import InProcess

PERSIAN = "می\u200cخواهم بدانم"  # with the zero-width non-joiner that its spelling asks for
FRENCH = "Qu’est-ce que c’est\u202f? « Rien »"


def test_a_closed_thread_refuses_posts_and_keeps_what_it_has(reader: Reader, moderator: Moderator) -> None:
    reader.comment("a", "Before.")
    submission = reader.submission("a", "After.")

    assert moderator.set_thread("a", open=False).json()["open"] is False

    answer = reader.send(submission)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (409, "thread-closed")
    thread = reader.thread("a")
    assert (thread["open"], thread["count"], reader.texts("a")) == (False, 1, ["Before."])


def test_the_page_of_a_closed_thread_says_so_and_keeps_the_text(reader: Reader, moderator: Moderator) -> None:
    fields = reader.submission("a", "A long and careful text.")
    moderator.set_thread("a", open=False)

    answer = reader.http.post("/thread", params={"article": "a"}, data=fields)

    assert answer.status_code == 409
    assert "This discussion is closed." in answer.text
    assert "A long and careful text." in answer.text
    page = reader.get("/thread", article="a").text
    assert "This discussion is closed." in page
    assert "<form" not in page


def test_a_thread_opened_again_takes_posts_again(reader: Reader, moderator: Moderator) -> None:
    moderator.set_thread("a", open=False)
    moderator.set_thread("a", open=True)

    assert reader.post("a").status_code == 201


def test_what_was_posted_before_can_still_be_edited_and_resent(reader: Reader, moderator: Moderator) -> None:
    submission = reader.submission("a")
    posted = reader.send(submission).json()

    moderator.set_thread("a", open=False)

    assert reader.send(submission).status_code == 200
    assert reader.edit(posted["comment"]["id"], posted["edit_key"], "Corrected.").status_code == 200


def test_a_title_and_an_address_that_a_moderator_set_are_public(reader: Reader, moderator: Moderator) -> None:
    moderator.set_thread("a", title="On kites", url="https://news.example/kites")

    thread = reader.thread("a")
    assert (thread["title"], thread["url"]) == ("On kites", "https://news.example/kites")
    page = reader.get("/thread", article="a").text
    assert "<title>Comments · On kites</title>" in page
    assert 'href="https://news.example/kites"' in page
    assert "Comments on On kites" in reader.get("/feeds/thread.atom", article="a").text


def test_what_is_left_out_stays_and_null_takes_away(reader: Reader, moderator: Moderator) -> None:
    moderator.set_thread("a", title="On kites", url="https://news.example/kites")

    kept = moderator.set_thread("a", open=False).json()
    gone = moderator.set_thread("a", title=None, url=None).json()

    assert (kept["title"], kept["url"], kept["open"]) == ("On kites", "https://news.example/kites", False)
    assert (gone["title"], gone["url"], gone["open"]) == (None, None, False)


def test_a_change_of_the_thread_changes_what_readers_keep(reader: Reader, moderator: Moderator) -> None:
    moderator.set_thread("a", title="One")
    seen = reader.get("/api/v1/thread", article="a").headers["ETag"]

    moderator.set_thread("a", title="Two")

    assert reader.get("/api/v1/thread", article="a").headers["ETag"] != seen


@pytest.mark.parametrize("title", [PERSIAN, FRENCH, "नेपाल क्\u200dष", "日本", "A & B <i>"])
def test_a_title_may_be_of_any_language(reader: Reader, moderator: Moderator, title: str) -> None:
    assert moderator.set_thread("a", title=title).status_code == 200

    assert reader.thread("a")["title"].split() == title.split()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "x" * 301}, "title"),
        ({"title": "A\0B"}, "title"),
        ({"title": "A\u202eB"}, "title"),
        ({"title": 5}, "title"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "https://ada@news.example/"}, "url"),
        ({"url": "/kites"}, "url"),
        ({"open": None}, "open"),
        ({"open": "yes"}, "open"),
        ({"article": " "}, "article"),
        ({"article": None}, "article"),
    ],
)
def test_a_change_that_cannot_be_is_refused_with_its_field(
    reader: Reader, moderator: Moderator, changes: dict[str, Any], field: str
) -> None:
    answer = moderator.request("PATCH", "/thread", json={"article": "a"} | changes)

    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    assert reader.thread("a")["title"] is None


def test_what_a_form_claims_stands_on_the_desk_alone(
    make_service: MakeService,
) -> None:
    service = make_service(ORIGINS="https://news.example")
    reader, moderator = service.reader(), service.moderator()
    reader.comment("a", title="Win now", page_url="https://news.example/kites")

    queued = moderator.queue()[0]
    assert (queued["claimed_title"], queued["claimed_url"]) == ("Win now", "https://news.example/kites")
    thread = reader.thread("a")
    assert (thread["title"], thread["url"]) == (None, None)
    pages = [reader.get("/thread", article="a"), reader.get("/feeds/thread.atom", article="a")]
    assert not any("Win now" in page.text or "kites" in page.text for page in pages)


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/kites",
        "https://news.example.evil.example/",
        "http://news.example/kites",
        "https://news.example:8443/",
        "https://news.example@evil.example/",
        "https://evil.example\\@news.example/",
        "javascript:alert(1)//https://news.example/",
        "//news.example/",
        "https://news.example/" + "x" * 2000,
    ],
)
def test_a_claimed_address_of_another_origin_is_dropped(make_service: MakeService, address: str) -> None:
    service = make_service(ORIGINS="https://news.example")
    service.reader().comment("a", page_url=address)

    assert service.moderator().queue()[0]["claimed_url"] is None


@pytest.mark.parametrize("title", [PERSIAN, FRENCH])
def test_a_claimed_title_may_be_of_any_language(reader: Reader, moderator: Moderator, title: str) -> None:
    reader.comment("a", title=title)

    assert moderator.queue()[0]["claimed_title"] == " ".join(title.split())


def test_what_a_program_says_of_title_and_address_is_no_mere_claim(
    service: InProcess, reader: Reader
) -> None:
    token = service.run("token", "create", "--scope", "post").strip()
    submission = reader.submission("a", title="On kites", page_url=f"{reader.http.base_url}kites")
    del submission["token"]

    assert reader.send(submission, **bearer(token)).status_code == 201

    assert reader.thread("a")["title"] == "On kites"
