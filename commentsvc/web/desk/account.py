"""“Your account” at the desk: one's own password, and one's sessions; second factors are in `second_factors`."""

from __future__ import annotations

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from commentsvc.access.passkeys import why_none
from commentsvc.access.passwords import LONGEST_PASSWORD, SHORTEST_PASSWORD
from commentsvc.actions import accounts, mail_choices, second_factors, sites
from commentsvc.actions.accounts import SignedIn
from commentsvc.actions.mail_choices import MailChanges
from commentsvc.errors import Invalid, NotFound, Problem
from commentsvc.http_terms import HTML
from commentsvc.messages import message
from commentsvc.model import MailChoice, Permission, WaitingMail
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.web import auth, context, urls
from commentsvc.web.descriptions import described
from commentsvc.web.desk.pages import STALE, page
from commentsvc.web.desk.telling import tell
from commentsvc.web.forms import MailForm, PasswordForm, SessionForm
from commentsvc.web.languages import ForReaders
from commentsvc.web.message_pages import to_sign_in

ALL = "*"  # sites

account = ForReaders("account", __name__, url_prefix="/moderation/account")


@account.get("")
@described("The desk", {200: HTML, 303: None}, refusals=(429,), security=("session",))
def show() -> AnyResponse:
    """One's own account."""
    who = auth.who()
    if who is None:
        return to_sign_in()
    return account_page(who)


@account.post("/password")
@described("The desk", {303: None, 422: HTML, 429: HTML}, security=("session",))
def change_password() -> AnyResponse:
    """Change one's own password; every other browser is signed out."""
    who = auth.who()
    if who is None:
        return to_sign_in()
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


@account.post("/mail")
@described("The desk", {303: None, 422: HTML}, refusals=(403, 404), security=("session",))
def change_mail() -> AnyResponse:
    """Choose what one is told of by mail."""
    who = auth.who()
    if who is None:
        return to_sign_in()
    form = MailForm()
    try:
        if not form.validate():
            raise Invalid({"form": [STALE]})
        mail_choices.change_own_mail(context.service_to_write(), who.account, _mail_of(form))
    except Problem as refused:
        return account_page(who, refused)
    tell(message("Saved: this is what you are told of by email."))
    return redirect(f"{urls.account()}#mail-heading", 303)


def _mail_of(form: MailForm) -> MailChanges:
    chosen = request.form.getlist("site")
    waiting = form.waiting.data or ""
    if waiting not in set(WaitingMail):
        raise Invalid({"form": [message("Nothing was changed: this button is not known here.")]})
    if not chosen:
        raise Invalid({"sites": [message("Choose at least one site.")]})
    slugs = None if ALL in chosen else chosen
    return MailChanges(WaitingMail(waiting), bool(form.reports.data), (slugs,))


@account.post("/sessions/end")
@described("The desk", {303: None}, security=("session",))
def end_session() -> AnyResponse:
    """End one of one's own sessions."""
    who = auth.who()
    if who is None:
        return to_sign_in()
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
        mail=_mail_shown(service, work, who),
        mail_came_back=mail_choices.has_come_back(service, work, who.account),
        their_sites=_sites_of(who),
        waiting_choices=list(WaitingMail),
        factors=second_factors.list_factors(work, who),
        passkey_options=second_factors.options_to_register(service, work, who),
        why_no_passkeys=why_none(service.settings),
        shortest=SHORTEST_PASSWORD,
        longest=LONGEST_PASSWORD,
    )


def _mail_shown(service: Service, work: UnitOfWork, who: SignedIn) -> MailChoice | None:
    """What one is told of; None where no mail is sent, or nothing waits for this person."""
    if service.settings.smtp_url is None or not who.moderator.may(Permission.DECIDE):
        return None
    return mail_choices.mail_of(service, work, who.account)


def _sites_of(who: SignedIn) -> list[str]:
    everywhere = sites.all_sites(context.service(), context.reading())
    return [site.slug for site in everywhere if who.moderator.may_see(site.id)]
