"""The wheel, as operators install it: it carries everything, and runs where there is no checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.people import Reader
from tests.running_service import free_port

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]


def run(*words: object, cwd: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        list(map(str, words)), cwd=cwd, env=environ, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr


def built(folder: Path) -> Path:
    """Build the wheel in *folder*."""
    run(*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT, cwd=folder)
    return next(folder.glob("commentsvc-*.whl"))


def test_it_carries_every_file(tmp_path: Path) -> None:
    files = [file for file in (ROOT / "commentsvc").rglob("*") if "__pycache__" not in file.parts]
    expected = {str(file.relative_to(ROOT)) for file in files if file.is_file()} | {
        str(Path("commentsvc", file.relative_to(ROOT)))
        for file in (ROOT / "templates").rglob("*")
        if file.is_file()
    }

    assert expected - set(zipfile.ZipFile(built(tmp_path)).namelist()) == set()


@pytest.mark.soak  # it installs all packages, and serves twice
def test_it_installs_into_an_empty_environment_and_serves(tmp_path: Path) -> None:
    wheel = built(tmp_path)
    run(sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv", cwd=tmp_path)
    # What the service needs of the packages is compiled when it is first loaded; all of them would take longer.
    install = [*PIP, "--python", tmp_path / "venv/bin/python", "install", "--no-compile"]
    run(*install, "--require-hashes", "-r", ROOT / "requirements.lock", cwd=tmp_path)
    run(*install, "--no-deps", wheel, cwd=tmp_path)

    for command in ("serve", "demo"):
        port, data = str(free_port()), tmp_path / command
        environ = {
            "PATH": os.environ["PATH"],
            "COMMENTSVC_DATA_DIR": str(data),
            "COMMENTSVC_FORM_MIN_SECONDS": "0",
        }
        program = [tmp_path / "venv/bin/commentsvc", command, "--port", port]
        with (tmp_path / "log").open("wb") as log:
            server = subprocess.Popen(program, cwd=tmp_path, env=environ, stdout=log, stderr=log)
        try:
            reader = Reader(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30))
            wait_for(reader, server, tmp_path / "log")
            for path in ("/thread?article=a", "/thread/fragment?article=a", "/embed.js", "/count.js", "/docs",
                         "/openapi.json", "/static/widget/comments.css", "/moderation/sign-in"):  # fmt: skip
                assert reader.get(path).status_code == 200, path
            german = reader.get("/thread/fragment", article="a", lang="de")
            assert german.headers["Content-Language"] == "de"
            assert reader.post("a").status_code == 202
            assert reader.get("/demo/").status_code == (200 if command == "demo" else 404)
        finally:
            server.terminate()
            server.wait(20)


def wait_for(reader: Reader, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()
        try:
            if reader.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())
