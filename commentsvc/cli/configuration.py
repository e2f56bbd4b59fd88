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
            shown = f"sqlite:///{file}"
        elif setting.metadata["secret"] and value is not None:
            shown = "(set, not shown)"
        elif isinstance(value, tuple):
            shown = ", ".join(value) or "(none)"
        else:
            shown = "(unset)" if value is None else str(value)
        origin = "" if is_chosen(os.environ, setting.name.upper()) else "  [default]"
        click.echo(f"{name}={shown}{origin}\n    {setting.metadata['means']}")
