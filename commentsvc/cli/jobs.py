"""`commentsvc job`, `commentsvc worker`, `commentsvc rerender`: long work."""

from __future__ import annotations

import os
import signal
import threading
from datetime import datetime

import click
import structlog

from commentsvc.cli.application import service_of
from commentsvc.cli.terminal import announce
from commentsvc.cli.words import Group
from commentsvc.jobs import queue
from commentsvc.jobs.kinds import KINDS
from commentsvc.jobs.runner import Runner
from commentsvc.model import Job, JobState
from commentsvc.notifications.delivery import deliver_beside
from commentsvc.serving import logs

STOP_SECONDS = 8  # for the step and the messages under way when told to stop


@click.group(cls=Group)
def job() -> None:
    """Long work, which “commentsvc serve” and “commentsvc worker” do in steps."""


@job.command("list")
@click.pass_context
def list_jobs(context: click.Context) -> None:
    """List jobs, the newest first: id, kind, state, how much is done, when it began or is due, and its last error."""
    with service_of(context) as service:
        for one in queue.all_jobs(service):
            click.echo(_line(one))


@job.command("start")
@click.argument("kind", type=click.Choice(sorted(KINDS)))
@click.pass_context
def start(context: click.Context, kind: str) -> None:
    """Start a job; there is one of a kind at a time."""
    with service_of(context) as service:
        started, fresh = queue.start(service, KINDS[kind])
        click.echo(f"{'Started' if fresh else 'Already queued:'} job {started.public_id} ({kind}).")
        if fresh and service.settings.jobs == "worker":
            click.echo("“commentsvc worker” does it.", err=True)


@job.command("cancel")
@click.argument("job_id", metavar="ID")
@click.pass_context
def cancel(context: click.Context, job_id: str) -> None:
    """Cancel a job; what it did stays."""
    with service_of(context) as service:
        cancelled = queue.cancel(service, job_id)
    if cancelled.state is not JobState.CANCELLED:
        raise click.ClickException(f"The job {job_id} has ended: {cancelled.state}.")
    kind = cancelled.kind
    again = f" “{kind}” begins again with the next start of the service, or by: commentsvc job start {kind}"
    click.echo(f"Cancelled job {job_id}." + (again if KINDS[kind].every else ""))


@click.command()
@click.pass_context
def worker(context: click.Context) -> None:
    """Run jobs until it is stopped, beside “commentsvc serve” or without; several may run at once."""
    stop = threading.Event()

    def end(*_: object) -> None:
        stop.set()
        end_by_force = threading.Timer(STOP_SECONDS, _end_by_force)
        end_by_force.daemon = True
        end_by_force.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    with service_of(context) as service:
        service.database.illness.is_logged = True
        announce("commentsvc works on jobs; Ctrl-C stops it.")
        delivering = deliver_beside(service, stop.wait)
        Runner(service, stop.wait).run()
        delivering.join()


def _end_by_force() -> None:
    """End in the middle of a step, which the database rolls back: it does not answer, or the step takes too long."""
    structlog.get_logger("commentsvc.jobs").error("the worker is ended by force")
    os._exit(1)


@click.command()
@click.pass_context
def rerender(context: click.Context) -> None:
    """Bring the HTML of old comments up to the current rules: start that job, and wait for its end."""
    with service_of(context) as service:
        logs.in_words(service.settings)
        begun, _ = queue.start(service, KINDS["rerender"])
        ended = Runner(service, threading.Event().wait).run_job(begun.public_id)
    if ended.state is not JobState.DONE:
        raise click.ClickException(f"The job {ended.public_id} has ended: {_line(ended)}.")
    differ = ended.cursor["differ"]
    click.echo(f"Rendered {ended.done} comments again; {differ} of them look different now.")


def _line(one: Job) -> str:
    done = f"{one.done}" if one.total is None else f"{one.done}/{max(one.total, one.done)}"
    return "  ".join(
        (one.public_id, f"{one.kind:10}", f"{one.state:9}", f"{done:>13}", _when(one), one.error or "")
    ).rstrip()


def _when(one: Job) -> str:
    words = {JobState.QUEUED: ("due", one.due_at), JobState.RUNNING: ("since", one.started_at)}
    word, moment = words.get(one.state, ("ended", one.finished_at))
    return f"{word:5} {_told(moment)}"


def _told(moment: datetime | None) -> str:
    return "-" if moment is None else moment.strftime("%Y-%m-%d %H:%M:%SZ")
