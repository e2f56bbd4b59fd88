"""The command line: joins the commands with the application they work on."""

import gc
import sys
from typing import Any

from commentsvc.cli import heap
from commentsvc.cli.loading import loading

SERVE = {"serve", "demo"}


def main() -> None:
    """Run `commentsvc`."""
    if SERVE & set(sys.argv):  # a word that is no command does no harm
        heap.begin_with_one()
    with loading():
        from commentsvc.cli import commands, terminal

    terminal.prepare()
    terminal.end_in_order()
    try:
        commands.main(obj=create_app)
    except OSError as why:
        terminal.give_up(why)


def create_app(*arguments: Any, **options: Any) -> Any:
    """Make the application, as `commentsvc.app` does, which is loaded now: some commands never need it."""
    with loading():
        from commentsvc import app

    gc.freeze()  # it stays, so no collection need look through it
    return app.create_app(*arguments, **options)


if __name__ == "__main__":
    main()
