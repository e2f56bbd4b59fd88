"""The forms, as WTForms knows them: adapters over the field functions of `intake`, and the forms of the desk.

Nothing else of the service knows Flask-WTF.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.csrf import generate_csrf, validate_csrf
from werkzeug.datastructures import MultiDict
from wtforms import Field, HiddenField, PasswordField, StringField, TextAreaField, ValidationError
from wtforms.csrf.core import CSRF, CSRFTokenField

from commentsvc.errors import Forbidden, Invalid
from commentsvc.intake import articles, fields, form_tokens, guest_keys
from commentsvc.intake.articles import read_article
from commentsvc.model import Site, Submission
from commentsvc.service import Service


@dataclass(frozen=True, slots=True)
class FormContext:
    """Whose form it is: its token is bound to the site, its text to the service's settings."""

    service: Service
    site: Site


class FormTokenField(CSRFTokenField):  # type: ignore[misc]
    """Makes its fresh token only where the form is shown: a form that was sent as JSON never is."""

    @cached_property
    def current_token(self) -> str:
        """A token for the article that the form names."""
        return str(self.csrf_impl.generate_csrf_token(self))

    def process(self, *given: Any, **more: Any) -> None:
        """Take in what was sent, and make no token yet."""
        HiddenField.process(self, *given, **more)


class FormTokenCSRF(CSRF):  # type: ignore[misc]
    """Makes and checks form tokens for WTForms: signature, article, age."""

    field_class = FormTokenField
    context: FormContext

    def setup_form(self, form: Any) -> Any:
        self.context = form.meta.csrf_context
        self.form = form
        return super().setup_form(form)

    def generate_csrf_token(self, csrf_token_field: Field) -> str:
        try:
            article = read_article(self.form.article.data or "")
        except ValueError:
            return ""
        return form_tokens.issue(self.context.service, self.context.site, article)

    def validate_csrf_token(self, form: Any, field: Field) -> None:
        try:
            article = read_article(form.article.data or "")
        except ValueError:
            return  # the article's own error says what to do
        try:
            form.form_token = form_tokens.check(
                self.context.service, self.context.site, article, field.data or ""
            )
        except Invalid as refused:
            form.token_problem = type(refused)
            raise ValidationError(refused.errors["token"][0]) from None


class TextForm(FlaskForm):  # type: ignore[misc]
    """A comment's text alone, as a preview and an edit send it."""

    class Meta:
        csrf = False

    text = TextAreaField("Comment", description="Markdown; a line break is a line break.")

    def validate_text(self, field: Field) -> None:
        context: FormContext = self.meta.csrf_context
        _read(field, lambda raw: fields.read_text(raw, context.service.settings.max_text))


class PostingForm(TextForm):
    """A whole posting. `csrf` is switched off only for programs with an API token."""

    class Meta:
        csrf = True
        csrf_class = FormTokenCSRF
        csrf_field_name = "token"

    article = StringField("Article", description="The article's ID.")
    parent = StringField("Reply to", description="The id of the comment that is answered.")
    name = StringField("Name", description="Shown with the comment.")
    email = StringField("Email", description="Never published.")
    url = StringField("Website", description="Shown with the name; http or https.")
    author_key = StringField("Author key", description="From an earlier post: the same person as then.")
    title = StringField("Title", description="What the page says it is called; a claim, for moderators.")
    page_url = StringField("Page", description="The page's address; taken if it lies on the site.")

    subject = StringField(
        "Subject", description="Left empty: people do not see this field, and bots fill it in."
    )

    token_problem: type[Invalid] = Invalid
    form_token: form_tokens.FormToken | None = None

    def validate_article(self, field: Field) -> None:
        _read(field, read_article)
        context: FormContext = self.meta.csrf_context
        if not articles.is_article_of(context.site, field.data):
            raise ValidationError(articles.NO_SUCH_ARTICLE)

    def validate_name(self, field: Field) -> None:
        _read(field, fields.read_name)

    def validate_email(self, field: Field) -> None:
        _read(field, fields.read_email)

    def validate_url(self, field: Field) -> None:
        _read(field, fields.read_website)

    def submission(self) -> Submission:
        """What the form holds; it must be valid."""
        context: FormContext = self.meta.csrf_context
        token = self.form_token
        return Submission(
            site=context.site,
            article=self.article.data,
            parent=self.parent.data or None,
            name=self.name.data,
            email=self.email.data,
            url=self.url.data,
            text=self.text.data,
            nonce=token.nonce if token else None,
            nonce_expires_at=token.expires_at() if token else None,
            author_id=guest_keys.author_of(context.service, self.author_key.data or ""),
            claimed_title=fields.read_title(self.title.data or ""),
            claimed_url=fields.read_page_url(self.page_url.data or "", context.site),
            trap=self[fields.TRAP].data or "",
        )


def _read(field: Field, read: Callable[[str], str | None]) -> None:
    try:
        field.data = read(field.data or "")
    except ValueError as wrong:
        raise ValidationError(str(wrong)) from None


def empty_form(service: Service, site: Site, article: str) -> PostingForm:
    """A form to be shown, with a fresh token for *article*."""
    return PostingForm(formdata=None, article=article, meta={"csrf_context": FormContext(service, site)})


def filled_form(
    service: Service, site: Site, sent: Mapping[str, str], *, with_token: bool = True
) -> PostingForm:
    """The form as it was sent, not yet checked; its token, when it is shown again, is a fresh one."""
    return PostingForm(
        formdata=MultiDict(sent), meta={"csrf": with_token, "csrf_context": FormContext(service, site)}
    )


def text_form(service: Service, site: Site, sent: Mapping[str, str]) -> TextForm:
    """A text to preview or to edit, as it was sent, not yet checked."""
    return TextForm(formdata=MultiDict(sent), meta={"csrf_context": FormContext(service, site)})


def describe_fields(max_text: int, *, text_alone: bool = False) -> dict[str, Any]:
    """The form's fields as a JSON Schema, from the field declarations that the form itself uses."""
    kind = TextForm if text_alone else PostingForm
    form = kind(formdata=None, meta={"csrf": False})
    properties: dict[str, Any] = {}
    for field in form:
        properties[field.name] = {"type": "string", "description": field.description}
        if most := fields.LONGEST.get(field.name):
            properties[field.name]["maxLength"] = most
    properties["text"]["maxLength"] = max_text
    if not text_alone:
        properties["email"]["format"] = "email"
        properties["token"] = {
            "type": "string",
            "description": "From GET /api/v1/form; a program sends none.",
        }
        properties["site"] = {"type": "string", "description": "The site's slug.", "default": "default"}
    required = [name for name in ("article", "name", "email", "text") if name in properties]
    return {"type": "object", "properties": properties, "required": required}


# The desk's. Their CSRF token is Flask-WTF's own, tied to the session.


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

    :raises Forbidden: it does not.
    """
    try:
        validate_csrf(token)
    except ValidationError as why:
        raise Forbidden(f"Send the session's token as X-CSRFToken. {why}") from None
