"""One comment by its id, and the address that leads to it."""

from __future__ import annotations

import pytest

from tests.people import Moderator, Reader


def test_a_comment_alone_is_the_one_of_its_thread(reader: Reader) -> None:
    comment = reader.comment("a-1", "First.")
    reader.comment("a-1", "Reply.", parent=comment)

    answer = reader.get(f"/api/v1/comments/{comment}")

    assert answer.status_code == 200
    assert answer.json() == reader.thread("a-1")["comments"][0]


@pytest.mark.parametrize("action", ["hold", "spam", "trash", "purge"])
@pytest.mark.parametrize("answered", [True, False])
def test_a_comment_that_is_not_public_is_not_found(
    reader: Reader, moderator: Moderator, action: str, answered: bool
) -> None:
    comment = reader.comment("a-1")
    if answered:
        reader.comment("a-1", parent=comment)

    moderator.decide(action, comment)

    assert reader.get(f"/api/v1/comments/{comment}").status_code == 404


@pytest.mark.parametrize("id", ["none", "0", "%00", "-1", "a" * 2000, "'; --"])
def test_an_unknown_id_is_not_found(reader: Reader, id: str) -> None:
    answer = reader.get(f"/api/v1/comments/{id}")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("article", ["a-1", "2019/04/kim vladivostok?x=1&y=2#z", "河川"])
def test_its_permalink_opens_the_page_at_the_comment(reader: Reader, article: str) -> None:
    comment = reader.posted(article, "Here.")["comment"]

    page = reader.get(comment["permalink"])

    assert page.status_code == 200
    assert f'id="{comment["permalink"].partition("#")[2]}"' in page.text
    assert "Here." in page.text


def test_a_permalink_opens_the_page_on_which_the_comment_stands(reader: Reader) -> None:
    comments = [reader.posted("a-1", f"number {number}")["comment"] for number in range(5)]

    for comment in comments:
        address, _, place = comment["permalink"].partition("#")
        page = reader.get(f"{address}&limit=2").text
        assert f'id="{place}"' in page
