"""Who moderates in this request: an API token, or the session of somebody signed in."""

from __future__ import annotations

from flask import Flask, Request, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from commentsvc.actions import accounts
from commentsvc.errors import NotSignedIn
from commentsvc.intake.desk import check_csrf
from commentsvc.model import Moderator
from commentsvc.storage.accounts import StoredAccount
from commentsvc.web import parameters
from commentsvc.web.headers import is_private

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class DeskSessions(SecureCookieSessionInterface):
    """Sessions of the moderators' addresses alone.

    Flask would renew the cookie of somebody signed in with every answer, those that caches keep included.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Give None, which is a session that cannot be written, where everybody reads."""
        return super().open_session(app, request) if is_private(request.path) else None


def remember(account: StoredAccount) -> None:
    """Begin a session; what an earlier one held is dropped."""
    session.clear()
    session.permanent = True
    session["account"] = account.id
    session["key"] = account.session_key


def of_session() -> Moderator | None:
    """Who is signed in."""
    return accounts.moderator_of_session(session.get("account"), session.get("key"))


def of_request() -> Moderator:
    """Who calls the moderation API.

    :raises NotSignedIn: nobody that we know.
    :raises Refused: a token of another scope, or a session without proof that our page sent this.
    """
    if (token := parameters.bearer()) is not None:
        return accounts.moderator_of_token(token)
    moderator = of_session()
    if moderator is None:
        raise NotSignedIn("Send an API token (Authorization: Bearer …), or sign in at /moderation.")
    if request.method not in SAFE:
        check_csrf(request.headers.get("X-CSRFToken"))
    return moderator
