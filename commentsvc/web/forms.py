"""The forms, as WTForms knows them: which fields there are and what is in them; and the forms of the desk.

Nothing else of the service knows Flask-WTF.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from secrets import token_bytes
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.csrf import generate_csrf, validate_csrf
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, PasswordField, StringField, TextAreaField, ValidationError
from wtforms.csrf.core import CSRF

from commentsvc.errors import Forbidden
from commentsvc.intake import fields
from commentsvc.model import Notify


class TextForm(FlaskForm):  # type: ignore[misc]
    """A comment's text alone, as a preview and an edit send it."""

    class Meta:
        csrf = False  # the form token, or the edit key, is the proof

    text = TextAreaField("Comment", description="Markdown; a line break is a line break.")


class PostingForm(TextForm):
    """The fields of a posting, as the page shows them and shows them again; `intake.submissions` reads them."""

    article = StringField("Article", description="The article's ID.")
    parent = StringField("Reply to", description="The id of the comment that is answered.")
    name = StringField("Name", description="Shown with the comment.")
    email = StringField("Email", description="Never published.")
    url = StringField("Website", description="Shown with the name; http or https.")
    author_key = StringField("Author key", description="From an earlier post: the same person as then.")
    title = StringField("Title", description="What the page says it is called; a claim, for moderators.")
    page_url = StringField("Page", description="The page's address; taken if it lies on the site.")

    notify = StringField(
        "Notify",
        description="What its author wants to be told of by mail: `replies` or `all`; nothing unless told.",
    )

    subject = StringField(
        "Subject", description="Left empty: people do not see this field, and bots fill it in."
    )


def posting_form(sent: Mapping[str, str]) -> PostingForm:
    """The form as it was sent, or is to be shown."""
    return PostingForm(formdata=MultiDict(sent))


def describe_fields(max_text: int, *, text_alone: bool = False) -> dict[str, Any]:
    """The form's fields as a JSON Schema, from the field declarations that the form itself uses."""
    kind = TextForm if text_alone else PostingForm
    form = kind(formdata=None)
    properties: dict[str, Any] = {}
    for field in form:
        properties[field.name] = {"type": "string", "description": field.description}
        if most := fields.LONGEST.get(field.name):
            properties[field.name]["maxLength"] = most
    properties["text"]["maxLength"] = max_text
    if not text_alone:
        properties["notify"]["enum"] = list(Notify)
        properties["email"]["format"] = "email"
        properties["token"] = {
            "type": "string",
            "description": "From GET /api/v1/form; a program sends none.",
        }
        properties["site"] = {"type": "string", "description": "The site's slug.", "default": "default"}
    required = [name for name in ("article", "name", "email", "text") if name in properties]
    return {"type": "object", "properties": properties, "required": required}


# The desk's. Their CSRF token is Flask-WTF's own, tied to the session, and masked.


class MaskedCsrf(CSRF):  # type: ignore[misc]
    """Flask-WTF's token as `csrf_token` gives it."""

    def generate_csrf_token(self, csrf_token_field: Any) -> str:
        """The token for a form that is shown."""
        return csrf_token()

    def validate_csrf_token(self, form: Any, field: Any) -> None:
        """Let a form pass that has the session's token.

        :raises ValidationError: it has another.
        """
        validate_csrf(_unmasked(field.data))


class DeskForm(FlaskForm):  # type: ignore[misc]
    """A form of the desk."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        csrf_class = MaskedCsrf


class SignInForm(DeskForm):
    """An address and a password."""

    email = StringField("Email")
    password = PasswordField("Password")


class PasswordForm(DeskForm):
    """One's own password, and the one that takes its place, typed twice."""

    current = PasswordField("Current password")
    new = PasswordField("New password")
    again = PasswordField("New password, once more")


class MailForm(DeskForm):
    """What one is told of by mail; its sites are read from the request."""

    waiting = StringField("New comments that wait")
    reports = StringField("Reports")


class SessionForm(DeskForm):
    """The button that ends one session."""

    session = HiddenField()


class SecondFactorForm(DeskForm):
    """What is sent about second factors: one's password, a code, or what a browser made of a passkey."""

    password = PasswordField("Current password")
    code = StringField("Code")
    label = StringField("Name of the passkey")
    credential = HiddenField()
    passkey = HiddenField()


class InvitationForm(DeskForm):
    """Who accepts an invitation: its key or link, a name that others see, and a password, typed twice."""

    key = StringField("Invitation")
    name = StringField("Name")
    new = PasswordField("Password")
    again = PasswordField("Password, once more")


class PersonForm(DeskForm):
    """Somebody to invite, or to change; the sites are read from the request, as there may be many."""

    person = HiddenField()
    email = StringField("Email")
    name = StringField("Name")
    role = StringField("Role")


class PersonalDataForm(DeskForm):
    """Whose data is meant, on which site, and what is done; `sure` is ticked before anything is erased."""

    email = StringField("Email")
    site = StringField("Site")
    action = HiddenField()
    sure = HiddenField()


class TokenForm(DeskForm):
    """An API token to make, or to revoke."""

    token = HiddenField()
    scope = StringField("Scope")
    site = StringField("Site")
    label = StringField("Label")
    expires = StringField("Expires")


class OutboxForm(DeskForm):
    """A message of the outbox to send again."""

    message = HiddenField()


class WebhookForm(DeskForm):
    """A webhook to set, or to do something with; what it is told of is `event`, once for each."""

    hook = HiddenField()
    url = StringField("Address")
    site = StringField("Site")
    private = BooleanField("Private")


class DecisionForm(DeskForm):
    """One click on one comment; `revision` tells which text of it was read.

    `state` tells in which it was then, and `author` has the author id where all of this author is meant. `reason` is
    told to the author of a comment that is decided against.
    """

    comment = HiddenField()
    revision = HiddenField()
    state = HiddenField()
    author = HiddenField()
    reason = HiddenField()
    action = HiddenField()


class NoteForm(DeskForm):
    """A note about a comment."""

    text = TextAreaField()


class ChosenForm(DeskForm):
    """One click for several comments, each of which comes as `seen`: its id, revision and state."""

    action = HiddenField()


class BulkForm(DeskForm):
    """One click for all comments that match a search; `read` says when the moderator looked."""

    action = HiddenField()
    read = HiddenField()
    text = TextAreaField("Reason")


class BlockForm(DeskForm):
    """One click that blocks: `block` is the kind and what is blocked; `word` what was typed for one of kind word."""

    site = HiddenField()
    block = HiddenField()
    word = HiddenField()
    outcome = HiddenField()


class ThreadForm(DeskForm):
    """What a moderator sets of a thread; `action` is the button: `open`, `close` or `save`."""

    title = StringField("Title")
    url = StringField("Address of the page")
    close_after_days = StringField("Days after which it closes")
    slow_mode_seconds = StringField("Seconds between two comments of one author")
    rename_to = StringField("Article ID")
    merge = HiddenField()
    action = HiddenField()


class MarkForm(DeskForm):
    """One click on a comment of a thread; `words` are those to black out."""

    comment = HiddenField()
    words = StringField("Words to black out")
    action = HiddenField()


class AnswerForm(DeskForm):
    """An answer as staff."""

    comment = HiddenField()
    text = TextAreaField("Answer")


class UndoForm(DeskForm):
    """One click on “Undo”; `request` is the id of what was decided by one click."""

    request = HiddenField()


class LoggedForm(DeskForm):
    """One click on “Undo” at the log; `decision` is the id of the line."""

    decision = HiddenField()


class PlainForm(DeskForm):
    """A button that needs no more than the proof that it was pressed here."""


def csrf_token() -> str:
    """A token for the forms of this session: another one in each answer, so that a compressed page does not tell it.

    It is combined with random bytes, which stand before it (docs/decisions/0065).
    """
    token = generate_csrf().encode()
    mask = token_bytes(len(token))
    return urlsafe_b64encode(mask + _combined(mask, token)).decode()


def check_csrf(token: str | None) -> None:
    """Let a request of a session pass that proves to come from our own pages.

    :raises Forbidden: it does not.
    """
    try:
        validate_csrf(_unmasked(token))
    except ValidationError as why:
        raise Forbidden(f"Send the session's token as X-CSRFToken. {why}") from None


def _unmasked(token: str | None) -> str:
    """The session's token; empty where that is none."""
    try:
        masked = urlsafe_b64decode(token or "")
        half = len(masked) // 2
        return _combined(masked[:half], masked[half:]).decode("ascii")
    except ValueError:
        return ""


def _combined(mask: bytes, token: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(mask, token, strict=True))
