"""The list of what the service is made of, which an operator's scanner reads."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.soak  # it installs all packages
def test_the_bill_of_materials_names_every_locked_package_and_no_tool_of_ours() -> None:
    subprocess.run(["make", "sbom"], cwd=ROOT, check=True, capture_output=True, timeout=300)

    bill = json.loads((ROOT / "dist/sbom.cdx.json").read_text(encoding="utf-8"))
    locked = re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE)
    named = {(_normalised(part["name"]), part["version"]) for part in bill["components"]}
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == "commentsvc"
    assert named == {(_normalised(name), version) for name, version in locked}


def _normalised(name: str) -> str:
    """One spelling for a package (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
