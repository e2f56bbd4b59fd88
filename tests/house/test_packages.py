"""What the lock files name is installed by uv, and by pip where uv gets nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.soak
@pytest.mark.parametrize("offline", ["false", "true"])
def test_a_lock_is_installed_whether_uv_reaches_a_registry_or_not(tmp_path: Path, offline: str) -> None:
    environment, lock = tmp_path / "environment", ROOT / ".ci/requirements.lock"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    words = [ROOT / ".ci/python-packages", environment, lock]
    environ = os.environ | {"UV_OFFLINE": offline, "UV_CACHE_DIR": str(tmp_path / "cache")}

    subprocess.run(words, cwd=ROOT, env=environ, check=True)

    listed = [ROOT / ".venv/bin/pip", "--python", environment, "freeze", "--all"]
    installed = subprocess.check_output(listed, text=True).split()
    assert installed
    assert set(installed) <= set(lock.read_text(encoding="utf-8").split())
