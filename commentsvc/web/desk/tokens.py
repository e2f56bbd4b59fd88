"""API tokens at the desk: admins make, see and revoke them."""

from __future__ import annotations

from flask import Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from commentsvc.access.api_tokens import read_end
from commentsvc.actions import sites, tokens
from commentsvc.actions.accounts import SignedIn
from commentsvc.errors import Invalid, Problem
from commentsvc.http_terms import HTML
from commentsvc.messages import message
from commentsvc.model import NewApiToken, Scope
from commentsvc.web import auth, context, urls
from commentsvc.web.descriptions import described
from commentsvc.web.desk.pages import STALE, page
from commentsvc.web.desk.telling import tell
from commentsvc.web.forms import TokenForm
from commentsvc.web.languages import ForReaders
from commentsvc.web.message_pages import to_sign_in

api_tokens = ForReaders("api_tokens", __name__, url_prefix="/moderation/tokens")


@api_tokens.get("")
@described("The desk", {200: HTML, 303: None}, refusals=(403, 429), security=("session",))
def show() -> AnyResponse:
    """All API tokens, and the form to make one."""
    who = auth.person_of_page()
    return to_sign_in() if who is None else _page(who)


@api_tokens.post("")
@described("The desk", {200: HTML, 303: None, 422: HTML}, refusals=(403, 404, 429), security=("session",))
def create() -> AnyResponse:
    """Make an API token; the page shows it this once."""
    who = auth.person_of_page()
    if who is None:
        return to_sign_in()
    form = TokenForm()
    try:
        if not form.validate():
            raise Invalid({"form": [STALE]})
        return _page(who, created=_created(who, form))
    except Problem as refused:
        return _page(who, refused, form)


@api_tokens.post("/revoke")
@described("The desk", {303: None, 422: HTML}, refusals=(403, 404, 429), security=("session",))
def revoke() -> AnyResponse:
    """End an API token at once."""
    who = auth.person_of_page()
    if who is None:
        return to_sign_in()
    form = TokenForm()
    try:
        if not form.validate():
            raise Invalid({"form": [STALE]})
        tokens.revoke_token(context.service_to_write(), form.token.data or "", who.moderator)
    except Problem as refused:
        return _page(who, refused)
    tell(message("Revoked."))
    return redirect(urls.tokens(), 303)


def _created(who: SignedIn, form: TokenForm) -> NewApiToken:
    service = context.service_to_write()
    try:
        scope = Scope(form.scope.data or "")
    except ValueError:
        raise Invalid({"form": [message("Choose what it is good for.")]}) from None
    typed = (form.expires.data or "").strip()
    try:
        expires_at = read_end(typed, service.now()) if typed else None
    except ValueError as wrong:
        raise Invalid({"expires": [str(wrong)]}) from None
    label = (form.label.data or "").strip() or None
    return tokens.create_token(
        service, scope, form.site.data or None, label, expires_at, moderator=who.moderator
    )


def _page(
    who: SignedIn,
    refused: Problem | None = None,
    form: TokenForm | None = None,
    created: NewApiToken | None = None,
) -> Response:
    service, work = context.service(), context.reading()
    return page(
        "desk/tokens.html",
        refused,
        who=who,
        form=form or TokenForm(formdata=None),
        created=created,
        tokens=tokens.list_tokens(work, who.moderator),
        scopes=list(Scope),
        sites=[site.slug for site in sites.all_sites(service, work)],
        now=service.now(),
    )
