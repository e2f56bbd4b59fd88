"""What the desk's pages show and do without a script, besides one decision: context, filters, selections, the log."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest

from tests.moderating.desk import Desk, csrf_token, forms, shown
from tests.people import Moderator, Reader
from tests.running_service import InProcess


def text_of(page: httpx.Response) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", page.text)))


def choose(desk: Desk, page: httpx.Response, action: str, *comments: str, **more: str) -> httpx.Response:
    """Select comments of *page*, and press a button for all of them."""
    seen = [
        re.search(rf'name="seen" value="({comment} [^"]+)" form="chosen"', page.text)[1]  # type: ignore[index]
        for comment in comments
    ]
    (form,) = [form for form in forms(page) if 'id="chosen"' in form]
    assert f'value="{action}"' in form
    fields = {"csrf_token": csrf_token(page), "action": action, "seen": seen} | more
    sent = desk.http.post("/moderation/decide/chosen", data=fields)
    assert sent.status_code == 303
    return desk.http.get(sent.headers["Location"])


def test_a_comment_stands_there_with_what_it_answers_and_what_else_its_author_wrote(
    desk: Desk, reader: Reader, moderator: Moderator
) -> None:
    asked = reader.comment("a", "Is <b>this</b> so?", name="Ann")
    posted = reader.posted("a", "It is.", name="Bo", parent=asked)
    reader.author_key = posted["author_key"]
    moderator.decide(
        "spam", reader.comment("b", "Buy!", name="Bo"), reader.comment("b", "Buy now!", name="Bo")
    )

    said = text_of(desk.queue(state="approved"))

    assert "Answers Ann Is <b>this</b> so?" in said
    assert "This author here: 1 approved, 2 spam; first seen 24 November 2026" in said
    moderator.decide("purge", asked)
    assert "Answers Ann" not in text_of(desk.queue(state="approved"))


def test_the_form_filters_by_all_that_the_interface_can(
    desk: Desk, reader: Reader, moderator: Moderator, service: InProcess
) -> None:
    first = reader.posted("a", "See https://link.example/ there.", name="Ann")["comment"]["id"]
    service.clock.move(days=2)
    assert desk.sign_in().status_code == 303
    second = reader.posted("b", "No link at all.", name="Bo", email="bo@paper.example")["comment"]["id"]
    author = moderator.queue(q="No link")[0]["author_id"]

    everything = {"state": "all"}
    for typed, found in [
        ({"links": "1"}, [first]),
        ({"since": "2026-11-25"}, [second]),
        ({"until": "2026-11-25"}, [first]),
        ({"order": "newest"}, [second, first]),
        ({"author": author}, [second]),
        ({"email": "BO@paper.example"}, [second]),
        ({"check": "rules"}, []),
        ({}, [first, second]),
    ]:
        page = desk.search(**everything | typed)
        assert shown(page) == found, typed
        assert ('<details class="further" open' in page.text) is bool(typed)
    wrong = desk.queue(since="yesterday")
    assert (wrong.status_code, 'role="alert"' in wrong.text) == (422, True)


def test_several_are_selected_and_decided_by_one_press(
    desk: Desk, reader: Reader, moderator: Moderator
) -> None:
    one, two, three = (reader.comment("a", f"Number {n}.") for n in range(3))
    page = desk.queue(state="approved")
    moderator.decide("hold", two)

    after = choose(desk, page, "spam", one, two, three)

    assert "Marked as spam. Comments: 2. Not changed: 1" in text_of(after)
    assert [c["state"] for c in moderator.queue()] == ["spam", "pending", "spam"]
    undone = desk.http.get(desk.press_undo(after).headers["Location"])
    assert "Undone." in undone.text
    assert [c["state"] for c in moderator.queue()] == ["approved", "pending", "approved"]
    assert "no comment was selected" in text_of(choose(desk, page, "spam"))
    assert "has expired" in text_of(choose(desk, page, "spam", one, csrf_token="x"))
    for seen in ("", "x", f"{one} one approved", f"{one} 1 gone", f"{one} 99999999999 spam x"):
        choose(desk, page, "hold", seen=seen)
    assert [c["state"] for c in moderator.queue()] == ["pending", "pending", "approved"]


def test_who_comes_later_is_told_who_decided_and_overrules_nobody(
    desk: Desk, reader: Reader, moderator: Moderator
) -> None:
    comment = reader.comment("a")
    page = desk.queue(state="approved")
    moderator.decide("trash", comment)

    after = desk.http.get(desk.press(page, "spam", comment).headers["Location"])

    assert re.search("Nothing was changed: API token .+ has decided about this comment.", text_of(after))
    assert moderator.queue()[0]["state"] == "trash"


def test_the_log_has_a_button_to_undo_what_stands(
    desk: Desk, reader: Reader, moderator: Moderator, service: InProcess
) -> None:
    comment, other = reader.comment("a"), reader.comment("b", "Another one.")
    for action in ("hold", "spam"):
        moderator.decide(action, comment)
    moderator.decide("purge", other)
    service.clock.move(hours=5)

    page = desk.http.get("/moderation/log")

    undoing = [form for form in forms(page) if 'name="decision"' in form]
    assert len(undoing) == 1  # the later one: neither what was decided again nor what was erased
    assert "spam" in undoing[0]
    after = desk.http.get(desk._send(undoing[0], "").headers["Location"])
    assert "Undone." in after.text
    assert moderator.queue()[0]["state"] == "pending"
    again = desk.http.get(desk._send(undoing[0], "").headers["Location"])
    assert "Undone." in again.text  # which it is
    assert text_of(desk.http.get(f"/moderation/log?comment={comment}")).count(" on a ") == 3


@pytest.mark.soak
def test_the_log_goes_on_for_pages(desk: Desk, reader: Reader, moderator: Moderator) -> None:
    comment = reader.comment("a")
    for n in range(51):
        moderator.decide("hold" if n % 2 else "spam", comment)

    first = desk.http.get("/moderation/log")

    following = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert following is not None
    second = desk.http.get(unescape(following[1]))
    assert [page.text.count('class="card"') for page in (first, second)] == [50, 1]
    assert desk.http.get("/moderation/log?cursor=x").status_code == 422
    assert desk.http.get("/moderation/log?site=nowhere").status_code == 404


@pytest.mark.parametrize("path", ["/moderation/log", "/moderation/comments/x"])
def test_who_is_not_signed_in_is_asked_to(service: InProcess, path: str) -> None:
    answer = service.http().get(path)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/moderation/sign-in")


def test_one_comment_has_a_page(desk: Desk, reader: Reader, moderator: Moderator) -> None:
    comment = reader.comment("a", "Only this one.")
    moderator.decide("hold", comment)

    page = desk.http.get(f"/moderation/comments/{comment}")

    assert "Only this one." in page.text
    desk.press(page, "approve", comment)
    assert moderator.queue()[0]["state"] == "approved"
    moderator.decide("purge", comment)
    assert desk.http.get(f"/moderation/comments/{comment}").status_code == 404


def test_news_tell_what_others_did(
    desk: Desk, reader: Reader, moderator: Moderator, service: InProcess
) -> None:
    posted = reader.posted("a", "One text.")
    edited, decided, erased = (
        posted["comment"]["id"],
        reader.comment("a", "Two."),
        reader.comment("a", "Three."),
    )
    seen = {"seen": f"{edited}.1.approved,{decided}.1.approved,{erased}.1.approved"}
    assert desk.http.get("/moderation/news", params=seen).json()["changes"] == []
    reader.edit(edited, posted["edit_key"], "Another text.")
    moderator.decide("spam", decided)
    moderator.decide("purge", erased)

    news = desk.http.get("/moderation/news", params=seen).json()

    by = news["changes"][1].pop("by_name")
    assert by.startswith("API token")
    assert news["changes"] == [
        {"id": edited, "why": "edited-meanwhile", "by_name": None, "state": "approved", "revision": 2},
        {"id": decided, "why": "already-decided", "state": "spam", "revision": 1},
        {"id": erased, "why": "missing", "by_name": None, "state": None, "revision": None},
    ]
    assert news["counts"] == {"pending": 0, "approved": 1, "spam": 1, "trash": 0, "reported": 0}
    proof = {"X-CSRFToken": news["csrf_token"]}
    sent = {"action": "spam", "ids": [edited]}
    assert desk.http.post("/api/v1/moderation/decisions", json=sent, headers=proof).status_code == 200
    for wrong in ("x", "a.1.approved,", "a.1.gone", ",".join(["a.1.spam"] * 101)):
        assert desk.http.get("/moderation/news", params={"seen": wrong}).status_code == 422
    assert service.http().get("/moderation/news").status_code == 303


def test_a_moderator_of_one_site_hears_nothing_of_others(
    service: InProcess, reader: Reader, desk: Desk
) -> None:
    comment = reader.comment("a", "Not for sports.")
    service.run("user", "add", "kim@paper.example", "--site", "sports", input=desk.password + "\n")
    of_sports = Desk(service.http(), email="kim@paper.example")
    assert of_sports.sign_in().status_code == 303

    news = of_sports.http.get("/moderation/news", params={"seen": f"{comment}.1.approved"}).json()

    assert [change["why"] for change in news["changes"]] == ["missing"]
    assert of_sports.http.get(f"/moderation/comments/{comment}").status_code == 404
    assert "Not for sports" not in of_sports.queue(state="approved").text


def test_fifty_comments_are_light_over_the_wire_and_the_token_is_another_each_time(
    desk: Desk, reader: Reader, moderator: Moderator
) -> None:
    long = "A sentence that somebody wrote about number {}, of a usual length, with a word or two more. "
    posted = [
        reader.comment(
            f"article {n % 7}", long.format(n) * 2, name=f"Reader {n}", email=f"r{n}@paper.example"
        )
        for n in range(50)
    ]
    moderator.decide("hold", *posted)
    for coding, most in (("br", 60_000), ("gzip", 60_000)):
        with desk.http.stream("GET", "/moderation", headers={"Accept-Encoding": coding}) as answer:
            sent = b"".join(answer.iter_raw())
        assert answer.headers["Content-Encoding"] == coding
        assert answer.headers["Cache-Control"] == "no-store"
        assert len(sent) < most
    script = re.findall(r'<script type="module" src="([^"]+)"', desk.queue().text)[0]
    with desk.http.stream("GET", script, headers={"Accept-Encoding": "br"}) as answer:
        assert len(b"".join(answer.iter_raw())) <= 6144
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    tokens = {csrf_token(desk.queue()) for _ in range(3)}
    assert len(tokens) == 3
    prefixes = {token[len(token) // 2 :] for token in tokens}
    assert len(prefixes) == 3


def test_what_another_site_opens_is_not_compressed(desk: Desk) -> None:
    for site, coding in {"cross-site": None, "same-site": None, "same-origin": "br", "none": "br"}.items():
        answer = desk.http.get("/moderation?q=x", headers={"Sec-Fetch-Site": site, "Accept-Encoding": "br"})
        assert answer.headers.get("Content-Encoding") == coding
