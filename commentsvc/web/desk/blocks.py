"""One click beside a comment of the queue: a block on its author, its address, a host that it links to, or a word."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import flash, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from commentsvc.actions import blocks
from commentsvc.actions.sites import site_of
from commentsvc.errors import Invalid, Problem
from commentsvc.model import BlockAction, BlockKind, Moderator
from commentsvc.web import auth, context, urls
from commentsvc.web.descriptions import described
from commentsvc.web.forms import BlockForm

blocking = ForReaders("blocking", __name__, url_prefix="/moderation")

STALE = "This page has expired. Please press the button again."
DONE = {
    BlockAction.HOLD: "wait for a moderator",
    BlockAction.SPAM: "are taken for spam",
    BlockAction.REJECT: "are rejected",
}
# As the buttons name them; networks are not stored with comments.
KINDS = {
    BlockKind.AUTHOR: "of this author",
    BlockKind.EMAIL: "under this address",
    BlockKind.DOMAIN: "that link to this domain or name it",
    BlockKind.WORD: "with this word or phrase",
}


@blocking.post("/block")
@described("The desk", {303: None}, refusals=(429,), security=("session",))
def block() -> AnyResponse:
    """Set a block on the site of a comment, and show the queue again as it was."""
    moderator = auth.of_session()
    if moderator is None:
        return redirect(urls.sign_in(), 303)
    form = BlockForm()
    try:
        flash(_set(moderator, form) if form.validate() else STALE)
    except Invalid as refused:
        flash("Nothing was blocked. " + " ".join(said for each in refused.errors.values() for said in each))
    except Problem as refused:
        flash(f"Nothing was blocked. {refused.detail}")
    # The query is the queue's own: its addresses are sealed in it.
    query = urlencode(list(request.args.items(multi=True)))
    return redirect(f"{urls.queue()}?{query}" if query else urls.queue(), 303)


def _set(moderator: Moderator, form: BlockForm) -> str:
    kind_name, _, value = (form.block.data or "").partition(" ")
    try:
        kind, action = BlockKind(kind_name), BlockAction(form.outcome.data or "")
    except ValueError:
        return "Nothing was blocked: this button is not known here."
    if kind not in KINDS:
        return "Nothing was blocked: this button is not known here."
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
    return f"Blocked: from now on comments {KINDS[kind]} {DONE[action]}."
