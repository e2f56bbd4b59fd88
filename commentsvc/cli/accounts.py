"""`commentsvc user` and `commentsvc token`: who may moderate, and which programs may."""

from __future__ import annotations

import sys

import click

from commentsvc.actions import accounts, sites
from commentsvc.cli.application import service_of
from commentsvc.model import Role, Scope


@click.group()
def user() -> None:
    """Moderators."""


@user.command("add")
@click.argument("email")
@click.option(
    "--role", type=click.Choice([str(role) for role in Role]), default=str(Role.MODERATOR), show_default=True
)
@click.option("--site", "slugs", multiple=True, help="May moderate this site alone; may be repeated.")
@click.pass_context
def add_user(context: click.Context, email: str, role: str, slugs: tuple[str, ...]) -> None:
    """Make an account; its password comes from the terminal or from standard input."""
    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    with service_of(context) as service:
        accounts.add_user(service, email, password, Role(role), slugs)
        click.echo(f"{email} can sign in at {service.settings.base_url}/moderation")


@user.command("list")
@click.pass_context
def list_users(context: click.Context) -> None:
    """List the accounts."""
    with service_of(context) as service:
        names = {site.id: site.slug for site in sites.all_sites(service)}
        for account in accounts.list_users():
            theirs = (
                "all sites" if account.sites is None else ", ".join(sorted(names[i] for i in account.sites))
            )
            click.echo(f"{account.email}  {account.role}  {theirs}")


@user.command("remove")
@click.argument("email")
@click.pass_context
def remove_user(context: click.Context, email: str) -> None:
    """Remove an account; what it decided stays in the log."""
    with service_of(context):
        accounts.remove_user(email)
    click.echo(f"{email} has no account any more.")


@click.group()
def token() -> None:
    """API tokens for programs."""


@token.command("create")
@click.option("--scope", type=click.Choice([str(scope) for scope in Scope]), required=True)
@click.option("--site", "slug", help="Good for this site alone.")
@click.pass_context
def create_token(context: click.Context, scope: str, slug: str | None) -> None:
    """Make an API token and print it; it cannot be shown again."""
    with service_of(context) as service:
        click.echo(accounts.create_token(service, Scope(scope), slug))
