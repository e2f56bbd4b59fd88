"""Fill the demo: through the same actions as people's posts and decisions."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from commentsvc.access.permissions import OF_ROLE
from commentsvc.actions import accounts, moderate, post, sites
from commentsvc.actions import decide as deciding
from commentsvc.audit.trail import Kind, record
from commentsvc.demo.content import CLOSED, Sample, articles, discussion
from commentsvc.errors import BadSetting
from commentsvc.intake import guest_keys
from commentsvc.model import Action, Actor, ModerationMode, Moderator, Role, Seen, Site, State, Submission
from commentsvc.publishing.sanitise import render
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

EMAIL = "moderator@lantern.example"
PASSWORD_FILE = "moderator.password"  # noqa: S105 - the name of a file
EDITOR = Moderator("the demo", OF_ROLE[Role.ADMIN], None, Actor("demo", "The demo"))
DECISIONS = {State.PENDING: Action.HOLD, State.SPAM: Action.SPAM, State.TRASH: Action.TRASH}


def claim(service: Service) -> None:
    """Mark a new database as the demo's, before anything else is written into it.

    The mark is a line of the audit trail, so it goes with the database into a backup and to another one.

    :raises BadSetting: the database is not a demo's.
    """
    with service.unit_of_work() as work:
        if work.audit.has(str(Kind.DEMO_CREATED)):
            return
        if service.database.has_keys() and not _is_older_demo(service, work):
            raise BadSetting(
                f"The database {service.database.name()} is not a demo's, and the demo would write its articles into it. "
                "Name another data directory with --data-dir."
            )
        record(work, service, EDITOR.actor, Kind.DEMO_CREATED)


def _is_older_demo(service: Service, work: UnitOfWork) -> bool:
    """Whether the database is of a demo from before there was a mark."""
    return (service.settings.data_dir / PASSWORD_FILE).exists() and work.accounts.by_email(EMAIL) is not None


def seed(service: Service) -> str:
    """Make the account and the discussion where they are not there yet; give the password."""
    password_file = service.settings.data_dir / PASSWORD_FILE
    if password_file.exists():
        return password_file.read_text().strip()
    with service.reading() as work:
        site = sites.site_of(service, work, None)
    _post_all(service, replace(site, mode=ModerationMode.NONE))
    for article in articles():
        changes = {"title": article.title, "open": article.id != CLOSED}
        moderate.change_thread(service, EDITOR, site, article.id, changes)
    password = secrets.token_urlsafe(9)
    accounts.add_user(service, EMAIL, password, Role.ADMIN, [])
    _keep(password_file, password)
    return password


def _post_all(service: Service, site: Site) -> None:
    began = service.now()
    ids: dict[str, str] = {}
    authors: dict[str, str] = {}
    decisions: list[tuple[str, Action]] = []
    for sample in discussion():
        then = began - timedelta(minutes=sample.minutes_before)
        at_that_time = replace(service, now=partial(_always, then))
        author = authors.setdefault(sample.email, guest_keys.new_author_id(service.random_bytes))
        parent = ids[sample.reply_to] if sample.reply_to else None
        html = render(sample.text)
        posted = post.post(at_that_time, _submission(site, sample, parent, author), html, client=None)
        ids[sample.key] = posted.comment.id
        if sample.state is not State.APPROVED:
            decisions.append((posted.comment.id, DECISIONS[sample.state]))
    for comment, action in decisions:
        deciding.decide(service, EDITOR, [Seen(comment)], action, None)


def _always(moment: datetime) -> datetime:
    return moment


def _submission(site: Site, sample: Sample, parent: str | None, author: str) -> Submission:
    return Submission(
        site=site,
        article=sample.article,
        parent=parent,
        name=sample.name,
        email=sample.email,
        url=sample.url,
        text=sample.text,
        nonce=None,
        nonce_expires_at=None,
        author_id=author,
        claimed_title=None,
        claimed_url=None,
    )


def _keep(file: Path, password: str) -> None:
    file.touch(mode=0o600)
    file.write_text(password + "\n")
