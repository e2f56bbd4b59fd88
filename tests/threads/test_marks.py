"""What moderators set on a comment: pinned, locked, of the staff, partly blacked out."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import pytest

from commentsvc.actions import rerender
from commentsvc.publishing import sanitise
from tests.command_line import examined
from tests.people import Json, Moderator, Reader
from tests.running_service import InProcess


def mark(moderator: Moderator, comment: str, **changes: Any) -> Json:
    answer = moderator.request("PATCH", f"/comments/{comment}", json=changes)
    assert answer.status_code == 200, answer.text
    return answer.json()


def walked(reader: Reader, article: str, **query: Any) -> list[str]:
    """The texts of all comments, page by page."""
    texts: list[str] = []
    cursor: Json = {}
    while True:
        page = reader.thread(article, **query, **cursor)
        texts += [c["html"].removeprefix("<p>").removesuffix("</p>") for c in page["comments"]]
        if page["next"] is None:
            return texts
        cursor = {"cursor": page["next"]}


@pytest.fixture
def thread(reader: Reader) -> dict[str, str]:
    """Five roots with replies under the second and the fourth."""
    ids: dict[str, str] = {}
    for text in ("A", "B", "C", "D", "E"):
        ids[text] = reader.comment("a", text)
    for text, parent in (("b1", "B"), ("b2", "b1"), ("d1", "D")):
        ids[text] = reader.comment("a", text, parent=ids[parent])
    return ids


@pytest.mark.slow_on_postgresql
def test_pinned_comments_stand_first_the_latest_before_the_others(
    reader: Reader, moderator: Moderator, thread: dict[str, str], service: InProcess
) -> None:
    tag = reader.get("/api/v1/thread", article="a").headers["ETag"]
    mark(moderator, thread["B"], pinned=True)
    assert reader.get("/api/v1/thread", article="a").headers["ETag"] != tag
    pinned = mark(moderator, thread["D"], pinned=True)

    assert (pinned["pinned"], pinned["locked"], pinned["staff"]) == (True, False, False)
    shown = {"oldest": ["D", "d1", "B", "b1", "b2", "A", "C", "E"],
             "newest": ["D", "d1", "B", "b1", "b2", "E", "C", "A"]}  # fmt: skip
    for order, texts in shown.items():
        for limit in (1, 2, 3, 4, 7, 8, 200):
            assert walked(reader, "a", order=order, limit=limit) == texts, (order, limit)
    faces = {c["id"]: c["pinned"] for c in reader.thread("a")["comments"]}
    assert {id for id, pinned in faces.items() if pinned} == {thread["B"], thread["D"]}
    assert reader.get(f"/api/v1/comments/{thread['B']}").json()["pinned"] is True
    assert next(c for c in moderator.queue() if c["id"] == thread["B"])["pinned"] is True
    page = reader.get("/thread/fragment", article="a").text
    assert page.count(">Pinned<") == 2
    assert page.index(thread["D"]) < page.index(thread["B"]) < page.index(thread["A"])
    around = reader.thread("a", comment=thread["E"], limit=2)
    assert [c["id"] for c in around["comments"]] == [thread["E"]]

    mark(moderator, thread["B"], pinned=True)  # again: it is the latest
    assert walked(reader, "a")[:3] == ["B", "b1", "b2"]
    mark(moderator, thread["B"], pinned=False)
    mark(moderator, thread["D"], pinned=False)
    assert walked(reader, "a", limit=3) == ["A", "B", "b1", "b2", "C", "D", "d1", "E"]
    assert examined(service)[0] == 0


@pytest.mark.any_database
def test_a_reply_cannot_be_pinned(moderator: Moderator, thread: dict[str, str]) -> None:
    answer = moderator.request("PATCH", f"/comments/{thread['b1']}", json={"pinned": True, "staff": True})

    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["pinned"])
    assert next(c for c in moderator.queue() if c["id"] == thread["b1"])["staff"] is False


@pytest.mark.any_database
@pytest.mark.parametrize("order", ["oldest", "newest"])
def test_a_cursor_goes_on_behind_its_comment_after_a_pin(
    reader: Reader, moderator: Moderator, thread: dict[str, str], order: str
) -> None:
    first = reader.thread("a", limit=3, order=order)
    mark(moderator, first["comments"][-1]["id"], pinned=first["comments"][-1]["depth"] == 0) if first[
        "comments"
    ][-1]["depth"] == 0 else mark(moderator, thread["E"], pinned=True)

    rest = reader.thread("a", cursor=first["next"], order=order)["comments"]
    seen = [c["id"] for c in first["comments"] + rest]
    assert first["comments"][-1]["id"] not in [c["id"] for c in rest]
    assert set(thread.values()) - {thread["E"], thread["C"]} <= set(seen)


@pytest.mark.slow_on_postgresql
def test_nobody_replies_to_what_is_locked_nor_below_it(
    reader: Reader, moderator: Moderator, thread: dict[str, str]
) -> None:
    late = reader.posted("a", "Late.", parent=thread["b1"])
    assert mark(moderator, thread["B"], locked=True)["locked"] is True

    for comment in ("B", "b1", "b2"):
        answer = reader.post("a", "No more.", parent=thread[comment])
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (409, "thread-closed")
    assert reader.post("a", "Elsewhere.", parent=thread["D"]).status_code == 201
    assert reader.post("a", "A root.").status_code == 201
    assert reader.edit(late["comment"]["id"], late["edit_key"], "Later.").status_code == 200
    form = reader.submission("a", "Careful words.", parent=thread["b2"])
    page = reader.http.post("/thread", params={"article": "a"}, data=form)
    assert page.status_code == 409
    assert "Replies to this comment are closed." in page.text
    assert "Careful words." in page.text
    page = reader.get("/thread", article="a").text
    assert f"reply_to={thread['b2']}" not in page
    assert f"reply_to={thread['D']}" in page
    mark(moderator, thread["B"], locked=False)
    assert reader.post("a", "Open again.", parent=thread["b2"]).status_code == 201


def test_a_lock_holds_where_answers_stand_beside_each_other(make_service: Any) -> None:
    service = make_service(MAX_DEPTH="2")
    reader, moderator = service.reader(), service.moderator()
    root = reader.comment("a", "Root.")
    locked, beside = (reader.comment("a", text, parent=root) for text in ("One.", "Two."))
    answer = reader.comment("a", "Three.", parent=locked)
    further = reader.comment("a", "Four.", parent=answer)
    mark(moderator, locked, locked=True)

    answered = [reader.post("a", f"To {to}.", parent=to) for to in (locked, answer, further, beside, root)]

    assert [one.status_code for one in answered] == [409, 409, 409, 201, 201]


def test_a_lock_holds_however_deep_answers_may_stand_by_now(make_service: Any) -> None:
    service = make_service(MAX_DEPTH="2")
    reader, moderator = service.reader(), service.moderator()
    locked = reader.comment("a", "One.", parent=reader.comment("a", "Root."))
    beside = reader.comment("a", "Two.", parent=reader.comment("a", "In between.", parent=locked))
    service = service.restarted(MAX_DEPTH="6")
    reader, moderator = service.reader(), Moderator(service.http(), moderator.token)
    below = reader.comment("a", "Three.", parent=beside)
    mark(moderator, locked, locked=True)

    assert [reader.post("a", "No.", parent=to).status_code for to in (locked, beside, below)] == [409] * 3


def test_on_every_page_of_a_locked_branch_nobody_is_asked_to_reply(
    reader: Reader, moderator: Moderator
) -> None:
    root = reader.comment("a", "Root.")
    replies = [reader.comment("a", f"Reply {number}.", parent=root) for number in range(4)]
    mark(moderator, root, locked=True)

    for where in ({"limit": 2}, {"limit": 2, "comment": replies[-1]}):
        for path in ("/thread", "/thread/fragment"):
            query: dict[str, Any] = {"article": "a"} | where
            while True:
                page = reader.http.get(path, params=query).text
                assert "reply_to=" not in page
                following = re.search(r'rel="next" href="[^"]*cursor=([^"&#]+)', page)
                if following is None:
                    break
                query = {"article": "a", "limit": 2, "cursor": unquote(following[1])}
    shown = reader.thread("a")["comments"]
    assert [one.get("closed", False) for one in shown] == [False, True, True, True, True]
    assert [one["locked"] for one in shown] == [True, False, False, False, False]


def test_the_lock_of_what_is_erased_goes_to_what_answers_it(reader: Reader, moderator: Moderator) -> None:
    root = reader.posted("a", "Root.")
    first = reader.posted("a", "First.", parent=root["comment"]["id"])
    second = reader.comment("a", "Second.", parent=first["comment"]["id"])
    beside = reader.comment("a", "Beside.", parent=root["comment"]["id"])
    mark(moderator, root["comment"]["id"], locked=True)

    for gone in (root, first):
        reader.delete(gone["comment"]["id"], gone["edit_key"])

    assert [reader.post("a", "No.", parent=to).status_code for to in (second, beside)] == [409, 409]
    mark(moderator, second, locked=False)
    assert [reader.post("a", "No.", parent=to).status_code for to in (second, beside)] == [201, 409]


def test_pins_that_nobody_sees_take_no_room(
    reader: Reader, moderator: Moderator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commentsvc.actions.mark.MAX_PINS", 2)
    pinned = [reader.comment("a", text) for text in ("A", "B", "C")]
    for comment in pinned[:2]:
        mark(moderator, comment, pinned=True)
    refused = moderator.request("PATCH", f"/comments/{pinned[2]}", json={"pinned": True})
    assert refused.status_code == 422

    moderator.decide("trash", pinned[0])
    mark(moderator, pinned[2], pinned=True)

    assert reader.texts("a") == ["C", "B"]


def test_where_there_are_too_many_pins_they_can_be_lifted(
    reader: Reader, moderator: Moderator, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinned = [reader.comment("a", text) for text in ("A", "B", "C")]
    for comment in pinned:
        mark(moderator, comment, pinned=True)
    monkeypatch.setattr("commentsvc.actions.mark.MAX_PINS", 1)

    mark(moderator, pinned[1], pinned=False)

    assert reader.texts("a") == ["C", "A", "B"]


def test_nothing_is_blacked_out_of_another_text_than_was_read(reader: Reader, moderator: Moderator) -> None:
    posted = reader.posted("a", "Call Jane Roe at once.")
    comment = posted["comment"]["id"]
    read = moderator.queue()[0]["revision"]
    reader.edit(comment, posted["edit_key"], "PS: hello. Call Jane Roe at once.")
    change = {"redact": [{"from": 5, "to": 13}], "revision": read}

    refused = moderator.request("PATCH", f"/comments/{comment}", json=change)

    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["redact"])
    assert reader.texts("a") == ["PS: hello. Call Jane Roe at once."]
    assert mark(moderator, comment, redact=[{"from": 16, "to": 24}], revision=read + 1)
    assert "Jane" not in reader.texts("a")[0]


def test_what_is_shown_as_the_staffs_waits_once_it_is_edited(reader: Reader, moderator: Moderator) -> None:
    posted = reader.posted("a", "We open at nine.")
    mark(moderator, posted["comment"]["id"], staff=True)

    assert (
        reader.edit(posted["comment"]["id"], posted["edit_key"], "The editors are fools.").status_code == 202
    )

    (waiting,) = moderator.queue()
    assert (waiting["state"], reader.thread("a")["count"]) == ("pending", 0)
    assert [one["check"] for one in waiting["findings"]] == ["staff"]


def test_staff_answer_under_their_display_name(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    parent = reader.comment("a", "When do you open?")
    labelled = Moderator(
        service.http(),
        service.run("token", "create", "--scope", "moderate", "--label", "The editors").strip(),
    )
    moderator.set_thread("a", open=False)

    given = moderator.request("POST", "/comments", json={"parent": parent, "text": "At **nine**."})
    named = labelled.request("POST", "/comments", json={"parent": parent, "text": "At ten."})

    assert (given.status_code, named.status_code) == (201, 201), given.text
    assert (given.json()["author"]["name"], named.json()["author"]["name"]) == ("Moderator", "The editors")
    assert given.json()["email"] == ""
    thread = reader.thread("a")
    assert [(c["staff"], c["parent"], c["html"]) for c in thread["comments"][1:]] == [
        (True, parent, "<p>At <strong>nine</strong>.</p>"),
        (True, parent, "<p>At ten.</p>"),
    ]
    assert thread["count"] == 3
    assert reader.get("/thread", article="a").text.count(">Staff<") == 2
    assert mark(moderator, parent, staff=True)["staff"] is True
    moderator.decide("purge", given.json()["id"])
    assert examined(service)[0] == 0


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"parent": "unknown", "text": "Hello."}, 404),
        ({"parent": "un\0known", "text": "Hello."}, 404),
        ({"text": "Hello."}, 422),
        ({"parent": "PENDING", "text": " "}, 422),
        ({"parent": "PENDING", "text": "Hello."}, 409),
        ({"parent": "ERASED", "text": "Hello."}, 409),
    ],
)
def test_staff_answer_what_is_public(reader: Reader, moderator: Moderator, body: Json, status: int) -> None:
    pending, erased = reader.comment("a", "One."), reader.comment("a", "Two.")
    moderator.decide("hold", pending)
    moderator.decide("purge", erased)
    body = body | {
        "parent": {"PENDING": pending, "ERASED": erased}.get(body.get("parent", ""), body.get("parent"))
    }

    answer = moderator.request("POST", "/comments", json={k: v for k, v in body.items() if v is not None})

    assert answer.status_code == status, answer.text


def test_a_part_of_a_text_is_blacked_out(service: InProcess, reader: Reader, moderator: Moderator) -> None:
    text = "😀 Call **Jo Sample** at 0123."
    posted = reader.posted("a", text)
    comment, key = posted["comment"]["id"], posted["edit_key"]
    begin = text.index("Jo")

    given = mark(moderator, comment, redact=[{"from": begin, "to": begin + 9}, {"from": 24, "to": 28}])

    html = "<p>😀 Call <strong>█████</strong> at █████.</p>"
    assert (given["text"], given["html"]) == (text, html)
    seen = [
        reader.get(path, article="a").text
        for path in (
            "/api/v1/thread",
            "/thread",
            "/thread/fragment",
            "/feeds/thread.atom",
            "/feeds/site.atom",
        )
    ]
    assert not any(kept in page for page in seen for kept in ("<strong>Jo", "Sample</strong>", "at 0123"))
    face = reader.get(f"/api/v1/comments/{comment}").json()
    assert (face["html"], face["redacted"]) == (html, True)
    assert "A moderator blacked out a part of this comment." in seen[1]

    assert mark(moderator, comment, redact=[])["html"] == posted["comment"]["html"]
    assert "redacted" not in reader.get(f"/api/v1/comments/{comment}").json()

    mark(moderator, comment, redact=[{"from": 0, "to": len(text)}])
    assert reader.edit(comment, key, "Call me.").json()["state"] == "pending"
    assert reader.texts("a") == []
    moderator.decide("approve", comment)
    assert reader.texts("a") == ["Call me."]


@pytest.mark.parametrize(
    "redact", [[{"from": 3, "to": 3}], [{"from": 4, "to": 2}], [{"from": 0, "to": 99}], [{"from": -1, "to": 2}],
               [{"from": 0, "to": 10**30}], [[0, 2]], "all", None, [{"from": 0}] ],
)  # fmt: skip
@pytest.mark.any_database
def test_what_a_text_does_not_have_is_not_blacked_out(
    reader: Reader, moderator: Moderator, redact: Any
) -> None:
    comment = reader.comment("a", "Some words.")

    answer = moderator.request("PATCH", f"/comments/{comment}", json={"redact": redact})

    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["redact"])
    assert reader.texts("a") == ["Some words."]


@pytest.mark.any_database
def test_marks_are_for_the_moderators_of_the_site(service: InProcess, reader: Reader) -> None:
    service.run("site", "add", "other", "--origin", "https://other.example")
    foreign, comment = service.moderator("other"), reader.comment("a")

    assert foreign.request("PATCH", f"/comments/{comment}", json={"pinned": True}).status_code == 404
    body = {"parent": comment, "text": "Hello."}
    assert foreign.request("POST", "/comments", json=body).status_code == 404
    assert (
        reader.http.patch(f"/api/v1/moderation/comments/{comment}", json={"pinned": True}).status_code == 403
    )


@pytest.mark.any_database
def test_what_is_rendered_anew_stays_blacked_out(
    service: InProcess, reader: Reader, moderator: Moderator, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, meanwhile = reader.comment("a", "Call Jo."), reader.comment("a", "Ask Bo.")
    mark(moderator, before, redact=[{"from": 5, "to": 7}])
    monkeypatch.setattr(sanitise, "RULES", sanitise.RULES + 1)
    with service.ours.reading() as work:
        rendered = rerender.render_outdated(rerender.find_outdated(work, rerender.FIRST))
    mark(moderator, meanwhile, redact=[{"from": 4, "to": 6}])

    with service.ours.unit_of_work() as work:
        rerender.store_rendered(work, service.ours, rendered)

    assert reader.texts("a") == ["Call █████.", "Ask █████."]
