"""What the checks found out, at the desk."""

from __future__ import annotations

import re

from tests.moderating.desk import Desk
from tests.people import Moderator, Reader

LINKS = " ".join(f"See https://host-{number}.example/." for number in range(12))


def findings(desk: Desk) -> list[str]:
    """What is read of each finding on the page of all comments."""
    items = re.findall(r'<li class="finding.*?</li>', desk.queue(state="all").text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", "", item).split()) for item in items]


def test_each_finding_stands_there_with_score_and_evidence(reader: Reader, desk: Desk) -> None:
    reader.comment("a", LINKS)

    (shown,) = findings(desk)

    assert shown.startswith("too many links (links, score 0.60) 12 links: https://host-0.example/, ")


def test_of_one_that_only_watches_it_is_said_what_it_would_have_done(reader: Reader, desk: Desk) -> None:
    reader.comment("a", "https://watches.example/")

    assert findings(desk) == [
        "would have held: nothing but links (link-only, score 0.50) https://watches.example/"
    ]


def test_evidence_is_text_and_no_markup(reader: Reader, desk: Desk) -> None:
    reader.posted("a", "Good day.", subject="<b onclick=alert(1)>\u202eevil")

    page = desk.queue(state="spam").text

    assert "&lt;b onclick=alert(1)&gt;\ufffdevil" in page
    assert "<b onclick" not in page


def test_who_may_not_moderate_sees_none_of_it(reader: Reader, moderator: Moderator) -> None:
    comment = reader.comment("a", "https://watches.example/")

    assert moderator.queue()[0]["findings"]
    for path in (
        "/api/v1/thread?article=a",
        f"/api/v1/comments/{comment}",
        "/thread/fragment?article=a",
        "/thread?article=a",
        "/feeds/site.atom",
    ):
        answer = reader.get(path)
        assert (answer.status_code, "nothing but links" in answer.text) == (200, False)
        assert "link-only" not in answer.text
