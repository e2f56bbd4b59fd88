"""Rules and blocks at the desk, by plain forms."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest

from tests.moderating.desk import Desk, csrf_token, forms
from tests.moderating.test_desk_pages import text_of
from tests.people import Json, Moderator, Reader
from tests.running_service import InProcess

FIELDS = (
    "words domains names emails email_domains networks authors scripts note "
    "links_at_least thread_older_than_days pattern hours until"
)
EMPTY = dict.fromkeys(FIELDS.split(), "")
RULE = EMPTY | {
    "name": "Shoe shops",
    "words": "cheap shoes\r\n\r\nfine boots",
    "outcome": "spam",
    "mode": "watching",
}


def send(desk: Desk, path: str, **typed: str) -> httpx.Response:
    """Send a form of the page, and go where it leads."""
    token = csrf_token(desk.http.get("/moderation/rules"))
    answer = desk.http.post(f"/moderation/rules{path}", data={"csrf_token": token} | typed)
    return desk.http.get(answer.headers["Location"]) if answer.status_code == 303 else answer


def rules(moderator: Moderator) -> list[Json]:
    listed: list[Json] = moderator.request("GET", "/rules").json()["rules"]
    return listed


def test_a_rule_is_tried_added_switched_and_removed(desk: Desk, reader: Reader, moderator: Moderator) -> None:
    bad = [reader.comment("a", f"Cheap shoes, number {n}!", name="Shop") for n in range(3)]
    good = reader.comment("a", "Where do I find cheap shoes <b>now</b>?", name="Ann")
    moderator.decide("spam", *bad)
    moderator.decide("hold", good)
    moderator.decide("approve", good)

    tried = send(desk, "/try", **RULE)

    assert "Would have caught 4 of the last 4 comments" in text_of(tried)
    assert "3 of them are spam, 1 of them is approved." in text_of(tried)
    assert "1 caught wrongly: a person approved it. Ann: Where do I find cheap shoes <b>now</b>?" in text_of(
        tried
    )
    assert "fine boots</textarea>" in tried.text  # what was typed is still there
    assert rules(moderator) == []
    added = send(desk, "/add", **RULE, site="default")
    assert "Added the rule “Shoe shops”: it is watching." in text_of(added)
    (rule,) = rules(moderator)
    assert rule["when"] == {"words": ["cheap shoes", "fine boots"]}
    assert (rule["site"], rule["outcome"], rule["until"]) == ("default", "spam", None)
    assert "Words or phrases: cheap shoes, fine boots → such comments are spam." in text_of(added)
    assert "Would have caught 4" in text_of(send(desk, f"/{rule['id']}/try"))
    changed = send(desk, f"/{rule['id']}/change", mode="on", until="2027-01-31", until_before="", note="Fair")
    assert "it is on." in changed.text
    (rule,) = rules(moderator)
    assert (rule["mode"], rule["until"], rule["note"]) == ("on", "2027-01-31T00:00:00Z", "Fair")
    same = {"until": "2027-01-31", "until_before": "2027-01-31", "note": ""}
    send(desk, f"/{rule['id']}/change", mode="off", **same)
    assert [one["mode"] for one in rules(moderator)] == ["off"]
    assert "Removed the rule." in send(desk, f"/{rule['id']}/remove").text
    assert rules(moderator) == []


@pytest.mark.soak
def test_one_that_catches_everything_is_asked_about_twice(
    desk: Desk, reader: Reader, moderator: Moderator
) -> None:
    for n in range(100):
        reader.comment("a", f"A word, number {n}.")
    everything = RULE | {"words": "word", "mode": "on"}

    asked = send(desk, "/add", **everything)

    assert asked.status_code == 409
    assert "If that is meant, confirm it" in text_of(asked)
    assert 'name="confirm"' in asked.text
    assert rules(moderator) == []
    send(desk, "/add", **everything | {"mode": "off"})
    (rule,) = rules(moderator)
    switched = send(desk, f"/{rule['id']}/change", mode="on", until="", until_before="", note="")
    assert switched.status_code == 409
    (form,) = [form for form in forms(switched) if 'name="confirm"' in form]
    assert '<option value="on" selected>' in form
    send(desk, f"/{rule['id']}/change", mode="on", until="", until_before="", note="", confirm="1")
    assert [one["mode"] for one in rules(moderator)] == ["on"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "name"),
        ({"words": ""}, "at least one condition"),
        ({"pattern": "(?=x)"}, "pattern"),
        ({"links_at_least": "many"}, "whole number"),
        ({"links_at_least": "0"}, ">= 1"),
        ({"until": "tomorrow"}, "a day"),
        ({"until": "1999-01-01"}, "in the future"),
        ({"outcome": "x"}, "Choose hold"),
        ({"mode": "x"}, "Choose off"),
        ({"site": "nowhere"}, "Unknown site"),
        ({"words": "x\0y"}, "no text can hold"),
        ({"csrf_token": "x"}, "has expired"),
    ],
)
def test_what_no_rule_can_be_is_told_and_what_was_typed_stays(
    desk: Desk, moderator: Moderator, typed: dict[str, str], said: str
) -> None:
    answer = send(desk, "/add", **RULE | {"note": "Typed <i>."} | typed)

    assert answer.status_code in {404, 422}
    assert said in text_of(answer)
    assert 'value="Typed &lt;i&gt;."' in answer.text
    assert rules(moderator) == []


def test_blocks_are_listed_and_lifted(desk: Desk, moderator: Moderator, service: InProcess) -> None:
    block = moderator.block("word", "<b>quarantine", "hold", note="Since the fair")
    page = desk.http.get("/moderation/rules")
    assert "word <b>quarantine: such comments wait for a moderator all sites" in text_of(page)

    assert "Lifted the block." in send(desk, f"/blocks/{block['id']}/lift").text

    assert moderator.request("GET", "/blocks").json()["blocks"] == []
    assert send(desk, f"/blocks/{block['id']}/lift").status_code == 404
    assert send(desk, "/x/change", mode="on").status_code == 404
    assert desk.http.get("/moderation/rules?cursor=x").status_code == 422
    stranger = service.http().get("/moderation/rules")
    assert (stranger.status_code, stranger.headers["Location"]) == (303, "/moderation/sign-in")


def test_a_moderator_of_one_site_sets_no_rule_for_all(service: InProcess, moderator: Moderator) -> None:
    moderator.rule({"words": ["x"]}, site="default", name="Of another site")
    service.run("user", "add", "kim@paper.example", "--site", "sports", input="correct horse battery\n")
    kim = Desk(service.http(), email="kim@paper.example")
    assert kim.sign_in().status_code == 303
    page = kim.http.get("/moderation/rules")
    assert "Of another site" not in page.text
    assert "all sites</option>" not in page.text

    assert "Added the rule" in text_of(send(kim, "/add", **RULE))  # of the one site that is theirs
    assert [one["site"] for one in rules(moderator)] == ["default", "sports"]
    assert send(kim, "/add", **RULE, site="default").status_code == 403
    assert re.search("sports", unescape(page.text))
