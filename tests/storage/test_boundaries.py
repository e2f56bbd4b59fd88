"""What stands where: rows and sessions in storage alone, and one place where a comment becomes public."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "commentsvc"
STORAGE = PACKAGE / "storage"
LIFECYCLE = PACKAGE / "threads" / "lifecycle.py"
ABOVE_THE_DOMAIN = {"web", "cli"}  # where a request or a command begins
AMBIENT = {"current_app", "g", "session", "request", "has_app_context"}
ROWS = {"Row", "RowMapping", "Session", "Connection", "Result"}
TABLES = {
    node.name
    for file in (STORAGE / "tables").glob("*.py")
    for node in ast.parse(file.read_text(encoding="utf-8")).body
    if isinstance(node, ast.ClassDef)
}
COUNTERS = {
    "comments": {"add", "add_below", "set_state", "erase"},
    "threads": {"take_number", "changed"},
    "bulk": {"add", "add_below", "advance"},
}
"""The methods of repositories that say what is public, by the repository's name in a unit of work."""


def row_types(file: Path, tree: ast.Module) -> Iterator[str]:
    """What a module outside storage knows of tables, or of the rows and sessions of SQLAlchemy."""
    if file.is_relative_to(STORAGE):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = {alias.name for alias in node.names}
            if node.module.startswith("commentsvc.storage.tables") or (
                node.module == "commentsvc.storage" and "tables" in names
            ):
                yield "tables"
            if node.module.startswith("sqlalchemy") and names & ROWS:
                yield ", ".join(sorted(names & ROWS))
        if isinstance(node, ast.Import) and any("storage.tables" in alias.name for alias in node.names):
            yield "tables"


def returned_rows(file: Path, tree: ast.Module) -> Iterator[str]:
    """Public methods of storage that give a row of a table."""
    if not file.is_relative_to(STORAGE) or "tables" in file.parts or file.name == "database.py":
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and node.returns:
            names = {part.id for part in ast.walk(node.returns) if isinstance(part, ast.Name)}
            yield from (f"{node.name} -> {name}" for name in sorted(names & (ROWS | TABLES)))


def ambient_context(file: Path, tree: ast.Module) -> Iterator[str]:
    """What a module below `web/` and `cli/` takes from Flask's context, or a session from Flask-SQLAlchemy."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr == "session"
            and ast.unparse(node.value).endswith("db")
        ):
            yield ast.unparse(node)
        if file.relative_to(PACKAGE).parts[0] in ABOVE_THE_DOMAIN:
            continue
        if isinstance(node, ast.ImportFrom) and node.module == "flask":
            yield from (alias.name for alias in node.names if alias.name in AMBIENT)


def counting(file: Path, tree: ast.Module) -> Iterator[str]:
    """What a module says of what is public, past `threads.lifecycle`."""
    if file == LIFECYCLE or file.is_relative_to(STORAGE):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            repository, method = node.func.value, node.func.attr
            if isinstance(repository, ast.Attribute) and method in COUNTERS.get(repository.attr, ()):
                yield ast.unparse(node.func)


Look = Callable[[Path, ast.Module], Iterator[str]]
PLANTED: list[tuple[Look, str, str]] = [
    (row_types, "actions/read.py", "from commentsvc.storage.tables import CommentRow"),
    (row_types, "web/context.py", "from commentsvc.storage import tables"),
    (row_types, "actions/post.py", "from commentsvc.storage.tables.comments import CommentRow"),
    (row_types, "threads/lifecycle.py", "from sqlalchemy.orm import Session"),
    (returned_rows, "storage/comments.py", "def found(self) -> list[CommentRow]: ..."),
    (returned_rows, "storage/threads.py", "def found(self) -> Row | None: ..."),
    (ambient_context, "actions/post.py", "db.session.execute(statement)"),
    (ambient_context, "web/context.py", "database.db.session.remove()"),
    (ambient_context, "jobs/runner.py", "from flask import current_app"),
    (counting, "actions/post.py", "work.comments.add_below(1, None, [], 1)"),
    (counting, "actions/rerender.py", "work.threads.changed(1, now)"),
    (counting, "jobs/sweep.py", "work.bulk.advance([], now)"),
]


@pytest.mark.sampled(4)
@pytest.mark.parametrize("look", [row_types, returned_rows, ambient_context, counting])
def test_each_stands_in_its_place(look: Look) -> None:
    files = sorted(PACKAGE.rglob("*.py"))
    found = {
        str(file.relative_to(PACKAGE)): what
        for file in files
        if (what := list(look(file, ast.parse(file.read_text(encoding="utf-8")))))
    }

    assert len(files) > 100
    assert found == {}


@pytest.mark.parametrize(("look", "module", "line"), PLANTED)
def test_what_is_planted_is_found(look: Look, module: str, line: str) -> None:
    assert list(look(PACKAGE / module, ast.parse(line)))


def test_the_counters_are_those_that_lifecycle_calls() -> None:
    """So that a counter that gets another name is looked for under that."""
    called = {
        (node.func.value.attr, node.func.attr)
        for node in ast.walk(ast.parse(LIFECYCLE.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Attribute)
    }

    assert {(kind, method) for kind, methods in COUNTERS.items() for method in methods} <= called
