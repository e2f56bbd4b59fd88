"""May a page of this origin post? The check is made at the post, for a browser's requests."""

from __future__ import annotations

from flask import request

from commentsvc.actions.sites import all_sites
from commentsvc.errors import OriginRefused
from commentsvc.model import Site
from commentsvc.origins import read_origin
from commentsvc.web import context


def check_origin(site: Site) -> None:
    """Let pass what has no `Origin` (the form token decides) or one of the site's.

    :raises OriginRefused: it has another; the detail says which command allows it.
    """
    raw = request.headers.get("Origin")
    if raw is None:
        return
    try:
        origin = read_origin(raw)
    except ValueError:
        raise OriginRefused(
            "This page does not say of which site it is (a sandboxed frame needs allow-same-origin), "
            "so it cannot post here."
        ) from None
    if origin not in site.origins:
        raise OriginRefused(
            f"Pages of {origin} may not post to the site “{site.slug}”. "
            f"Its operator allows it with: commentsvc site set {site.slug} --add-origin {origin}"
        )


def check_origin_of_any_site(site: Site) -> None:
    """As `check_origin`, for what belongs to no site: the pages of all sites may ask.

    :raises OriginRefused: it is none of theirs; the detail says which command allows it for *site*.
    """
    if not _may_ask(site) and not any(map(_may_ask, all_sites(context.service(), context.reading()))):
        check_origin(site)


def _may_ask(site: Site) -> bool:
    try:
        check_origin(site)
    except OriginRefused:
        return False
    return True
