"""A form token is good for one article, for a time, and not sooner than people type."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.conftest import MakeService
from tests.people import Reader
from tests.posting.problems import errors_of, problem_of
from tests.running_service import InProcess


@pytest.fixture
def service(make_service: MakeService) -> InProcess:
    """A service with the time trap that operators have unless they set another."""
    return make_service(FORM_MIN_SECONDS="2")


@pytest.mark.any_database
def test_a_form_says_when_its_token_is_good(reader: Reader) -> None:
    answer = reader.get("/api/v1/form", article="a-1")

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    form = answer.json()
    assert form.pop("token")
    assert form == {"min_seconds": 2, "expires_in": 7200, "challenge": None}


@pytest.mark.any_database
def test_each_form_has_a_token_of_its_own(reader: Reader) -> None:
    assert reader.token("a-1") != reader.token("a-1")


@pytest.mark.any_database
@pytest.mark.parametrize("seconds", [2, 2.001, 60, 7199.999])
def test_a_token_is_good_from_two_seconds_to_two_hours(
    service: InProcess, reader: Reader, seconds: float
) -> None:
    submission = reader.submission("a-1")

    service.clock.move(seconds=seconds)

    assert reader.send(submission).status_code == 201


@pytest.mark.any_database
@pytest.mark.parametrize("seconds", [0, 1, 1.999])
def test_a_form_sent_too_soon_is_told_so_and_may_be_sent_again(
    service: InProcess, reader: Reader, seconds: float
) -> None:
    submission = reader.submission("a-1")
    service.clock.move(seconds=seconds)

    assert set(errors_of(reader.send(submission), "too-fast")) == {"token"}

    service.clock.move(seconds=2)
    assert reader.send(submission).status_code == 201


@pytest.mark.any_database
@pytest.mark.parametrize("seconds", [7200, 7201, 1_000_000])
def test_a_form_that_lay_open_for_too_long_is_told_so(
    service: InProcess, reader: Reader, seconds: float
) -> None:
    submission = reader.submission("a-1")

    service.clock.move(seconds=seconds)

    assert set(errors_of(reader.send(submission), "token-expired")) == {"token"}
    assert reader.thread("a-1")["count"] == 0


@pytest.mark.any_database
@pytest.mark.parametrize("seconds", [0.001, 1, 60, 3600, 7200])
def test_a_form_fetched_before_the_clock_stepped_back_is_old_enough(
    service: InProcess, reader: Reader, seconds: float
) -> None:
    submission = reader.submission("a-1")

    service.clock.move(seconds=-seconds)

    assert reader.send(submission).status_code == 201
    again = reader.send(submission)
    assert (again.status_code, reader.thread("a-1")["count"]) == (200, 1)


@pytest.mark.any_database
@pytest.mark.parametrize("seconds", [7200.002, 7201, 86_400, 1_000_000])
def test_a_token_from_further_in_the_future_than_a_clock_steps_is_refused(
    service: InProcess, reader: Reader, seconds: float
) -> None:
    submission = reader.submission("a-1")

    service.clock.move(seconds=-seconds)

    assert set(errors_of(reader.send(submission), "invalid")) == {"token"}
    assert reader.thread("a-1")["count"] == 0


@pytest.mark.any_database
def test_a_page_without_a_script_that_was_open_while_the_clock_stepped_back_can_be_sent(
    service: InProcess, reader: Reader
) -> None:
    page = reader.http.get("/thread", params={"article": "a-1"}).text
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token
    service.clock.move(seconds=-3600)

    filled = {"token": token[1], "name": "Ada Sample", "email": "ada@paper.example", "text": "An hour back."}
    answer = reader.http.post("/thread", params={"article": "a-1"}, data=filled, follow_redirects=False)

    assert answer.status_code == 303
    assert reader.thread("a-1")["count"] == 1


SPOILT = {
    "none": lambda token: None,
    "empty": lambda token: "",
    "garbage": lambda token: "garbage",
    "cut": lambda token: token[:-1],
    "prolonged": lambda token: token + "x",
    "without a signature": lambda token: token.rpartition(".")[0],
    "another content": lambda token: "x" + token[1:],
    "the signature alone": lambda token: "." + token.rpartition(".")[2],
    "dots": lambda token: "....",
    "NUL": lambda token: "\0",
    "no ASCII": lambda token: "é🙂",
    "very long": lambda token: token * 1000,
    "JSON": lambda token: '["a", 1, "b"]',
}


@pytest.mark.any_database
@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_a_token_that_we_did_not_make_is_refused(
    shared_service: InProcess, spoil: Callable[[str], str | None]
) -> None:
    reader = shared_service.reader()
    submission = reader.submission("a-1")

    answer = reader.send(submission | {"token": spoil(submission["token"])})

    assert set(errors_of(answer, "invalid")) == {"token"}
    assert reader.thread("a-1")["count"] == 0


@pytest.mark.any_database
def test_a_token_of_another_article_is_refused(service: InProcess, reader: Reader) -> None:
    token = reader.token("a-2")
    service.clock.move(seconds=3)

    assert set(errors_of(reader.post("a-1", token=token), "invalid")) == {"token"}


@pytest.mark.any_database
def test_a_token_of_another_site_is_refused(service: InProcess, reader: Reader) -> None:
    service.run("site", "add", "blog", "--origin", "https://blog.example")
    tokens = {None: reader.token("a-1", "blog"), "blog": reader.token("a-1")}
    service.clock.move(seconds=3)

    for site, token in tokens.items():
        assert set(errors_of(reader.post("a-1", token=token, site=site), "invalid")) == {"token"}


@pytest.mark.any_database
def test_a_token_of_another_service_is_refused(make_service: MakeService, reader: Reader) -> None:
    elsewhere = make_service().reader().token("a-1")

    assert set(errors_of(reader.post("a-1", token=elsewhere), "invalid")) == {"token"}


@pytest.mark.any_database
def test_a_token_is_no_edit_key_no_author_key_and_no_cursor(service: InProcess, reader: Reader) -> None:
    submission = reader.submission("a-1")
    service.clock.move(seconds=3)
    posted = reader.send(submission).json()

    for key in (posted["edit_key"], posted["author_key"]):
        assert set(errors_of(reader.post("a-1", token=key))) == {"token"}
    problem_of(reader.edit(posted["comment"]["id"], submission["token"], "Mine."), 403)


@pytest.mark.any_database
@pytest.mark.parametrize("seconds", [0, 10_000])
def test_errors_of_token_and_fields_are_told_at_once(
    service: InProcess, reader: Reader, seconds: int
) -> None:
    submission = reader.submission("a-1", "", name="")

    service.clock.move(seconds=seconds)

    assert set(errors_of(reader.send(submission), "invalid")) == {"token", "text", "name"}


def test_one_token_makes_one_comment(service: InProcess, reader: Reader) -> None:
    submission = reader.submission("a-1", "First.")
    service.clock.move(seconds=3)
    assert reader.send(submission).status_code == 201

    answer = reader.send(submission | {"text": "Second."})

    problem_of(answer, 409, "token-spent")
    assert reader.texts("a-1") == ["First."]


def test_a_refused_posting_does_not_spend_its_token(service: InProcess, reader: Reader) -> None:
    submission = reader.submission("a-1", "")
    service.clock.move(seconds=3)
    errors_of(reader.send(submission))

    assert reader.send(submission | {"text": "Now with a text."}).status_code == 201
