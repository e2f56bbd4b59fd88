"""`commentsvc webhook`: who is told by HTTP of what happens."""

from __future__ import annotations

import click

from commentsvc.cli.application import service_of
from commentsvc.cli.words import Group
from commentsvc.model import HookDelivery, HookEvent, Webhook
from commentsvc.notifications.webhooks import hooks


@click.group(cls=Group)
def webhook() -> None:
    """Webhooks: addresses that are told by HTTP of what happens."""


@webhook.command("add")
@click.argument("url")
@click.option(
    "--event",
    "events",
    multiple=True,
    required=True,
    type=click.Choice([str(event) for event in HookEvent]),
    help="What it is told of; may be given several times.",
)
@click.option("--site", metavar="SLUG", help="It is told of this site alone.")
@click.option("--private", is_flag=True, help="It is told of what waits too, as moderators see it.")
@click.pass_context
def add(context: click.Context, url: str, events: tuple[str, ...], site: str | None, private: bool) -> None:
    """Set a webhook: prints its id and the secret that signs, which is shown this once."""
    with service_of(context) as service:
        chosen = [HookEvent(event) for event in events]
        hook = hooks.add_webhook(service, url, chosen, site, private=private)
    click.echo(f"{hook.id}  {hook.secret}")


@webhook.command("list")
@click.pass_context
def list_webhooks(context: click.Context) -> None:
    """List webhooks, the oldest first: id, state, site, events and address."""
    with service_of(context) as service, service.reading() as work:
        for hook in hooks.list_webhooks(work):
            click.echo(_line(hook))


@webhook.command("remove")
@click.argument("hook_id", metavar="ID")
@click.pass_context
def remove(context: click.Context, hook_id: str) -> None:
    """Remove a webhook; what waits for it is never sent."""
    with service_of(context) as service:
        hooks.remove_webhook(service, hook_id)
    click.echo(f"Removed webhook {hook_id}.")


@webhook.command("test")
@click.argument("hook_id", metavar="ID")
@click.pass_context
def test(context: click.Context, hook_id: str) -> None:
    """Send a test to a webhook now; exit 1 where it was not taken."""
    with service_of(context) as service:
        delivery = hooks.try_webhook(service, hook_id)
    if delivery.error is not None:
        raise click.ClickException(f"The test {delivery.id} was not taken: {_ending(delivery)}.")
    click.echo(f"The test {delivery.id} was taken: {_ending(delivery)}.")


def _line(hook: Webhook) -> str:
    state = "private" if hook.private else "public"
    if hook.disabled_at is not None:
        state = f"disabled ({hook.why})"
    return "  ".join((hook.id, state, hook.site or "all sites", ",".join(hook.events), hook.url))


def _ending(delivery: HookDelivery) -> str:
    return delivery.error or f"HTTP {delivery.status}"
