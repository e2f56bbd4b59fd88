"""`commentsvc site`: sites and their settings."""

from __future__ import annotations

import click

from commentsvc.actions import sites
from commentsvc.cli.application import service_of
from commentsvc.model import Mode
from commentsvc.settings import read_origin, read_privacy_page


class OriginType(click.ParamType[str]):
    """An origin, in its one spelling."""

    name = "origin"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return read_origin(value)
        except ValueError as wrong:
            self.fail(f"“{value}” is not {wrong}.", param, ctx)


@click.group()
def site() -> None:
    """Sites: publications, each with its origins and settings."""


@site.command()
@click.argument("slug")
@click.option(
    "--origin", "origins", multiple=True, type=OriginType(), required=True, help="May post and frame."
)
@click.pass_context
def add(context: click.Context, slug: str, origins: tuple[str, ...]) -> None:
    """Make a site."""
    with service_of(context) as service:
        sites.add_site(service, slug, origins)
    click.echo(f'Site “{slug}” is there. Embed it with <comment-thread site="{slug}" article="…">.')


@site.command("list")
@click.pass_context
def list_sites(context: click.Context) -> None:
    """List the sites."""
    with service_of(context) as service:
        for found in sites.all_sites(service):
            click.echo(
                f"{found.slug}\n    moderation: {found.mode}\n    privacy page: {found.privacy_url or '(none)'}"
            )
            for origin in found.origins:
                click.echo(f"    origin: {origin}")


@site.command("set")
@click.argument("slug")
@click.option(
    "--origin", "origins", multiple=True, type=OriginType(), help="Replaces all origins of the site."
)
@click.option(
    "--moderation", type=click.Choice([*map(str, Mode), "inherit"]), help="Who waits for a moderator."
)
@click.option("--privacy-url", help="The page that the form links to; empty to inherit.")
@click.pass_context
def set_site(
    context: click.Context,
    slug: str,
    origins: tuple[str, ...],
    moderation: str | None,
    privacy_url: str | None,
) -> None:
    """Change a site's settings."""
    changes: dict[str, object] = {}
    if origins:
        changes["origins"] = list(origins)
    if moderation is not None:
        changes["mode"] = None if moderation == "inherit" else Mode(moderation)
    if privacy_url is not None:
        try:
            read_privacy_page(privacy_url or "https://inherited.example/")
        except ValueError as wrong:
            raise click.BadParameter(f"“{privacy_url}” is not {wrong}.") from None
        changes["privacy_url"] = privacy_url or None
    if not changes:
        raise click.UsageError("Say what to change: --origin, --moderation or --privacy-url.")
    with service_of(context) as service:
        sites.change_site(service, slug, **changes)
    click.echo(f"Site “{slug}” is changed.")
