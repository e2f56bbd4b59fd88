"""Guests begin so many threads of a site in an hour, however many they are."""

from __future__ import annotations

from tests.conftest import MakeService
from tests.people import Reader, bearer
from tests.posting.html_page import Page
from tests.posting.problems import problem_of
from tests.running_service import InProcess


def test_all_guests_together_begin_so_many_threads(make_service: MakeService) -> None:
    service = make_service(RATE_LIMIT_THREADS="3 per hour")
    for number in range(3):
        assert guest(service, number).post(f"new-{number}").status_code == 201

    refused = guest(service, 3).post("new-3")

    problem_of(refused, 429, "rate-limited")
    assert (refused.headers["Retry-After"], refused.headers["RateLimit-Limit"]) == ("3600", "3")
    assert guest(service, 3).thread("new-3")["count"] == 0
    service.clock.move(hours=1)
    assert guest(service, 3).post("new-3").status_code == 201


def test_threads_that_are_there_are_not_counted(make_service: MakeService) -> None:
    service = make_service(RATE_LIMIT_THREADS="1 per hour")
    assert service.reader().post("a").status_code == 201

    assert [guest(service, number).post("a", f"{number}").status_code for number in range(5)] == [201] * 5
    assert service.reader().post("b").status_code == 429


def test_reading_and_form_tokens_begin_none(make_service: MakeService) -> None:
    reader = make_service(RATE_LIMIT_THREADS="1 per hour").reader()

    for number in range(5):
        reader.thread(f"read-{number}")
        reader.token(f"read-{number}")

    assert reader.post("a").status_code == 201


def test_each_site_is_counted_by_itself(make_service: MakeService) -> None:
    service = make_service(RATE_LIMIT_THREADS="1 per hour")
    service.run("site", "add", "blog", "--origin", "https://blog.example")
    reader = service.reader()

    assert [reader.post(article).status_code for article in ("a", "b")] == [201, 429]
    assert [reader.post(article, site="blog").status_code for article in ("a", "b")] == [201, 429]


def test_programs_and_moderators_begin_as_many_as_they_like(make_service: MakeService) -> None:
    service = make_service(RATE_LIMIT_THREADS="1 per hour")
    reader, moderator = service.reader(), service.moderator()
    token = service.run("token", "create", "--scope", "post").strip()
    reader.comment("a")

    for number in range(3):
        submission = reader.submission(f"program-{number}", token="")
        made = reader.http.post("/api/v1/comments", json=submission, headers=bearer(token))
        assert made.status_code == 201
        assert moderator.set_thread(f"moderator-{number}", title="New").status_code == 200


def test_a_client_over_its_own_limit_takes_nothing_from_the_site(make_service: MakeService) -> None:
    service = make_service(RATE_LIMIT_THREADS="2 per hour", RATE_LIMIT_POST="1 per hour")
    reader = service.reader()

    assert [reader.post(f"new-{number}").status_code for number in range(4)] == [201, 429, 429, 429]
    assert guest(service, 1).post("another").status_code == 201


def test_the_page_keeps_what_was_typed(make_service: MakeService) -> None:
    reader = make_service(RATE_LIMIT_THREADS="1 per hour").reader()
    reader.comment("a")

    refused = Page.of(reader, "b").send(name="Ada", email="ada@paper.example", text="Typed at length.")

    assert refused.answer.status_code == 429
    assert refused.typed()["text"] == "Typed at length."


def guest(service: InProcess, number: int) -> Reader:
    """Somebody from another network."""
    return service.reader(f"198.51.100.{number + 1}")
