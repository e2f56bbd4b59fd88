"""`commentsvc export`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from commentsvc.cli.application import service_of
from commentsvc.cli.terminal import tell
from commentsvc.storage.sites import DEFAULT
from commentsvc.transfer.exporting import action


class MomentType(click.ParamType[datetime]):
    """A day or a time, in UTC where it names no zone."""

    name = "date"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            self.fail(
                f"“{value}” is no date; write it as 2026-11-24, or with a time as 2026-11-24T09:00Z.",
                param,
                ctx,
            )


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), required=False)
@click.option(
    "--format",
    "name",
    type=click.Choice([*action.FORMATS, action.HTML]),
    default="jsonl",
    show_default=True,
    help="jsonl has everything, to be imported again; wxr is for WordPress, csv for spreadsheets; "
    "html is what the public sees, a file for each article in the folder FILE.",
)
@click.option(
    "--site", default=DEFAULT, show_default=True, metavar="SLUG", help="The site; '*' is all of them."
)
@click.option(
    "--since",
    type=MomentType(),
    metavar="DATE",
    help="Only what was posted or changed since, with the comments above it.",
)
@click.pass_context
def export(context: click.Context, file: Path | None, name: str, site: str, since: datetime | None) -> None:
    """Export a site, with e-mail addresses and what is not public, into FILE or to standard output.

    The service goes on running. FILE appears when it is whole, and only its owner may read it.
    """
    if file == Path("-"):
        file = None
    with service_of(context) as service:
        if name == action.HTML:
            tally = action.export_html(service, site, since, file)
        else:
            tally = action.export(service, name, site, since, file, sys.stdout.buffer)
    tell(f"Exported {tally.comments} comments in {tally.threads} threads.")
    if tally.unreadable:
        tell(f"{tally.unreadable} addresses are left out: the key that they were sealed with is not here.")
