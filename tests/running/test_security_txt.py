"""Whom to tell of a weakness (RFC 9116)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import refusal, typed
from tests.conftest import MakeService

TEXT = "Contact: mailto:security@paper.example\nExpires: 2027-12-31T00:00:00Z\n"


def test_the_text_is_served_where_the_operator_set_it(make_service: MakeService) -> None:
    answer = make_service(SECURITY_TXT=TEXT).reader().get("/.well-known/security.txt")

    assert (answer.status_code, answer.text) == (200, TEXT)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_it_may_be_one_line_of_an_environment_file(make_service: MakeService) -> None:
    service = make_service(SECURITY_TXT=TEXT.strip().replace("\n", "\\n"))

    assert service.reader().get("/.well-known/security.txt").text == TEXT


def test_it_may_lie_in_a_file(make_service: MakeService, tmp_path: Path) -> None:
    file = tmp_path / "security.txt"
    file.write_text(TEXT, encoding="utf-8")

    assert make_service(SECURITY_TXT=str(file)).reader().get("/.well-known/security.txt").text == TEXT


def test_nobody_is_named_where_nothing_was_set(make_service: MakeService) -> None:
    assert make_service().reader().get("/.well-known/security.txt").status_code == 404


@pytest.mark.parametrize(
    "wrong", ["Contact: mailto:a@paper.example", "call us", "/no/such/file", "Expires: x"]
)
def test_what_no_reader_could_use_ends_the_start(wrong: str, tmp_path: Path) -> None:
    assert "SECURITY_TXT" in refusal(typed("config", data_dir=tmp_path, SECURITY_TXT=wrong))
