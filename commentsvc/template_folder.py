"""Where the templates are."""

from __future__ import annotations

from pathlib import Path


def template_folder() -> Path:
    """Those of the package, as installed; in a checkout they lie beside it."""
    package = Path(__file__).parent
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"
