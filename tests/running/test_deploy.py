"""What lies in deploy/ besides the proxies: units, log rotation, the image, Compose, and pipx; each by its own program."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from packaging.utils import canonicalize_name

from tests.proxies import DEPLOY, program_of
from tests.running_service import NO_TLS, free_port, serving, wait_until

pytestmark = pytest.mark.slow

ROOT = DEPLOY.parent
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
MOST_EXPOSED = 1.2  # of 10, as systemd-analyze reckons; what is left is mostly that it talks to a network
IMAGE = "localhost/commentsvc-tested"
BASE = "localhost/commentsvc-tested-base"


def run(*words: object, **more: object) -> str:
    command = [program_of(str(words[0])), *map(str, words[1:])]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600, **more)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout + done.stderr)


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """The units with a program that is there."""
    for file in (DEPLOY / "systemd").iterdir():
        (tmp_path / file.name).write_text(
            file.read_text().replace("/opt/commentsvc/bin", str(Path(sys.executable).parent))
        )
    return sorted(tmp_path.iterdir())


def test_systemd_finds_no_fault_in_the_units(units: list[Path]) -> None:
    assert run("systemd-analyze", "verify", *units) == ""


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_lets_its_service_do_little_else(unit: Path) -> None:
    report = run("systemd-analyze", "security", "--no-pager", "--offline=yes", unit)

    exposed = re.search(r"exposure level for \S+: (\d+\.\d+)", report)
    assert exposed
    assert float(exposed[1]) <= MOST_EXPOSED


def test_all_units_are_as_hard() -> None:
    def hardening(unit: Path) -> str:
        return (
            "NoNewPrivileges" + unit.read_text().partition("NoNewPrivileges")[2].partition("\n\n")[0].rstrip()
        )

    assert len({hardening(unit) for unit in UNITS}) == 1


def test_logs_and_backups_are_rotated(tmp_path: Path) -> None:
    settings = (DEPLOY / "logrotate/commentsvc").read_text()
    assert "su commentsvc commentsvc" in settings
    settings = settings.replace("/var/", f"{tmp_path}/").replace("  su commentsvc commentsvc\n", "")
    for name in ("log/commentsvc/service.log", "backups/commentsvc/comments.zip"):
        (tmp_path / name).parent.mkdir(parents=True, mode=0o755)
        (tmp_path / name).write_text("what there was")
    rules = tmp_path / "rules"
    rules.write_text(settings)
    rules.chmod(0o644)

    run("logrotate", "--force", "--state", tmp_path / "state", rules)

    assert (tmp_path / "log/commentsvc/service.log.1").read_text() == "what there was"
    assert (tmp_path / "log/commentsvc/service.log").read_text() == ""
    copies = [file.read_text() for file in (tmp_path / "backups/commentsvc").iterdir()]
    assert copies == ["what there was"] * 2


@pytest.mark.soak
def test_the_service_calls_nothing_that_its_unit_forbids(tmp_path: Path) -> None:
    """Its system calls, threads and processes too, are among those that the unit allows; no memory is for writing and running.

    SQLite changes a file's owner where root runs it; the unit's user is another.
    """
    trace = tmp_path / "trace"
    tracer = tmp_path / "traced.py"
    tracer.write_text(
        f"import os, sys\nos.execvp('strace', ['strace', '-f', '-qq', '-o', {str(trace)!r}, sys.executable, '-m', "
        "'commentsvc', *sys.argv[1:]])\n"
    )
    with serving(tmp_path / "data", "--workers", "2", program=[str(tracer)]) as live:
        live.reader().comment("a")
        children = run("pgrep", "--parent", live.process.pid).split()
        subprocess.run(["kill", f"-{signal.SIGTERM.value}", children[0]], check=True)
        live.process.wait(60)

    lines = trace.read_text(errors="replace")
    used = set(re.findall(r"^\d+ +(\w+)\(", lines, re.MULTILINE))
    allowed = calls_of("@system-service") - calls_of("@privileged")
    assert "accept4" in used or "accept" in used
    assert used - allowed <= {"fchown"}
    assert "PROT_WRITE|PROT_EXEC" not in lines
    families = set(re.findall(r"socket\((AF_\w+)", lines))
    assert families <= {"AF_INET", "AF_INET6", "AF_UNIX"}


def calls_of(name: str) -> set[str]:
    """The system calls of that group of systemd's, with those of the groups within it."""
    words = re.findall(
        r"^ +(@?[\w-]+)$", run("systemd-analyze", "syscall-filter", "--no-pager", name), re.MULTILINE
    )
    return {call for word in words for call in (calls_of(word) if word.startswith("@") else {word})}


@pytest.mark.soak
def test_compose_finds_no_fault_in_its_file() -> None:
    run("docker-compose", "--file", DEPLOY / "compose.yaml", "config", "--quiet")


@pytest.fixture(scope="module")
def image_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The files of the image, built on Debian's own Python in place of the base from a registry."""
    folder = tmp_path_factory.mktemp("image")
    run(
        "debootstrap",
        "--variant=minbase",
        "--include=python3,python3-venv,ca-certificates",
        "bookworm",
        folder / "debian",
    )
    run("tar", "--create", "--file", folder / "debian.tar", "--directory", folder / "debian",
        "--exclude=./dev/*", "--exclude=./proc/*", "--exclude=./sys/*", ".")  # fmt: skip
    shutil.rmtree(folder / "debian")
    (folder / "Base").write_text("FROM scratch\nADD debian.tar /\n")
    buildah = [
        "buildah",
        "--storage-driver",
        "vfs",
        "--root",
        folder / "storage",
        "--runroot",
        folder / "run",
    ]
    run(*buildah, "build", "--isolation", "chroot", "--file", folder / "Base", "--tag", BASE, folder)
    shared = [f"--volume={path}:{path}:ro" for path in ("/etc/ssl/certs", "/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf")
              if Path(path).exists()]  # fmt: skip
    run(*buildah, "build", "--isolation", "chroot", "--format", "docker", "--pull-never", "--network", "host", *shared,
        "--build-arg", f"BASE={BASE}", "--file", DEPLOY / "Containerfile", "--tag", IMAGE, ROOT)  # fmt: skip
    container = run(*buildah, "from", "--pull-never", IMAGE).strip()
    yield Path(run(*buildah, "mount", container).strip())
    run(*buildah, "umount", container)


@pytest.mark.soak
def test_the_image_serves_without_root_and_writes_into_its_volume_alone(
    image_root: Path, tmp_path: Path
) -> None:
    port, root, data = free_port(), image_root, tmp_path / "data"
    data.mkdir(mode=0o700)
    shutil.chown(data, 10001, 10001)
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(folder.stat().st_mode | 0o011)
    enter = f"""set -eu
      mount --bind {root} {root}; mount --bind {data} {root}/var/lib/commentsvc; mount -t tmpfs tmpfs {root / "tmp"}
      mount -t proc proc {root}/proc; mount -o remount,ro,bind {root}
      exec chroot --userspec=10001:10001 {root} env --ignore-environment PATH=/opt/commentsvc/bin:/usr/bin:/bin \
        PYTHONDONTWRITEBYTECODE=1 COMMENTSVC_DATA_DIR=/var/lib/commentsvc COMMENTSVC_BASE_URL=http://127.0.0.1:{port} \
        commentsvc serve --host 0.0.0.0 --port {port}"""
    health = re.search(r'"python3", "-c", "(.*)"\]', (DEPLOY / "Containerfile").read_text())
    assert health
    check = ["-c", health[1].replace("5000", str(port))]

    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(["unshare", "--mount", "bash", "-c", enter], stdout=log, stderr=log)
    try:
        wait_until(lambda: is_ready(port, process, tmp_path / "log"))
        assert subprocess.run([sys.executable, *check], check=False).returncode == 0
        assert httpx.get(f"http://127.0.0.1:{port}/thread?article=a").status_code == 200
        owners = {file.stat().st_uid for file in data.iterdir()}
    finally:
        process.terminate()
        process.wait(20)
    assert owners == {10001}
    assert subprocess.run([sys.executable, *check], check=False, stderr=subprocess.DEVNULL).returncode != 0


def is_ready(port: int, process: subprocess.Popen[bytes], log: Path) -> bool:
    assert process.poll() is None, log.read_text()
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5, verify=NO_TLS).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.soak
def test_pipx_installs_the_wheel_with_the_locked_versions(tmp_path: Path) -> None:
    guide = (ROOT / "docs/operator.md").read_text()
    found = re.search(r"^\$ (grep .* requirements\.lock) > (\S+)\n\$ (pipx install .*)$", guide, re.MULTILINE)
    assert found
    run(
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        tmp_path,
        ROOT,
    )
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    environ = {"PIPX_HOME": str(tmp_path / "home"), "PIPX_BIN_DIR": str(tmp_path / "bin")}
    environ |= {name: value for name, value in os.environ.items() if not name.startswith("PIPX_")}

    run("bash", "-euc", f"{found[1]} > {found[2]}; {found[3]}", cwd=tmp_path, env=environ)

    python = next((tmp_path / "home").glob("venvs/commentsvc/bin/python"))
    installed = pinned(run(python, "-m", "pip", "freeze", "--disable-pip-version-check"))
    assert installed
    assert installed <= pinned((ROOT / "requirements.lock").read_text())
    assert run(tmp_path / "bin/commentsvc", "--version")


def pinned(lines: str) -> set[tuple[str, str]]:
    """The packages that *lines* name with a version."""
    found = re.findall(r"^([\w.-]+)==([^\s;]+)", lines, re.MULTILINE)
    return {(canonicalize_name(name), version) for name, version in found}
