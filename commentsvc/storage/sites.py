"""Sites: few, small, and read with every request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, select, update

from commentsvc.records import StoredSite
from commentsvc.storage.prepared import Prepared
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import SiteRow

DEFAULT = "default"


_SITES = select(
    SiteRow.id,
    SiteRow.slug,
    SiteRow.origins,
    SiteRow.articles,
    SiteRow.checks,
    SiteRow.mode,
    SiteRow.privacy_url,
    SiteRow.close_after_days,
    SiteRow.reports_hold,
    SiteRow.reasons,
    SiteRow.epoch,
    SiteRow.retain_networks,
)
_BY_SLUG = Prepared(_SITES.where(SiteRow.slug == bindparam("name")))
_BY_ID = _SITES.where(SiteRow.id == bindparam("number"))
_STRICT = select(SiteRow.id).where(SiteRow.second_factor)
_RETAINED = select(SiteRow.id, SiteRow.retain).order_by(SiteRow.id)
_ALL = _SITES.order_by(SiteRow.slug)


class Sites(Repository):
    """Sites."""

    def by_slug(self, slug: str) -> StoredSite | None:
        """The site of that name, if there is one."""
        row = self._first(_BY_SLUG, name=slug)
        return None if row is None else StoredSite(*row)

    def by_id(self, site_id: int) -> StoredSite:
        """The site with that row number."""
        (row,) = self._rows(_BY_ID, number=site_id)
        return StoredSite(*row)

    def all_sites(self) -> list[StoredSite]:
        """All sites, by name."""
        return [StoredSite(*row) for row in self._rows(_ALL)]

    def requiring_second_factor(self) -> frozenset[int]:
        """The row numbers of the sites whose people need a second factor; apart, as no reader asks."""
        return frozenset(row.id for row in self._rows(_STRICT))

    def retained(self) -> list[tuple[int, Mapping[str, int | None]]]:
        """For how many days each site keeps what, by its row; None is for ever. Apart, as no reader asks."""
        return [(row.id, row.retain) for row in self._rows(_RETAINED)]

    def add(self, slug: str, origins: Sequence[str], epoch: str) -> None:
        """Make a site; the slug must be free."""
        self._insert(SiteRow, slug=slug, origins=list(origins), epoch=epoch)

    def change(self, slug: str, epoch: str, **changes: object) -> None:
        """Set the named columns, and renew the epoch, with which all kept answers end."""
        self._run(update(SiteRow).where(SiteRow.slug == slug).values(epoch=epoch, **changes))
