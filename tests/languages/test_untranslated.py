"""No word of English is left where the answer is in a language of other letters.

Whoever writes a text without asking the catalogues for it is found here: each answer holds no Latin
word but those that its readers write so themselves.
"""

from __future__ import annotations

import re

import pytest

from tests.languages.said import latin, left_in
from tests.people import Reader
from tests.running_service import InProcess

OTHER_LETTERS = ["ar", "fa", "he", "hi", "ja", "ko", "ru", "uk", "zh", "zh-Hant"]


@pytest.fixture(scope="module")
def reader(shared_service: InProcess) -> Reader:
    """Somebody whose name has no Latin letters, on a site with a thread that shows all there is to show."""
    shared_service.run("site", "set", "default", "--privacy-url", "https://paper.example/privacy")
    reader = shared_service.reader(name="Ада")
    root = reader.comment("1", "1 + 1")
    reply = reader.comment("1", "2", parent=root)
    reader.comment("1", "3", parent=reply)
    removed = reader.comment("1", "4", parent=root)
    reader.comment("1", "5", parent=removed)
    reader.comment("3", "6")
    own = reader.posted("1", "7")
    shared_service.clock.move(seconds=1)
    assert reader.edit(own["comment"]["id"], own["edit_key"], "8").status_code == 200
    moderator = shared_service.moderator()
    moderator.decide("trash", removed)
    assert moderator.set_thread("3", open=False).status_code == 200
    return reader


@pytest.mark.parametrize("language", OTHER_LETTERS)
@pytest.mark.parametrize("query", [{}, {"limit": "1"}, {"order": "newest", "closed": "1"}], ids=str)
def test_of_the_fragment(reader: Reader, language: str, query: dict[str, str]) -> None:
    for article in ("1", "2", "3"):
        answer = reader.get("/thread/fragment", article=article, lang=language, **query)
        assert answer.headers["Content-Language"] == language
        assert left_in(answer.text) == []


@pytest.mark.parametrize("language", OTHER_LETTERS)
def test_of_the_whole_page(reader: Reader, language: str) -> None:
    root = reader.thread("1")["comments"][0]["id"]
    for query in (
        {"article": "1", "limit": "2"},
        {"article": "1", "limit": "2", "comment": root, "reply_to": root},
        {"article": "2"},
        {"article": "3"},
        {"article": "1", "held": "1"},
        {"article": "1", "deleted": "1"},
    ):
        answer = reader.get("/thread", lang=language, **query)
        assert answer.headers["Content-Language"] == language
        assert left_in(answer.text) == []


@pytest.mark.parametrize("language", OTHER_LETTERS)
def test_of_the_pages_of_ones_own_comment(reader: Reader, language: str) -> None:
    text = str(OTHER_LETTERS.index(language))  # the same text again would be the same comment
    form = {"name": "Ада", "email": "ada@paper.example", "text": text, "token": reader.token("4")}
    where = {"article": "4", "lang": language}
    posted = reader.http.post("/thread", params=where, data=form)
    page = reader.get(posted.headers["Location"])
    assert left_in(page.text) == []
    link = re.search(r'href="(/thread/edit[^"]+)"', page.text)
    assert link
    private = link[1].replace("&amp;", "&")
    key = private.split("key=")[1]

    assert left_in(reader.get(private).text) == []
    for sent in ({"open": "1"}, {"text": "9", "preview": "1"}, {"text": ""}, {"delete": "ask"}):
        assert left_in(reader.http.post(private, data={"key": key} | sent).text) == []
    assert left_in(reader.http.post(private, data={"key": "none", "open": "1"}).text) == []


@pytest.mark.parametrize("language", OTHER_LETTERS)
def test_of_what_is_wrong_with_a_comment(reader: Reader, language: str) -> None:
    def errors_of(**fields: str) -> str:
        form = {"name": "Ада", "email": "ada@paper.example", "text": "9", "token": "none"} | fields
        answer = reader.http.post("/thread", params={"article": "1", "lang": language}, data=form)
        assert answer.status_code in {409, 422}
        return answer.text.replace(fields.get("name", "-"), "").replace(fields.get("text", "\0"), "")

    wrong = [
        {"name": "", "email": "", "text": ""},
        {"name": "ж" * 81, "email": "@", "url": "1"},
        {"name": "\u200b", "email": "ж", "url": "9" * 300},
        {"name": "\u202eж", "email": "ж ж@paper.example"},
        {"name": "\x01", "email": "1@paper", "text": "1\n" * 1001},
        {"email": "1" * 300 + "@paper.example", "text": "![" * 5000},
        {"email": "..@paper.example", "text": "1" * 10001},
        {"text": "![" * 5000},
        {"text": "1\0"},
        {"text": "1" + "\u0301" * 31},
        {"text": "https://1.example/ " * 101},
        {"text": "\u200b"},
    ]  # fmt: skip
    for fields in wrong:
        assert left_in(errors_of(**fields)) == [], fields
    fresh = reader.token("1")
    assert left_in(errors_of(token=fresh, parent="none")) == []
    assert left_in(errors_of(token=reader.token("2"))) == []


@pytest.mark.parametrize("language", OTHER_LETTERS)
def test_of_the_refusals_that_the_widget_shows(reader: Reader, language: str) -> None:
    in_language = {"Accept-Language": language}
    own = reader.posted("refused", "9")
    comment, key = own["comment"]["id"], own["edit_key"]
    spent = reader.submission("refused", "10")
    assert reader.send(spent).status_code == 201
    for answer in (
        reader.send(spent | {"text": "11"}, **in_language),
        reader.send(reader.submission("3", "1"), **in_language),
        reader.send(reader.submission("refused", parent="none"), **in_language),
        reader.send({"article": "refused"}, **in_language),
        reader.http.patch(
            f"/api/v1/comments/{comment}", json={"text": ""}, headers={"Authorization": f"Bearer {key}"} | in_language
        ),
        reader.http.patch(
            f"/api/v1/comments/{comment}", json={"text": "1"}, headers={"Authorization": "Bearer none"} | in_language
        ),
        reader.http.post("/api/v1/preview", json={"text": "![" * 5000}, headers=in_language),
    ):  # fmt: skip
        problem = answer.json()
        assert answer.headers["Content-Language"] == language
        by_field = problem.get("errors", {}).values()  # where there are any, they alone are shown
        said = [text for texts in by_field for text in texts] or [problem["detail"]]
        assert [text for text in said if latin(text)] == []


@pytest.mark.parametrize("language", OTHER_LETTERS)
def test_of_the_limits(shared_service: InProcess, language: str) -> None:
    limited = shared_service.restarted(RATE_LIMIT_POST="1 per minute", EDIT_WINDOW="60")
    reader = limited.reader(f"192.0.2.{OTHER_LETTERS.index(language) + 50}")
    own = reader.posted("limited", "1")

    refused = reader.send(reader.submission("limited", "2"), **{"Accept-Language": language})
    limited.clock.move(minutes=5)
    late = reader.http.patch(
        f"/api/v1/comments/{own['comment']['id']}",
        json={"text": "3"},
        headers={"Authorization": f"Bearer {own['edit_key']}", "Accept-Language": language},
    )

    assert (refused.status_code, late.status_code) == (429, 403)
    assert latin(refused.json()["detail"]) == latin(late.json()["detail"]) == []
    limited.close()
