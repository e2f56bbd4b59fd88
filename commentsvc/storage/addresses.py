"""Sealed e-mail addresses, one a comment. Only writing and comparing; opening is `moderation`'s."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import LargeBinary, Select, bindparam, delete, exists, func, select, update

from commentsvc.records import Holder, StoredAddress
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import (
    AccountRow,
    AddressRow,
    BlockRow,
    CommentRow,
    NetworkRow,
    ReportRow,
    RuleAddressRow,
    RuleRow,
    TotpRow,
    WebhookRow,
    WebhookSecretRow,
)

_STORED: Select[*tuple[Any, ...]] = select(
    AddressRow.comment_id, CommentRow.public_id, AddressRow.sealed, AddressRow.lookup
).join(CommentRow, AddressRow.comment_id == CommentRow.id)
_BLOCKED: Select[*tuple[Any, ...]] = select(
    BlockRow.id, BlockRow.public_id, BlockRow.sealed, BlockRow.lookup
).where(BlockRow.sealed.is_not(None))
_RULED: Select[*tuple[Any, ...]] = select(
    RuleAddressRow.id, RuleRow.public_id, RuleAddressRow.sealed, RuleAddressRow.lookup
).join(RuleRow, RuleAddressRow.rule_id == RuleRow.id)
_TOTP: Select[*tuple[Any, ...]] = select(
    TotpRow.account_id, AccountRow.public_id, TotpRow.sealed, TotpRow.lookup
).join(AccountRow, TotpRow.account_id == AccountRow.id)
_REPORTED: Select[*tuple[Any, ...]] = select(
    ReportRow.id, ReportRow.public_id, ReportRow.sealed, ReportRow.lookup
).where(ReportRow.sealed.is_not(None))
_NETWORKS: Select[*tuple[Any, ...]] = select(
    NetworkRow.comment_id, CommentRow.public_id, NetworkRow.sealed, NetworkRow.lookup
).join(CommentRow, NetworkRow.comment_id == CommentRow.id)
_HOOKS: Select[*tuple[Any, ...]] = select(
    WebhookSecretRow.id, WebhookRow.public_id, WebhookSecretRow.sealed, WebhookSecretRow.lookup
).join(WebhookRow, WebhookSecretRow.webhook_id == WebhookRow.id)
_OF_COMMENT = _STORED.where(AddressRow.comment_id == bindparam("comment"))
_BY_HOLDER: dict[Holder, tuple[Select[*tuple[Any, ...]], Any]] = {
    Holder.COMMENT: (_STORED.where(CommentRow.erased_at.is_(None)), AddressRow.comment_id),
    Holder.BLOCK: (_BLOCKED, BlockRow.id),
    Holder.RULE: (_RULED, RuleAddressRow.id),
    Holder.TOTP: (_TOTP, TotpRow.account_id),
    Holder.REPORT: (_REPORTED, ReportRow.id),
    Holder.NETWORK: (_NETWORKS, NetworkRow.comment_id),
    Holder.WEBHOOK: (_HOOKS, WebhookSecretRow.id),
}
_SEALED: tuple[Any, ...] = (
    AddressRow.sealed,
    BlockRow.sealed,
    RuleAddressRow.sealed,
    TotpRow.sealed,
    ReportRow.sealed,
    NetworkRow.sealed,
    WebhookSecretRow.sealed,
)
_ERASE = delete(AddressRow).where(AddressRow.comment_id == bindparam("comment"))


class Addresses(Repository):
    """Sealed e-mail addresses, one a comment."""

    def add(self, comment_id: int, sealed: bytes, lookup: bytes) -> None:
        """Keep the sealed address of a comment."""
        self._insert(AddressRow, comment_id=comment_id, sealed=sealed, lookup=lookup)

    def of_comment(self, comment_id: int) -> StoredAddress | None:
        """The address of a comment, unless it was erased."""
        row = self._first(_OF_COMMENT, comment=comment_id)
        return None if row is None else StoredAddress(*row)

    def erase(self, comment_id: int) -> None:
        """Forget the address of a comment."""
        self._run(_ERASE, comment=comment_id)

    def oldest_and_newest(self) -> list[StoredAddress]:
        """The first and the last address there are, of each kind of holder; none in an empty database."""
        ends = (
            _STORED.order_by(AddressRow.comment_id),
            _STORED.order_by(AddressRow.comment_id.desc()),
            _BLOCKED.order_by(BlockRow.id),
            _BLOCKED.order_by(BlockRow.id.desc()),
            _RULED.order_by(RuleAddressRow.id),
            _RULED.order_by(RuleAddressRow.id.desc()),
            _TOTP.order_by(TotpRow.account_id),
            _TOTP.order_by(TotpRow.account_id.desc()),
            _REPORTED.order_by(ReportRow.id),
            _REPORTED.order_by(ReportRow.id.desc()),
            _NETWORKS.order_by(NetworkRow.comment_id),
            _NETWORKS.order_by(NetworkRow.comment_id.desc()),
            _HOOKS.order_by(WebhookSecretRow.id),
            _HOOKS.order_by(WebhookSecretRow.id.desc()),
        )
        return [StoredAddress(*row) for end in ends for row in self._connection.execute(end.limit(1))]

    def some(self, holder: Holder, after: int, limit: int) -> list[StoredAddress]:
        """Addresses of such rows, erased ones apart, from behind the row number *after* on, in order."""
        rows, number = _BY_HOLDER[holder]
        found = self._connection.execute(rows.where(number > after).order_by(number).limit(limit))
        return [StoredAddress(*row) for row in found]

    def reseal(self, holder: Holder, before: StoredAddress, sealed: bytes, lookup: bytes) -> bool:
        """Store an address sealed again, unless it was erased or sealed again since; give whether."""
        number = _BY_HOLDER[holder][1]
        table = number.class_
        change = update(table).where(number == before.row_id, table.sealed == before.sealed)
        return self._connection.execute(change.values(sealed=sealed, lookup=lookup)).rowcount > 0

    def count(self) -> int:
        """How many there are, of all holders."""
        counts = (select(func.count()).where(sealed.is_not(None)) for sealed in _SEALED)
        return sum(self._connection.scalar(one) or 0 for one in counts)

    def count_beginning(self, header: bytes) -> int:
        """How many of them begin with *header*. Looks at every one."""
        total = 0
        for sealed in _SEALED:
            begins = func.substr(sealed, 1, len(header), type_=LargeBinary) == header
            total += self._connection.scalar(select(func.count()).where(begins)) or 0
        return total

    def are_sealed_otherwise(self, headers: Sequence[bytes]) -> bool:
        """Whether there is an address, of any holder, that begins with none of *headers*."""
        for sealed in _SEALED:
            others = [func.substr(sealed, 1, len(one), type_=LargeBinary) != one for one in headers]
            if self._connection.scalar(select(exists().where(sealed.is_not(None), *others))):
                return True
        return False
