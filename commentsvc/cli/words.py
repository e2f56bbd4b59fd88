"""What stands on a command line: options, and words that look like some."""

from __future__ import annotations

import click

from commentsvc.unicode_text import has_surrogate

WHOLE = 500  # characters of a sentence: none is as long


class Command(click.Command):
    """A command whose arguments may begin with a hyphen, as ids, article IDs and patterns do.

    Options have two hyphens. A word with two that is no option is taken for a mistyped one, where there are any.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read *args*; words that are no options become arguments."""
        try:
            return super().parse_args(ctx, list(args))
        except click.NoSuchOption as unknown:
            has_options = any(isinstance(parameter, click.Option) for parameter in self.params)
            if has_options and unknown.option_name.startswith("--"):
                raise click.UsageError(
                    f"{unknown.format_message()} Write “--” before what is no option.", ctx
                ) from None
        ctx.ignore_unknown_options = True
        return super().parse_args(ctx, args)


class Group(click.Group):
    """Commands of one kind, each a `Command`."""

    command_class = Command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List them, each with its whole first sentence."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, command.get_short_help_str(WHOLE)) for name, command in sorted(self.commands.items())]
            )


class Program(click.Group):
    """All commands; what is typed must be text."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read *args*.

        :raises click.UsageError: one of them is not UTF-8.
        """
        for word in args:
            if has_surrogate(word):
                raise click.UsageError(f"{word!r} is not UTF-8.", ctx)
        return super().parse_args(ctx, args)
