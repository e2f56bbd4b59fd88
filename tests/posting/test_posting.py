"""A comment is posted: what comes back, what it answers, and what its text may be."""

from __future__ import annotations

import pytest

from tests.conftest import MakeService
from tests.people import Moderator, Reader
from tests.posting.problems import errors_of, problem_of
from tests.running_service import InProcess


@pytest.fixture(scope="module")
def somebody(shared_service: InProcess) -> Reader:
    """A reader at a service that tests share; each has an article of its own."""
    return shared_service.reader()


@pytest.fixture
def article(request: pytest.FixtureRequest) -> str:
    return ascii(request.node.name)[:255]


def test_a_comment_is_public_at_once_and_its_author_gets_two_keys(reader: Reader) -> None:
    answer = reader.post("a-1", "First, with *emphasis*.", name="Bo", url="https://bo.example/")

    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    posted = answer.json()
    assert set(posted) == {"comment", "edit_key", "edit_until", "author_key"}
    assert posted["comment"] == reader.thread("a-1")["comments"][0]
    assert posted["comment"]["author"] == {"name": "Bo", "url": "https://bo.example/"}
    assert posted["comment"]["html"] == "<p>First, with <em>emphasis</em>.</p>"
    assert posted["edit_until"] == "2026-11-24T09:15:00Z"


def test_a_comment_that_waits_is_answered_with_202_and_the_same_body(make_service: MakeService) -> None:
    reader = make_service(MODERATION="all").reader()

    answer = reader.post("a-1", "Waits.")

    assert answer.status_code == 202
    posted = answer.json()
    assert set(posted) == {"comment", "edit_key", "edit_until", "author_key", "state"}
    assert posted["state"] == "pending"
    assert posted["comment"]["html"] == "<p>Waits.</p>"
    assert posted["comment"]["removed"] is False
    assert reader.thread("a-1")["count"] == 0


def test_nothing_of_the_email_address_comes_back(reader: Reader) -> None:
    answer = reader.post("a-1", email="ada.private@paper.example")

    assert "ada.private" not in answer.text
    assert "paper.example" not in answer.text
    assert "ada.private" not in reader.get("/api/v1/thread", article="a-1").text


def test_a_reply_hangs_under_what_it_answers(reader: Reader) -> None:
    first = reader.comment("a-1")

    reply = reader.posted("a-1", parent=first)["comment"]

    assert (reply["parent"], reply["depth"]) == (first, 1)


@pytest.mark.parametrize("parent", [None, ""])
def test_an_empty_parent_is_none(reader: Reader, parent: str | None) -> None:
    assert reader.posted("a-1", parent=parent)["comment"]["parent"] is None


@pytest.mark.any_database
@pytest.mark.parametrize("parent", ["none", "\0", "'; --", "x" * 5000, "é🙂"])
def test_a_parent_that_there_is_not_is_in_conflict(somebody: Reader, article: str, parent: str) -> None:
    problem_of(somebody.post(article, parent=parent), 409)

    assert somebody.thread(article)["count"] == 0


def test_a_parent_of_another_thread_is_in_conflict(service: InProcess, reader: Reader) -> None:
    service.run("site", "add", "blog", "--origin", "https://blog.example")
    elsewhere = [reader.comment("a-2"), reader.comment("a-1", site="blog")]

    for parent in elsewhere:
        problem_of(reader.post("a-1", parent=parent), 409)


@pytest.mark.parametrize("action", ["hold", "spam", "trash", "purge"])
@pytest.mark.parametrize("answered", [True, False])
def test_what_is_not_public_cannot_be_answered(
    reader: Reader, moderator: Moderator, action: str, answered: bool
) -> None:
    comment = reader.comment("a-1")
    if answered:
        reader.comment("a-1", parent=comment)
    moderator.decide(action, comment)

    problem_of(reader.post("a-1", parent=comment), 409)


def test_a_refused_reply_can_be_sent_again_as_a_comment_of_its_own(
    reader: Reader, moderator: Moderator
) -> None:
    parent = reader.comment("a-1", "Gone.")
    submission = reader.submission("a-1", "Mine.", parent=parent)
    moderator.decide("trash", parent)
    problem_of(reader.send(submission), 409)

    answer = reader.send(submission | {"parent": None})

    assert answer.status_code == 201
    assert reader.texts("a-1") == ["Mine."]


def test_a_closed_thread_takes_no_comment_until_it_is_opened(reader: Reader, moderator: Moderator) -> None:
    moderator.set_thread("a-1", open=False)
    submission = reader.submission("a-1")

    problem_of(reader.send(submission), 409, "thread-closed")
    moderator.set_thread("a-1", open=True)

    assert reader.send(submission).status_code == 201


TEXTS = {
    "a line break is a line break": ("one\ntwo", "<p>one<br>\ntwo</p>"),
    "whatever line breaks the browser sends": ("one\r\ntwo\rthree", "<p>one<br>\ntwo<br>\nthree</p>"),
    "an empty line parts paragraphs": ("one\r\n\r\ntwo", "<p>one</p>\n<p>two</p>"),
    "raw html is shown as typed": ("<b>hi</b>", "<p>&lt;b&gt;hi&lt;/b&gt;</p>"),
    "letters of all languages": ("Привет, 世界! 🙂", "<p>Привет, 世界! 🙂</p>"),
    "one character": (".", "<p>.</p>"),
    "a rule": ("---", "<hr>"),
}


@pytest.mark.parametrize(("text", "html"), TEXTS.values(), ids=TEXTS)
def test_a_text_is_shown_as_a_safe_subset_of_markdown(
    somebody: Reader, article: str, text: str, html: str
) -> None:
    assert somebody.posted(article, text)["comment"]["html"] == html


NOTHING = [
    "",
    " ",
    "\n\t ",
    "\u3000",
    "[](http://x.example)",
    "&#8203;",
    "\u200b\u200d",
    "&nbsp;",
    "\u2800",
    "> ",
    "```\n```",
]


@pytest.mark.any_database
@pytest.mark.parametrize("text", NOTHING, ids=ascii)
def test_a_text_that_would_show_nothing_is_refused(somebody: Reader, article: str, text: str) -> None:
    assert set(errors_of(somebody.post(article, text))) == {"text"}
    assert somebody.thread(article)["count"] == 0


@pytest.mark.any_database
@pytest.mark.parametrize("text", ["a\0b", "\0", "x" * 10_001, "🙂" * 10_001, "http://x.example " * 101])
def test_a_text_that_cannot_be_kept_is_refused(somebody: Reader, article: str, text: str) -> None:
    assert set(errors_of(somebody.post(article, text))) == {"text"}


@pytest.mark.parametrize(
    "text", ["x" * 10_000, "🙂" * 10_000, ("x" * 19 + "\r\n") * 500, "http://x.example " * 100]
)
def test_a_text_as_long_as_it_may_be_is_taken(somebody: Reader, article: str, text: str) -> None:
    assert somebody.post(article, text).status_code == 201


@pytest.mark.any_database
def test_the_longest_text_is_the_operators_to_set(make_service: MakeService) -> None:
    reader = make_service(MAX_TEXT="100").reader()

    assert reader.post("a-1", "x" * 100).status_code == 201
    assert set(errors_of(reader.post("a-1", "x" * 101))) == {"text"}


@pytest.mark.any_database
def test_all_that_is_wrong_is_told_at_once(reader: Reader) -> None:
    errors = errors_of(
        reader.send(
            {
                "article": "",
                "name": " ",
                "email": "nobody",
                "url": "javascript:alert(1)",
                "text": "",
                "token": "x",
            }
        )
    )

    # The token belongs to an article, so there is nothing to say of it before there is one.
    assert set(errors) == {"article", "name", "email", "url", "text"}
    assert set(errors_of(reader.post("a-1", "", name="", token="x"))) == {"name", "text", "token"}


@pytest.mark.any_database
@pytest.mark.parametrize("field", ["article", "name", "email", "text", "token"])
@pytest.mark.parametrize("missing", ["absent", "null", "empty"])
def test_what_is_required_must_be_there(somebody: Reader, article: str, field: str, missing: str) -> None:
    submission = somebody.submission(article)
    if missing == "absent":
        del submission[field]
    else:
        submission[field] = None if missing == "null" else ""

    assert set(errors_of(somebody.send(submission))) == {field}
    assert somebody.thread(article)["count"] == 0


@pytest.mark.any_database
def test_what_is_unknown_is_ignored(reader: Reader) -> None:
    submission = reader.submission("a-1", state="approved", depth=7, id="mine", posted_at="1999-01-01")

    comment = reader.send(submission).json()["comment"]

    assert comment["id"] != "mine"
    assert (comment["depth"], comment["posted_at"]) == (0, "2026-11-24T09:00:00Z")


def test_a_post_to_an_unknown_site_is_not_found(reader: Reader) -> None:
    problem_of(reader.send(reader.submission("a-1") | {"site": "unknown"}), 404)


def test_too_many_posts_are_told_when_to_come_again(make_service: MakeService) -> None:
    service = make_service(RATE_LIMIT_POST="2 per minute")
    reader = service.reader()
    reader.comment("a-1")
    service.clock.move(seconds=20)
    reader.comment("a-1")

    answer = reader.post("a-1")

    problem_of(answer, 429, "rate-limited")
    assert answer.headers["Retry-After"] == answer.headers["RateLimit-Reset"] == "40"
    assert (answer.headers["RateLimit-Limit"], answer.headers["RateLimit-Remaining"]) == ("2", "0")
    service.clock.move(seconds=40)
    assert reader.post("a-1").status_code == 201


def test_a_mistake_is_not_counted_as_a_comment(make_service: MakeService) -> None:
    reader = make_service(RATE_LIMIT_POST="1 per minute").reader()

    for _ in range(5):
        errors_of(reader.post("a-1", email="ada@"))

    assert reader.post("a-1").status_code == 201
