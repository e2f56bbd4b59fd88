"""The operator types what a list shows, also where it begins with a hyphen and so looks like an option."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from commentsvc.ids import fresh_id
from commentsvc.storage.tables import ApiTokenRow
from tests.command_line import refusal, typed
from tests.conftest import MakeService
from tests.running_service import InProcess, written


@pytest.fixture
def service(make_service: MakeService) -> InProcess:
    """One without the people and tokens of other tests."""
    return make_service()


HYPHENS = ["-W4qAhoHRMIyW74I", "--4qAhoHRMIyW74I", "-h", "--h", "-", "--help-me=x", "-5"]


def test_new_ids_do_not_begin_so() -> None:
    # One in 64 would: all of 4,000 do not by luck once in 10^27.
    assert not [made for made in (fresh_id() for _ in range(4_000)) if made.startswith("-")]


@pytest.mark.parametrize("token_id", HYPHENS)
def test_an_old_id_that_does_is_taken(service: InProcess, token_id: str) -> None:
    moderator = service.moderator()
    with written(service) as connection:
        connection.execute(update(ApiTokenRow).values(public_id=token_id))
    listed = service.run("token", "list").split()[0]
    assert listed == token_id

    service.run("token", "revoke", listed)

    assert moderator.request("GET", "/comments").status_code == 403
    assert service.run("token", "list") == ""


@pytest.mark.parametrize("email", ["-editor@news.example", "--editor@news.example"])
def test_a_login_that_does_is_taken_by_every_command(service: InProcess, email: str) -> None:
    before = ["--"] if email.startswith("--") else []
    service.run("user", "add", "--name", "-Kim-", *before, email, input="four words of my own\n")
    assert service.run("user", "list").startswith(f"{email}  moderator  all sites  -Kim-")

    service.run("user", "role", email, "admin")
    service.run("user", "password", email, input="four other words of mine\n")
    service.run("user", "sign-out", email)
    service.run("user", "remove", email)

    assert service.run("user", "list") == ""


@pytest.mark.parametrize(
    ("words", "patterns"),
    [
        (["default", "--articles", "-news/*"], ["-news/*"]),
        (["default", "--articles", "-news/*", "blog/*", "-x"], ["-news/*", "blog/*", "-x"]),
        (["default", "--articles", "blog/*", "-news/*"], ["blog/*", "-news/*"]),
        (["default", "--articles=-news/*", "--articles", "blog/*"], ["blog/*", "-news/*"]),
        (["default", "--articles"], []),
    ],
    ids=str,
)
def test_patterns_that_do_are_taken(service: InProcess, words: list[str], patterns: list[str]) -> None:
    service.run("site", "set", *words)

    listed = service.run("site", "list").splitlines()
    assert [line.strip() for line in listed if "articles" in line] == [f"articles: {p!r}" for p in patterns]
    assert service.reader().post("-news/1").status_code == (
        201 if "-news/*" in patterns or not patterns else 422
    )


@pytest.mark.parametrize("article", ["-1", "-news/2019", "-", "--", "--site", "--pin", "-pin"])
def test_an_article_that_does_is_taken(service: InProcess, article: str) -> None:
    before = ["--"] if article.startswith("--") else []

    snippet = service.run("embed-snippet", "--site", "default", *before, article)

    assert f'<comment-thread article="{article}" site="default">' in snippet


@pytest.mark.parametrize(
    "words",
    [
        ["embed-snippet", "--pinn"],
        ["embed-snippet", "a", "--stie", "x"],
        ["site", "set", "default", "--articels", "a"],
        ["user", "add", "--rol", "admin", "a@news.example"],
    ],
    ids=" ".join,
)
def test_a_mistyped_option_is_still_told(service: InProcess, words: list[str]) -> None:
    said = refusal(typed(*words, data_dir=service.data_dir, input="four words of my own\n"))

    assert said.startswith("No such option")
    assert said.endswith("Write “--” before what is no option.")


@pytest.mark.parametrize(
    "words", [["token", "revoke", "-a", "-b"], ["user", "remove", "-a", "b"]], ids=" ".join
)
def test_a_word_too_many_is_still_told(service: InProcess, words: list[str]) -> None:
    assert "unexpected extra argument" in refusal(typed(*words, data_dir=service.data_dir))
