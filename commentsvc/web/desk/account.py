"""“Your account” at the desk: one's own password, and one's sessions; second factors are in `second_factors`."""

from __future__ import annotations

from flask import Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from commentsvc.access.passkeys import why_none
from commentsvc.access.passwords import LONGEST_PASSWORD, SHORTEST_PASSWORD
from commentsvc.actions import accounts, second_factors
from commentsvc.actions.accounts import SignedIn
from commentsvc.errors import Invalid, NotFound, Problem
from commentsvc.http_terms import HTML
from commentsvc.messages import message
from commentsvc.web import auth, context, urls
from commentsvc.web.descriptions import described
from commentsvc.web.desk.pages import STALE, page
from commentsvc.web.desk.telling import tell
from commentsvc.web.forms import PasswordForm, SessionForm
from commentsvc.web.languages import ForReaders

account = ForReaders("account", __name__, url_prefix="/moderation/account")


@account.get("")
@described("The desk", {200: HTML, 303: None}, refusals=(429,), security=("session",))
def show() -> AnyResponse:
    """One's own account."""
    who = auth.who()
    if who is None:
        return _to_sign_in()
    return account_page(who)


@account.post("/password")
@described("The desk", {303: None, 422: HTML, 429: HTML}, security=("session",))
def change_password() -> AnyResponse:
    """Change one's own password; every other browser is signed out."""
    who = auth.who()
    if who is None:
        return _to_sign_in()
    form = PasswordForm()
    try:
        if not form.validate():
            raise Invalid({"form": [STALE]})
        if form.new.data != form.again.data:
            raise Invalid({"again": [message("This is not the same as the new password.")]})
        with auth.attempt(who.account.email, "current"):
            secret = accounts.change_own_password(
                context.service_to_write(), who, form.current.data or "", form.new.data or "", auth.browser()
            )
    except Problem as refused:
        return account_page(who, refused)
    auth.begin(secret)
    tell(message("Your password is changed. All other browsers are signed out."))
    return redirect(urls.account(), 303)


@account.post("/sessions/end")
@described("The desk", {303: None}, security=("session",))
def end_session() -> AnyResponse:
    """End one of one's own sessions."""
    who = auth.who()
    if who is None:
        return _to_sign_in()
    form = SessionForm()
    if not form.validate():
        tell(STALE)
        return redirect(urls.account(), 303)
    try:
        accounts.end_session(context.service_to_write(), who, form.session.data or "")
        tell(message("Signed out there."))
    except NotFound as gone:
        tell(gone.detail)
    return redirect(urls.account(), 303)


def account_page(who: SignedIn, refused: Problem | None = None) -> Response:
    service, work = context.service(), context.reading()
    return page(
        "desk/account.html",
        refused,
        script="passkeys.js",
        who=who,
        sessions=accounts.list_sessions(service, work, who),
        factors=second_factors.list_factors(work, who),
        passkey_options=second_factors.options_to_register(service, work, who),
        why_no_passkeys=why_none(service.settings),
        shortest=SHORTEST_PASSWORD,
        longest=LONGEST_PASSWORD,
    )


def _to_sign_in() -> AnyResponse:
    return redirect(urls.sign_in(), 303)
