"""`commentsvc privacy-check` finds what depends on an address, and names its route; `privacy-text` says what is set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask, Response, request

from commentsvc.app import create_app
from commentsvc.cli import commands
from commentsvc.diagnosis import privacy_check as checking
from commentsvc.diagnosis.public_requests import SAMPLES
from tests.command_line import create_service, typed
from tests.running_service import COMPILED_TEMPLATES

CHOSEN = (("GET", "/api/v1/thread"), ("GET", "/feeds/site.atom"), ("GET", "/healthz"))


@pytest.mark.soak
def test_nothing_public_depends_on_an_address(tmp_path: Path) -> None:
    done = typed("privacy-check", data_dir=tmp_path / "none")

    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Nothing public depends on an e-mail address: ")
    assert not (tmp_path / "none").exists()


def test_what_does_is_found_and_its_route_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "MODES", ("first",))
    monkeypatch.setattr(checking, "SAMPLES", {route: SAMPLES[route] for route in CHOSEN})
    monkeypatch.setattr(checking, "_public_routes", lambda _app: {*CHOSEN, ("GET", "/new")})

    result = CliRunner().invoke(commands.main, ["privacy-check"], obj=indiscreet)

    assert result.exit_code == 1, result.output
    told = result.stdout.splitlines()
    assert "GET /feeds/site.atom: headers: x-people" in told
    assert "HEAD /feeds/site.atom: headers: x-people" in told
    assert "GET /api/v1/thread: the number of statements: " in result.stdout
    assert "GET /new: nobody knows what to ask of it" in told
    assert not [line for line in told if "healthz" in line]
    assert "example" not in result.stdout


def indiscreet(*given: Any, **more: Any) -> Flask:
    """A service whose feed tells how many addresses there are, and whose threads ask the database once for each."""
    app = create_app(*given, **more)
    app.jinja_env.bytecode_cache = COMPILED_TEMPLATES
    database = app.extensions["commentsvc"].database

    @app.after_request
    def tell(response: Response) -> Response:
        if request.path in {"/feeds/site.atom", "/api/v1/thread"}:
            with database.engine.connect() as connection:
                count = "SELECT count(DISTINCT lookup) FROM address"
                people = connection.exec_driver_sql(count).scalar_one()
                if request.path == "/feeds/site.atom":
                    response.headers["X-People"] = str(people)
                for _ in range(people):
                    connection.exec_driver_sql("SELECT 1")
        return response

    return app


def test_the_text_says_what_is_set(tmp_path: Path) -> None:
    data_dir = create_service(tmp_path / "data")

    plain = typed("privacy-text", data_dir=data_dir).stdout
    limited = typed(
        "privacy-text",
        data_dir=data_dir,
        RETAIN_EMAILS="365",
        RETAIN_SPAM="1",
        RETAIN_LOG="700",
        RETAIN_NETWORKS="14",
        EDIT_WINDOW="60",
    ).stdout
    typed("site", "set", "default", "--retain", "emails=9", data_dir=data_dir)
    own = typed("privacy-text", "--site", "default", data_dir=data_dir, RETAIN_EMAILS="365").stdout

    assert "The e-mail address stays as long as the comment." in plain
    assert "nothing is kept" in plain
    assert "E-mail addresses are erased 365 days after" in limited
    assert "spam is erased after one day." in limited
    assert "is kept for 700 days." in limited
    assert "for 14 days, encrypted" in limited
    assert "for one minute after posting" in limited
    assert "E-mail addresses are erased 9 days after" in own
