"""The audit log as one chain: each entry has a hash of what it says and of the hash of the entry before it.

Two tables hold what the entries say, `decision` and `audit`, and one order goes through both. A line is written
without a place in it; the unit of work takes it in at its end, so that the row of the chain's ends, which is the
lock, is held for no longer than the commit takes. What an older program wrote beside this one is taken in by
whichever unit of work comes next.
"""

from __future__ import annotations

import hashlib
import heapq
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import islice, takewhile
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    String,
    Text,
    bindparam,
    cast,
    delete,
    func,
    select,
    type_coerce,
    update,
)

from commentsvc.ids import fresh_id
from commentsvc.model import NAMELESS
from commentsvc.records import ChainEnds, LogLine
from commentsvc.storage.prepared import Prepared
from commentsvc.storage.repository import Repository, unless_there
from commentsvc.storage.tables import (
    AccountRow,
    ApiTokenRow,
    AuditChainRow,
    AuditRow,
    Base,
    DecisionRow,
    SiteRow,
)

DECISION = "decision"
"""The kind of the entries about comments."""

MOST_TAKEN_IN = 1000  # lines by one unit of work: some 50 ms; what is left is for the next
SALT_BYTES = 16
FIRST = "0" * 64
"""What stands for the hash before the first entry."""

_decision, _audit = (Base.metadata.tables[row.__tablename__] for row in (DecisionRow, AuditRow))
# As they are stored: what somebody wrote past the service has to be read too, to be found out.
_DECISIONS = select(
    DecisionRow.id,
    DecisionRow.position,
    DecisionRow.hash,
    DecisionRow.public_id,
    type_coerce(DecisionRow.decided_at, String),
    DecisionRow.by,
    DecisionRow.by_name,
    DecisionRow.comment,
    SiteRow.slug,
    DecisionRow.article,
    DecisionRow.action,
    type_coerce(DecisionRow.from_state, String),
    type_coerce(DecisionRow.to_state, String),
    DecisionRow.undoes,
    DecisionRow.reason,
    DecisionRow.salt,
    DecisionRow.reason_digest,
).join(SiteRow, SiteRow.id == DecisionRow.site_id)
_DEEDS = select(
    AuditRow.id,
    AuditRow.position,
    AuditRow.hash,
    AuditRow.public_id,
    type_coerce(AuditRow.at, String),
    AuditRow.by,
    AuditRow.by_name,
    AuditRow.kind,
    cast(AuditRow.what, Text),
)
_MOST = bindparam("most", type_=Integer)
_NEW_DECISIONS = Prepared(
    _DECISIONS.where(DecisionRow.position.is_(None)).order_by(DecisionRow.id).limit(_MOST)
)
_NEW_DEEDS = Prepared(_DEEDS.where(AuditRow.position.is_(None)).order_by(AuditRow.id).limit(_MOST))
_ENDS = select(
    AuditChainRow.position,
    AuditChainRow.hash,
    AuditChainRow.gone_position,
    AuditChainRow.gone_hash,
    AuditChainRow.gone_at,
)
_LOCKED_ENDS = Prepared(_ENDS.with_for_update())
_BEGIN = unless_there(AuditChainRow)
_TAKE_IN_DECISION = (
    update(_decision)
    .where(_decision.c.id == bindparam("row_id"))
    .values({name: bindparam(f"new_{name}") for name in ("by", "by_name", "salt", "reason_digest")})
    .values(position=bindparam("new_position"), hash=bindparam("new_hash"))
)
_TAKE_IN_DEED = (
    update(_audit)
    .where(_audit.c.id == bindparam("row_id"))
    .values(position=bindparam("new_position"), hash=bindparam("new_hash"))
)
_NOW_ENDS = update(AuditChainRow).values(position=bindparam("new_position"), hash=bindparam("new_hash"))
_NOW_BEGINS = update(AuditChainRow).values(
    gone_position=bindparam("new_position"), gone_hash=bindparam("new_hash"), gone_at=bindparam("new_at")
)
_THROUGH = bindparam("through", type_=BigInteger)


def entry_hash(previous: str, content: dict[str, Any]) -> str:
    """The hash of an entry: SHA-256 of the one before it and of what it says, as JSON with its keys in order.

    :param previous: 64 hexadecimal digits; `FIRST` before the first entry.
    """
    said = msgspec.json.encode(content, order="sorted")
    return hashlib.sha256(bytes.fromhex(previous) + said).hexdigest()


def words_digest(salt: str, words: str) -> str:
    """What the chain holds of words that may be erased: without the salt nobody can prove what they were."""
    return hashlib.sha256(bytes.fromhex(salt) + words.encode()).hexdigest()


class Chain(Repository):
    """The audit log in the order of its chain."""

    __slots__ = ("_grows",)

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._grows = False

    def will_grow(self) -> None:
        """Let `write` take in what this unit of work adds; one that adds nothing waits for nobody."""
        self._grows = True

    def write(self) -> None:
        """Take in what was added."""
        if self._grows:
            self._grows = False
            self.take_in()

    def take_in(self) -> int:
        """Give lines that have none a place in the chain, the oldest first; give how many, `MOST_TAKEN_IN` at most."""
        ends = self._locked_ends()
        decisions = map(_of_decision, self._rows(_NEW_DECISIONS, most=MOST_TAKEN_IN))
        deeds = map(_of_deed, self._rows(_NEW_DEEDS, most=MOST_TAKEN_IN))
        lines = list(islice(heapq.merge(decisions, deeds, key=_when), MOST_TAKEN_IN))
        self._name_persons(lines)
        taken: dict[str, list[dict[str, Any]]] = {"decision": [], "deed": []}
        last = ends.hash
        for position, line in enumerate(lines, ends.position + 1):
            last = entry_hash(last, line.content)
            row = {"row_id": line.row_id, "new_position": position, "new_hash": last}
            if line.is_decision:
                row |= {"new_by": line.content["by"], "new_by_name": line.content["by_name"]}
                row |= {"new_salt": line.salt, "new_reason_digest": line.content["what"].get("reason_digest")}
            taken["decision" if line.is_decision else "deed"].append(row)
        for kind, statement in (("decision", _TAKE_IN_DECISION), ("deed", _TAKE_IN_DEED)):
            if taken[kind]:
                self._connection.execute(statement, taken[kind])
        if lines:
            self._run(_NOW_ENDS, new_position=ends.position + len(lines), new_hash=last)
        return len(lines)

    def ends(self) -> ChainEnds:
        """Where the chain begins and ends."""
        row = self._first(_ENDS)
        return ChainEnds(0, FIRST, 0, FIRST, None) if row is None else ChainEnds(*row)

    def after(self, position: int, limit: int) -> list[LogLine]:
        """The entries behind that one, in their order."""
        decisions = _DECISIONS.where(DecisionRow.position > position).order_by(DecisionRow.position)
        deeds = _DEEDS.where(AuditRow.position > position).order_by(AuditRow.position)
        read = (
            map(_of_decision, self._rows(decisions.limit(limit))),
            map(_of_deed, self._rows(deeds.limit(limit))),
        )
        return list(islice(heapq.merge(*read, key=_where), limit))

    def latest(self, kind: str | None, before: int | None, limit: int) -> list[LogLine]:
        """Entries of that kind, or of all, newest first, from before that position on."""
        read: list[Iterable[LogLine]] = []
        if kind in {None, DECISION}:
            decisions = _DECISIONS.where(
                DecisionRow.position < before if before else DecisionRow.position > 0
            )
            newest = decisions.order_by(DecisionRow.position.desc()).limit(limit)
            read.append(map(_of_decision, self._rows(newest)))
        if kind != DECISION:
            deeds = _DEEDS.where(AuditRow.position < before if before else AuditRow.position > 0)
            if kind is not None:
                deeds = deeds.where(AuditRow.kind == kind)
            read.append(map(_of_deed, self._rows(deeds.order_by(AuditRow.position.desc()).limit(limit))))
        return list(islice(heapq.merge(*read, key=_where, reverse=True), limit))

    def count_new(self) -> int:
        """How many lines have no place yet: those of an older program, while it runs beside this one."""
        return sum(
            self._connection.scalar(select(func.count()).select_from(table).where(table.position.is_(None)))
            or 0
            for table in (DecisionRow, AuditRow)
        )

    def forget(self, before: datetime, most: int) -> int:
        """Let the oldest entries go that are older than that, up to the first that is not; give how many.

        The hash of the last that goes stays, so that what is left can be proved.
        """
        ends = self._locked_ends()
        is_old = partial(_is_older, before)
        gone = list(takewhile(is_old, self.after(ends.gone_position, most)))
        if not gone:
            return 0
        last = gone[-1]
        for table in (DecisionRow, AuditRow):
            self._run(delete(table).where(table.position <= _THROUGH), through=last.position)
        self._run(_NOW_BEGINS, new_position=last.position, new_hash=last.hash, new_at=last.content["at"])
        return len(gone)

    def named(self, by: Iterable[str]) -> dict[str, tuple[str, str]]:
        """The opaque id and the name of each of *by*, as an older program named them: by an address, or `API token ID`.

        Whose account is gone has an id of this answer's own, and no name.
        """
        named = {"rule": ("rule", "Rule"), "the demo": ("demo", "The demo")}
        unknown = set(by) - named.keys()
        prefix = "API token "
        tokens = {one.removeprefix(prefix) for one in unknown if one.startswith(prefix)}
        labels = {token: token for token in tokens} | {
            public_id: label or public_id
            for public_id, label in self._connection.execute(
                select(ApiTokenRow.public_id, ApiTokenRow.label).where(ApiTokenRow.public_id.in_(tokens))
            )
        }
        named |= {prefix + token: (token, prefix + label) for token, label in labels.items()}
        people = unknown - named.keys()
        named |= {
            email: (public_id, name or NAMELESS)
            for email, public_id, name in self._connection.execute(
                select(AccountRow.email, AccountRow.public_id, AccountRow.name).where(
                    AccountRow.email.in_(people)
                )
            )
        }
        return named | {email: (fresh_id(), NAMELESS) for email in people - named.keys()}

    def _locked_ends(self) -> ChainEnds:
        """Where the chain begins and ends, while nobody else can add to it; it is begun where it was not."""
        if (row := self._first(_LOCKED_ENDS)) is None:
            newest = self.latest(None, None, 1)
            position, last = (newest[0].position, newest[0].hash) if newest else (0, FIRST)
            first = {"position": position, "hash": last, "gone_position": 0, "gone_hash": FIRST}
            self._connection.execute(self._for(_BEGIN), {"id": 1} | first)
            row = self._first(_LOCKED_ENDS)
        return ChainEnds(*row)  # type: ignore[misc]

    def _name_persons(self, lines: Sequence[LogLine]) -> None:
        """Rewrite who decided in the lines of an older program, which named people by their addresses."""
        older = [line for line in lines if line.content["by_name"] is None]
        if not older:
            return
        named = self.named({line.content["by"] for line in older})
        for line in older:
            line.content["by"], line.content["by_name"] = named[line.content["by"]]


def _of_decision(row: Any) -> LogLine:
    row_id, position, hashed, public_id, at, by, by_name, comment, site, article, action, *more = row
    from_state, to_state, undoes, reason, salt, digest = more
    if position is None and reason is not None:
        salt = secrets.token_hex(SALT_BYTES)
        digest = words_digest(salt, reason)
    what = {
        "comment": comment,
        "site": site,
        "article": article,
        "action": action,
        "from": from_state,
        "to": to_state,
    }
    what |= {"undoes": undoes} if undoes is not None else {}
    what |= {"reason_digest": digest} if digest is not None else {}
    content = _content(public_id, at, by, by_name, DECISION, what)
    return LogLine(row_id, position, hashed, content, True, reason, salt)


def _of_deed(row: Any) -> LogLine:
    row_id, position, hashed, public_id, at, by, by_name, kind, what = row
    try:
        read = msgspec.json.decode(what)
    except (msgspec.DecodeError, TypeError):
        read = what  # nothing that the service wrote
    return LogLine(
        row_id, position, hashed, _content(public_id, at, by, by_name, kind, read), False, None, None
    )


def _content(public_id: str, at: Any, by: str, by_name: str | None, kind: str, what: Any) -> dict[str, Any]:
    return {"id": public_id, "at": _moment(at), "by": by, "by_name": by_name, "kind": kind, "what": what}


def _moment(stored: Any) -> Any:
    """A time as the driver gives it: SQLite's as text."""
    if isinstance(stored, datetime):
        return stored.astimezone(UTC)
    try:
        return datetime.fromisoformat(f"{stored}+00:00")
    except ValueError:
        return stored  # nothing that the service wrote


def _is_older(before: datetime, line: LogLine) -> bool:
    at = line.content["at"]
    return isinstance(at, datetime) and at < before


def _when(line: LogLine) -> str:
    return str(line.content["at"])


def _where(line: LogLine) -> int:
    return line.position or 0
