"""Settings: read once, checked, and told about in one line where one is wrong."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from commentsvc.settings import PREFIX, Settings
from tests.command_line import create_service, refusal, typed
from tests.conftest import MakeService

SECRET = "an-unspeakable-secret-of-43-characters-000000"
NAMES = [PREFIX + field.name.upper() for field in fields(Settings)]


@pytest.mark.parametrize(
    ("name", "value", "may_be"),
    [
        ("MODERATION", "some", "none, first, all"),
        ("MODERATION", "None", "none, first, all"),
        ("EDIT_WINDOW", "soon", "a whole number from 0 to 86400"),
        ("EDIT_WINDOW", "-1", "a whole number from 0 to 86400"),
        ("EDIT_WINDOW", "1e3", "a whole number from 0 to 86400"),
        ("FORM_MIN_SECONDS", "61", "a whole number from 0 to 60"),
        ("MAX_TEXT", "99", "a whole number from 100 to 100000"),
        ("MAX_DEPTH", "0", "a whole number from 1 to 20"),
        ("MAX_DEPTH", "21", "a whole number from 1 to 20"),
        ("TRUSTED_PROXIES", "all", "a whole number from 0 to 10"),
        ("BASE_URL", "comments.example", "an http or https address"),
        ("BASE_URL", "ftp://comments.example", "an http or https address"),
        ("BASE_URL", "https://comments.example/?x", "an http or https address"),
        ("BASE_URL", "https://comments.example:port/", "an http or https address"),
        ("BASE_URL", "https://[comments.example/", "an http or https address"),
        ("ORIGINS", "https://a.example, b.example", "an origin such as"),
        ("ORIGINS", "https://a.example/path", "an origin such as"),
        ("ORIGINS", "*", "an origin such as"),
        ("PRIVACY_URL", "/privacy", "an http or https address"),
        ("PRIVACY_URL", "javascript:alert(1)", "an http or https address"),
        ("PRIVACY_URL", "https://[news.example/", "an http or https address"),
        ("RATE_LIMIT_POST", "many", "limits such as"),
        ("RATE_LIMIT_POST", "0 per minute", "limits such as"),
        ("RATE_LIMIT_READ", "5 per fortnight", "limits such as"),
        ("RATE_LIMIT_SIGN_IN", "-3 per minute", "limits such as"),
    ],
)
def test_a_wrong_one_is_named_with_what_it_was_and_what_it_may_be(
    tmp_path: Path, name: str, value: str, may_be: str
) -> None:
    said = refusal(typed("config", data_dir=tmp_path, **{name: value}))

    assert said.startswith(f"Invalid {PREFIX}{name}=“{value}”")
    assert may_be in said


@pytest.mark.parametrize(
    ("name", "value", "may_be"),
    [
        ("SECRET_KEY", "unspeakable", "at least 32 characters"),
        ("ADDRESS_KEYS", "unspeakable", "a comma list of NAME:KEY"),
        ("DATABASE_URL", "unspeakable", "sqlite:///PATH or postgresql+psycopg://"),
        ("DATABASE_URL", "mysql://unspeakable@db/comments", "sqlite:///PATH or postgresql+psycopg://"),
        ("REDIS_URL", "unspeakable", "redis://"),
        ("REDIS_URL", "memory://unspeakable", "redis://"),
    ],
)
def test_a_wrong_secret_is_named_and_not_shown(tmp_path: Path, name: str, value: str, may_be: str) -> None:
    result = typed("site", "list", data_dir=tmp_path, **{name: value})

    said = refusal(result)
    assert said.startswith(f"Invalid {PREFIX}{name}")
    assert may_be in said
    assert "unspeakable" not in result.output


@pytest.mark.parametrize("name", ["MODERATON", "EDIT_WINDOWS", "PORT", "X"])
def test_a_name_that_is_none_is_said_to_be_none(tmp_path: Path, name: str) -> None:
    said = refusal(typed("config", data_dir=tmp_path, **{name: "1"}))

    assert said == f"Unknown setting {PREFIX}{name}; “commentsvc config” lists all."


@pytest.mark.parametrize(
    "command", [["serve"], ["demo"], ["site", "list"], ["db", "upgrade"], ["rerender"]], ids=" ".join
)
def test_every_command_checks_them_first(tmp_path: Path, command: list[str]) -> None:
    data_dir = tmp_path / "data"

    result = typed(*command, data_dir=data_dir, MAX_DEPTH="deep", BASE_URL="https://comments.example")

    assert refusal(result).startswith("Invalid COMMENTSVC_MAX_DEPTH=“deep”")
    assert not data_dir.exists()


def test_all_are_printed_with_their_values_and_what_they_mean(tmp_path: Path) -> None:
    printed = typed(
        "config", data_dir=tmp_path, EDIT_WINDOW="60", ORIGINS="https://A.example:443, http://b.example"
    )

    lines = printed.stdout.splitlines()
    assert [line.partition("=")[0] for line in lines[::2]] == NAMES
    assert all(line.startswith("    ") and len(line) > 20 for line in lines[1::2])
    assert "COMMENTSVC_EDIT_WINDOW=60" in lines
    assert "COMMENTSVC_ORIGINS=https://a.example, http://b.example" in lines
    assert "COMMENTSVC_MAX_DEPTH=6  [default]" in lines
    assert f"COMMENTSVC_DATA_DIR={tmp_path}" in lines


@pytest.mark.parametrize(
    "settings",
    [
        {"SECRET_KEY": SECRET},
        {"ADDRESS_KEYS": "k1:" + "S" * 43},
        {"DATABASE_URL": f"postgresql+psycopg://comments:{SECRET}@db/comments"},
        {"REDIS_URL": f"redis://:{SECRET}@cache/0"},
    ],
    ids=str,
)
def test_secrets_are_not_printed(tmp_path: Path, settings: dict[str, str]) -> None:
    printed = typed("config", data_dir=tmp_path, **settings)

    assert f"COMMENTSVC_{next(iter(settings))}=(set, not shown)" in printed.stdout
    assert SECRET not in printed.output
    assert "S" * 43 not in printed.output


def test_two_address_keys_of_one_name_are_refused(tmp_path: Path) -> None:
    twice = f"k1:{'A' * 43},k1:{'B' * 43}"

    create_service(tmp_path)

    assert "“k1” stands there twice" in refusal(typed("site", "list", data_dir=tmp_path, ADDRESS_KEYS=twice))


def test_an_empty_one_counts_as_unset(tmp_path: Path) -> None:
    assert "COMMENTSVC_MAX_DEPTH=6  [default]" in typed("config", data_dir=tmp_path, MAX_DEPTH="").stdout


@pytest.mark.parametrize("name", ["a b", "100%", "ü", "a#b", "a?b", "a%20b", "a&b=c"])
def test_the_data_may_lie_in_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    create_service(tmp_path / name)

    made = {file.name for file in (tmp_path / name).iterdir()}
    assert {"comments.db", "secret.key", "address.keys"} <= made
    assert [folder.name for folder in tmp_path.iterdir()] == [name]


def test_a_data_directory_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    assert str(tmp_path / "file") in refusal(typed("site", "list", data_dir=tmp_path / "file" / "data"))


@pytest.mark.parametrize("name", ["secret.key", "address.keys"])
@pytest.mark.parametrize("content", ["", "\n", "ü"])
def test_a_key_file_that_was_lost_or_spoilt_is_named(tmp_path: Path, name: str, content: str) -> None:
    create_service(tmp_path)
    (tmp_path / name).write_text(content, encoding="utf-8")

    assert str(tmp_path / name) in refusal(typed("site", "list", data_dir=tmp_path))


def test_address_keys_that_are_none_are_refused(tmp_path: Path) -> None:
    create_service(tmp_path)
    (tmp_path / "address.keys").write_text("k1:tooshort\n")

    assert "“k1” must be 32 bytes in URL-safe Base64" in refusal(typed("site", "list", data_dir=tmp_path))


@pytest.mark.parametrize("command", [["site", "list"], ["db", "upgrade"]], ids=" ".join)
def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "comments.db").write_bytes(b"This is no database at all. " * 100)

    assert "database" in refusal(typed(*command, data_dir=tmp_path))
    assert (tmp_path / "comments.db").read_bytes().startswith(b"This is no database")


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "comments.example"])
def test_an_address_that_others_reach_needs_a_name(tmp_path: Path, host: str) -> None:
    said = refusal(typed("serve", "--host", host, data_dir=tmp_path))

    assert said.startswith("COMMENTSVC_BASE_URL must say under which address readers reach")
    assert list(tmp_path.iterdir()) == []


def test_limits_of_text_and_depth_hold(make_service: MakeService) -> None:
    service = make_service(MAX_TEXT="100", MAX_DEPTH="2")
    reader = service.reader()

    assert reader.post("a", "x" * 100).status_code == 201
    assert reader.post("a", "x" * 101).status_code == 422
    comment = None
    for _ in range(3):
        comment = reader.comment("b", parent=comment)
    assert [c["depth"] for c in reader.thread("b")["comments"]] == [0, 1, 1]


def test_the_edit_window_and_the_shortest_time_hold(make_service: MakeService) -> None:
    service = make_service(EDIT_WINDOW="60", FORM_MIN_SECONDS="3")
    reader = service.reader()
    submission = reader.submission("a")

    assert reader.send(submission).json()["type"].endswith("/too-fast")
    service.clock.move(seconds=3)
    posted = reader.send(submission).json()
    service.clock.move(seconds=59)
    assert reader.edit(posted["comment"]["id"], posted["edit_key"], "Edited.").status_code == 200
    service.clock.move(seconds=1)
    assert reader.edit(posted["comment"]["id"], posted["edit_key"], "Too late.").status_code == 403
