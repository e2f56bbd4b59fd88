"""An answer is named by what its route reads, so that no address that is made up names another."""

from __future__ import annotations

import unicodedata
from random import Random
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import create_environ, run_wsgi_app

from commentsvc.cache.keys import PARAMETERS, Spellings, cache_key
from tests.databases import on_sqlite
from tests.running_service import InProcess

__all__ = ["on_sqlite"]  # nothing here depends on the database

THREAD = "/api/v1/thread"
FRAGMENT = "/thread/fragment"
COUNTS = "/api/v1/counts"


@pytest.mark.unit
@pytest.mark.parametrize(
    ("path", "query"),
    [
        (THREAD, "article=caf%C3%A9&x=1"),
        (THREAD, "x=1&article=caf%C3%A9"),
        (THREAD, "article=caf%c3%a9"),
        (THREAD, "%61rticle=c%61fe%CC%81"),
        (THREAD, "article=caf%C3%A9&article=other"),
        (THREAD, "article=&article=caf%C3%A9"),
        (THREAD, "article=caf%C3%A9&order=oldest&limit=100&site=default&cursor=&comment="),
        (THREAD, "article=caf%C3%A9&limit=0100"),
        (THREAD, "article=caf%C3%A9&comment=" + "x" * 5000),
        (THREAD, "&&article=caf%C3%A9&&="),
        (THREAD, "article=caf%C3%A9&lang=de"),
        (THREAD, b"article=caf\xc3\xa9".decode("latin-1")),
    ],
)
def test_like_requests_have_one_key(path: str, query: str) -> None:
    assert cache_key(path, query) == (THREAD, "article=caf%C3%A9")


@pytest.mark.unit
@pytest.mark.parametrize(("one", "other"), [("a+b", "a%20b"), ("a/b", "a%2Fb"), ("a~b", "a%7Eb")])
def test_one_character_has_one_spelling(one: str, other: str) -> None:
    assert cache_key(THREAD, f"article={one}") == cache_key(THREAD, f"article={other}") is not None


@pytest.mark.unit
@pytest.mark.parametrize("lang", ["de", "DE", "de_DE", "de-AT", "de_DE.UTF-8", "de_DE@euro"])
def test_a_language_is_named_as_the_service_speaks_it(lang: str) -> None:
    assert cache_key(FRAGMENT, f"article=a&lang={lang}") == (FRAGMENT, "article=a&lang=de")


@pytest.mark.unit
@pytest.mark.parametrize("lang", ["tlh", "x" * 5000, "%FF", "C", "-", "_"])
def test_every_unknown_language_is_english(lang: str) -> None:
    assert cache_key(FRAGMENT, f"lang={lang}&article=a") == (FRAGMENT, "article=a&lang=en")


@pytest.mark.unit
def test_the_same_articles_in_any_order_have_one_key() -> None:
    articles = [f"article={n}" for n in range(200)]
    key = cache_key(COUNTS, "&".join(articles))
    assert key is not None

    for seed in range(5):
        Random(seed).shuffle(articles)
        assert cache_key(COUNTS, "&".join(articles)) == key


@pytest.mark.unit
@pytest.mark.parametrize(
    ("path", "query"),
    [
        (THREAD, ""),
        (THREAD, "article=%FF"),
        (THREAD, "article=%00"),
        (THREAD, "article=" + "x" * 256),
        (THREAD, "article=a&site=" + "x" * 65),
        (THREAD, "article=a&limit=0"),
        (THREAD, "article=a&order=x"),
        (THREAD, "article=a&cursor=" + "x" * 401),
        (THREAD, "article=a&cursor=%C3%A9"),
        (THREAD, "article=a" + "&x=1" * 300),
        (THREAD, "article=a&x=" + "y" * 16_000),
        (COUNTS, "&".join(f"article={n}" for n in range(201))),
        ("/api/v1/comments/" + "x" * 65, ""),
        ("/api/v1/comments/a/b", ""),
        ("/embed-x.js", ""),
        ("/embed.js/", ""),
        ("/thread", "article=a"),
        ("/nothing", ""),
    ],
)
def test_what_is_refused_or_never_cached_has_no_key(path: str, query: str) -> None:
    assert cache_key(path, query) is None


values = st.sampled_from(
    [
        "",
        "a-1",
        "a b",
        "2019/04/kim",
        "é",
        "e\u0301",
        "漢字",
        "%41",
        "+",
        "&",
        "=",
        "default",
        "blog",
        "x" * 300,
        *["oldest", "newest", "1", "007", "100", "200", "0", "de_DE", "en", "ar", "tlh", "\0", "\U0001f600"],
    ]
)
encoders = st.sampled_from(
    [quote, quote_plus, lambda text: "".join(f"%{byte:02x}" for byte in text.encode())]
)
names = st.sampled_from(
    ["article", "site", "order", "limit", "cursor", "comment", "lang", "closed", "utm_source", "x", ""]
)
queries = st.lists(
    st.tuples(names, values, encoders).map(lambda part: f"{part[0]}={part[2](part[1])}"), max_size=6
).map("&".join)


@pytest.mark.unit
@given(path=st.sampled_from(sorted(PARAMETERS)), query=queries)
@settings(max_examples=300, deadline=None)
def test_a_key_is_its_own_key(path: str, query: str) -> None:
    key = cache_key(path, f"article=a-1&{query}")

    assert key is None or cache_key(*key) == key


@pytest.fixture(scope="module")
def service(shared_service: InProcess) -> InProcess:
    reader = shared_service.reader()
    for article in ("a-1", "a b", "é"):
        reader.comment(article)
    return shared_service


@given(path=st.sampled_from(sorted(PARAMETERS)), query=queries)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_answer_to_a_key_is_that_to_its_request(service: InProcess, path: str, query: str) -> None:
    query = f"article=a-1&{query}"

    def asked(question: str) -> tuple[int, bytes]:
        environ = create_environ(path, query_string=question, environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
        body, status, _ = run_wsgi_app(service.app.wsgi_app._inner, environ)
        return int(status[:3]), b"".join(body)

    key = cache_key(path, query)

    if key is None:
        assert asked(query)[0] in {404, 422}
    else:
        assert asked(query) == asked(key[1])


@pytest.mark.unit
def test_spellings_are_forgotten_when_they_take_too_much() -> None:
    spellings = Spellings(10_000, "")

    for number in range(1000):
        spelling = (THREAD, f"article=a&x={number}")
        assert spellings.known(spelling) is None
        assert spellings.learn(*spelling) == spellings.known(spelling) == (THREAD, "article=a")
        assert spellings._bytes <= 10_000
        assert len(spellings._keys) < 50


@pytest.mark.unit
def test_normal_forms_are_one_article() -> None:
    name = "Ångström 가"

    forms = {
        cache_key(THREAD, f"article={quote(unicodedata.normalize(form, name))}") for form in ("NFC", "NFD")
    }

    assert len(forms) == 1
