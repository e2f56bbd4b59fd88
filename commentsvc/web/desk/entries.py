"""Where the links and buttons of a listed comment lead."""

from __future__ import annotations

from urllib.parse import urlencode

from commentsvc.actions import sites
from commentsvc.model import Moderator, Permission
from commentsvc.web import auth, context, urls
from commentsvc.web.desk import searches
from commentsvc.web.forms import csrf_token


def here(chosen: dict[str, str], page: str | None = None) -> str:
    """The page with that choice; an address that is looked for stands in it sealed."""
    query = {name: str(value) for name, value in chosen.items() if value}
    typed = {
        name: value
        for name, value in query.items()
        if name in {"email", "network"} or (name == "q" and "@" in value)
    }
    if typed:
        query = {name: value for name, value in query.items() if name not in typed}
        query["search"] = searches.sealed(context.service(), auth.id_of_session(), typed)
    page = page or urls.queue()
    return f"{page}?{urlencode(query)}" if query else page


def entry_values(moderator: Moderator, chosen: dict[str, str], note: str = "") -> dict[str, object]:
    """What the template of an entry needs besides its comment; *chosen* is the list that is shown again.

    :param note: what was typed as one, and refused.
    """
    return {
        "here": here,
        "decide": here(chosen, urls.decide()),
        "block": here(chosen, urls.block()),
        "log": urls.log(),
        "comment": urls.desk_comment,
        "add_note": lambda comment: here(chosen, urls.desk_comment(comment) + "/notes"),
        "note": note,
        "thread": f"{urls.root()}/moderation/thread",
        "reasons": reasons(moderator),
        "may_decide": moderator.may(Permission.DECIDE),
        "csrf_token": csrf_token(),
    }


def reasons(moderator: Moderator) -> dict[str, tuple[str, ...]]:
    """The texts of reasons of each site that this moderator sees, by its slug."""
    every = sites.all_sites(context.service(), context.reading())
    return {site.slug: site.reasons for site in every if moderator.may_see(site.id)}
