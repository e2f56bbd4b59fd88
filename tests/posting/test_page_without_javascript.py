"""The whole page reads and posts with forms and links alone."""

from __future__ import annotations

import pytest

from tests.conftest import MakeService
from tests.people import Moderator, Reader
from tests.posting.html_page import Page, without_receipt
from tests.running_service import InProcess

pytestmark = pytest.mark.any_database

ADA = {"name": "Ada Sample", "email": "ada@paper.example", "url": "", "text": "Written *by hand*."}
TYPED = {"name": "Ada <Sample>", "email": "ada@", "url": 'java"script:', "text": "\nOne\n\n</textarea><b>Two"}


def test_a_person_posts_and_is_led_to_the_comment(reader: Reader) -> None:
    sent = Page.of(reader).send(**ADA)

    assert sent.answer.status_code == 303
    assert "Set-Cookie" not in sent.answer.headers
    comment = reader.thread("a-1")["comments"][0]
    assert comment["html"] == "<p>Written <em>by hand</em>.</p>"
    assert sent.answer.headers["Location"].endswith(f"#comment-{comment['id']}")
    page = sent.followed()
    assert page.answer.status_code == 200
    assert page.find(id=f"comment-{comment['id']}").text.count("Written by hand.") == 1


def test_nothing_typed_is_left_in_the_form_after_posting(reader: Reader) -> None:
    page = Page.of(reader).send(**ADA).followed()

    assert [page.typed()[name] for name in ADA] == ["", "", "", ""]


def test_the_page_is_for_this_reader_alone(reader: Reader) -> None:
    first, second = Page.of(reader), Page.of(reader)

    assert first.answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in first.answer.headers
    assert first.typed()["token"] != second.typed()["token"]


@pytest.mark.parametrize("mode", ["first", "all"])
def test_where_a_comment_waits_the_page_says_so_and_shows_nothing_of_it(
    make_service: MakeService, mode: str
) -> None:
    reader = make_service(MODERATION=mode).reader()

    sent = Page.of(reader).send(**ADA)

    assert without_receipt(sent.location) == "/thread?article=a-1&held=1#status"
    page = sent.followed()
    assert page.find(role="status").text.strip() == "Your comment is awaiting moderation."
    assert "by hand" not in page.answer.text
    assert "Ada" not in page.answer.text


def test_held_and_blocked_are_told_alike(make_service: MakeService) -> None:
    service = make_service(MODERATION="all")
    reader = service.reader()
    service.moderator().block("email", "blocked@paper.example", "reject")

    held, blocked = (
        Page.of(reader).send(**ADA | {"email": e}) for e in ("a@paper.example", "blocked@paper.example")
    )

    assert held.answer.status_code == blocked.answer.status_code == 303
    for answer in (held.answer, blocked.answer):
        del answer.headers["X-Request-ID"]
    assert [without_receipt(str(one.answer.headers)) for one in (held, blocked)] == [
        without_receipt(str(held.answer.headers))
    ] * 2
    assert len(held.answer.content) == len(blocked.answer.content)


def test_on_bad_input_the_page_comes_again_with_errors_beside_their_fields(reader: Reader) -> None:
    before = Page.of(reader)

    page = before.send(**TYPED)

    assert page.answer.status_code == 422
    assert page.answer.headers["Content-Type"].startswith("text/html")
    assert page.answer.headers["Cache-Control"] == "no-store"
    assert "email address" in page.error_of("email")
    assert "http or https" in page.error_of("url")
    assert page.error_of("name") == page.error_of("text") == ""
    assert page.typed()["token"] not in {"", before.typed()["token"]}


def test_on_bad_input_everything_typed_is_still_there(reader: Reader) -> None:
    page = Page.of(reader).send(**TYPED)

    typed = page.typed()
    assert {name: typed[name] for name in TYPED} == TYPED
    mended = page.send(email="ada@paper.example", url="")
    assert mended.answer.status_code == 303
    assert reader.thread("a-1")["comments"][0]["author"]["name"] == "Ada <Sample>"


def test_an_empty_form_names_all_that_is_required(reader: Reader) -> None:
    page = Page.of(reader).send()

    assert page.answer.status_code == 422
    assert all(page.error_of(name) for name in ("name", "email", "text"))
    assert page.error_of("url") == ""


@pytest.mark.parametrize("token", ["", "garbage"])
def test_a_form_that_is_not_ours_comes_again_with_a_good_token(reader: Reader, token: str) -> None:
    page = Page.of(reader).send(**ADA, token=token)

    assert page.answer.status_code == 422
    assert page.find(role="alert").text.strip()
    assert page.typed()["text"] == ADA["text"]
    assert page.send().answer.status_code == 303


@pytest.mark.parametrize("seconds", [1, 7200])
def test_too_fast_and_too_old_are_told_and_can_be_sent_again(make_service: MakeService, seconds: int) -> None:
    service = make_service(FORM_MIN_SECONDS="2")
    page = Page.of(service.reader())
    service.clock.move(seconds=seconds)

    refused = page.send(**ADA)

    assert refused.answer.status_code == 422
    assert refused.find(role="alert").text.strip()
    service.clock.move(seconds=3)
    assert refused.send().answer.status_code == 303


def test_pressing_the_button_twice_leads_to_the_same_comment(reader: Reader) -> None:
    page = Page.of(reader)

    first, second = page.send(**ADA), page.send(**ADA)

    assert first.answer.status_code == second.answer.status_code == 303
    assert first.answer.headers["Location"] == second.answer.headers["Location"]
    assert reader.thread("a-1")["count"] == 1


def test_a_spent_form_with_another_text_is_in_conflict_and_keeps_the_text(reader: Reader) -> None:
    page = Page.of(reader)
    page.send(**ADA)

    refused = page.send(**ADA | {"text": "Something else."})

    assert refused.answer.status_code == 409
    assert "another content" in refused.find(role="alert").text
    assert refused.typed()["text"] == "Something else."
    assert refused.send().answer.status_code == 303
    assert reader.texts("a-1") == ["Written <em>by hand</em>.", "Something else."]


def test_too_many_are_told_when_to_come_again_and_keep_what_they_typed(make_service: MakeService) -> None:
    service = make_service(RATE_LIMIT_POST="1 per minute")
    reader = service.reader()
    Page.of(reader).send(**ADA)

    refused = Page.of(reader).send(**ADA)

    assert refused.answer.status_code == 429
    assert refused.answer.headers["Retry-After"] == "60"
    assert refused.typed()["text"] == ADA["text"]
    service.clock.move(seconds=60)
    assert refused.send().answer.status_code == 303


def test_a_reply_is_written_in_a_form_that_says_whom_it_answers(reader: Reader) -> None:
    parent = reader.comment("a-1", "First.", name="Bo Example")
    link = next(e for e in Page.of(reader).elements if e.attributes.get("class") == "reply")

    form = Page(reader, reader.get(link.attributes["href"]))

    assert form.find(id="respond-heading").text.split()[:2] == ["Leave", "a"]  # hidden, and:
    assert "Bo Example" in form.texts("answering")[0]
    assert form.typed()["parent"] == parent
    form.send(**ADA)
    assert [c["parent"] for c in reader.thread("a-1")["comments"]] == [None, parent]


@pytest.mark.parametrize("reply_to", ["unknown", "\0", "", "é"])
def test_a_form_that_answers_nothing_is_a_plain_one(reader: Reader, reply_to: str) -> None:
    page = Page.of(reader, reply_to=reply_to)

    assert page.typed()["parent"] == ""
    assert page.texts("answering") == []


def test_a_reply_to_what_is_gone_can_be_sent_as_a_comment_of_its_own(
    reader: Reader, moderator: Moderator
) -> None:
    parent = reader.comment("a-1", "Gone.")
    form = Page.of(reader, reply_to=parent)
    moderator.decide("trash", parent)

    refused = form.send(**ADA)

    assert refused.answer.status_code == 409
    assert refused.typed()["text"] == ADA["text"]
    assert refused.send().answer.status_code == 303
    assert [c["parent"] for c in reader.thread("a-1")["comments"]] == [None]


def test_a_closed_thread_has_no_form_and_a_late_text_is_not_lost(
    reader: Reader, moderator: Moderator
) -> None:
    page = Page.of(reader)
    moderator.set_thread("a-1", open=False)

    refused = page.send(**ADA)

    assert all(e.name != "form" for e in Page.of(reader).elements)
    assert refused.answer.status_code == 409
    assert refused.typed()["text"] == ADA["text"]


def test_a_foreign_page_cannot_send_the_form(reader: Reader) -> None:
    refused = Page.of(reader).send({"Origin": "https://evil.example"}, **ADA)

    assert refused.answer.status_code == 403
    assert reader.thread("a-1")["count"] == 0


def test_the_page_goes_on_to_the_next_and_back_to_the_beginning(reader: Reader) -> None:
    for number in range(3):
        reader.comment("a-1", f"number {number}")

    page = Page.of(reader, limit="2", order="newest")
    last = page.follow("Show more comments")
    first = last.follow("Show the discussion from its beginning")

    assert page.texts("text") == first.texts("text") == ["number 2", "number 1"]
    assert last.texts("text") == ["number 0"]


def test_the_order_is_chosen_by_links_that_keep_the_rest(service: InProcess, reader: Reader) -> None:
    service.run("site", "add", "blog", "--origin", "https://blog.example")
    for number in range(3):
        reader.comment("a-1", f"number {number}", site="blog")

    page = Page.of(reader, site="blog", limit="2")
    newest = page.follow("Newest first")
    oldest = newest.follow("Show more comments").follow("Oldest first")

    assert page.texts("text") == oldest.texts("text") == ["number 0", "number 1"]
    assert newest.texts("text") == ["number 2", "number 1"]
    for shown, current in ((page, "Oldest first"), (newest, "Newest first"), (oldest, "Oldest first")):
        assert shown.find(aria_current="true").text == current


def test_the_order_and_the_length_of_a_page_stay_after_posting(reader: Reader) -> None:
    for number in range(3):
        reader.comment("a-1", f"number {number}")

    page = Page.of(reader, limit="2", order="newest").send(**ADA).followed()

    assert page.texts("text") == ["Written by hand.", "number 2"]


def test_a_single_comment_has_no_order(reader: Reader) -> None:
    reader.comment("a-1")

    assert Page.of(reader).texts("order") == []


def test_a_preview_shows_what_posting_would_and_posts_nothing(reader: Reader) -> None:
    parent = reader.comment("a-1", "First.")
    text = "One *line*\nand <b>another</b>."

    page = Page.of(reader, reply_to=parent).press("Preview", **ADA | {"text": text})

    assert page.answer.status_code == 200
    assert page.answer.headers["Cache-Control"] == "no-store"
    assert reader.thread("a-1")["count"] == 1
    shown = reader.http.post("/api/v1/preview", json={"text": text}).json()["html"]
    assert f'<div class="text" dir="auto">{shown}</div>' in page.answer.text
    assert {name: page.typed()[name] for name in (*ADA, "parent")} == ADA | {"text": text, "parent": parent}
    assert page.send().answer.status_code == 303
    posted = reader.thread("a-1")["comments"][1]
    assert (posted["html"], posted["parent"]) == (shown, parent)


def test_a_preview_leaves_the_token_as_it_was(make_service: MakeService) -> None:
    service = make_service(FORM_MIN_SECONDS="2")
    page = Page.of(service.reader())
    service.clock.move(seconds=3)

    previewed = page.press("Preview", **ADA)

    assert previewed.typed()["token"] == page.typed()["token"]
    assert previewed.send().answer.status_code == 303


def test_a_preview_complains_of_nothing_but_the_text(reader: Reader) -> None:
    seen = Page.of(reader).press("Preview", text="*Seen*", email="ada@")
    empty = Page.of(reader).press("Preview", text=" ", email="ada@")

    assert (seen.answer.status_code, empty.answer.status_code) == (200, 422)
    assert seen.texts("preview") == ["Seen"]
    assert empty.texts("preview") == []
    assert [seen.error_of(name) for name in ("name", "email", "text")] == [""] * 3
    assert empty.error_of("text")
    assert empty.error_of("name") == empty.error_of("email") == ""
    assert empty.typed()["email"] == seen.typed()["email"] == "ada@"


def test_a_preview_costs_what_a_preview_does(make_service: MakeService) -> None:
    reader = make_service(RATE_LIMIT_POST="1 per hour", RATE_LIMIT_READ="20 per minute").reader()
    page = Page.of(reader)

    statuses = [page.press("Preview", **ADA).answer.status_code for _ in range(19)]

    assert statuses == [200] * 19
    assert reader.http.post("/thread?article=a-1", data=ADA).status_code == 429


def test_a_preview_in_a_thread_that_was_closed_keeps_the_text(reader: Reader, moderator: Moderator) -> None:
    page = Page.of(reader)
    moderator.set_thread("a-1", open=False)

    previewed = page.press("Preview", **ADA)

    assert previewed.typed()["text"] == ADA["text"]
    assert previewed.send().answer.status_code == 409


def test_what_people_type_is_text_on_the_page(reader: Reader) -> None:
    evil = "<script>alert(1)</script>"
    reader.comment(evil, evil, name=evil)

    page = Page.of(reader, evil)

    assert [e.attributes["src"] for e in page.elements if e.name == "script"] == ["/frame.js"]
    assert page.texts("author") == [evil]
    assert page.texts("text") == [evil]


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data; boundary=x", "text/plain", "application/json", ""]
)
def test_a_form_in_another_encoding_is_not_read(reader: Reader, content_type: str) -> None:
    answer = reader.http.post(
        "/thread?article=a-1", content=b"name=Ada", headers={"Content-Type": content_type}
    )

    assert answer.status_code == 415
    assert reader.thread("a-1")["count"] == 0


def test_a_form_for_a_site_posts_to_it(service: InProcess, reader: Reader) -> None:
    service.run("site", "add", "blog", "--origin", "https://blog.example")

    Page.of(reader, site="blog").send(**ADA)

    assert reader.thread("a-1", site="blog")["count"] == 1
    assert reader.thread("a-1")["count"] == 0


def test_the_site_and_article_of_the_address_count_and_not_those_of_the_form(reader: Reader) -> None:
    page = Page.of(reader)

    assert page.send(**ADA, article="a-2", site="unknown").answer.status_code == 303

    assert (reader.thread("a-1")["count"], reader.thread("a-2")["count"]) == (1, 0)


def test_a_form_counts_whatever_the_address_says_of_the_page(reader: Reader) -> None:
    """It stored the comment, and answered that the order was wrong."""
    for query in ({"order": "sideways"}, {"limit": "many"}):
        form = reader.submission("a-1", f"By {query}.")

        answer = reader.http.post("/thread", params={"article": "a-1"} | query, data=form)
        refused = reader.http.post("/thread", params={"article": "a-1"} | query, data=form | {"email": "x"})

        assert (answer.status_code, refused.status_code) == (303, 422)
        assert form["text"] in refused.text.replace("&#39;", "'")
    assert reader.thread("a-1")["count"] == 2
