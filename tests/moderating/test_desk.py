"""The desk in the browser: it works by plain pages and forms."""

from __future__ import annotations

import re

import pytest

from tests.moderating.desk import PASSWORD, Desk, address_of, forms, shown
from tests.people import Moderator, Reader
from tests.running_service import InProcess


@pytest.fixture
def waiting(reader: Reader, moderator: Moderator) -> str:
    comment = reader.comment("a", "Does **this** wait?", name="Bo Quill")
    moderator.decide("hold", comment)
    return comment


@pytest.mark.parametrize(
    ("action", "state", "said"),
    [
        ("approve", "approved", "Approved."),
        ("spam", "spam", "Marked as spam."),
        ("trash", "trash", "Moved to the trash."),
    ],
)
def test_one_press_of_a_button_decides(
    desk: Desk, moderator: Moderator, waiting: str, action: str, state: str, said: str
) -> None:
    answer = desk.press(desk.queue(), action, waiting)

    assert answer.status_code == 303
    assert moderator.queue()[0]["state"] == state
    after = desk.http.get(answer.headers["Location"])
    assert said in after.text
    assert shown(after) == []
    assert said not in desk.queue().text


def test_the_queue_is_shown_again_as_it_was(reader: Reader, desk: Desk, moderator: Moderator) -> None:
    first, second = reader.comment("a & b", "One %."), reader.comment("a & b", "Two %.")
    page = desk.queue(state="approved", article="a & b", q="%")
    assert shown(page) == [first, second]

    after = desk.http.get(desk.press(page, "spam", first).headers["Location"])

    assert shown(after) == [second]
    assert 'value="%"' in after.text


def test_a_comment_stands_there_with_all_that_is_needed_to_judge(desk: Desk, waiting: str) -> None:
    page = desk.queue().text

    assert "Bo Quill" in page
    assert "ada@paper.example" in page
    assert "Does <strong>this</strong> wait?" in page


def test_what_waits_is_shown_first_and_the_rest_is_one_link_away(
    reader: Reader, desk: Desk, waiting: str
) -> None:
    public = reader.comment("a")

    assert shown(desk.queue()) == [waiting]
    for state, listed in {"approved": [public], "spam": [], "pending": [waiting]}.items():
        assert f'href="/moderation?state={state}"' in desk.queue().text
        assert shown(desk.queue(state=state)) == listed
    assert shown(desk.queue(email="ADA@paper.example")) == [waiting, public]


def test_fifty_stand_on_a_page_oldest_first(reader: Reader, desk: Desk) -> None:
    posted = [reader.comment("a", f"Number {n}.") for n in range(53)]

    first = desk.queue(state="approved")
    following = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert following is not None
    second = desk.http.get(following[1].replace("&amp;", "&"))

    assert shown(first) == posted[:50]
    assert shown(second) == posted[50:]
    assert 'rel="next"' not in second.text


@pytest.mark.parametrize("token", ["", "forged", None])
def test_a_press_that_does_not_come_from_our_page_does_nothing(
    desk: Desk, moderator: Moderator, waiting: str, token: str | None
) -> None:
    fields = {"comment": waiting, "action": "approve"} | ({} if token is None else {"csrf_token": token})

    answer = desk.http.post("/moderation/decide", data=fields)

    assert answer.status_code == 303
    assert "Please press the button again." in desk.queue().text
    assert moderator.queue()[0]["state"] == "pending"


@pytest.mark.parametrize("action", ["purge", "burn", ""])
def test_a_button_that_there_is_not_does_nothing(
    desk: Desk, moderator: Moderator, waiting: str, action: str
) -> None:
    page = desk.queue()
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token is not None

    desk.http.post("/moderation/decide", data={"csrf_token": token[1], "comment": waiting, "action": action})

    assert moderator.queue()[0]["state"] == "pending"


def test_a_comment_that_went_meanwhile_is_said_to_be_gone(
    desk: Desk, moderator: Moderator, waiting: str
) -> None:
    page = desk.queue()
    moderator.decide("purge", waiting)

    desk.press(page, "approve", waiting)

    assert "This comment no longer exists." in desk.queue().text


def test_what_a_commenter_typed_is_shown_as_text(reader: Reader, desk: Desk, moderator: Moderator) -> None:
    reader.comment(
        "<b>a</b>",
        "<script>alert(1)</script>",
        name='"><img src=x onerror=alert(1)>',
        title="</span><script>x",
    )

    page = desk.queue(state="approved").text

    assert page.count("<script") == page.count('<script type="module" src="/desk-') == 1
    assert "<img" not in page
    assert "<b>a</b>" not in page


@pytest.mark.parametrize(
    "query", [{"state": "new"}, {"site": "nowhere"}, {"cursor": "x"}, {"article": "x" * 256}]
)
def test_a_search_that_cannot_be_is_answered_on_the_page(desk: Desk, query: dict[str, str]) -> None:
    answer = desk.queue(**query)

    assert answer.status_code in {404, 422}
    assert 'role="alert"' in answer.text
    assert "Sign out" in answer.text


def test_the_pages_run_one_script_of_ours_and_need_no_other_host(desk: Desk, waiting: str) -> None:
    page = desk.queue()

    (script,) = re.findall(r'<script type="module" src="([^"]+)"></script>', page.text)
    assert page.text.count("<script") == 1
    assert desk.http.get(script).headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', page.text)
    assert all(address_of(form).startswith("/moderation") for form in forms(page))
    allowed = dict(one.split(" ", 1) for one in page.headers["Content-Security-Policy"].split("; "))
    assert {source.partition("5000")[2] for source in allowed["script-src"].split()} == {script}
    assert allowed["connect-src"] == "'self'"
    assert allowed["require-trusted-types-for"] == "'script'"
    assert allowed["trusted-types"] == "'none'"
    assert "script-src" not in desk.http.get("/moderation/log").headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["widget/comments.css", "desk/desk.css"])
def test_its_styles_are_there(desk: Desk, name: str) -> None:
    assert f'href="/static/{name}"' in desk.queue().text
    assert desk.http.get(f"/static/{name}").headers["Content-Type"] == "text/css; charset=utf-8"


def test_what_its_author_edited_meanwhile_is_not_decided_unread(
    reader: Reader, moderator: Moderator, desk: Desk
) -> None:
    posted = reader.posted("a", "A nice text.")
    comment = posted["comment"]["id"]
    moderator.decide("hold", comment)
    page = desk.queue()
    assert reader.edit(comment, posted["edit_key"], "Another text.").status_code == 202

    after = desk.http.get(desk.press(page, "approve", comment).headers["Location"])

    assert "has edited this comment" in after.text
    assert moderator.queue()[0]["state"] == "pending"
    assert desk.press(after, "approve", comment).status_code == 303
    assert moderator.queue()[0]["state"] == "approved"


def test_who_gets_the_address_of_anothers_search_reads_nothing_of_it(
    service: InProcess, desk: Desk, reader: Reader
) -> None:
    reader.comment("a")
    found = desk.search(email="ada@paper.example", state="all")
    assert 'value="ada@paper.example"' in found.text
    service.run("user", "add", "bo@paper.example", "--site", "sports", input=PASSWORD + "\n")
    other = Desk(service.http(), email="bo@paper.example")
    other.sign_in()

    answer = other.http.get(found.url)

    assert (answer.status_code, "ada@paper.example" in answer.text) == (200, False)


def test_a_search_that_is_too_long_says_so(desk: Desk) -> None:
    answer = desk.queue(q="a" * 321)

    assert answer.status_code == 422
    assert "at most 320 characters" in answer.text


@pytest.mark.parametrize("typed", [{"state": "all"}, {"article": "a"}, {"state": "all", "article": "a"}])
def test_a_search_of_all_states_finds_what_is_decided(
    desk: Desk, reader: Reader, moderator: Moderator, typed: dict[str, str]
) -> None:
    moderator.decide("spam", reader.comment("a", "A comment of no use."))
    empty = {"q": "", "email": "", "article": "", "site": ""}

    assert '<option value="all">all</option>' in desk.queue().text
    assert "A comment of no use." in desk.search(**empty | typed).text
