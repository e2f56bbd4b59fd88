"""The machine: which core does what, what it is, and what a program takes of it."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

SERVER_CORE, LOAD_CORE = ("0", "1") if (os.cpu_count() or 1) > 1 else ("0", "0")
BENCH_PYTHON = Path(__file__).parent / ".venv/bin/python"
"""The interpreter that has the peers and the plots, and nothing of the service."""


def on_core(core: str, *command: str) -> list[str]:
    """*command*, kept on that core with all the processes and threads that it will start."""
    return ["taskset", "--cpu-list", core, *command]


def facts() -> dict[str, str]:
    """What somebody needs to know of the machine to read the figures."""
    kilobytes = int(_first(r"MemTotal:\s*(\d+)", "/proc/meminfo") or 0)
    distribution = _first(r'PRETTY_NAME="(.+)"', "/etc/os-release")
    return {
        "processor": _first(r"model name\s*: (.+)", "/proc/cpuinfo") or platform.machine(),
        "cores": str(os.cpu_count()),
        "memory": f"{kilobytes / 1e6:.0f} GB",
        "system": f"{distribution}, Linux {platform.release()}",
    }


def versions() -> dict[str, str]:
    """What was measured, and what it was measured with."""
    ours = {name: version(name) for name in ("commentsvc", "granian", "Flask", "SQLAlchemy", "bleach")}
    script = "from importlib.metadata import version as v; print(v('isso'), v('gunicorn'))"
    isso, gunicorn = _said(str(BENCH_PYTHON), "-c", script).split()
    nginx = _said("nginx", "-v").rpartition("/")[2].strip()
    wrk = _said("wrk", "-v").split()[1].rpartition("/")[2]
    return {
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        **ours,
        "Isso": isso,
        "gunicorn": gunicorn,
        "nginx": nginx,
        "wrk": wrk,
    }


def resident_bytes(pid: int) -> int:
    """What a process and all below it hold in memory; pages that several share count once (Pss)."""
    kilobytes = 0
    for member in _tree(pid):
        found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{member}/smaps_rollup").read_text(), re.MULTILINE)
        assert found
        kilobytes += int(found[1])
    return kilobytes * 1024


def processor_seconds(pid: int) -> float:
    """What a process and all below it took of the processor so far."""
    ticks = 0
    for member in _tree(pid):
        fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])  # utime and stime of proc_pid_stat(5)
    return ticks / os.sysconf("SC_CLK_TCK")


def processes(pid: int) -> int:
    """How many processes that are, with all below."""
    return len(list(_tree(pid)))


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _tree(int(child))


def _first(pattern: str, file: str) -> str | None:
    found = re.search(pattern, Path(file).read_text())
    return found[1].strip() if found else None


def _said(*command: str) -> str:
    """What a program says of itself; some say it on standard error, and wrk with a status of 1."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr
