"""`commentsvc privacy-check` and `commentsvc privacy-text`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from commentsvc.actions import privacy_text as texts
from commentsvc.actions import sites
from commentsvc.cli.application import service_of, told_plainly
from commentsvc.diagnosis import privacy_check as checking


@click.command("privacy-check")
@click.pass_context
def privacy_check(context: click.Context) -> None:
    """Check that nothing public depends on an e-mail address, on two services of its own in a temporary folder.

    The checks of other packages that are installed here take part. Ends with 1 where any answer differs, and names the route.
    """
    with told_plainly(), tempfile.TemporaryDirectory(prefix="commentsvc-privacy-") as folder:
        asked = list(
            checking.check(
                lambda settings, now, chance: context.obj(
                    settings, create=True, now=now, random_bytes=chance
                ),
                Path(folder),
            )
        )
    differing = {(one.route, one.difference): None for one in asked if one.difference is not None}
    for route, difference in differing:
        click.echo(f"{route}: {difference}")
    if differing:
        context.exit(1)
    click.echo(
        f"Nothing public depends on an e-mail address: {len(asked)} requests to {len({one.route for one in asked})} "
        "routes were answered alike, and asked the database alike."
    )


@click.command("privacy-text")
@click.option("--site", "slug", metavar="SLUG", help="That site's, where it keeps things for other times.")
@click.pass_context
def privacy_text(context: click.Context, slug: str | None) -> None:
    """Print a text about comments for the privacy page of a site, made from the settings; in Markdown."""
    with service_of(context) as service, service.reading() as work:
        click.echo(texts.privacy_text(service, work, sites.site_of(service, work, slug)))
