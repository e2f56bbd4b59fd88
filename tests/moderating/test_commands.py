"""The operator makes sites, accounts and API tokens; what cannot be is refused in one line."""

from __future__ import annotations

import re

import pytest

from tests.command_line import refusal, typed
from tests.conftest import MakeService
from tests.moderating.desk import EMAIL, PASSWORD, Desk
from tests.people import Moderator
from tests.running_service import InProcess


@pytest.fixture
def service(make_service: MakeService) -> InProcess:
    """A service as it is on the first day, with no account and one site."""
    return make_service()


def test_accounts_are_added_listed_and_removed(service: InProcess) -> None:
    service.run("site", "add", "sports", "--origin", "https://sports.example")
    service.run("user", "add", "Editor@Paper.example", "--role", "admin", input=PASSWORD + "\n")
    service.run(
        "user", "add", "bo@paper.example", "--site", "sports", "--site", "default", input=PASSWORD + "\n"
    )

    assert service.run("user", "list").splitlines() == [
        "bo@paper.example  moderator  default, sports",
        "editor@paper.example  admin  all sites",
    ]
    service.run("user", "remove", "EDITOR@paper.example")
    assert "editor" not in service.run("user", "list")


def test_an_added_account_says_where_to_sign_in_and_never_its_password(service: InProcess) -> None:
    said = service.run("user", "add", EMAIL, input=PASSWORD + "\n")

    assert "http://127.0.0.1:5000/moderation" in said
    assert PASSWORD not in said


def test_an_account_of_one_site_is_shown_that_site(service: InProcess) -> None:
    service.run("site", "add", "sports", "--origin", "https://sports.example")
    service.run("user", "add", EMAIL, "--site", "sports", input=PASSWORD + "\n")
    reader = service.reader()
    reader.comment("a", "Of default.")
    reader.comment("a", "Of sports.", site="sports")
    desk = Desk(service.http())
    desk.sign_in()

    page = desk.queue(state="approved").text

    assert "Of sports." in page
    assert "Of default." not in page


def test_a_token_is_printed_once_and_works(service: InProcess) -> None:
    printed = service.run("token", "create", "--scope", "moderate")

    assert re.fullmatch(r"csvc_[\w-]{43}\n", printed)
    assert Moderator(service.http(), printed.strip()).queue() == []
    database = (service.data_dir / "comments.db").read_bytes()
    assert printed.strip().encode() not in database


def test_sites_are_added_listed_and_set(service: InProcess) -> None:
    service.run(
        "site", "add", "sports", "--origin", "https://Sports.example:443/", "--origin", "http://x.example"
    )
    service.run(
        "site", "set", "sports", "--moderation", "all", "--privacy-url", "https://sports.example/privacy"
    )

    listed = service.run("site", "list")

    assert listed[listed.index("sports") :].splitlines()[:5] == [
        "sports",
        "    moderation: all",
        "    privacy page: https://sports.example/privacy",
        "    origin: https://sports.example",
        "    origin: http://x.example",
    ]


def test_a_setting_of_a_site_holds_at_once_and_can_be_taken_back(service: InProcess) -> None:
    reader = service.reader()

    service.run("site", "set", "default", "--moderation", "all")
    assert reader.post("a").status_code == 202
    service.run("site", "set", "default", "--moderation", "inherit")
    assert reader.post("a").status_code == 201


def test_the_privacy_page_of_a_site_is_linked_from_its_form(service: InProcess) -> None:
    service.run("site", "set", "default", "--privacy-url", "https://news.example/privacy")

    reader = service.reader()
    assert 'href="https://news.example/privacy"' in reader.get("/thread", article="a").text
    assert 'href="https://news.example/privacy"' in reader.get("/thread/fragment", article="a").text


def test_an_origin_that_is_set_may_post_and_no_other(service: InProcess) -> None:
    service.run("site", "set", "default", "--origin", "https://news.example")
    reader = service.reader()

    assert reader.send(reader.submission("a"), Origin="https://news.example").status_code == 201
    refused = reader.send(reader.submission("a"), Origin="https://other.example")
    assert refused.status_code == 403
    command = re.search(r"commentsvc (site set .*)$", refused.json()["detail"])
    assert command is not None
    service.run(*command[1].split())
    assert reader.send(reader.submission("a"), Origin="https://other.example").status_code == 201


def test_an_address_has_one_account(service: InProcess) -> None:
    service.run("user", "add", EMAIL, input=PASSWORD + "\n")

    again = typed("user", "add", EMAIL.upper(), data_dir=service.data_dir, input=PASSWORD + "\n")

    assert "EDITOR@paper.example has an account already" in refusal(again)


@pytest.mark.parametrize(
    ("words", "input", "said"),
    [
        (["user", "add", "nobody", "--role", "admin"], PASSWORD, "An email address has an @ in it"),
        (["user", "add", "x@paper.example"], "short", "A password has 10 to 1000 characters."),
        (["user", "add", "x@paper.example"], "", "A password has 10 to 1000 characters."),
        (["user", "add", "x@paper.example", "--site", "nowhere"], PASSWORD, "Unknown site"),
        (["user", "add", "x@paper.example", "--role", "king"], PASSWORD, "'king' is not one of"),
        (["user", "remove", "nobody@paper.example"], None, "nobody@paper.example has no account"),
        (["token", "create"], None, "Missing option '--scope'"),
        (["token", "create", "--scope", "rule"], None, "'rule' is not one of"),
        (["token", "create", "--scope", "post", "--site", "nowhere"], None, "Unknown site"),
        (["token", "create", "--scope", "post", "--site", ""], None, "Unknown site"),
        (["embed-snippet", "2026/opening", "--site", "nowhere"], None, "“commentsvc site list” shows all"),
        (["site", "add", "sports"], None, "Missing option '--origin'"),
        (["site", "add", "Sports!", "--origin", "https://x.example"], None, "A slug has 1 to 64 lower-case"),
        (["site", "add", "x" * 65, "--origin", "https://x.example"], None, "A slug has 1 to 64 lower-case"),
        (
            ["site", "add", "default", "--origin", "https://x.example"],
            None,
            "There is a site “default” already",
        ),
        (["site", "add", "sports", "--origin", "sports.example"], None, "“sports.example” is not an origin"),
        (["site", "add", "sports", "--origin", "https://x.example/path"], None, "is not an origin"),
        (["site", "set", "nowhere", "--moderation", "all"], None, "Unknown site “nowhere”"),
        (["site", "set", "default"], None, "Say what to change"),
        (["site", "set", "default", "--moderation", "some"], None, "'some' is not one of"),
        (
            ["site", "set", "default", "--privacy-url", "javascript:alert(1)"],
            None,
            "an http or https address",
        ),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_what_cannot_be_is_refused_in_one_line(
    service: InProcess, words: list[str], input: str | None, said: str
) -> None:
    result = typed(*words, data_dir=service.data_dir, input=input)

    assert said in refusal(result)
    assert result.stdout == ""
