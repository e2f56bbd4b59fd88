"""Enter in a field of one line does what the field is for: it presses the first button of its form (HTML, 4.10.21.2)."""

from __future__ import annotations

from urllib.parse import urlencode

import httpx
import pytest
from lxml import html

from commentsvc.web.desk.navigation import PAGES
from tests.moderating.desk import Desk
from tests.people import Moderator, Reader

TYPED_IN = {"text", "search", "email", "url", "number", "password", "date", "tel", ""}
OTHERS = (
    f"/thread?{urlencode({'article': 'a/1', 'site': 'default'})}",
    "/decide/all?state=pending",
    "?state=approved",
)
# Where a form has several buttons: what it is sent to, and what Enter in one of its fields presses.
MEANT = {
    ("/moderation/block", "word"),
    ("/moderation/rules/add", "/moderation/rules/try"),
    ("/moderation/rules/RULE/change", ""),  # its “Save”
    ("/moderation/thread/comment", "redact"),
}


@pytest.fixture
def rule(moderator: Moderator) -> str:
    return str(moderator.rule({"words": ["pills"]}, name="Pills")["id"])


@pytest.fixture
def busy_desk(desk: Desk, reader: Reader, rule: str) -> Desk:
    reader.comment("a/1", "Look at https://pills.example/")
    reader.comment("a/1", "pills")
    return desk


def pressed_by_enter(page: httpx.Response) -> set[tuple[str, str]]:
    """What the forms of several buttons are sent to, and by which of these when Enter is pressed in a field."""
    pressed = set()
    for form in html.fromstring(page.text).iter("form"):
        buttons = [button for button in form.iter("button") if button.get("type", "submit") == "submit"]
        fields = [field for field in form.iter("input") if field.get("type", "") in TYPED_IN]
        if fields and len(buttons) > 1:
            first = buttons[0].get("value") or buttons[0].get("formaction") or ""
            pressed.add((form.get("action", "").partition("?")[0], first))
    return pressed


def test_it_presses_the_button_of_its_field_on_every_page(busy_desk: Desk, rule: str) -> None:
    found: set[tuple[str, str]] = set()
    for path in [page.path for page in PAGES] + list(OTHERS):
        page = busy_desk.http.get(f"/moderation{path}", follow_redirects=True)
        assert page.status_code == 200, path
        found |= pressed_by_enter(page)

    assert {(sent.replace(rule, "RULE"), button) for sent, button in found} == MEANT


def test_in_the_reason_for_all_that_match_it_decides_nothing(busy_desk: Desk) -> None:
    form = html.fromstring(busy_desk.http.get("/moderation/decide/all?state=pending").text)

    assert [field.tag for field in form.iter("textarea", "input") if field.get("name") == "text"] == [
        "textarea"
    ]
