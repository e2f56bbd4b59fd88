"""Find a site, and change one."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence

from commentsvc.actions import closing
from commentsvc.audit.trail import OPERATOR, Kind, record
from commentsvc.errors import Invalid, UnknownSite
from commentsvc.messages import message
from commentsvc.model import CheckMode, Site
from commentsvc.records import StoredSite
from commentsvc.screening.checks import OWN
from commentsvc.screening.runner import mode_of
from commentsvc.service import Service
from commentsvc.storage.retries import retried
from commentsvc.storage.sites import DEFAULT
from commentsvc.storage.unit_of_work import UnitOfWork

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def site_of(service: Service, work: UnitOfWork, slug: str | None) -> Site:
    """Give the site of that name, the default one for None, with the service's settings applied.

    :raises UnknownSite: there is none.
    """
    site = work.sites.by_slug(slug or DEFAULT) if slug is None or SLUG.fullmatch(slug) else None
    if site is None:
        raise UnknownSite(message("Unknown site."))
    return resolved(service, site)


def by_id(service: Service, work: UnitOfWork, site_id: int) -> Site:
    """Give the site with that row number."""
    return resolved(service, work.sites.by_id(site_id))


def resolved(service: Service, site: StoredSite) -> Site:
    """Give *site* with the service's settings where it has none of its own."""
    settings = service.settings
    shared = settings.origins if site.slug == DEFAULT else ()
    origins = dict.fromkeys((*site.origins, *shared, *settings.own_origins()))
    return Site(
        site.id,
        site.slug,
        tuple(origins),
        tuple(site.articles),
        site.mode or settings.moderation,
        site.privacy_url or settings.privacy_url,
        {name: CheckMode(mode) for name, mode in site.checks.items()},
        site.close_after_days,
        site.reports_hold,
        tuple(site.reasons),
        settings.retain_networks if site.retain_networks is None else site.retain_networks,
    )


def all_sites(service: Service, work: UnitOfWork) -> list[Site]:
    """Give all sites, by name."""
    return [resolved(service, site) for site in work.sites.all_sites()]


@retried
def add_site(service: Service, slug: str, origins: Sequence[str]) -> None:
    """Make a site.

    :raises Invalid: the slug cannot be one, or is taken.
    """
    if not SLUG.fullmatch(slug):
        raise Invalid({"slug": ["A slug has 1 to 64 lower-case letters, digits and hyphens."]})
    with service.unit_of_work() as work:
        if work.sites.by_slug(slug):
            raise Invalid({"slug": [f"There is a site “{slug}” already; “commentsvc site set” changes it."]})
        work.sites.add(slug, origins, _fresh_epoch())
        record(work, service, OPERATOR, Kind.SITE_ADDED, site=slug, origins=list(origins))


@retried
def change_site(
    service: Service,
    slug: str,
    *,
    add_origins: Sequence[str] = (),
    remove_origins: Sequence[str] = (),
    checks: Mapping[str, CheckMode] | None = None,
    retain: Mapping[str, int | None] | None = None,
    inherit: Sequence[str] = (),
    **changes: object,
) -> None:
    """Change a site's `origins` (all of them, or some), some of its `checks`, or another column of its row.

    :param retain: for how many days it keeps what; None is for ever.
    :param inherit: what it keeps for as long as the service says.

    :raises UnknownSite: no site has that name.
    :raises Invalid: an origin to remove is not one of the site's, or no check has that name.
    """
    unknown = [name for name in checks or () if name not in check_names(service)]
    if unknown:
        raise Invalid(
            {"check": [f"Unknown check “{unknown[0]}”; there are {', '.join(check_names(service))}."]}
        )
    with service.unit_of_work() as work:
        site = work.sites.by_slug(slug)
        if site is None:
            raise UnknownSite(message("Unknown site “%(site)s”.", site=slug))
        if add_origins or remove_origins:
            changes["origins"] = _changed_origins(site, add_origins, remove_origins)
        if checks:
            changes["checks"] = {**site.checks, **{name: str(mode) for name, mode in checks.items()}}
        if retain is not None:
            own = dict(work.sites.retained())[site.id]
            changes["retain"] = {k: v for k, v in {**own, **retain}.items() if k not in inherit}
        work.sites.change(slug, _fresh_epoch(), **changes)
        record(work, service, OPERATOR, Kind.SITE_CHANGED, site=slug, changes=changes)
        changed = site_of(service, work, slug)
    if "close_after_days" in changes:
        closing.plan_site(service, changed)


def check_names(service: Service) -> list[str]:
    """The checks there are: our own, and those of other packages."""
    return [*(check.name for check in OWN), *(plugin.name for plugin in service.plugins)]


def check_modes(service: Service, site: Site) -> dict[str, CheckMode]:
    """What a site does with each check."""
    return {name: mode_of(name, site.checks) for name in check_names(service)}


def _changed_origins(site: StoredSite, added: Sequence[str], removed: Sequence[str]) -> list[str]:
    for origin in removed:
        if origin not in site.origins:
            raise Invalid(
                {
                    "origin": [
                        f"{origin} is not among the origins that were set for the site “{site.slug}”; "
                        "those of COMMENTSVC_ORIGINS and COMMENTSVC_BASE_URL are changed there."
                    ]
                }
            )
    return [origin for origin in dict.fromkeys((*site.origins, *added)) if origin not in removed]


def _fresh_epoch() -> str:
    return secrets.token_urlsafe(12)
