"""Addresses to which mail ended, by their keyed hashes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, select, update

from commentsvc.model import MailEnd
from commentsvc.records import Lookups
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import MailStopRow

_UNDER_EITHER = MailStopRow.lookup.in_((bindparam("one"), bindparam("other")))
_WHY = select(MailStopRow.why).where(_UNDER_EITHER).order_by(MailStopRow.id.desc()).limit(1)
_BEGIN = delete(MailStopRow).where(_UNDER_EITHER)
_FORGET = delete(MailStopRow).where(_UNDER_EITHER, MailStopRow.ended_at <= bindparam("until"))
_MOVE = update(MailStopRow).where(MailStopRow.lookup == bindparam("before")).values(lookup=bindparam("after"))


class MailAddresses(Repository):
    """Whether mail goes to an address."""

    def end(self, lookup: bytes, why: MailEnd, now: datetime) -> None:
        """Let nothing more be sent to the address with that hash; whose owner stopped everything, said the most."""
        if self.why_ended((lookup, lookup)) is MailEnd.STOPPED:
            return
        self._run(_BEGIN, one=lookup, other=lookup)
        self._insert(MailStopRow, lookup=lookup, why=why, ended_at=now)

    def why_ended(self, by: Lookups) -> MailEnd | None:
        """Why mail to an address ended; None where it did not."""
        row = self._first(_WHY, one=by[0], other=by[1])
        return None if row is None else row.why

    def is_ended(self, by: Lookups) -> bool:
        """Whether mail to an address ended."""
        return self.why_ended(by) is not None

    def begin(self, by: Lookups) -> None:
        """Let mail be sent to that address: it was confirmed."""
        self._run(_BEGIN, one=by[0], other=by[1])

    def forget(self, by: Lookups, until: datetime) -> None:
        """Forget that mail to that address ended until then: it was erased, and nothing is to be left of it."""
        self._run(_FORGET, one=by[0], other=by[1], until=until)

    def move(self, before: bytes, after: bytes) -> None:
        """The hash of an address is another under newer keys."""
        self._run(_MOVE, before=before, after=after)
