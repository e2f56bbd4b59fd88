"""The forms of the moderators' desk. Their CSRF token is Flask-WTF's own, tied to the session."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.csrf import generate_csrf, validate_csrf
from wtforms import HiddenField, PasswordField, StringField, ValidationError

from commentsvc.errors import Forbidden


class SignInForm(FlaskForm):  # type: ignore[misc]
    """An address and a password."""

    email = StringField("Email")
    password = PasswordField("Password")


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """One's own password, and the one that takes its place, typed twice."""

    current = PasswordField("Current password")
    new = PasswordField("New password")
    again = PasswordField("New password, once more")


class SessionForm(FlaskForm):  # type: ignore[misc]
    """The button that ends one session."""

    session = HiddenField()


class DecisionForm(FlaskForm):  # type: ignore[misc]
    """One click on one comment; `revision` tells which text of it was read.

    `author` has the author id where all of this author is meant.
    """

    comment = HiddenField()
    revision = HiddenField()
    author = HiddenField()
    action = HiddenField()


class PlainForm(FlaskForm):  # type: ignore[misc]
    """A button that needs no more than the proof that it was pressed here."""


def csrf_token() -> str:
    """A token for the forms of this session."""
    token: str = generate_csrf()
    return token


def check_csrf(token: str | None) -> None:
    """Let a request of a session pass that proves to come from our own pages.

    :raises Refused: it does not.
    """
    try:
        validate_csrf(token)
    except ValidationError as why:
        raise Forbidden(f"Send the session's token as X-CSRFToken. {why}") from None
