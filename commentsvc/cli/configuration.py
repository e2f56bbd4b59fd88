"""`commentsvc config`: every setting, its value and what it means."""

from __future__ import annotations

import os
from dataclasses import fields

import click

from commentsvc.cli.application import told_plainly
from commentsvc.settings import PREFIX, Settings, is_chosen


@click.command()
def config() -> None:
    """Print all settings, their values, and what they mean."""
    with told_plainly():
        settings = Settings.from_environ(os.environ)
    for setting in fields(settings):
        name = PREFIX + setting.name.upper()
        value = getattr(settings, setting.name)
        if setting.name == "database_url" and (file := settings.database_file()):
            printed = f"sqlite:///{file}"
        elif setting.metadata["secret"] and value is not None:
            printed = "(set, not shown)"
        elif isinstance(value, tuple):
            printed = ", ".join(value) or "(none)"
        else:
            printed = "(unset)" if value is None else str(value)
        origin = "" if is_chosen(os.environ, setting.name.upper()) else "  [default]"
        click.echo(f"{name}={printed}{origin}\n    {setting.metadata['means']}")
