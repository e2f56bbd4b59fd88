"""Who moderates in this request: an API token, or the session of somebody signed in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, Request, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature
from werkzeug.wrappers import Response

from commentsvc.access import devices, sessions
from commentsvc.access.accounts import normalised_login
from commentsvc.actions import accounts, tokens
from commentsvc.actions.accounts import SignedIn
from commentsvc.errors import Invalid, NotAuthenticated, SecondFactorRequired
from commentsvc.http_terms import is_private
from commentsvc.messages import message
from commentsvc.model import Browser, Moderator
from commentsvc.settings import Settings
from commentsvc.web import context, parameters
from commentsvc.web.forms import check_csrf
from commentsvc.web.languages import language

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class DeskSessions(SecureCookieSessionInterface):
    """Sessions of the moderators' addresses alone.

    Flask would renew the cookie of somebody signed in with every answer, those that caches keep included. And it would
    refuse one that another node signed a moment ago by a clock that is ahead; how long a session is good, its row says.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Give None, which is a session that cannot be written, where everybody reads."""
        serializer = self.get_signing_serializer(app)
        if serializer is None or not is_private(request.path):
            return None
        try:
            return SecureCookieSession(serializer.loads(request.cookies.get(self.get_cookie_name(app), "")))
        except BadSignature:
            return SecureCookieSession()


def configure(app: Flask, settings: Settings) -> None:
    """Only the desk has a session; its cookie reaches no other host and no script."""
    app.session_interface = DeskSessions()
    app.config.update(
        SESSION_COOKIE_NAME=cookie_name(settings, "session"),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https:"),
        SESSION_COOKIE_PATH=settings.base_path() or "/",
        PERMANENT_SESSION_LIFETIME=settings.session_lifetime,
        WTF_CSRF_TIME_LIMIT=None,  # a form of the desk is good as long as its session
    )


def cookie_name(settings: Settings, what: str) -> str:
    """The name of a cookie of the desk; no page beside ours can set one that begins with `__Host-`.

    Browsers take that prefix over https and with the path `/` alone (RFC 6265bis §4.1.3.2).
    """
    prefix = "__Host-" if settings.base_url.startswith("https:") and not settings.base_path() else ""
    return f"{prefix}commentsvc_{what}"


def begin_half(ticket: str) -> None:
    """Let this browser hold the ticket of half a sign-in, and nothing else."""
    session.clear()
    session["half"] = ticket


def half() -> str:
    """The ticket of half a sign-in that this browser holds; empty where there is none."""
    ticket = session.get("half")
    return ticket if isinstance(ticket, str) else ""


def begin(secret: str) -> None:
    """Let this browser hold the session of that secret; what it held before is dropped."""
    session.clear()
    session.permanent = True
    session["id"] = secret


def browser(email: str = "") -> Browser:
    """This browser, with which the account of that address is about to be signed in to."""
    name = sessions.browser_of(request.headers.get("User-Agent", ""))
    return Browser(name, language(), bool(email) and device_of(email) is not None)


def device_of(email: str) -> str | None:
    """The name of this browser, if the account of that address signed in here before."""
    service = context.service()
    return devices.known_to(service, _device_cookie(), normalised_login(email))


def remember_device(response: Response, email: str) -> None:
    """Let *response* tell this browser that the account of that address signed in here."""
    service = context.service()
    settings = service.settings
    response.set_cookie(
        cookie_name(settings, "device"),
        devices.with_account(service, _device_cookie(), normalised_login(email)),
        max_age=devices.SECONDS,
        path=settings.base_path() or "/",
        secure=settings.base_url.startswith("https:"),
        httponly=True,
        samesite="Strict",
    )


@contextmanager
def attempt(email: str, *proofs: str) -> Iterator[None]:
    """One attempt to prove to be the owner of an account; it failed if one of the fields *proofs* is refused.

    :raises TooMany: there were too many.
    """
    limits, device = context.limits(), device_of(email)
    limits.spend_sign_in(email, device)
    try:
        yield
    except Invalid as refused:
        if any(proof in refused.errors for proof in proofs):
            limits.spend_failed_sign_in(email, device)
        raise


def _device_cookie() -> str:
    return request.cookies.get(cookie_name(context.service().settings, "device"), "")


def who() -> SignedIn | None:
    """Who is signed in, and in which session."""
    secret = session.get("id")
    return accounts.signed_in(context.service_to_write(), secret) if isinstance(secret, str) else None


def id_of_session() -> str:
    """The id of the account of who is signed in; empty where nobody is."""
    credentials = who()
    return "" if credentials is None else credentials.moderator.actor.id


def of_session() -> Moderator | None:
    """Who is signed in.

    :raises SecondFactorRequired: they have to set one up before all else.
    """
    credentials = person_of_page()
    return None if credentials is None else credentials.moderator


def person_of_page() -> SignedIn | None:
    """Who is signed in, with their account.

    :raises SecondFactorRequired: as `of_session` does.
    """
    credentials = who()
    return None if credentials is None else _with_second_factor(credentials)


def _with_second_factor(credentials: SignedIn) -> SignedIn:
    if credentials.lacks_second_factor:
        raise SecondFactorRequired(
            message("A site of yours requires a second factor. Set one up at /moderation/account.")
        )
    return credentials


def of_request() -> Moderator:
    """Who calls the moderation API.

    :raises NotAuthenticated: nobody that we know.
    :raises Forbidden: a token of another scope, or a session without proof that our page sent this.
    """
    if (token := parameters.bearer()) is not None:
        return tokens.moderator_of_token(context.service_to_write(), token)
    return person_of_request().moderator


def person_of_request() -> SignedIn:
    """Who calls the moderation API, where it must be a person with a session.

    :raises NotAuthenticated: nobody that we know.
    :raises Forbidden: without proof that our page sent this.
    """
    credentials = who()
    if credentials is None:
        raise NotAuthenticated("Send an API token (Authorization: Bearer …), or sign in at /moderation.")
    if request.method not in SAFE:
        check_csrf(request.headers.get("X-CSRFToken"))
    return _with_second_factor(credentials)
