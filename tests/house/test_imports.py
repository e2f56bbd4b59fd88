"""The contracts about imports hold: each is broken by an import that is planted, and every room stands in a layer."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
PYPROJECT = ROOT / "pyproject.toml"

# By the name of a contract: a module, and an import that it must not have.
WRONG = {
    "Imports go one way": ("threads/cursors.py", "commentsvc.intake.fields"),
    "Only moderation, mail and exports open an e-mail address": (
        "audit/trail.py",
        "commentsvc.privacy.opening",
    ),
    "The parts of the web do not import each other": ("web/api/reading.py", "commentsvc.web.pages.thread"),
    "The web knows no server": ("web/health.py", "commentsvc.serving.gate"),
    "The web does not say what an answer depends on": ("web/responses.py", "commentsvc.cache.versions"),
    "The domain knows no HTTP": ("actions/read.py", "flask"),
    "Forms stand in web.forms alone": ("web/pages/own_comment.py", "wtforms"),
    "The database is reached through storage alone": ("access/accounts.py", "flask_sqlalchemy"),
}


def contracts() -> list[dict[str, object]]:
    listed: list[dict[str, object]] = tomllib.loads(PYPROJECT.read_text())["tool"]["importlinter"][
        "contracts"
    ]
    return listed


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the linter says of a checkout in which all wrong imports are planted."""
    checkout = tmp_path_factory.mktemp("checkout")
    shutil.copytree(
        ROOT / "commentsvc", checkout / "commentsvc", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(PYPROJECT, checkout)
    for module, imported in WRONG.values():
        file = checkout / "commentsvc" / module
        file.write_text(f"{file.read_text()}\nimport {imported}\n")
    command = [Path(sys.executable).parent / "lint-imports", "--no-logo", "--no-cache"]
    result = subprocess.run(command, cwd=checkout, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 1, result.stderr
    return result.stdout


def test_every_contract_is_tried() -> None:
    assert {str(contract["name"]) for contract in contracts()} == set(WRONG)


@pytest.mark.parametrize("contract", WRONG)
def test_a_wrong_import_breaks_its_contract(checked: str, contract: str) -> None:
    module, imported = WRONG[contract]
    importer = "commentsvc." + module.removesuffix(".py").replace("/", ".")

    assert f"{contract} BROKEN" in checked
    _, _, said = checked.partition(f"\n{contract}\n---")
    assert f"{importer} -> {imported}" in re.sub(r"\n\S[^\n]*\n-{5,}\n.*", "", said, flags=re.DOTALL)


def test_a_way_around_a_contract_says_why() -> None:
    ways = [line for line in PYPROJECT.read_text().splitlines() if line.startswith("allow_indirect_imports")]

    assert [line for line in ways if not re.search(r"# \w+ \w+ \w+", line)] == []


def test_every_module_stands_in_a_layer() -> None:
    layers = next(contract["layers"] for contract in contracts() if contract["type"] == "layers")
    assert isinstance(layers, list)
    rooms = tuple(room.strip() for layer in layers for room in layer.split("|"))
    modules = grimp.build_graph("commentsvc").modules - {"commentsvc", "commentsvc.cache"}

    assert (
        sorted(
            module for module in modules if not f"{module}.".startswith(tuple(f"{room}." for room in rooms))
        )
        == []
    )
