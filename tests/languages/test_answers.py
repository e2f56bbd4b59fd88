"""Who is answered in which language, and what depends on it besides the words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commentsvc.messages import spoken
from tests.people import Reader
from tests.posting.html_page import Page
from tests.running_service import InProcess

NONE_YET = {
    "en": "No comments yet.",
    "de": "Noch keine Kommentare.",
    "zh": "还没有评论",
    "zh-Hant": "還沒有留言",
}


@pytest.fixture(scope="module")
def reader(shared_service: InProcess) -> Reader:
    reader = shared_service.reader()
    root = reader.comment("replies", name="Ann")
    for number in range(5):
        reader.comment(f"replies {number}")
    reader.comment("replies", parent=root, name="Bo")
    return reader


def language_of(reader: Reader, path: str = "/thread", accepted: str = "", **query: str) -> str:
    answer = reader.http.get(path, params={"article": "a"} | query, headers={"Accept-Language": accepted})
    assert answer.status_code == 200
    return answer.headers["Content-Language"]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("gsw, fr;q=0.4, de;q=0.8", "de"),
        ("tlh", "en"),
        ("pt-BR", "pt"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-CN", "zh"),
        ("zh-Hans-TW", "zh"),
        ("iw", "he"),
        ("in", "id"),
    ],
)
def test_a_page_is_in_the_language_of_its_reader(reader: Reader, accepted: str, language: str) -> None:
    assert language_of(reader, accepted=accepted) == language


def test_the_language_that_the_address_names_wins_and_stays(reader: Reader) -> None:
    assert language_of(reader, lang="de", accepted="fr") == "de"
    page = Page.of(reader, "replies", lang="de", limit="1")
    linked = [e.attributes["href"] for e in page.elements if "/thread?" in e.attributes.get("href", "")]
    assert len(linked) > 3
    assert [address for address in linked if "lang=de" not in address] == []


def test_what_is_the_same_for_all_readers_is_in_the_language_of_its_address(reader: Reader) -> None:
    assert language_of(reader, "/thread/fragment", accepted="de") == "en"
    assert language_of(reader, "/thread/fragment", lang="de", accepted="fr") == "de"


@pytest.mark.parametrize("language", NONE_YET)
def test_the_words_are_of_that_language(reader: Reader, language: str) -> None:
    for path in ("/thread", "/thread/fragment"):
        answer = reader.get(path, article="empty", lang=language)
        assert NONE_YET[language] in answer.text
        assert f'lang="{language}"' in answer.text


def test_lines_run_where_the_language_has_them_run(reader: Reader) -> None:
    for language, direction in [("ar", "rtl"), ("fa", "rtl"), ("he", "rtl"), ("de", "ltr"), ("ja", "ltr")]:
        assert (
            f'<html lang="{language}" dir="{direction}">'
            in reader.get("/thread", article="a", lang=language).text
        )
        assert f'dir="{direction}"' in reader.get("/thread/fragment", article="a", lang=language).text


def test_a_name_runs_its_own_way(reader: Reader) -> None:
    html = reader.get("/thread/fragment", article="replies", lang="ar").text

    assert '<bdi translate="no">Bo</bdi>' in html
    assert 'ردًا على <bdi translate="no">Ann</bdi>' in html


@pytest.mark.parametrize(
    ("language", "replies"),
    [
        ("en", {1: "Hide 1 reply", 2: "Hide 2 replies"}),
        ("fr", {1: "Masquer 1 réponse", 2: "Masquer 2 réponses"}),
        ("pl", {1: "Ukryj 1 odpowiedź", 2: "Ukryj 2 odpowiedzi"}),
        ("ru", {1: "Скрыть 1 ответ", 2: "Скрыть 2 ответа", 5: "Скрыть 5 ответов"}),
        ("ar", {1: "إخفاء الرد (1)", 2: "إخفاء الردّين (2)", 3: "إخفاء 3 ردود"}),
        ("ja", {1: "返信1件を隠す", 2: "返信2件を隠す"}),
    ],
)
def test_numbers_have_their_plurals(
    shared_service: InProcess, language: str, replies: dict[int, str]
) -> None:
    reader = shared_service.reader()
    article = f"plurals {language}"
    for number in replies:
        root = reader.comment(article)
        for _ in range(number):
            reader.comment(article, parent=root)

    html = reader.get("/thread/fragment", article=article, lang=language).text

    for said in replies.values():
        assert said in html


@pytest.mark.parametrize(
    ("language", "day"),
    [
        ("en", "24 November 2026, 09:00 UTC"),
        ("de", "24. November 2026, 09:00 UTC"),
        ("ja", "2026年11月24日 09:00 UTC"),
        ("ar", "24 نوفمبر 2026، 09:00 UTC"),
        ("vi", "09:00 UTC 24 tháng 11, 2026"),
    ],
)
def test_days_are_written_as_the_language_writes_them(reader: Reader, language: str, day: str) -> None:
    assert day in reader.get("/thread/fragment", article="replies", lang=language).text


def test_errors_are_in_the_language_of_the_form_and_their_types_are_not(reader: Reader) -> None:
    submission = reader.submission("errors") | {"name": ""}

    english, german = (
        reader.send(submission).json(),
        reader.send(submission, **{"Accept-Language": "de"}).json(),
    )

    assert english["errors"] == {"name": ["Please tell us your name."]}
    assert german["errors"] != english["errors"]
    assert (german["type"], german["status"]) == (english["type"], english["status"])


def test_a_value_of_another_direction_disturbs_no_line(reader: Reader) -> None:
    answer = reader.send(reader.submission("errors") | {"email": "nobody"}, **{"Accept-Language": "he"})

    assert "\u2068ada@paper.example\u2069" in answer.json()["errors"]["email"][0]


def test_programs_are_answered_in_english(reader: Reader) -> None:
    for path in ("/api/v1/thread", "/api/v1/counts", "/api/v1/comments/none"):
        answer = reader.http.get(path, headers={"Accept-Language": "de"})
        english = reader.get(path)
        assert answer.content == english.content
        assert "Content-Language" not in answer.headers


@pytest.mark.soak
@settings(deadline=None)
@given(st.text(max_size=60) | st.from_regex(r"[A-Za-z]{1,9}([-_@.][A-Za-z0-9]{1,9}){0,5}", fullmatch=True))
def test_whatever_is_named_there_is_an_answer(reader: Reader, tag: str) -> None:
    answer = reader.get("/thread/fragment", article="a", lang=tag)

    assert answer.status_code == 200
    assert answer.headers["Content-Language"].replace("-", "_") in spoken()


@pytest.mark.parametrize("tag", ["de_DE", "de-DE", "DE_de", "de_DE.UTF-8", "de_AT@euro", "de"])
def test_a_language_may_be_written_as_systems_write_it(reader: Reader, tag: str) -> None:
    assert reader.get("/thread/fragment", article="a", lang=tag).headers["Content-Language"] == "de"


@pytest.mark.parametrize("tag", ["zh_TW", "zh-Hant", "zh_Hant_HK"])
def test_a_script_may_be_written_so_too(reader: Reader, tag: str) -> None:
    assert reader.get("/thread/fragment", article="a", lang=tag).headers["Content-Language"] == "zh-Hant"
