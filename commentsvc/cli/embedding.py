"""`commentsvc embed-snippet`: what a publisher puts into a page."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

import click

from commentsvc.actions.sites import site_of
from commentsvc.cli.application import service_of
from commentsvc.cli.words import Command
from commentsvc.errors import Invalid
from commentsvc.intake.articles import read_article
from commentsvc.publishing.scripts import Script, integrity_of, script_url

PINNED = (
    "Pinned: this page keeps this version of the widget, which the service serves for ever. Corrections of the "
    "widget reach the page only when you print its HTML again. Start the service of this version before you use it."
)


@click.command("embed-snippet", cls=Command)
@click.argument("article")
@click.option("--site", help="The site's slug, where it is not the default one.")
@click.option("--pin", is_flag=True, help="Name this version of the script, with its integrity.")
@click.option(
    "--follow-upgrades", is_flag=True, hidden=True, expose_value=False
)  # what is printed unless pinned
@click.pass_context
def embed_snippet(context: click.Context, article: str, site: str | None, pin: bool) -> None:
    """Print the HTML that shows the comments of ARTICLE.

    It follows upgrades of the service. With --pin the page stays with this version of the widget,
    and a browser runs nothing else, until you print the HTML again.
    """
    with service_of(context) as service:
        base_url = service.settings.base_url
        try:
            read_article(article)
        except ValueError as wrong:
            raise Invalid({"article": [str(wrong)]}) from None
        with service.reading() as work:
            site_of(service, work, site)
    query = {"article": article} | ({"site": site} if site else {})
    attributes = " ".join(f'{name}="{escape(value)}"' for name, value in query.items())
    if pin:
        script = (
            f'src="{base_url}/{script_url(Script.EMBED)}" integrity="{integrity_of(Script.EMBED)}" '
            'crossorigin="anonymous"'
        )
        click.echo(PINNED, err=True)
    else:
        script = f'src="{base_url}/{Script.EMBED}.js"'
    click.echo(
        f"<script async {script}></script>\n"
        f"<comment-thread {attributes}>\n"
        f'  <a href="{escape(f"{base_url}/thread?{urlencode(query)}")}">Comments</a>\n'
        "</comment-thread>"
    )
