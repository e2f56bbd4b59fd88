"""`GET /api/v1/moderation/comments`: which comments are listed, in which order, with what."""

from __future__ import annotations

import pytest

from tests.conftest import MakeService
from tests.people import Moderator, Reader
from tests.running_service import InProcess


def ids(comments: list[dict[str, str]]) -> list[str]:
    return [comment["id"] for comment in comments]


def test_comments_of_all_states_are_listed_oldest_first(reader: Reader, moderator: Moderator) -> None:
    posted = [reader.comment(article, f"Number {n}.") for n, article in enumerate(["a", "b", "a", "c"])]
    moderator.decide("spam", posted[0])
    moderator.decide("trash", posted[2])

    assert ids(moderator.queue()) == posted


@pytest.mark.parametrize(
    ("states", "listed"),
    [
        (["pending"], [1]),
        (["approved"], [0]),
        (["spam"], [2]),
        (["trash"], [3]),
        (["pending", "spam"], [1, 2]),
        (["spam", "pending", "trash"], [1, 2, 3]),
    ],
)
def test_the_filter_for_states_may_be_repeated(
    reader: Reader, moderator: Moderator, states: list[str], listed: list[int]
) -> None:
    posted = [reader.comment("a", f"Number {n}.") for n in range(4)]
    for comment, action in zip(posted[1:], ["hold", "spam", "trash"], strict=True):
        moderator.decide(action, comment)

    assert ids(moderator.queue(state=states)) == [posted[n] for n in listed]


def test_one_article_or_one_site_alone_may_be_listed(
    service: InProcess, reader: Reader, moderator: Moderator, sports: Moderator
) -> None:
    here, there = reader.comment("a"), reader.comment("b")
    elsewhere = reader.comment("a", site="sports")

    assert ids(moderator.queue(article="a")) == [here, elsewhere]
    assert ids(moderator.queue(site="default")) == [here, there]
    assert ids(moderator.queue(site="sports")) == [elsewhere]
    assert ids(moderator.queue(article="a", site="default")) == [here]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("100%", ["It is 100% sure."]),
        ("_name", ["The field is user_name."]),
        ("%", ["It is 100% sure."]),
        ("_", ["The field is user_name."]),
        ("\\", [r"A path is C:\temp here."]),
        ("IS 100", ["It is 100% sure.", "It is 1000 sure."]),
        ("bo quill", ["It is 1000 sure."]),
        ("is_100", []),
    ],
)
def test_words_are_found_as_they_are_typed(
    reader: Reader, moderator: Moderator, words: str, found: list[str]
) -> None:
    for text in ("It is 100% sure.", "The field is user_name.", r"A path is C:\temp here."):
        reader.comment("a", text)
    reader.comment("a", "It is 1000 sure.", name="Bo Quill")

    assert [comment["text"] for comment in moderator.queue(q=words)] == found


@pytest.mark.parametrize(
    "sought",
    ["strasse@paper.example", "Straße@Paper.Example", " STRASSE@PAPER.EXAMPLE ", "straße@paper.example"],
)
def test_an_address_is_found_in_another_case(reader: Reader, moderator: Moderator, sought: str) -> None:
    theirs = reader.comment("a", email="straße@paper.example")
    reader.comment("a", email="strass@paper.example")

    assert ids(moderator.queue(email=sought)) == [theirs]


def test_an_address_is_found_in_another_normal_form(reader: Reader, moderator: Moderator) -> None:
    theirs = reader.comment("a", email="rené@paper.example")

    assert ids(moderator.queue(email="rene\u0301@paper.example")) == [theirs]
    assert ids(moderator.queue(email="rene@paper.example")) == []


def test_a_part_of_an_address_finds_nobody(reader: Reader, moderator: Moderator) -> None:
    reader.comment("a")

    assert moderator.queue(email="ada@") == []
    assert moderator.queue(q="ada@paper.example") == []


def test_the_pages_hold_every_comment_once_whatever_comes_meanwhile(
    reader: Reader, moderator: Moderator
) -> None:
    posted = [reader.comment("a", f"Number {n}.") for n in range(5)]

    walked, cursor = [], None
    while True:
        page = moderator.request(
            "GET", "/comments", params={"limit": 2} | ({"cursor": cursor} if cursor else {})
        ).json()
        walked += ids(page["comments"])
        moderator.decide("spam", *walked)
        if len(walked) == 2:
            posted.append(reader.comment("a", "Meanwhile."))
        if (cursor := page["next"]) is None:
            break

    assert walked == posted


def test_a_cursor_of_another_list_is_refused(reader: Reader, moderator: Moderator) -> None:
    for n in range(2):
        reader.comment("a", f"Number {n}.")
    of_thread = reader.thread("a", limit=1)["next"]

    for cursor in (of_thread, "nonsense", "0"):
        answer = moderator.request("GET", "/comments", params={"cursor": cursor})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["cursor"])


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ({"state": "new"}, 422, "state"),
        ({"state": ["spam", "ham"]}, 422, "state"),
        ({"limit": "0"}, 422, "limit"),
        ({"limit": "201"}, 422, "limit"),
        ({"article": "x" * 256}, 422, "article"),
        ({"site": "nowhere"}, 404, None),
    ],
)
def test_a_filter_that_cannot_be_read_is_named(
    moderator: Moderator, query: dict[str, str], status: int, field: str | None
) -> None:
    answer = moderator.request("GET", "/comments", params=query)

    assert answer.status_code == status
    assert list(answer.json().get("errors", {})) == ([field] if field else [])


def test_each_comment_is_its_public_face_and_what_moderators_need(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    root = reader.comment("a", "The root.")
    reply = reader.comment(
        "a", "A *reply*.", parent=root, name="Bo", email="Bo@Paper.Example", url="https://bo.example/"
    )
    public = reader.get(f"/api/v1/comments/{reply}").json()

    listed = moderator.queue()[1]

    assert {name: listed[name] for name in public} == public
    assert {name: value for name, value in listed.items() if name not in public} == {
        "state": "approved",
        "email": "Bo@paper.example",
        "text": "A *reply*.",
        "article": "a",
        "site": "default",
        "reasons": [],
        "findings": [],
        "author_id": listed["author_id"],
        "revision": 1,
        "network": None,
        "thread_title": None,
        "claimed_title": None,
        "claimed_url": None,
        "reports": 0,
    }


def test_it_is_said_why_a_comment_waits(make_service: MakeService) -> None:
    service = make_service(MODERATION="first")
    reader, moderator = service.reader(), service.moderator()
    moderator.block("word", "lottery", "spam")
    reader.posted("a", "A first comment.")
    reader.posted("a", "Win the lottery.")

    assert [(c["state"], c["reasons"]) for c in moderator.queue()] == [
        ("pending", ["first comment of this author"]),
        ("spam", ["blocked word: lottery", "first comment of this author"]),
    ]


def test_a_moderator_sees_the_whole_of_what_the_public_does_not(reader: Reader, moderator: Moderator) -> None:
    root = reader.comment("a", "Taken away.")
    reader.comment("a", "A reply.", parent=root)
    moderator.decide("trash", root)

    listed = moderator.queue(state="trash")[0]

    assert (listed["removed"], listed["author"]["name"], listed["text"]) == (True, reader.name, "Taken away.")
