"""Sites: few, small, and read with every request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from commentsvc.model import ModerationMode
from commentsvc.storage.prepared import Prepared
from commentsvc.storage.tables import SiteRow

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class StoredSite:
    """A site's own settings; None where the service's hold."""

    id: int
    slug: str
    origins: Sequence[str]
    articles: Sequence[str]
    checks: Mapping[str, str]
    mode: ModerationMode | None
    privacy_url: str | None
    epoch: str


def by_slug(session: Session, slug: str) -> StoredSite | None:
    """The site of that name, if there is one."""
    row = _BY_SLUG.first(session, name=slug)
    return None if row is None else StoredSite(*row)


def by_id(session: Session, site_id: int) -> StoredSite:
    """The site with that row number."""
    return _stored(session.get_one(SiteRow, site_id))


def all_sites(session: Session) -> list[StoredSite]:
    """All sites, by name."""
    return [_stored(row) for row in session.scalars(select(SiteRow).order_by(SiteRow.slug))]


def add(session: Session, slug: str, origins: Sequence[str], epoch: str) -> None:
    """Make a site; the slug must be free."""
    session.add(SiteRow(slug=slug, origins=list(origins), epoch=epoch))


def change(session: Session, slug: str, epoch: str, **changes: object) -> None:
    """Set the named columns, and renew the epoch, with which all kept answers end."""
    row = session.scalars(select(SiteRow).where(SiteRow.slug == slug)).one()
    row.epoch = epoch
    for column, value in changes.items():
        setattr(row, column, value)


def _stored(row: SiteRow) -> StoredSite:
    return StoredSite(
        row.id, row.slug, row.origins, row.articles, row.checks, row.mode, row.privacy_url, row.epoch
    )


_BY_SLUG = Prepared(
    select(
        SiteRow.id,
        SiteRow.slug,
        SiteRow.origins,
        SiteRow.articles,
        SiteRow.checks,
        SiteRow.mode,
        SiteRow.privacy_url,
        SiteRow.epoch,
    ).where(SiteRow.slug == bindparam("name"))
)
