"""Rules that moderators set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import itemgetter
from typing import Any

import msgspec
from msgspec import structs
from sqlalchemy import ColumnElement, Select, bindparam, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import aliased

from commentsvc.model import CheckMode, State, When
from commentsvc.records import ActiveRule, Lookups, NewRule, StoredRule, TriedComment
from commentsvc.storage.prepared import Prepared
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import AddressRow, CommentRow, RuleAddressRow, RuleRow, SiteRow

_OF_ADDRESS = exists().where(
    RuleAddressRow.rule_id == RuleRow.id,
    RuleAddressRow.lookup.in_((bindparam("hashed"), bindparam("otherwise"))),
)
_ACTIVE = Prepared(
    select(
        RuleRow.id,
        RuleRow.name,
        RuleRow.conditions,
        RuleRow.outcome,
        RuleRow.mode,
        RuleRow.names_addresses,
        _OF_ADDRESS.label("of_address"),
    ).where(
        or_(RuleRow.site_id == bindparam("site"), RuleRow.site_id.is_(None)),
        or_(RuleRow.until.is_(None), RuleRow.until > bindparam("now")),
        RuleRow.mode != CheckMode.OFF,
    )
)
_RULES: Select[*tuple[Any, ...]] = (
    select(
        RuleRow.id,
        RuleRow.public_id,
        RuleRow.site_id,
        SiteRow.slug,
        RuleRow.name,
        RuleRow.conditions,
        RuleRow.outcome,
        RuleRow.mode,
        RuleRow.until,
        RuleRow.note,
        RuleRow.names_addresses,
        RuleRow.created_at,
    )
    .outerjoin(SiteRow, RuleRow.site_id == SiteRow.id)
    .order_by(RuleRow.id)
)


class Rules(Repository):
    """Rules."""

    def active(self, site_id: int, lookups: Lookups | None, now: datetime) -> list[ActiveRule]:
        """The rules that a comment on that site from that address must pass, and those that watch it."""
        hashed, otherwise = lookups or (None, None)
        rows = self._rows(_ACTIVE, site=site_id, hashed=hashed, otherwise=otherwise, now=now)
        return [  # sorted here: by two ways into the index, SQLite would sort them in a table of its own
            ActiveRule(name, msgspec.convert(conditions, When), outcome, mode, bool(names), bool(of_address))
            for _, name, conditions, outcome, mode, names, of_address in sorted(rows, key=itemgetter(0))
        ]

    def add(self, rule: NewRule, public_id: str, now: datetime) -> int:
        """Store a rule, but for its e-mail addresses; give its row number."""
        added = insert(RuleRow).values(public_id=public_id, created_at=now, **_columns(rule))
        return int(self._connection.scalar(added.returning(RuleRow.id)) or 0)

    def replace(self, row_id: int, rule: NewRule) -> None:
        """Give a rule other contents, but for its e-mail addresses."""
        self._connection.execute(update(RuleRow).where(RuleRow.id == row_id).values(**_columns(rule)))

    def set_addresses(self, row_id: int, addresses: Iterable[tuple[bytes, bytes]]) -> None:
        """Let a rule name these e-mail addresses and no others; each is given sealed, and how it is found."""
        self._connection.execute(delete(RuleAddressRow).where(RuleAddressRow.rule_id == row_id))
        for sealed, lookup in addresses:
            self._insert(RuleAddressRow, rule_id=row_id, sealed=sealed, lookup=lookup)

    def addresses(self, row_id: int) -> list[bytes]:
        """The sealed e-mail addresses that a rule names."""
        rows = select(RuleAddressRow.sealed).where(RuleAddressRow.rule_id == row_id)
        return [bytes(sealed) for sealed in self._connection.scalars(rows.order_by(RuleAddressRow.id))]

    def visible(self, sites: frozenset[int] | None, after: int, limit: int) -> list[StoredRule]:
        """Up to *limit* rules of those sites, or of all, behind row *after*."""
        of_sites = [] if sites is None else [RuleRow.site_id.in_(sites)]
        return self._found(_RULES.where(RuleRow.id > after, *of_sites).limit(limit))

    def by_public_id(self, public_id: str) -> StoredRule | None:
        """The rule of that id, if there is one."""
        rows = self._found(_RULES.where(RuleRow.public_id == public_id))
        return rows[0] if rows else None

    def count(self, site_id: int | None) -> int:
        """How many rules there are for that site, or for all sites where none is named."""
        of_site: ColumnElement[bool] = (
            RuleRow.site_id.is_(None) if site_id is None else RuleRow.site_id == site_id
        )
        return int(self._connection.scalar(select(func.count()).where(of_site)) or 0)

    def remove(self, row_id: int) -> None:
        """Remove a rule with its addresses."""
        self.set_addresses(row_id, [])
        self._connection.execute(delete(RuleRow).where(RuleRow.id == row_id))

    def tried(self, ids: Sequence[int]) -> Mapping[int, TriedComment]:
        """What a rule that is tried asks of these comments."""
        first = aliased(CommentRow, name="first_of_thread")
        opened = (
            select(first.posted_at)
            .where(first.thread_id == CommentRow.thread_id)
            .order_by(first.seq)
            .limit(1)
            .scalar_subquery()
        )
        earlier = aliased(CommentRow, name="earlier")
        earlier_address = aliased(AddressRow, name="earlier_address")
        vouched_before = exists().where(
            earlier.site_id == CommentRow.site_id,
            earlier.author_id == CommentRow.author_id,
            earlier.vouched,
            earlier.id < CommentRow.id,
            earlier_address.comment_id == earlier.id,
            earlier_address.lookup == AddressRow.lookup,
        )
        # An approval whose trust ended later was still a person's.
        by_person = (CommentRow.state == State.APPROVED) & or_(
            CommentRow.vouched, CommentRow.withdrawn_by.is_not(None)
        )
        rows: Select[*tuple[Any, ...]] = (
            select(CommentRow.id, AddressRow.lookup, opened, by_person, ~vouched_before)
            .outerjoin(AddressRow, AddressRow.comment_id == CommentRow.id)
            .where(CommentRow.id.in_(ids))
        )
        return {
            row_id: TriedComment(lookup, opened_at, bool(approved), bool(is_first))
            for row_id, lookup, opened_at, approved, is_first in self._connection.execute(rows)
        }

    def _found(self, rules: Select[*tuple[Any, ...]]) -> list[StoredRule]:
        rows = (StoredRule(*row) for row in self._connection.execute(rules))
        return [replace(rule, when=msgspec.convert(rule.when, When)) for rule in rows]


def _columns(rule: NewRule) -> dict[str, Any]:
    return {
        "site_id": rule.site_id,
        "name": rule.name,
        "conditions": msgspec.to_builtins(structs.replace(rule.when, emails=None)),
        "names_addresses": rule.when.emails is not None,
        "outcome": rule.outcome,
        "mode": rule.mode,
        "until": rule.until,
        "note": rule.note,
    }
