"""What readers and proxies stored holds over a start, and ends with what changed: program, settings, comments."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from commentsvc.settings import PREFIX
from tests.people import Reader
from tests.running_service import InProcess, serving

ROOT = Path(__file__).parents[2]
ADDRESSES = (
    "/api/v1/thread?article=a",
    "/thread/fragment?article=a",
    "/api/v1/counts?article=a",
    "/feeds/site.atom",
    "/embed.js",
)
TAG = (
    "from commentsvc.app import create_app; app = create_app();"
    "print(app.test_client().get('/api/v1/thread?article=a').headers['ETag'])"
)


def tags(reader: Reader) -> dict[str, str]:
    return {address: reader.http.get(address).headers["ETag"] for address in ADDRESSES}


@pytest.mark.soak
@pytest.mark.slow
def test_a_start_ends_nothing(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as live:
        port = int(live.base_url.rpartition(":")[2])
        live.reader().comment("a")
        before = tags(live.reader())
        assert live.stop() == 0

    with serving(tmp_path / "data", "--workers", "2", port=port) as live:
        assert tags(live.reader()) == before


@pytest.mark.any_database
@pytest.mark.parametrize(
    "changed",
    [
        {"PRIVACY_URL": "https://news.example/privacy"},
        {"BASE_URL": "https://talk.example"},
        {"MAX_TEXT": "500"},
        {"MAX_DEPTH": "2"},
        {"ORIGINS": "https://news.example"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_setting_that_may_show_ends_it(service: InProcess, reader: Reader, changed: dict[str, str]) -> None:
    reader.comment("a")
    before = reader.get("/thread/fragment", article="a").headers["ETag"]

    again = service.restarted(**changed)

    assert again.reader().get("/thread/fragment", article="a").headers["ETag"] != before
    again.close()


@pytest.mark.any_database
@pytest.mark.parametrize("changed", [{"CACHE_BYTES": "0"}, {"TRUSTED_PROXIES": "1"}, {"JOBS": "worker"}])
def test_what_is_a_nodes_own_does_not(service: InProcess, reader: Reader, changed: dict[str, str]) -> None:
    reader.comment("a")
    before = reader.get("/thread/fragment", article="a").headers["ETag"]

    again = service.restarted(**changed)

    assert again.reader().get("/thread/fragment", article="a").headers["ETag"] == before
    again.close()


@pytest.mark.any_database
@pytest.mark.slow
@pytest.mark.parametrize(
    "file",
    [
        "commentsvc/publishing/public.py",
        "templates/fragment.html",
        "commentsvc/translations/de/LC_MESSAGES/messages.mo",
    ],
)
@pytest.mark.soak
def test_another_program_ends_it(service: InProcess, reader: Reader, tmp_path: Path, file: str) -> None:
    reader.comment("a")
    copy = tmp_path / "program"
    shutil.copytree(ROOT / "commentsvc", copy / "commentsvc")  # with what was compiled
    shutil.copytree(ROOT / "templates", copy / "templates")
    environ = os.environ | {PREFIX + "DATA_DIR": str(service.data_dir), "PYTHONPATH": str(copy)}

    def tag() -> str:
        done = subprocess.run(
            [sys.executable, "-c", TAG],
            cwd=copy, env=environ, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        return done.stdout

    before = tag()
    assert tag() == before
    with (copy / file).open("ab") as program:
        program.write(b"\n")

    assert tag() != before


@pytest.mark.slow_on_postgresql
def test_two_pasts_of_one_thread_never_have_one_tag(service: InProcess, reader: Reader) -> None:
    reader.comment("a", "In both.")
    backup = service.data_dir.with_name("backup")
    shutil.copytree(service.data_dir, backup)
    lost = set()
    for number in range(5):
        reader.comment("a", f"Lost {number}.")
        lost.add(reader.get("/api/v1/thread", article="a").headers["ETag"])
    service.close()
    shutil.rmtree(service.data_dir)
    shutil.move(backup, service.data_dir)

    restored = service.restarted()
    restored.clock.now = service.clock.now
    restored.clock.move(seconds=2)
    for number in range(5):
        restored.reader().comment("a", f"After that {number}.")
        assert restored.reader().get("/api/v1/thread", article="a").headers["ETag"] not in lost
    restored.close()


@pytest.mark.slow_on_postgresql
def test_each_change_has_a_tag_of_its_own_also_while_the_clock_goes_back(
    service: InProcess, reader: Reader
) -> None:
    seen = set()
    for number in range(6):
        reader.comment("a", f"Number {number}.")
        service.clock.move(hours=-1 if number % 2 else 1, seconds=-number)
        seen.add(reader.get("/api/v1/thread", article="a").headers["ETag"])

    assert len(seen) == 6
