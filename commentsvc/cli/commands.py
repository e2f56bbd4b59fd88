"""The commands of `commentsvc`, put together."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from pkgutil import resolve_name

import click

from commentsvc import __version__
from commentsvc.cli.application import DATABASE, told_plainly
from commentsvc.cli.env_file import read_env_file
from commentsvc.cli.loading import loading
from commentsvc.cli.terminal import tell
from commentsvc.cli.words import Program
from commentsvc.settings import PREFIX

COMMANDS = {
    "init": "init:init",
    "serve": "serve:serve",
    "worker": "jobs:worker",
    "demo": "demo:demo",
    "config": "configuration:config",
    "db": "maintenance:db",
    "doctor": "doctor:doctor",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "export": "exporting:export",
    "import": "imports:import_",
    "imports": "imports:imports",
    "rerender": "jobs:rerender",
    "job": "jobs:job",
    "site": "sites:site",
    "user": "accounts:user",
    "token": "accounts:token",
    "webhook": "webhooks:webhook",
    "keys": "keys:keys",
    "audit": "audit:audit",
    "person": "person:person",
    "mail": "mail:mail",
    "privacy-check": "privacy:privacy_check",
    "privacy-text": "privacy:privacy_text",
    "embed-snippet": "embedding:embed_snippet",
}
"""Where each command stands."""


class Commands(Mapping[str, click.Command]):
    """Commands by name. The module of one is loaded when it is asked for: all of them take memory, and half a second."""

    def __getitem__(self, name: str) -> click.Command:
        with loading():
            command: click.Command = resolve_name(f"commentsvc.cli.{COMMANDS[name]}")
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


@click.group(cls=Program, commands=Commands())
@click.version_option(__version__, prog_name="commentsvc")
@click.option("--data-dir", metavar="DIR", help=f"The service's folder, as {PREFIX}DATA_DIR.")
@click.option(
    "--env-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Settings, as systemd's EnvironmentFile; those of the environment win.",
)
def main(data_dir: str | None, env_file: Path | None) -> None:
    """A self-hosted comment section: threaded, fast, and it never publishes an e-mail address."""
    with told_plainly():
        if env_file is not None:
            os.environ.update(read_env_file(env_file) | os.environ)
    if data_dir is not None:
        os.environ[PREFIX + "DATA_DIR"] = data_dir


@main.result_callback()
@click.pass_context
def name_database(context: click.Context, /, _result: object, **_options: object) -> None:
    """Say which database a command used that did what it was asked for."""
    if database := context.meta.get(DATABASE):
        tell(f"Database: {database}")
