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
    "init": ("init:init", "Make the database and the keys, where there are none."),
    "serve": ("serve:serve", "Run the service; an empty folder gets its database first."),
    "worker": ("jobs:worker", "Run jobs until it is stopped, beside “serve”."),
    "demo": ("demo:demo", "Run the service with sample articles, on data of its own."),
    "config": ("configuration:config", "Print all settings, their values and what they mean."),
    "db": ("maintenance:db", "Bring the database to the version of this program."),
    "doctor": ("doctor:doctor", "Check that the service can work, and say what is wrong."),
    "backup": ("backup:backup", "Write a backup into a file, while the service runs."),
    "restore": ("backup:restore", "Restore the service from a backup, and check it."),
    "export": ("exporting:export", "Write out all of a site, e-mail addresses too."),
    "import": ("imports:import_", "Take in the comments of another system."),
    "imports": ("imports:imports", "What was imported: list it, or undo it."),
    "rerender": ("jobs:rerender", "Render old comments by the rules of this version."),
    "job": ("jobs:job", "Long work: list it, start it, cancel it."),
    "site": ("sites:site", "Sites: publications, with their origins and settings."),
    "user": ("accounts:user", "Accounts of moderators."),
    "token": ("accounts:token", "API tokens: make, list and revoke them."),
    "webhook": ("webhooks:webhook", "Webhooks: addresses that are told of what happens."),
    "keys": ("keys:keys", "The keys of the service: list and rotate them."),
    "audit": ("audit:audit", "The audit log: list it, and verify it."),
    "person": ("person:person", "What belongs to an e-mail address: show, export, erase it."),
    "mail": ("mail:mail", "Try whether mail goes out, and take in what comes back."),
    "privacy-check": ("privacy:privacy_check", "Check that nothing public depends on an e-mail address."),
    "privacy-text": ("privacy:privacy_text", "Print a text on comments for a site's privacy page."),
    "embed-snippet": ("embedding:embed_snippet", "Print the HTML that shows the comments of an article."),
}
"""Where each command stands, and what it is for: to list them loads none."""


class Commands(Mapping[str, click.Command]):
    """Commands by name. The module of one is loaded when it is asked for: all of them take memory, and half a second."""

    def __getitem__(self, name: str) -> click.Command:
        with loading():
            command: click.Command = resolve_name(f"commentsvc.cli.{COMMANDS[name][0]}")
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class AllCommands(Program):
    """All commands, listed in the order in which one meets them."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, what) for name, (_, what) in COMMANDS.items()])


@click.group(cls=AllCommands, commands=Commands())
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
