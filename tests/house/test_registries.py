"""A new kind is a file in its folder and a line in its registry: what is written but not registered is found here."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest
from flask import Blueprint

import commentsvc
from commentsvc.cli.commands import main
from commentsvc.jobs.kind import Kind
from commentsvc.jobs.kinds import KINDS
from commentsvc.screening.checks import OWN
from commentsvc.settings import Settings
from commentsvc.web.blueprints import BLUEPRINTS
from commentsvc.web.pages.demo import demo
from tests.command_line import typed

PACKAGE = Path(commentsvc.__file__).parent
BESIDE = [demo]  # the sample newspaper, which only `commentsvc demo` serves


def modules(folder: str) -> Iterator[ModuleType]:
    """All modules below a folder of the package."""
    for file in sorted((PACKAGE / folder).rglob("*.py")):
        yield importlib.import_module(".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts))


def classes(folder: str, method: str) -> set[type[Any]]:
    """The classes that are written below a folder and have that method; a protocol says only what one has to have."""
    return {
        value
        for module in modules(folder)
        for value in vars(module).values()
        if inspect.isclass(value)
        and value.__module__ == module.__name__
        and hasattr(value, method)
        and not getattr(value, "_is_protocol", False)
    }


def instances(folder: str, kind: type[Any]) -> list[Any]:
    """What stands at the top of the modules below a folder and is of that kind."""
    return [value for module in modules(folder) for value in vars(module).values() if isinstance(value, kind)]


def test_every_check_is_registered() -> None:
    assert {type(check) for check in OWN} == classes("screening/checks", "look")


def test_every_kind_of_job_is_registered() -> None:
    methods = [name for name in vars(Kind) if not name.startswith("_") and callable(vars(Kind)[name])]

    assert "step" in methods
    assert {type(kind) for kind in KINDS.values()} == classes("jobs", "fits")


def test_every_command_is_registered() -> None:
    def below(command: click.Command) -> set[click.Command]:
        subcommands = command.commands.values() if isinstance(command, click.Group) else ()
        return {command}.union(*map(below, subcommands))

    assert set(instances("cli", click.Command)) == below(main)


def test_every_file_of_routes_is_registered() -> None:
    assert set(instances("web", Blueprint)) == {*BLUEPRINTS, *BESIDE}


@pytest.mark.parametrize("setting", [setting.name for setting in fields(Settings)])
def test_every_setting_says_what_it_means(setting: str) -> None:
    field = next(field for field in fields(Settings) if field.name == setting)

    assert set(field.metadata) == {"read", "means", "secret", "lines", "of_node"}
    assert field.metadata["means"]


def test_every_setting_is_listed_by_the_command_line(tmp_path: Path) -> None:
    printed = typed("config", data_dir=tmp_path).stdout

    assert [one.name for one in fields(Settings) if f"COMMENTSVC_{one.name.upper()}" not in printed] == []
