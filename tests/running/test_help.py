"""What `--help` says: what there is, in whole sentences, and at once."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from commentsvc.cli.commands import COMMANDS, main


def help_of(*words: str) -> str:
    result = CliRunner().invoke(main, [*words, "--help"], terminal_width=80)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.unit
def test_it_lists_every_command_in_one_line() -> None:
    lines = help_of().partition("Commands:\n")[2].splitlines()

    assert [line.split()[0] for line in lines] == list(COMMANDS)
    assert all(line.endswith(".") and not line.endswith("..") for line in lines)


@pytest.mark.unit
def test_of_a_group_no_sentence_is_cut_off() -> None:
    groups = [name for name, command in main.commands.items() if isinstance(command, click.Group)]

    assert len(groups) > 5
    for group in groups:
        assert "..." not in help_of(group).partition("Commands:\n")[2], group


def test_it_loads_no_command() -> None:
    """All of them together take two seconds."""
    code = (
        "import sys; from commentsvc.cli.commands import main; main(['--help'], standalone_mode=False);"
        "print({'sqlalchemy', 'flask', 'alembic'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "set()"
