"""`commentsvc site`: sites and their settings."""

from __future__ import annotations

from typing import Any, TextIO

import click

from commentsvc.actions import sites
from commentsvc.actions.closing import LONGEST_DAYS
from commentsvc.actions.decide import LONGEST_REASON
from commentsvc.actions.retention import Kept, days_of
from commentsvc.cli.application import service_of
from commentsvc.cli.words import Group
from commentsvc.intake.articles import read_pattern
from commentsvc.model import CheckMode, ModerationMode
from commentsvc.origins import read_origin
from commentsvc.settings.values import read_privacy_page
from commentsvc.unicode_text import is_line

NEVER = -1
MOST_REASONS = 100
LONGEST_RETENTION = 36_500  # days, as of RETAIN_NETWORKS
NETWORKS = "networks"
RETAINED = (NETWORKS, *map(str, Kept))  # kinds of `--retain`
INHERIT = "inherit"
ANY = "\0"  # what `--articles` without a pattern gives: no word of a command line can hold a NUL


class DaysType(click.ParamType[int]):
    """A number of days, or `never`."""

    name = "days"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if value == "never":
            return NEVER
        if not (value.isascii() and value.isdigit() and len(value) < 9 and int(value) <= LONGEST_DAYS):
            self.fail(f"“{value}” is not a number of days from 0 to {LONGEST_DAYS}, or never.", param, ctx)
        return int(value)


class OriginType(click.ParamType[str]):
    """An origin, in its one spelling."""

    name = "origin"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return read_origin(value)
        except ValueError as wrong:
            self.fail(f"“{value}” is not {wrong}.", param, ctx)


class CheckSetting(click.ParamType[tuple[str, CheckMode]]):
    """A check and what is done with it."""

    name = "NAME=on|off|watching"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, CheckMode]:
        name, _, mode = value.partition("=")
        if not name or mode not in set(CheckMode):
            self.fail(f"Invalid “{value}”: expected a check and on, off or watching, such as links=watching.")
        return name, CheckMode(mode)


class RetainSetting(click.ParamType[tuple[str, int | str | None]]):
    """What is kept, and for how many days; None is for ever, `INHERIT` as long as the service says."""

    name = "KIND=DAYS"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int | str | None]:
        kind, _, days = value.partition("=")
        if kind not in RETAINED:
            self.fail(f"Unknown kind “{kind}”: there are {', '.join(RETAINED)}.", param, ctx)
        if days == INHERIT:
            return kind, INHERIT
        if days == "never" and kind != NETWORKS:
            return kind, None
        least, words = (0, INHERIT) if kind == NETWORKS else (1, f"never or {INHERIT}")
        is_number = days.isascii() and days.isdigit() and len(days) < 9
        if not (is_number and least <= int(days) <= LONGEST_RETENTION):
            self.fail(
                f"“{days}” is not a number of days from {least} to {LONGEST_RETENTION}, or {words}.",
                param,
                ctx,
            )
        return kind, int(days)


@click.group(cls=Group)
def site() -> None:
    """Sites: publications, each with its origins and settings."""


@site.command()
@click.argument("slug")
@click.option(
    "--origin",
    "origins",
    multiple=True,
    type=OriginType(),
    required=True,
    help="Its pages may embed the comments.",
)
@click.pass_context
def add(context: click.Context, slug: str, origins: tuple[str, ...]) -> None:
    """Create a site."""
    with service_of(context) as service:
        sites.add_site(service, slug, list(dict.fromkeys(origins)))
    click.echo(f'Created site “{slug}”. Embed it with <comment-thread site="{slug}" article="…">.')


@site.command("list")
@click.pass_context
def list_sites(context: click.Context) -> None:
    """List the sites."""
    with service_of(context) as service, service.reading() as work:
        requiring = work.sites.requiring_second_factor()
        retained = days_of(service, work)
        for found in sites.all_sites(service, work):
            click.echo(
                f"{found.slug}\n    moderation: {found.mode}\n    privacy page: {found.privacy_url or '(none)'}"
            )
            for origin in found.origins:
                click.echo(f"    origin: {origin}")
            for pattern in found.articles:  # which may hold anything, a terminal's commands too
                click.echo(f"    articles: {pattern!r}")
            if found.id in requiring:
                click.echo("    second factor: required")
            if found.close_after_days is not None:
                click.echo(f"    days until a discussion closes: {found.close_after_days}")
            click.echo(f"    reports that hold a comment: {found.reports_hold or 'never'}")
            click.echo(f"    days for which networks are kept: {found.retain_networks or 'none'}")
            for kind, days in retained[found.id].items():
                if days is not None:
                    click.echo(f"    days for which {kind} is kept: {days}")
            for reason in found.reasons:
                click.echo(f"    reason: {reason}")
            modes = sites.check_modes(service, found)
            click.echo(f"    checks: {', '.join(f'{name} {mode}' for name, mode in modes.items())}")


@site.command("set")
@click.argument("slug")
@click.argument("more_articles", metavar="", nargs=-1)
@click.option(
    "--origin", "origins", multiple=True, type=OriginType(), help="Replaces all origins of the site."
)
@click.option("--add-origin", "added", multiple=True, type=OriginType(), help="Add an origin.")
@click.option("--remove-origin", "removed", multiple=True, type=OriginType(), help="Remove an origin.")
@click.option(
    "--articles",
    multiple=True,
    is_flag=False,
    flag_value=ANY,
    metavar="PATTERN...",
    help="The article IDs there are, such as 'news/*'; without a pattern, any.",
)
@click.option(
    "--moderation",
    type=click.Choice([*map(str, ModerationMode), "inherit"]),
    help="Who waits for a moderator.",
)
@click.option(
    "--check",
    "checks",
    multiple=True,
    type=CheckSetting(),
    help="What is done with a check: on, off, or watching, which only records what it would have done.",
)
@click.option(
    "--second-factor",
    type=click.Choice(["on", "off"]),
    help="Whether its people must have one: an authenticator app or a passkey.",
)
@click.option(
    "--reports-hold",
    type=click.IntRange(0, 1000),
    help="How many readers' reports hold a comment, until a moderator decides; 0: never.",
)
@click.option(
    "--reasons",
    type=click.File(encoding="utf-8"),
    help="File of the site's rules, one a line, which the reasons of decisions begin with.",
)
@click.option("--privacy-url", help="The page that the form links to; empty to inherit.")
@click.option(
    "--close-after",
    type=DaysType(),
    help="Close threads so many days after their first comment, or never; a thread may say otherwise.",
)
@click.option(
    "--retain",
    "retained",
    multiple=True,
    type=RetainSetting(),
    help="How many days the site keeps emails, spam, trash, reasons of decisions (log) or networks; never: for ever.",
)
@click.pass_context
def set_site(
    context: click.Context,
    slug: str,
    more_articles: tuple[str, ...],
    origins: tuple[str, ...],
    added: tuple[str, ...],
    removed: tuple[str, ...],
    articles: tuple[str, ...],
    moderation: str | None,
    checks: tuple[tuple[str, CheckMode], ...],
    second_factor: str | None,
    reports_hold: int | None,
    reasons: TextIO | None,
    privacy_url: str | None,
    close_after: int | None,
    retained: tuple[tuple[str, int | str | None], ...],
) -> None:
    """Change a site's settings."""
    if origins and (added or removed):
        raise click.UsageError("Give either --origin, for all of them, or --add-origin and --remove-origin.")
    if more_articles and not articles:
        raise click.UsageError(f"“{more_articles[0]}” belongs to no option.")
    changes: dict[str, Any] = {}
    if origins:
        changes["origins"] = list(dict.fromkeys(origins))
    if added or removed:
        changes |= {"add_origins": added, "remove_origins": removed}
    if articles:
        changes["articles"] = _patterns(articles, more_articles)
    if moderation is not None:
        changes["mode"] = None if moderation == "inherit" else ModerationMode(moderation)
    if checks:
        changes["checks"] = dict(checks)
    if second_factor is not None:
        changes["second_factor"] = second_factor == "on"
    if reports_hold is not None:
        changes["reports_hold"] = reports_hold
    if reasons is not None:
        changes["reasons"] = _reasons(reasons)
    if privacy_url is not None:
        try:
            changes["privacy_url"] = read_privacy_page(privacy_url) if privacy_url.strip() else None
        except ValueError as wrong:
            raise click.BadParameter(f"“{privacy_url}” is not {wrong}.") from None
    if close_after is not None:
        changes["close_after_days"] = None if close_after == NEVER else close_after
    changes |= _retained(dict(retained))
    if not changes:
        raise click.UsageError(
            "Say what to change: --origin, --add-origin, --remove-origin, --articles, --moderation, --check, "
            "--second-factor, --reports-hold, --reasons, --privacy-url, --close-after or --retain."
        )
    with service_of(context) as service:
        sites.change_site(service, slug, **changes)
    click.echo(f"Changed site “{slug}”.")


def _retained(chosen: dict[str, int | str | None]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if NETWORKS in chosen:
        days = chosen.pop(NETWORKS)
        changes["retain_networks"] = None if days == INHERIT else days
    if chosen:
        changes["retain"] = {kind: days for kind, days in chosen.items() if days != INHERIT}
        changes["inherit"] = [kind for kind, days in chosen.items() if days == INHERIT]
    return changes


def _reasons(file: TextIO) -> list[str]:
    """The texts of reasons in *file*, one a line; blank lines are none."""
    try:
        texts = [text for line in file.read().lstrip("\ufeff").splitlines() if (text := line.strip())]
    except UnicodeDecodeError:
        raise click.BadParameter("--reasons must be a file of text in UTF-8.") from None
    if len(texts) > MOST_REASONS:
        raise click.BadParameter(f"--reasons may have at most {MOST_REASONS} lines; there are {len(texts)}.")
    for text in texts:
        if len(text) > LONGEST_REASON or not is_line(text):
            raise click.BadParameter(
                f"A line of --reasons is text of at most {LONGEST_REASON} characters, not {text[:60]!r}."
            )
    return list(dict.fromkeys(texts))


def _patterns(articles: tuple[str, ...], more: tuple[str, ...]) -> list[str]:
    """The patterns of `--articles`; none where it stands alone.

    A pattern that begins with a hyphen looks like an option, so that `--articles` seems to stand alone before it.
    """
    if any(pattern.startswith("-") for pattern in more):
        articles = tuple(pattern for pattern in articles if pattern != ANY)
    given = (*articles, *more)
    if given == (ANY,):
        return []
    if ANY in given:
        raise click.UsageError("Give --articles either alone, for any article, or each time with a pattern.")
    try:
        return list(dict.fromkeys(map(read_pattern, given)))
    except ValueError as wrong:
        raise click.BadParameter(f"Each of --articles must be {wrong}; without one, any is meant.") from None
