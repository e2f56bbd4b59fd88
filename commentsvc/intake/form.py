"""The one form of every posting: JSON and page alike are checked by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, HiddenField, StringField, TextAreaField, ValidationError
from wtforms.csrf.core import CSRF, CSRFTokenField

from commentsvc.characters import has_surrogate, is_line
from commentsvc.errors import Invalid, TokenExpired, TooFast, Unrenderable
from commentsvc.intake import articles, keys, names, tokens
from commentsvc.intake.articles import read_article
from commentsvc.messages import Message, message
from commentsvc.model import SafeHtml, Site, Submission
from commentsvc.origins import origin_of
from commentsvc.service import Service

LONGEST_CLAIM = 300  # characters of a title that a posting form claims
LONGEST_PAGE_URL = 2000
LONGEST = {  # characters; the page's inputs and the OpenAPI document say the same
    "article": articles.LONGEST,
    "name": names.LONGEST_NAME,
    "email": names.LONGEST_EMAIL,
    "url": names.LONGEST_URL,
}

FORM_UNKNOWN = message(
    "This form was not made by us for this article. Please open the page again and send it once more."
)
FORM_OLD = message("This form lay open for too long. Please send it once more.")
FORM_EARLY = message("That was quicker than people type. Please wait a moment, then send it once more.")


@dataclass(frozen=True, slots=True)
class FormContext:
    """What the form needs besides what was sent.

    `objection` says why a text would take too long to render, or None; `publish` gives the
    HTML of a text, or None where nothing of it would be seen.
    """

    service: Service
    site: Site
    publish: Callable[[str], SafeHtml | None]
    objection: Callable[[str], Message | None]


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
        return tokens.issue(self.context.service, self.context.site, article)

    def validate_csrf_token(self, form: Any, field: Field) -> None:
        service = self.context.service
        try:
            article = read_article(form.article.data or "")
        except ValueError:
            return  # the article's own error says what to do
        token = tokens.read(service, self.context.site, article, field.data or "")
        if token is None:
            raise ValidationError(FORM_UNKNOWN)
        now = service.now()
        if now >= token.expires_at():
            form.token_problem = TokenExpired
            raise ValidationError(FORM_OLD)
        if token.is_too_young(now, service.settings.form_min_seconds):
            form.token_problem = TooFast
            raise ValidationError(FORM_EARLY)
        form.form_token = token


class TextForm(FlaskForm):  # type: ignore[misc]
    """A comment's text alone, as a preview and an edit send it."""

    class Meta:
        csrf = False

    text = TextAreaField("Comment", description="Markdown; a line break is a line break.")
    html: SafeHtml | None = None

    def validate_text(self, field: Field) -> None:
        """Check the text, and keep the HTML that it is shown as."""
        context: FormContext = self.meta.csrf_context
        text = field.data = (field.data or "").replace("\r\n", "\n").replace("\r", "\n")
        most = context.service.settings.max_text
        if not text.strip():
            raise ValidationError(message("Please write a comment."))
        if len(text) > most:
            raise ValidationError(
                message(
                    "A comment has at most %(most)s characters; this one has %(length)s.",
                    most=most,
                    length=len(text),
                )
            )
        if "\0" in text or has_surrogate(text):
            raise ValidationError(
                message("The text holds a character that cannot be kept (NUL or an unpaired surrogate).")
            )
        if (objection := context.objection(text)) is not None:
            raise ValidationError(objection)
        try:
            self.html = context.publish(text)
        except Unrenderable as refused:
            raise ValidationError(refused.detail) from None
        if self.html is None:
            raise ValidationError(message("Nothing of this text would be seen. Please write a comment."))


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

    token_problem: type[Invalid] = Invalid
    form_token: tokens.FormToken | None = None

    def validate_article(self, field: Field) -> None:
        _read(field, read_article)
        context: FormContext = self.meta.csrf_context
        if not articles.is_article_of(context.site, field.data):
            raise ValidationError(articles.NO_SUCH_ARTICLE)

    def validate_name(self, field: Field) -> None:
        _read(field, names.read_name)

    def validate_email(self, field: Field) -> None:
        _read(field, names.read_email)

    def validate_url(self, field: Field) -> None:
        _read(field, names.read_website)


def describe_fields(max_text: int, *, text_alone: bool = False) -> dict[str, Any]:
    """The form's fields as a JSON Schema, from the field declarations that the form itself uses."""
    kind = TextForm if text_alone else PostingForm
    form = kind(formdata=None, meta={"csrf": False})
    properties: dict[str, Any] = {}
    for field in form:
        properties[field.name] = {"type": "string", "description": field.description}
        if most := LONGEST.get(field.name):
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


def _read(field: Field, read: Callable[[str], str | None]) -> None:
    try:
        field.data = read(field.data or "")
    except ValueError as wrong:
        raise ValidationError(str(wrong)) from None


def empty_form(context: FormContext, article: str) -> PostingForm:
    """A form to be shown, with a fresh token for *article*."""
    return PostingForm(formdata=None, article=article, meta={"csrf_context": context})


def filled_form(context: FormContext, sent: Mapping[str, str], *, with_token: bool = True) -> PostingForm:
    """The form as it was sent; its token, when it is shown again, is a fresh one."""
    return PostingForm(formdata=MultiDict(sent), meta={"csrf": with_token, "csrf_context": context})


def read_submission(form: PostingForm, type_errors: Mapping[str, list[str]]) -> tuple[Submission, SafeHtml]:
    """Give the valid submission that *form* holds, and the HTML of its text.

    :param type_errors: of fields that did not even come as text; they go before the form's own.
    :raises Invalid: with the errors of all fields at once.
    :raises TokenExpired, TooFast: where that alone is wrong.
    """
    form.validate()
    errors = {**form.errors, **type_errors}
    if errors:
        kind = form.token_problem if set(errors) == {"token"} else Invalid
        raise kind(errors)
    context: FormContext = form.meta.csrf_context
    assert form.html is not None  # noqa: S101 - a valid text has its HTML
    token = form.form_token
    submission = Submission(
        site=context.site,
        article=form.article.data,
        parent=form.parent.data or None,
        name=form.name.data,
        email=form.email.data,
        url=form.url.data,
        text=form.text.data,
        nonce=token.nonce if token else None,
        nonce_expires_at=token.expires_at() if token else None,
        author_id=keys.author_of(context.service, form.author_key.data or ""),
        claimed_title=_claim(form.title.data),
        claimed_url=_page_of_site(form.page_url.data, context.site),
    )
    return submission, form.html


def _claim(title: str | None) -> str | None:
    """A title is only a claim of the page: what is no line of text is dropped without a word."""
    claimed = " ".join((title or "").split())[:LONGEST_CLAIM]
    return claimed if claimed and is_line(claimed) else None


def _page_of_site(url: str | None, site: Site) -> str | None:
    """A claimed address is taken if it lies on one of the site's origins, else dropped."""
    if not url or len(url) > LONGEST_PAGE_URL:
        return None
    try:
        parts = urlsplit(names.read_web_address(url))
        return url if origin_of(parts.scheme, parts.hostname or "", parts.port) in site.origins else None
    except ValueError:
        return None


def read_text(
    context: FormContext, sent: Mapping[str, str], type_errors: Mapping[str, list[str]]
) -> tuple[str, SafeHtml]:
    """Give a text to preview or to edit, and its HTML.

    :raises Invalid: the text cannot be a comment.
    """
    form = TextForm(formdata=MultiDict(sent), meta={"csrf_context": context})
    form.validate()
    if errors := {**form.errors, **type_errors}:
        raise Invalid(errors)
    assert form.html is not None  # noqa: S101 - a valid text has its HTML
    return form.text.data, form.html
