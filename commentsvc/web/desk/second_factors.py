"""Second factors at the desk: the second step of a sign-in, and to set up and remove one's own."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from commentsvc.actions import second_factors
from commentsvc.actions.accounts import SignedIn
from commentsvc.errors import Invalid, Problem
from commentsvc.http_terms import HTML
from commentsvc.messages import message
from commentsvc.records import StoredAccount
from commentsvc.web import auth, context, urls
from commentsvc.web.descriptions import described
from commentsvc.web.desk.account import account_page
from commentsvc.web.desk.pages import STALE, page
from commentsvc.web.desk.telling import tell
from commentsvc.web.forms import SecondFactorForm
from commentsvc.web.languages import ForReaders, translated
from commentsvc.web.message_pages import to_sign_in

factors = ForReaders("factors", __name__, url_prefix="/moderation")


@factors.get("/sign-in/second-factor")
@described("The desk", {200: HTML, 303: None}, refusals=(429,))
def second_step() -> AnyResponse:
    """The form that asks for a second factor, after the password."""
    account = _half_signed_in()
    return to_sign_in() if account is None else _second_step_page(account)


@factors.post("/sign-in/second-factor")
@described("The desk", {303: None, 422: HTML, 429: HTML})
def take_second_step() -> AnyResponse:
    """Check a code or a passkey, and begin a session."""
    account = _half_signed_in()
    if account is None:
        return to_sign_in()
    form = SecondFactorForm()
    try:
        if not form.validate():
            raise Invalid({"form": [STALE]})
        with auth.attempt(account.email, "code", "form"):
            secret = _secret(account, form)
    except Problem as refused:
        return _second_step_page(account, refused)
    auth.begin(secret)
    response = redirect(urls.queue(), 303)
    auth.remember_device(response, account.email)
    return response


def _secret(account: StoredAccount, form: SecondFactorForm) -> str:
    """The secret of the session that begins.

    :raises Invalid: the code or the passkey is not right.
    """
    service, browser = context.service_to_write(), auth.browser(account.email)
    if form.credential.data:
        secret = second_factors.sign_in_with_passkey(service, account, form.credential.data, browser)
        refusal = {"form": [second_factors.WRONG_PASSKEY]}
    else:
        secret = second_factors.sign_in_with_code(service, account, form.code.data or "", browser)
        refusal = {"code": [second_factors.WRONG_CODE]}
    if secret is None:
        raise Invalid(refusal)
    return secret


def _half_signed_in() -> StoredAccount | None:
    return second_factors.account_of(context.service(), context.reading(), auth.half())


def _second_step_page(account: StoredAccount, refused: Problem | None = None) -> Response:
    options = second_factors.options_to_sign_in(context.service(), context.reading(), account)
    return page("desk/second_step.html", refused, script="passkeys.js", passkey_options=options)


# One's own


@factors.post("/account/app")
@described("The desk", {303: None, 422: HTML, 429: HTML}, security=("session",))
def begin_app() -> AnyResponse:
    """Begin to set up an authenticator app."""

    def begin(who: SignedIn, form: SecondFactorForm) -> AnyResponse:
        second_factors.begin_app(context.service_to_write(), who, form.password.data or "")
        return redirect(urls.app_setup(), 303)

    return _with_password(begin)


@factors.get("/account/app")
@described("The desk", {200: HTML, 303: None}, refusals=(429,), security=("session",))
def show_app() -> AnyResponse:
    """The secret that an app needs, as a QR code and to type, until a code shows that it has it."""
    who = auth.who()
    return to_sign_in() if who is None else _app_page(who)


@factors.post("/account/app/confirm")
@described("The desk", {200: HTML, 303: None, 422: HTML, 429: HTML}, security=("session",))
def confirm_app() -> AnyResponse:
    """Make the app a second factor; where it is the first one, the page shows recovery codes."""
    who = auth.who()
    if who is None:
        return to_sign_in()
    form = SecondFactorForm()
    try:
        if not form.validate():
            raise Invalid({"form": [STALE]})
        with auth.attempt(who.account.email, "code"):
            codes = second_factors.confirm_app(context.service_to_write(), who, form.code.data or "")
    except Problem as refused:
        return _app_page(who, refused)
    return _codes_or_account(
        who, codes, message("Your authenticator app is set up. All other browsers are signed out.")
    )


@factors.post("/account/app/remove")
@described("The desk", {303: None, 422: HTML, 429: HTML}, security=("session",))
def remove_app() -> AnyResponse:
    """Remove one's authenticator app."""

    def remove(who: SignedIn, form: SecondFactorForm) -> AnyResponse:
        second_factors.remove_app(context.service_to_write(), who, form.password.data or "")
        tell(_and_others_are_signed_out(message("Your authenticator app is removed.")))
        return redirect(urls.account(), 303)

    return _with_password(remove)


@factors.post("/account/passkeys")
@described("The desk", {200: HTML, 303: None, 422: HTML, 429: HTML}, security=("session",))
def add_passkey() -> AnyResponse:
    """Add a passkey that the browser made; where it is the first second factor, the page shows recovery codes."""

    def add(who: SignedIn, form: SecondFactorForm) -> AnyResponse:
        codes = second_factors.add_passkey(
            context.service_to_write(),
            who,
            form.password.data or "",
            form.label.data or "",
            form.credential.data or "",
        )
        return _codes_or_account(
            who, codes, message("Your passkey is added. All other browsers are signed out.")
        )

    return _with_password(add)


@factors.post("/account/passkeys/remove")
@described("The desk", {303: None, 422: HTML, 429: HTML}, security=("session",))
def remove_passkey() -> AnyResponse:
    """Remove one of one's own passkeys."""

    def remove(who: SignedIn, form: SecondFactorForm) -> AnyResponse:
        second_factors.remove_passkey(
            context.service_to_write(), who, form.password.data or "", form.passkey.data or ""
        )
        tell(_and_others_are_signed_out(message("Your passkey is removed.")))
        return redirect(urls.account(), 303)

    return _with_password(remove)


@factors.post("/account/recovery-codes")
@described("The desk", {200: HTML, 303: None, 422: HTML, 429: HTML}, security=("session",))
def renew_recovery_codes() -> AnyResponse:
    """Make recovery codes in place of those there are, and show them this once."""

    def renew(who: SignedIn, form: SecondFactorForm) -> AnyResponse:
        codes = second_factors.renew_recovery_codes(context.service_to_write(), who, form.password.data or "")
        return _codes_or_account(who, codes, "")

    return _with_password(renew)


def _with_password(act: Callable[[SignedIn, SecondFactorForm], AnyResponse]) -> AnyResponse:
    """Do what needs one's password; what is refused is said on one's account's page."""
    who = auth.who()
    if who is None:
        return to_sign_in()
    form = SecondFactorForm()
    try:
        if not form.validate():
            raise Invalid({"form": [STALE]})
        with auth.attempt(who.account.email, "password"):
            return act(who, form)
    except Problem as refused:
        return account_page(who, refused)


def _and_others_are_signed_out(said: str) -> str:
    return f"{translated(said)} {translated(message('All other browsers are signed out.'))}"


def _codes_or_account(who: SignedIn, codes: list[str], said: str) -> AnyResponse:
    if codes:
        return page("desk/recovery_codes.html", who=who, codes=codes, said=translated(said))
    tell(said)
    return redirect(urls.account(), 303)


def _app_page(who: SignedIn, refused: Problem | None = None) -> AnyResponse:
    service = context.service()
    issuer = urlsplit(service.settings.base_url).hostname or ""
    setup = second_factors.app_setup(service, context.reading(), who, issuer)
    if setup is None:
        return redirect(urls.account(), 303)
    return page("desk/app.html", refused, who=who, setup=setup)
