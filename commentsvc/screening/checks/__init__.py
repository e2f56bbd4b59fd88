"""The checks that come with the service, a file each; here is the list of them, in the order of their findings."""

from __future__ import annotations

from commentsvc.model import CheckMode
from commentsvc.screening.check import Check
from commentsvc.screening.checks.blocks import Blocks
from commentsvc.screening.checks.first_comment import FirstComment
from commentsvc.screening.checks.honeypot import Honeypot
from commentsvc.screening.checks.link_only import LinkOnly
from commentsvc.screening.checks.links import Links
from commentsvc.screening.checks.mode import Mode
from commentsvc.screening.checks.repeated import Repeated
from commentsvc.screening.checks.rules import Rules

OWN: tuple[Check, ...] = (
    Blocks(),
    Mode(),
    FirstComment(),
    Honeypot(),
    Links(),
    LinkOnly(),
    Repeated(),
    Rules(),
)

DEFAULT_MODES = {LinkOnly.name: CheckMode.WATCHING}  # a link alone may be an answer; the others are on
