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
        email=address_of(row.public_id, row.sealed, keys),
        good_faith=row.good_faith,
        closed_at=row.closed_at,
    )


def address_of(public_id: str, sealed: bytes | None, keys: AddressKeys) -> str:
    """The address of who sent the report of that id; empty where they gave none, or it was erased."""
    return open_address(sealed, public_id, keys) if sealed else ""


def objection(row: StoredObjection) -> Objection:
    """One objection, as its author and the moderators see it."""
    return Objection(row.text, row.created_at, row.answered_at, row.answer)
