"""What moderators set on a comment: pinned, locked, of the staff, partly blacked out."""

from __future__ import annotations

from typing import Any

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
