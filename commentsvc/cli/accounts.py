"""`commentsvc user` and `commentsvc token`: who may moderate, and which programs may."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from commentsvc.access.api_tokens import read_end
from commentsvc.actions import accounts, people, sites, tokens
from commentsvc.actions.mail_choices import MailChanges, change_mail_of
from commentsvc.cli.application import service_of
from commentsvc.cli.words import Group
from commentsvc.model import Role, Scope, WaitingMail

ROLES = click.Choice([str(role) for role in Role])


@click.group(cls=Group)
def user() -> None:
    """Accounts of moderators."""


@user.command("add")
@click.argument("email")
@click.option("--name", help="How others see this person; never the address.")
@click.option("--role", type=ROLES, default=str(Role.MODERATOR), show_default=True)
@click.option("--site", "slugs", multiple=True, help="May moderate this site alone; may be repeated.")
@click.pass_context
def add_user(context: click.Context, email: str, name: str | None, role: str, slugs: tuple[str, ...]) -> None:
    """Create an account; its password comes from the terminal or from standard input."""
    password = _password()
    with service_of(context) as service:
        accounts.add_user(service, email, password, Role(role), slugs, name)
        click.echo(f"{email} can sign in at {service.settings.base_url}/moderation")


@user.command("invite")
@click.argument("email")
@click.option("--name", help="How others see this person; they may choose another.")
@click.option("--role", type=ROLES, default=str(Role.MODERATOR), show_default=True)
@click.option("--site", "slugs", multiple=True, help="Of this site alone; may be repeated.")
@click.pass_context
def invite_user(
    context: click.Context, email: str, name: str | None, role: str, slugs: tuple[str, ...]
) -> None:
    """Print a link, good once and for seven days, under which somebody makes their account."""
    with service_of(context) as service:
        click.echo(people.invite(service, None, email, Role(role), slugs or None, name).invitation)


@user.command("list")
@click.pass_context
def list_users(context: click.Context) -> None:
    """List the accounts."""
    with service_of(context) as service, service.reading() as work:
        names = {site.id: site.slug for site in sites.all_sites(service, work)}
        invited = work.invitations.ends()
        for account in accounts.list_users(work):
            theirs = (
                "all sites" if account.sites is None else ", ".join(sorted(names[i] for i in account.sites))
            )
            named = f"  {account.name}" if account.name else ""
            comes = "  invited" if account.id in invited else ""
            click.echo(f"{account.email}  {account.role}  {theirs}{named}{comes}")


@user.command("remove")
@click.argument("email")
@click.pass_context
def remove_user(context: click.Context, email: str) -> None:
    """Remove an account; what it decided stays in the log."""
    with service_of(context) as service:
        accounts.remove_user(service, email)
    click.echo(f"Removed the account of {email}.")


@user.command("role")
@click.argument("email")
@click.argument("role", type=ROLES)
@click.pass_context
def set_role(context: click.Context, email: str, role: str) -> None:
    """Give an account another role."""
    with service_of(context) as service:
        accounts.set_role(service, email, Role(role))
    click.echo(f"{email} is {role} now.")


@user.command("password")
@click.argument("email")
@click.pass_context
def set_password(context: click.Context, email: str) -> None:
    """Set the password of an account, from the terminal or standard input, and sign it out everywhere."""
    password = _password()
    with service_of(context) as service:
        accounts.set_password(service, email, password)
    click.echo(f"Set a new password for {email}, and signed them out everywhere.")


@user.command("sign-out")
@click.argument("email")
@click.pass_context
def sign_out(context: click.Context, email: str) -> None:
    """Sign an account out everywhere."""
    with service_of(context) as service:
        ended = accounts.sign_user_out(service, email)
    click.echo(f"Signed {email} out everywhere; sessions ended: {ended}.")


@user.command("reset-second-factor")
@click.argument("email")
@click.pass_context
def reset_second_factor(context: click.Context, email: str) -> None:
    """Remove the second factors of somebody who lost them, and sign them out everywhere."""
    with service_of(context) as service:
        accounts.reset_second_factor(service, email)
    click.echo(f"Removed the second factors of {email}, and signed them out everywhere.")


@user.command("mail")
@click.argument("email")
@click.option(
    "--waiting", type=click.Choice([str(one) for one in WaitingMail]), help="What waits: how often."
)
@click.option("--reports", type=click.Choice(["on", "off"]), help="What readers report, at once.")
@click.option("--site", "slugs", multiple=True, help="Of this site alone; may be repeated.")
@click.option("--all-sites", is_flag=True, help="Of all sites of this person again.")
@click.pass_context
def set_mail(
    context: click.Context,
    email: str,
    waiting: str | None,
    reports: str | None,
    slugs: tuple[str, ...],
    all_sites: bool,
) -> None:
    """Say what somebody is told of by mail, and show what holds then."""
    if slugs and all_sites:
        raise click.UsageError("Give --site or --all-sites, not both.")
    changes = MailChanges(
        waiting=WaitingMail(waiting) if waiting else None,
        reports=None if reports is None else reports == "on",
        sites=(None,) if all_sites else (slugs,) if slugs else None,
    )
    with service_of(context) as service:
        mail = change_mail_of(service, email, changes)
    where = "all sites" if mail.sites is None else ", ".join(mail.sites)
    click.echo(f"{email}: waiting {mail.waiting}, reports {'on' if mail.reports else 'off'}, {where}")


def _password() -> str:
    if sys.stdin.isatty():
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return typed
    try:
        password = sys.stdin.buffer.readline().decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise click.ClickException("The password on standard input is not UTF-8.") from None
    if not password:
        raise click.ClickException(
            "There is no password on standard input. A password has 10 to 1000 characters."
        )
    return password


@click.group(cls=Group)
def token() -> None:
    """API tokens."""


@token.command("create")
@click.option("--scope", type=click.Choice([str(scope) for scope in Scope]), required=True)
@click.option("--site", "slug", help="Good for this site alone.")
@click.option("--label", help="What it is for, to know it again in lists.")
@click.option(
    "--expires", help="A date such as 2027-01-31 (to the end of that day, UTC), or days such as 30d."
)
@click.pass_context
def create_token(
    context: click.Context, scope: str, slug: str | None, label: str | None, expires: str | None
) -> None:
    """Create an API token and print it; it cannot be shown again."""
    with service_of(context) as service:
        try:
            expires_at = read_end(expires, service.now()) if expires else None
        except ValueError as wrong:
            raise click.BadParameter(str(wrong), param_hint="--expires") from None
        click.echo(tokens.create_token(service, Scope(scope), slug, label, expires_at).token)


@token.command("list")
@click.pass_context
def list_tokens(context: click.Context) -> None:
    """List the API tokens, never the secrets: id, scope, site, last use (to five minutes), end, label."""
    with service_of(context) as service, service.reading() as work:
        now = service.now()
        for one in tokens.list_tokens(work):
            used = f"last used {_minute(one.used_at)}" if one.used_at else "never used"
            end = ""
            if one.expires_at is not None:
                end = f"  {'expired' if one.expires_at <= now else 'expires'} {_minute(one.expires_at)}"
            label = f"  {one.label}" if one.label else ""
            click.echo(f"{one.id}  {one.scope}  {one.site or 'all sites'}  {used}{end}{label}")


@token.command("revoke")
@click.argument("token_id", metavar="ID")
@click.pass_context
def revoke_token(context: click.Context, token_id: str) -> None:
    """End an API token at once."""
    with service_of(context) as service:
        tokens.revoke_token(service, token_id)
    click.echo(f"Revoked API token {token_id}.")


def _minute(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
