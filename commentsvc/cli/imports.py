"""`commentsvc import` and `commentsvc imports`: bring in what other systems exported, and take it back."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from commentsvc import scratch
from commentsvc.actions import sites
from commentsvc.cli.application import service_of, told_plainly
from commentsvc.cli.progress import Bar
from commentsvc.cli.words import Group
from commentsvc.errors import BadSetting
from commentsvc.service import Service
from commentsvc.transfer import importing, undoing
from commentsvc.transfer.exporting.action import require_replaceable
from commentsvc.transfer.format import Format, installed, recognised
from commentsvc.transfer.mapping import ArticleMap, read_map_file, read_rule
from commentsvc.transfer.report import BEGINNING, Report, lines_in
from commentsvc.transfer.sources import Source, opened

SOME_SKIPPED = 3
NO_LOCKS = {
    errno.EBADF,
    errno.ENOLCK,
    errno.EOPNOTSUPP,
}  # where folders cannot be locked, as on NFS, nothing can tell


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "format_name", metavar="NAME", help="What FILE is; else it is recognised.")
@click.option("--site", "slug", help="The site that it belongs to; else the first.")
@click.option("--dry-run", is_flag=True, help="Write nothing, and say what would come.")
@click.option(
    "--map",
    "rules",
    multiple=True,
    metavar="RULE",
    help="Make article IDs of links: s#pattern#replacement#, one after the other.",
)
@click.option(
    "--map-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="CSV of links and their article IDs, looked up first.",
)
@click.option("--pings", is_flag=True, help="Take pingbacks and trackbacks as well.")
@click.option("--keep-going", is_flag=True, help="Pass over what cannot be read, where that is possible.")
@click.option(
    "--report",
    "report_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="CSV of everything that was skipped or altered.",
)
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@click.pass_context
def import_(
    context: click.Context,
    file: Path,
    format_name: str | None,
    slug: str | None,
    dry_run: bool,
    rules: tuple[str, ...],
    map_file: Path | None,
    pings: bool,
    keep_going: bool,
    report_file: Path | None,
    as_json: bool,
) -> None:
    """Bring in FILE, the comments of another system: plain, .gz, .zip, .tar.gz or a folder.

    The service may run. Run it again at any time: what is there already does not come twice.
    """
    with told_plainly():
        _require_another(report_file, file, map_file)
        if report_file is not None:
            require_replaceable(report_file, BEGINNING, "report")
        exact = {} if map_file is None else read_map_file(map_file)
        articles = ArticleMap([read_rule(rule) for rule in rules], exact)
    with service_of(context) as service, ExitStack() as ending:
        with service.reading() as work:
            site = sites.site_of(service, work, slug)
        folder = ending.enter_context(_scratch(service))
        lines = ending.enter_context(lines_in(report_file))
        report = Report("", dry_run, lines)
        source = opened(file, keep_going, report.told, folder)
        form = _format(format_name, source)
        report.format = form.name
        bar = ending.enter_context(Bar())
        importing.run(service, site, source, form, report, folder, articles, bar, pings=pings)
    _tell(report, as_json=as_json)
    if report.skipped:
        context.exit(SOME_SKIPPED)


@click.group(cls=Group)
def imports() -> None:
    """What was imported."""


@imports.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def list_imports(context: click.Context, as_json: bool) -> None:
    """List imports, the oldest first: number, site, format, when it began, what it added, file."""
    with service_of(context) as service, service.reading() as work:
        found = work.imports.all()
    rows = [
        {
            "id": one.id,
            "site": one.site,
            "format": one.format,
            "file": one.file,
            "started_at": one.started_at.isoformat(),
            "finished_at": None if one.finished_at is None else one.finished_at.isoformat(),
            "undone_at": None if one.undone_at is None else one.undone_at.isoformat(),
            "counts": None if one.counts is None else dict(one.counts),
        }
        for one in found
    ]
    if as_json:
        click.echo(json.dumps(rows))
        return
    for one in found:
        state = (
            "undone"
            if one.undone_at
            else "unfinished"
            if one.counts is None
            else f"{one.counts['added']} comments"
        )
        began = one.started_at.strftime("%Y-%m-%d %H:%M:%SZ")
        click.echo(f"{one.id}  {one.site}  {one.format}  {began}  {state}  {one.file!r}")


def _format(name: str | None, source: Source) -> Format:
    formats = installed()
    if name is None:
        return recognised(source)
    if name not in formats:
        raise BadSetting(f"There is no format “{name}”: expected {', '.join(sorted(formats))}.")
    return formats[name]


def _require_another(report: Path | None, *read: Path | None) -> None:
    """Refuse to write the report over what is to be read.

    :raises BadSetting: it is one of these files.
    """
    if report is not None and report.exists():
        for file in read:
            if file is not None and file.exists() and report.samefile(file):
                raise BadSetting(f"The report would be written over {report}: give it a name of its own.")


@contextmanager
def _scratch(service: Service) -> Iterator[Path]:
    """Give a folder of one's own beside the data."""
    directory = os.open(
        service.settings.data_dir, os.O_RDONLY
    )  # the lock is the directory's: it goes with the process
    try:
        try:
            fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadSetting("Another import is under way; run this one after it.") from None
        except OSError as why:
            if why.errno not in NO_LOCKS:
                raise
        scratch.remove_left(service.settings.data_dir, "import", 0)  # none is in use: the lock is ours
        with scratch.folder("import", service.settings.data_dir) as folder:
            yield folder
    finally:
        os.close(directory)


def _tell(report: Report, *, as_json: bool) -> None:
    told: dict[str, Any] = report.as_json()
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    found = {name: count for name, count in told["found"].items() if count}
    click.echo(f"Format: {report.format}")
    click.echo("Found: " + (", ".join(f"{name} {count}" for name, count in found.items()) or "nothing"))
    for one in report.articles:
        click.echo(f"  {one['from']!r} -> {one['to']!r}")
    for collision in report.collisions:
        names = ", ".join(map(repr, collision["from"]))
        click.echo(f"Several threads become one, {collision['to']!r}: {names}")
    if report.settings:
        verb = "Would take" if report.dry_run else "Took"
        names = ", ".join(name.replace("_", " ") for name in report.settings)
        click.echo(f"{verb} settings of the site from the export: {names}. An undo leaves them.")
    _tell_counts("Altered", report.altered_by)
    _tell_counts("Skipped", report.skipped_by)
    verb = "Would add" if report.dry_run else "Added"
    click.echo(
        f"{verb} {report.added} comments and {report.threads_added} threads; {report.already} were there already, "
        f"{report.skipped} were skipped."
    )
    if report.number is not None:
        click.echo(f"To take it back: commentsvc imports undo {report.number}")


def _tell_counts(what: str, counts: dict[str, int]) -> None:
    if counts:
        click.echo(f"{what}: " + ", ".join(f"{reason} {count}" for reason, count in sorted(counts.items())))


@imports.command("undo")
@click.argument("number", metavar="ID", type=click.IntRange(1, 2**31 - 1))
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def undo_import(context: click.Context, number: int, as_json: bool) -> None:
    """Take an import back; the service may run.

    What somebody touched since stays; a comment that was answered leaves an empty place.
    """
    with service_of(context) as service, _scratch(service):
        undone = undoing.undo(service, number)
    if as_json:
        click.echo(json.dumps(asdict(undone)))
    else:
        click.echo(f"Removed {undone.removed} comments and {undone.threads_removed} threads.")
        for count, what in (
            (undone.answered, "comments have answers, and left an empty place"),
            (undone.touched, "comments stay: somebody decided about them, or said something to them"),
            (undone.threads_kept, "threads stay: there is more in them than was imported"),
        ):
            if count:
                click.echo(f"{count} {what}.")
    if not undone.is_whole:
        context.exit(SOME_SKIPPED)
