"""What readers reported, as moderators see it: their e-mail addresses are opened here."""

from __future__ import annotations

import re

from commentsvc.messages import Message, message
from commentsvc.model import Objection, Report
from commentsvc.privacy.keys import AddressKeys
from commentsvc.privacy.opening import open_address
from commentsvc.records import StoredObjection, StoredReport

_REPORTED_BY = re.compile(r"reported by (\d+) readers", re.ASCII)


def reported_by(reports: int | str) -> Message:
    """Why a comment waits that so many reported."""
    return message("reported by %(number)s readers", number=reports)


def reason_shown(reason: str) -> str:
    """A reason as it was stored, as a text that can be said in any language where it is the one above."""
    found = _REPORTED_BY.fullmatch(reason)
    return reported_by(found[1]) if found else reason


def opened(row: StoredReport, keys: AddressKeys) -> Report:
    """One report."""
    return Report(
        id=row.public_id,
        at=row.created_at,
        reason=row.reason,
        text=row.text,
        name=row.name,
        email=open_address(row.sealed, row.public_id, keys) if row.sealed else "",
        good_faith=row.good_faith,
        closed_at=row.closed_at,
    )


def objection(row: StoredObjection) -> Objection:
    """One objection, as its author and the moderators see it."""
    return Objection(row.text, row.created_at, row.answered_at, row.answer)
