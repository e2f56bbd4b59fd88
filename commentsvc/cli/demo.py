"""`commentsvc demo`: the service with a newspaper, a discussion and a moderator, to try it."""

from __future__ import annotations

import os

import click

from commentsvc.cli.application import service_of, told_plainly
from commentsvc.cli.children import apart
from commentsvc.cli.serve import announce_address, ignore_signals, run, settings_to_serve
from commentsvc.serving import metrics_port
from commentsvc.serving.data_lock import alone_on
from commentsvc.serving.listening import at_address
from commentsvc.settings import PREFIX, is_chosen

HOST = "127.0.0.1"


@click.command()
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535))
@click.pass_context
def demo(context: click.Context, port: int) -> None:
    """Run the service with sample articles at /demo/; its data lies in DATA_DIR, ./demo-data unless set."""
    if not is_chosen(os.environ, "DATA_DIR"):
        os.environ[PREFIX + "DATA_DIR"] = "demo-data"
    with told_plainly():
        announce_address("localhost", port)  # browsers take passkeys under a name alone
        settings = settings_to_serve()
        metrics_port.require_free(settings)
        metrics_port.require_other(settings, port)
        listener = at_address(HOST, port)

    def make_ready() -> None:
        from commentsvc.actions import keys
        from commentsvc.actions.scripts import store_scripts
        from commentsvc.demo.seed import EMAIL, claim, seed

        with service_of(context, create=True, settle=False) as service:
            claim(service)
            keys.settle(service)
            store_scripts(service)
            password = seed(service)
            base_url, database = service.settings.base_url, service.database.name()
        click.echo(
            f"\n  Read and discuss   http://localhost:{port}/demo/"
            f"\n  Moderate           {base_url}/moderation"
            f"\n                     Email: {EMAIL}"
            f"\n                     Password: {password}"
            f"\n\n  Ctrl-C stops it; comments are kept for the next start, in {database}.\n"
        )

    ignore_signals()
    with told_plainly(), alone_on(settings.data_dir):
        apart(make_ready)
        run(listener, workers=1, target="commentsvc.app:create_demo_app")
