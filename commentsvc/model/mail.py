"""Why mail to an address ended."""

from __future__ import annotations

from enum import StrEnum


class MailEnd(StrEnum):
    """Why nothing more is sent to an address until it is confirmed again."""

    HARD = "hard"  # there is no such address
    COMPLAINT = "complaint"  # its owner called our mail spam
    STOPPED = "stopped"  # its owner stopped everything, questions too


CAME_BACK = frozenset({MailEnd.HARD, MailEnd.COMPLAINT})
"""What ends with another try, where somebody who reads that mailbox wants one."""
