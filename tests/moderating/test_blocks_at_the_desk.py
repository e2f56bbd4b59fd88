"""One click beside a comment makes a block."""

from __future__ import annotations

import pytest

from tests.moderating.desk import Desk
from tests.people import Moderator, Reader


@pytest.mark.parametrize(
    ("pressed", "typed", "blocked"),
    [
        ("author {author}", "", ("author", "{author}")),
        ("email bob@paper.example", "", ("email", "bob@paper.example")),
        ("domain www.shoes.example", "", ("domain", "www.shoes.example")),
        ("word", "cheap shoes", ("word", "cheap shoes")),
    ],
)
@pytest.mark.parametrize("outcome", ["hold", "spam", "reject"])
def test_one_click_blocks_what_stands_beside_the_comment(
    reader: Reader,
    moderator: Moderator,
    desk: Desk,
    pressed: str,
    typed: str,
    blocked: tuple[str, str],
    outcome: str,
) -> None:
    comment = reader.comment("a", "See https://www.shoes.example/.", email="bob@paper.example")
    author = moderator.queue()[0]["author_id"]
    page = desk.queue(state="approved")

    sent = desk.block(page, comment, pressed.format(author=author), outcome, typed)

    assert (sent.status_code, sent.headers["Location"]) == (303, "/moderation?state=approved")
    assert "Blocked: from now on comments " in desk.http.get(sent.headers["Location"]).text
    (block,) = moderator.request("GET", "/blocks").json()["blocks"]
    kind, value = blocked
    assert (block["kind"], block["value"]) == (kind, value.format(author=author))
    assert (block["action"], block["site"]) == (outcome, "default")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"word": " "}, "characters that can be seen"),
        ({"outcome": "burn"}, "not known here"),
        ({"block": "range 192.0.2.0/24"}, "not known here"),
        ({"site": "nowhere"}, "Unknown site"),
        ({"csrf_token": "x"}, "expired"),
    ],
)
def test_what_cannot_be_blocked_is_told(
    reader: Reader, moderator: Moderator, desk: Desk, fields: dict[str, str], said: str
) -> None:
    reader.comment("a", "Good day.")
    page = desk.queue(state="approved")
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    form = {"csrf_token": token, "site": "default", "block": "word", "outcome": "hold", "word": "x"}

    sent = desk.http.post("/moderation/block", data=form | fields)

    assert sent.status_code == 303
    assert said in desk.http.get(sent.headers["Location"]).text
    assert moderator.request("GET", "/blocks").json()["blocks"] == []
