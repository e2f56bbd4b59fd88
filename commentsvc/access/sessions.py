"""Sessions: a random id in a cookie, its SHA-256 in a row; each ends when idle, and at last in any case."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from commentsvc.ids import fresh_id
from commentsvc.messages import message
from commentsvc.records import StoredSession
from commentsvc.settings import Settings
from commentsvc.storage.unit_of_work import UnitOfWork

TOUCH_EVERY = timedelta(minutes=1)  # at most: each note of a use is a write

UNKNOWN = message("Unknown browser")

# The first that matches names a browser: most of them also claim to be one of those that follow.
_BROWSERS = (
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("Android", r"Android"),
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Windows", r"Windows"),
    ("macOS", r"Macintosh"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux"),
)


def begin(
    work: UnitOfWork, account_id: int, browser: str, settings: Settings, now: datetime
) -> tuple[str, str]:
    """Begin a session; give its secret, for the cookie, and its public id. Those that are over are removed."""
    secret, public_id = secrets.token_urlsafe(32), fresh_id()
    work.sessions.sweep(
        began_before=now - timedelta(seconds=settings.session_lifetime),
        used_before=now - timedelta(seconds=settings.session_idle),
    )
    work.sessions.add(public_id, _digest(secret), account_id, browser, now)
    return secret, public_id


def holder(work: UnitOfWork, secret: str, settings: Settings, now: datetime) -> StoredSession | None:
    """The session of that secret, unless it is over."""
    row = work.sessions.by_digest(_digest(secret))
    return row if row is not None and is_open(row, settings, now) else None


def is_open(session: StoredSession, settings: Settings, now: datetime) -> bool:
    """Whether a session still holds."""
    idle, age = now - session.used_at, now - session.began_at
    return idle.total_seconds() < settings.session_idle and age.total_seconds() < settings.session_lifetime


def needs_touch(session: StoredSession, settings: Settings, now: datetime) -> bool:
    """Whether its last use should be stored again: often enough that nobody at work is taken for idle."""
    return now - session.used_at >= min(TOUCH_EVERY, timedelta(seconds=settings.session_idle) / 10)


def shown(browser: str) -> str:
    """A browser as it was stored, as a text that can be said in any language."""
    return UNKNOWN if browser == UNKNOWN else browser


def browser_of(user_agent: str) -> str:
    """Name the browser and its system, such as `Firefox, Linux`, so that people know their own again."""
    names = [_first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent)]
    return ", ".join(name for name in names if name) or str.__str__(UNKNOWN)


def _first(patterns: tuple[tuple[str, str], ...], text: str) -> str | None:
    return next((name for name, pattern in patterns if re.search(pattern, text)), None)


def _digest(secret: str) -> bytes:
    # 256 random bits: a plain hash of them cannot be tried through.
    return hashlib.sha256(secret.encode(errors="replace")).digest()
