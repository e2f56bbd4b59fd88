"""A submission from the fields that were sent: each is read by its function in `fields`, and told all at once what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from commentsvc.errors import FieldErrors, Invalid
from commentsvc.intake import articles, fields, form_tokens, guest_keys
from commentsvc.intake.form_tokens import FormToken
from commentsvc.intake.mail_links import without_tokens
from commentsvc.model import Notify, Site, Submission
from commentsvc.service import Service

T = TypeVar("T")


class SentFields:
    """The fields as they were sent, and `errors`: what is wrong with those that were read.

    *type_errors* are those of fields that did not even come as text; these are not read.
    """

    def __init__(self, sent: Mapping[str, str], type_errors: FieldErrors) -> None:
        self._sent = sent
        self.errors = dict(type_errors)

    def raw(self, name: str) -> str:
        """The field as it was sent; empty where it was not."""
        return self._sent.get(name, "")

    def read(self, name: str, read: Callable[[str], T], otherwise: T) -> T:
        """Give what *read* makes of the field; *otherwise* where something is wrong, and note what it is."""
        if name in self.errors:
            return otherwise
        try:
            return read(self.raw(name))
        except ValueError as wrong:
            self.errors[name] = [str(wrong)]
            return otherwise

    def require_valid(self) -> None:
        """Go on where nothing is wrong.

        :raises Invalid: with the errors of all fields.
        """
        if self.errors:
            raise Invalid(self.errors)


def read_text(service: Service, sent: SentFields) -> str:
    """The text of a comment; empty where it is wrong. A private link that was pasted loses its secret."""
    return sent.read("text", lambda raw: without_tokens(fields.read_text(raw, service.settings.max_text)), "")


def read_submission(
    service: Service,
    site: Site,
    sent: SentFields,
    text: str,
    *,
    with_token: bool,
    takes_article: Callable[[str], bool],
) -> Submission:
    """Give what was *sent* to *site*, whose *text* was read before, as a comment to be made.

    :param takes_article: whether the site has such an article.
    :param with_token: whether a form token must have come with it; a program with an API token sends none.
    :raises Invalid: with the errors of all fields, those of *text* too.
    :raises TokenExpired, TooFast: where that alone is wrong.
    """
    article = sent.read("article", articles.read_article, "")
    if article and not takes_article(article):
        sent.errors["article"] = [articles.NO_SUCH_ARTICLE]
    name = sent.read("name", fields.read_name, "")
    email = sent.read("email", fields.read_email, "")
    url = sent.read("url", lambda raw: without_tokens(fields.read_website(raw) or "") or None, None)
    notify = _read_notify(service, sent)
    token = _read_token(service, site, article, sent) if with_token and article else None
    sent.require_valid()
    return Submission(
        site=site,
        article=article,
        parent=sent.raw("parent") or None,
        name=name,
        email=email,
        url=url,
        text=text,
        nonce=token.nonce if token else None,
        nonce_expires_at=token.expires_at() if token else None,
        author_id=guest_keys.author_of(service, sent.raw("author_key")),
        claimed_title=fields.read_title(sent.raw("title")),
        claimed_url=fields.read_page_url(sent.raw("page_url"), site),
        trap=sent.raw(fields.TRAP),
        notify=notify,
    )


def _read_notify(service: Service, sent: SentFields) -> Notify | None:
    """What its author wants to be told of; whatever that is, nothing where no mail is set up."""
    if service.settings.smtp_url is None:
        sent.errors.pop("notify", None)
        return None
    return sent.read("notify", fields.read_notify, None)


def _read_token(service: Service, site: Site, article: str, sent: SentFields) -> FormToken | None:
    """The form token, if it is good for *article*; where it is not, that is noted.

    :raises Invalid, TokenExpired, TooFast: it is not, and nothing else is wrong.
    """
    try:
        return form_tokens.check(service, site, article, sent.raw("token"))
    except Invalid as refused:
        if not sent.errors:
            raise
        sent.errors = {**refused.errors, **sent.errors}
        return None
