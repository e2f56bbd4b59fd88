"""`commentsvc site`: origins one by one, and which articles there are."""

from __future__ import annotations

import pytest

from tests.command_line import refusal, typed
from tests.posting.html_page import Page
from tests.posting.problems import problem_of
from tests.running_service import InProcess

NEWS, BLOG = "https://news.example", "https://blog.example"


def origins(service: InProcess, site: str = "books") -> list[str]:
    listed = service.run("site", "list")
    of_site = listed[listed.index(f"{site}\n") :].split("\n")[1:]
    return [line.removeprefix("    origin: ") for line in of_site if line.startswith("    origin: ")]


def test_an_origin_is_added_and_removed_and_the_others_stay(service: InProcess) -> None:
    service.run("site", "add", "books", "--origin", NEWS)

    service.run("site", "set", "books", "--add-origin", "https://Bücher.example:443", "--add-origin", BLOG)
    assert origins(service)[:3] == [NEWS, "https://xn--bcher-kva.example", BLOG]
    service.run("site", "set", "books", "--add-origin", BLOG)
    assert origins(service).count(BLOG) == 1
    service.run("site", "set", "books", "--remove-origin", NEWS, "--remove-origin", "https://bücher.example")
    assert origins(service)[0] == BLOG
    service.run("site", "set", "books", "--origin", NEWS)
    assert origins(service)[0] == NEWS
    assert BLOG not in origins(service)


def test_what_is_added_and_removed_holds_at_the_next_post(service: InProcess) -> None:
    reader = service.reader()

    def post() -> int:
        return reader.send(reader.submission("a"), Origin=BLOG).status_code

    service.run("site", "set", "default", "--origin", NEWS)
    assert post() == 403
    service.run("site", "set", "default", "--add-origin", BLOG)
    assert post() == 201
    service.run("site", "set", "default", "--remove-origin", BLOG)
    assert post() == 403


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "blog", "--origin", ""], "“” is not an origin such as https://news.example (this is empty)"),
        (["set", "default", "--origin", ""], "this is empty"),
        (["set", "default", "--add-origin", ""], "this is empty"),
        (["set", "default", "--remove-origin", " "], "this is empty"),
        (["set", "default", "--origin", "*"], "a wildcard would let pages of strangers post"),
        (["set", "default", "--add-origin", "https://*.news.example"], "a wildcard"),
        (["set", "default", "--add-origin", "null"], "sandboxed frame"),
        (["set", "default", "--remove-origin", NEWS], f"{NEWS} is not among the origins that were set"),
        (["set", "default", "--origin", NEWS, "--add-origin", BLOG], "Give either --origin"),
        (["set", "nowhere", "--add-origin", NEWS], "Unknown site “nowhere”"),
        (["set", "default", "news/*"], "“news/*” belongs to no option"),
        (["set", "default", "--articles", ""], "a pattern of article IDs such as news/*"),
        (["set", "default", "--articles", " "], "a pattern of article IDs"),
        (["set", "default", "--articles", "a" * 256], "a pattern of article IDs"),
        (["set", "default", "--articles", "a", "--articles"], "Give --articles either alone"),
        (["set", "", "--articles", "a"], "Unknown site “”"),
        (["set", "default"], "Say what to change"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_what_cannot_be_is_refused_in_one_line_and_changes_nothing(
    service: InProcess, words: list[str], said: str
) -> None:
    before = service.run("site", "list")

    result = typed("site", *words, data_dir=service.data_dir)

    assert said in refusal(result)
    assert service.run("site", "list") == before


def statuses(service: InProcess, article: str) -> list[int]:
    """How an article is answered: read, a form token, a post, a program's post, a plain form."""
    reader = service.reader()
    token = service.run("token", "create", "--scope", "post").strip()
    submission = reader.submission(article, token="")
    made = reader.http.post("/api/v1/comments", json=submission, headers={"Authorization": f"Bearer {token}"})
    form = reader.get("/api/v1/form", article=article)
    sent = {"name": "Ada", "email": "ada@paper.example", "text": "A.", "token": form.json().get("token", "")}
    return [
        reader.get("/api/v1/thread", article=article).status_code,
        form.status_code,
        reader.send(submission | sent).status_code,
        made.status_code,
        reader.http.post("/thread", params={"article": article}, data=sent | {"text": "B."}).status_code,
    ]


@pytest.mark.parametrize(
    ("patterns", "there_are", "there_are_not"),
    [
        (["news/*"], ["news/1", "news/2026/11", "news/"], ["news", "News/1", "blog/1", "xnews/1"]),
        (["news/????", "[0-9]*"], ["news/2026", "7", "42/a"], ["news/26", "a7"]),
        (["stra\u00dfe", "caf\u0065\u0301"], ["stra\u00dfe", "caf\u00e9"], ["strasse", "cafe"]),
        (["https://news.example/*"], ["https://news.example/?p=1"], ["http://news.example/?p=1"]),
    ],
)
def test_only_what_matches_a_pattern_can_be_commented_on(
    service: InProcess, patterns: list[str], there_are: list[str], there_are_not: list[str]
) -> None:
    service.run("site", "set", "default", "--articles", *patterns)

    for article in there_are:
        assert statuses(service, article)[:4] == [200, 200, 201, 201], article
    for article in there_are_not:
        assert statuses(service, article) == [200, 422, 422, 422, 422], article
        assert service.reader().thread(article)["count"] == 0


def test_the_refusal_names_the_field_and_reading_stays_as_it_was(service: InProcess) -> None:
    service.run("site", "set", "default", "--articles", "news/*", "--articles", "blog/*")
    reader = service.reader()

    refused = problem_of(reader.get("/api/v1/form", article="other"), 422, "invalid")
    page = Page.of(reader, "other")

    assert refused["errors"].keys() == {"article"}
    assert reader.thread("other") | {"open": True} == {
        "site": "default", "article": "other", "title": None, "url": None, "open": True, "count": 0,
        "slow_mode_seconds": None, "comments": [], "next": None,
    }  # fmt: skip
    assert reader.thread("other")["open"] is False
    assert "form" not in {element.name for element in page.elements}
    assert "<form" not in reader.get("/thread/fragment", article="other").text
    assert "<form" in reader.get("/thread/fragment", article="blog/1").text


def test_a_form_that_was_open_says_why_and_keeps_what_was_typed(service: InProcess) -> None:
    page = Page.of(service.reader(), "other")
    service.run("site", "set", "default", "--articles", "news/*")

    refused = page.send(name="Ada", email="ada@paper.example", text="Typed at length.")

    assert refused.answer.status_code == 422
    assert "no such article" in refused.find(role="alert").text
    assert refused.typed()["text"] == "Typed at length."


def test_patterns_are_listed_and_taken_back(service: InProcess) -> None:
    service.run("site", "set", "default", "--articles", "news/*", "\x1b[2J", "--moderation", "none")
    listed = service.run("site", "list")
    assert "    articles: 'news/*'\n    articles: '\\x1b[2J'\n" in listed

    service.run("site", "set", "default", "--articles")

    assert "articles" not in service.run("site", "list")
    assert statuses(service, "anything")[2] == 201


def test_what_is_there_already_is_kept_and_a_moderator_may_still_close_it(service: InProcess) -> None:
    reader, moderator = service.reader(), service.moderator()
    comment = reader.posted("old", "Said before.")
    service.run("site", "set", "default", "--articles", "news/*")

    assert reader.texts("old") == ["Said before."]
    assert reader.post("old", token="").status_code == 422
    assert reader.edit(comment["comment"]["id"], comment["edit_key"], "Said better.").status_code == 200
    assert moderator.set_thread("old", title="Old").status_code == 200
    assert moderator.set_thread("news/1", title="News").status_code == 200
    refused = problem_of(moderator.set_thread("never", title="Never"), 422, "invalid")
    assert refused["errors"].keys() == {"article"}


def test_another_site_has_its_own(service: InProcess) -> None:
    service.run("site", "add", "blog", "--origin", BLOG)
    service.run("site", "set", "blog", "--articles", "post-*")
    reader = service.reader()

    assert reader.post("anything").status_code == 201
    assert reader.get("/api/v1/form", article="anything", site="blog").status_code == 422
    assert reader.post("post-1", site="blog").status_code == 201
