"""The log: each line a JSON object, whatever writes it; where it goes, how much of it, and whose request it is about."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from commentsvc import log
from commentsvc.errors import BadSetting
from commentsvc.settings import PREFIX
from tests.conftest import MakeService
from tests.running_service import InProcess, free_port, serving

MADE = re.compile(r"[0-9a-f]{14}")
BROWSER = {"Accept": "text/html"}


@pytest.fixture
def restored_log() -> Iterator[None]:
    """Let what a test configures end with it."""
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    yield
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    log.configure()


def lines(text: str) -> list[dict[str, Any]]:
    """All of *text*, each line of which must be one JSON object with a time."""
    found = [json.loads(line) for line in text.splitlines()]
    assert all(isinstance(line, dict) and line["timestamp"].endswith("Z") for line in found)
    return found


def eventually(holds: Callable[[], object]) -> None:
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


def worker_of(process: int) -> int:
    return int(Path(f"/proc/{process}/task/{process}/children").read_text().split()[0])


def test_every_line_is_json_from_the_start_to_the_stop(tmp_path: Path) -> None:
    """Also of the server itself: it tells of a worker that was killed, and by which signal."""
    with serving(tmp_path / "data") as live:
        httpx.get(f"{live.base_url}/api/v1/thread?article=a", headers={"X-Request-ID": "from.the-proxy_1"})
        httpx.get(f"{live.base_url}/thread", headers=BROWSER)
        httpx.post(
            f"{live.base_url}/api/v1/comments", content=b"{", headers={"Content-Type": "application/json"}
        )
        os.kill(worker_of(live.process.pid), signal.SIGKILL)
        eventually(lambda: "Unexpected exit" in live.log.read_text())
        eventually(lambda: _answers(live.base_url))
        live.stop()
    told = lines(live.log.read_text())

    (ended,) = [line for line in told if line["event"] == "Unexpected exit from worker-1"]
    assert (ended["signal"], ended["exit_code"], ended["level"]) == ("SIGKILL", None, "error")
    (read,) = [line for line in told if line.get("request_id") == "from.the-proxy_1"]
    assert (read["event"], read["route"]) == ("request", "/api/v1/thread")
    assert all(line["request_id"] for line in told if line["event"] == "request")
    assert told[0]["event"].startswith("commentsvc serves http://127.0.0.1:")


def _answers(base_url: str) -> bool:
    try:
        return httpx.get(f"{base_url}/healthz").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.soak
def test_a_worker_that_cannot_begin_says_why_in_one_line(tmp_path: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    program = (
        "from commentsvc.cli import serve\n"
        "from commentsvc.settings import Settings\n"
        "from commentsvc.serving import logs\n"
        "from commentsvc.serving.listening import at_address\n"
        "logs.begin(Settings())\n"
        "def begin(_app, _part): raise ValueError('words of mine')\n"
        "serve.run(at_address('127.0.0.1', PORT), 1, begin=begin)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program.replace("PORT", str(free_port()))],
        env=environ | {PREFIX + "DATA_DIR": str(tmp_path)}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert done.returncode != 0
    told = lines(done.stderr)
    assert {"ValueError"} == {line["kind"] for line in told if line["event"] == "error"}
    assert "words of mine" not in done.stderr


def test_every_answer_has_the_id_of_its_request(make_service: MakeService) -> None:
    service = make_service()
    http = service.http()
    for path in ("/api/v1/thread?article=a", "/api/v1/thread?article=a", "/nothing", "/healthz", "/embed.js"):
        answer = http.get(path)
        assert MADE.fullmatch(answer.headers["X-Request-ID"])
        assert answer.headers.get_list("X-Request-ID") == [answer.headers["X-Request-ID"]]
        assert http.get(path, headers={"X-Request-ID": "a.b-C_12"}).headers["X-Request-ID"] == "a.b-C_12"
    too_long = {"Origin": "https://a.example" + "a" * 5000}
    assert MADE.fullmatch(http.get("/nothing", headers=too_long).headers["X-Request-ID"])
    tag = http.get("/embed.js").headers["ETag"]
    unchanged = http.get("/embed.js", headers={"If-None-Match": tag})
    assert (unchanged.status_code, len(unchanged.headers["X-Request-ID"])) == (304, 14)
    assert len({http.get("/embed.js").headers["X-Request-ID"] for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    "given", ["", "short", "a" * 65, "with blank", "line\u2028end", "{json: 1}", "ümläute-8"]
)
def test_what_is_no_id_is_not_taken(make_service: MakeService, given: str) -> None:
    environ = {"HTTP_X_REQUEST_ID": given.encode().decode("latin-1")}
    with make_service().app.test_client() as client:
        assert MADE.fullmatch(client.get("/healthz", environ_overrides=environ).headers["X-Request-ID"])


def test_what_is_logged_of_a_request_has_its_id(
    make_service: MakeService, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    service = make_service()

    def fail(*_: object) -> None:
        raise ValueError("words of mine")

    service.http().get("/api/v1/thread?article=a")
    monkeypatch.setattr(service.ours.versions, "now", fail)
    service.ours.versions.commits = lambda: None
    service.app.wsgi_app._commits = lambda: None  # type: ignore[attr-defined]
    caplog.clear()

    service.http().get("/api/v1/thread?article=a", headers={"X-Request-ID": "is.about-me"})

    told = [json.loads(record.message) for record in caplog.records]
    assert "no version" in {line["event"] for line in told}
    assert {line["request_id"] for line in told} == {"is.about-me"}


@pytest.mark.parametrize("path", ["/thread?article=", "/nothing", "/thread/edit"])
def test_where_an_error_page_fails_the_error_is_told_as_json(
    make_service: MakeService, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    service = make_service()
    wanted = service.http().get(path, headers=BROWSER)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the template")

    monkeypatch.setattr("commentsvc.web.message_pages.render_template", fail)
    answer = service.http().get(path, headers=BROWSER)

    assert answer.status_code == wanted.status_code
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == wanted.status_code
    for name in ("X-Content-Type-Options", "Content-Security-Policy", "Referrer-Policy", "X-Request-ID"):
        assert answer.headers[name]


@pytest.mark.parametrize("path", ["/thread", "/thread/edit", "/api/v1/thread", "/moderation"])
def test_what_runs_after_the_route_asks_no_database(service: InProcess, path: str) -> None:
    asked: list[str] = []
    with service.app.test_request_context(f"{path}?article=a"):
        service.app.preprocess_request()
        response = service.app.make_response(("", 422))
        event.listen(
            service.ours.database.engine, "before_cursor_execute", lambda *cursor: asked.append(cursor[2])
        )

        service.app.process_response(response)

    assert asked == []


def test_the_pages_of_a_site_may_frame_what_is_wrong_with_a_request(service: InProcess) -> None:
    """Who may is looked up before the route, for whatever it answers."""
    refused = service.http().put("/thread?article=a", headers=BROWSER)

    assert refused.status_code == 405
    assert "frame-ancestors 'self'" in refused.headers["Content-Security-Policy"]


def test_a_file_is_begun_again_where_it_was_moved_away(
    make_service: MakeService, tmp_path: Path, restored_log: None
) -> None:
    file = tmp_path / "comments.log"
    service = make_service(LOG_FILE=str(file))

    service.http().get("/healthz")
    file.rename(tmp_path / "comments.log.1")
    service.http().get("/readyz")

    (before,) = lines((tmp_path / "comments.log.1").read_text())
    (after,) = lines(file.read_text())
    assert (before["route"], after["route"]) == ("/healthz", "/readyz")


def test_what_the_file_does_not_take_goes_to_standard_error(
    make_service: MakeService, tmp_path: Path, restored_log: None, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    service = make_service(LOG_FILE=str(folder / "comments.log"))
    (folder / "comments.log").unlink()
    folder.rmdir()

    assert service.http().get("/healthz").status_code == 200

    assert [line["route"] for line in lines(capfd.readouterr().err)] == ["/healthz"]


def test_a_file_that_cannot_be_written_is_refused_at_the_start(
    make_service: MakeService, tmp_path: Path
) -> None:
    with pytest.raises(BadSetting, match="LOG_FILE"):
        make_service(LOG_FILE=str(tmp_path / "nowhere" / "comments.log"))


@pytest.mark.parametrize(
    ("settings", "events"),
    [
        ({}, ["not ready", "request"]),
        ({"LOG_ACCESS": "false"}, ["not ready"]),
        ({"LOG_LEVEL": "error"}, ["not ready"]),
        ({"LOG_LEVEL": "error", "LOG_ACCESS": "true"}, ["not ready"]),
    ],
    ids=str,
)
def test_how_much_is_logged(
    make_service: MakeService, tmp_path: Path, restored_log: None, settings: dict[str, str], events: list[str]
) -> None:
    file = tmp_path / "comments.log"
    service = make_service(LOG_FILE=str(file), **settings)
    service.http().get("/healthz")
    service.ours.database.disconnect()
    for left in service.data_dir.glob("comments.db*"):
        left.unlink()
    (service.data_dir / "comments.db").mkdir()
    service.http().get("/readyz")

    assert events == sorted({line["event"] for line in lines(file.read_text())})


def test_what_others_log_is_json_and_quotes_nobody(tmp_path: Path, restored_log: None) -> None:
    file = tmp_path / "comments.log"
    log.configure(file=file)
    log.take_uncaught()

    try:
        raise ValueError("words of mine")
    except ValueError:
        logging.getLogger("library").exception("cannot take %s", "words of mine")
    thread = threading.Thread(target=lambda: 1 // 0)
    thread.start()
    thread.join()

    told = lines(file.read_text())
    assert [line["event"] for line in told[:1] + told[-1:]] == ["cannot take %s", "error"]
    assert (told[0]["kind"], told[-1]["kind"]) == ("ValueError", "ZeroDivisionError")
    assert "words of mine" not in file.read_text()
