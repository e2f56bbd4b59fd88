"""“Your account” at the desk: change one's own password, see one's sessions and end them."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect
from werkzeug.wrappers import Response as AnyResponse

from commentsvc.access.passwords import LONGEST_PASSWORD, SHORTEST_PASSWORD
from commentsvc.actions import accounts
from commentsvc.actions.accounts import SignedIn
from commentsvc.errors import FieldErrors, Invalid, NotFound, Problem, TooMany
from commentsvc.http_terms import HTML
from commentsvc.web import auth, context, problems, urls
from commentsvc.web.descriptions import described
from commentsvc.web.desk.navigation import desk_page
from commentsvc.web.forms import PasswordForm, SessionForm

account = Blueprint("account", __name__, url_prefix="/moderation/account")

STALE = "This form has expired. Please submit it again."


@account.get("")
@described("The desk", {200: HTML, 303: None}, refusals=(429,), security=("session",))
def show() -> AnyResponse:
    """One's own account."""
    who = auth.who()
    if who is None:
        return _to_sign_in()
    return _page(who)


@account.post("/password")
@described("The desk", {303: None, 422: HTML, 429: HTML}, security=("session",))
def change_password() -> AnyResponse:
    """Change one's own password; every other browser is signed out."""
    who = auth.who()
    if who is None:
        return _to_sign_in()
    form = PasswordForm()
    email = who.account.email
    device = auth.device_of(email)
    try:
        if not form.validate():
            raise Invalid({"form": [STALE]})
        if form.new.data != form.again.data:
            raise Invalid({"again": ["This is not the same as the new password."]})
        context.limits().spend_sign_in(email, device)
        secret = accounts.change_own_password(
            context.service_to_write(), who, form.current.data or "", form.new.data or "", auth.browser()
        )
    except Problem as refused:
        if isinstance(refused, Invalid) and "current" in refused.errors:
            context.limits().spend_failed_sign_in(email, device)
        return _page(who, refused)
    auth.begin(secret)
    flash("Your password is changed. All other browsers are signed out.")
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
        flash(STALE)
        return redirect(urls.account(), 303)
    try:
        accounts.end_session(context.service_to_write(), who, form.session.data or "")
        flash("Signed out there.")
    except NotFound as gone:
        flash(gone.detail)
    return redirect(urls.account(), 303)


def _page(who: SignedIn, refused: Problem | None = None) -> Response:
    errors: FieldErrors = refused.errors if isinstance(refused, Invalid) else {}
    response = desk_page(
        "desk/account.html",
        who.moderator,
        "/account",
        name=who.account.name,
        sessions=accounts.list_sessions(context.service(), context.reading(), who),
        shortest=SHORTEST_PASSWORD,
        longest=LONGEST_PASSWORD,
        errors=errors,
        refusal=_said(refused),
    )
    if refused is not None:
        response.status_code = problems.status_of(refused)
        response.headers.update(problems.headers_of(refused))
    return response


def _said(refused: Problem | None) -> str | None:
    """What the page says above the form; errors of fields stand beside them."""
    if refused is None:
        return None
    if isinstance(refused, Invalid):
        return " ".join(refused.errors.get("form", [])) or None
    if isinstance(refused, TooMany):
        return f"Too many attempts. Please try again in {refused.seconds} seconds."
    return refused.detail


def _to_sign_in() -> AnyResponse:
    return redirect(urls.sign_in(), 303)
