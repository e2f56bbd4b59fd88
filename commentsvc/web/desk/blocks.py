"""One click beside a comment of the queue: a block on its author, its address, a host that it links to, or a word."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import redirect, request
from werkzeug.wrappers import Response as AnyResponse

from commentsvc.actions import blocks
from commentsvc.actions.sites import site_of
from commentsvc.errors import Invalid, Problem
from commentsvc.messages import message
from commentsvc.model import BlockAction, BlockKind, Moderator
from commentsvc.web import auth, context, urls
from commentsvc.web.descriptions import described
from commentsvc.web.desk.labels import BLOCKED
from commentsvc.web.desk.telling import tell
from commentsvc.web.forms import BlockForm
from commentsvc.web.languages import ForReaders, all_errors, translated
from commentsvc.web.message_pages import to_sign_in

blocking = ForReaders("blocking", __name__, url_prefix="/moderation")

STALE = message("This page has expired. Please press the button again.")
UNKNOWN = message("Nothing was blocked: this button is not known here.")


@blocking.post("/block")
@described("The desk", {303: None}, refusals=(403, 429), security=("session",))
def block() -> AnyResponse:
    """Set a block on the site of a comment, and show the queue again as it was."""
    moderator = auth.of_session()
    if moderator is None:
        return to_sign_in()
    form = BlockForm()
    try:
        tell(_set(moderator, form) if form.validate() else STALE)
    except Invalid as refused:
        tell(message("Nothing was blocked. %(why)s", why=all_errors(refused)))
    except Problem as refused:
        tell(message("Nothing was blocked. %(why)s", why=translated(refused.detail)))
    # The query is the queue's own: its addresses are sealed in it.
    query = urlencode(list(request.args.items(multi=True)))
    return redirect(f"{urls.queue()}?{query}" if query else urls.queue(), 303)


def _set(moderator: Moderator, form: BlockForm) -> str:
    kind_name, _, value = (form.block.data or "").partition(" ")
    try:
        kind, action = BlockKind(kind_name), BlockAction(form.outcome.data or "")
    except ValueError:
        return UNKNOWN
    if (kind, action) not in BLOCKED:
        return UNKNOWN
    site = site_of(context.service(), context.reading(), form.site.data or None)
    blocks.add_block(
        context.service_to_write(),
        moderator,
        site,
        kind=kind,
        value=value or form.word.data or "",
        action=action,
        until=None,
        note=None,
    )
    return BLOCKED[kind, action]
