"""Webhooks at the desk: admins set, try, start again and remove them, and see what was sent last."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from commentsvc.actions import sites
from commentsvc.actions.accounts import SignedIn
from commentsvc.errors import Invalid, Problem
from commentsvc.http_terms import HTML
from commentsvc.messages import message
from commentsvc.model import HookEvent, Webhook
from commentsvc.notifications.webhooks import hooks
from commentsvc.notifications.webhooks.hooks import WebhookChange
from commentsvc.web import auth, context, urls
from commentsvc.web.descriptions import described
from commentsvc.web.desk import labels
from commentsvc.web.desk.pages import STALE, page
from commentsvc.web.desk.telling import tell
from commentsvc.web.forms import WebhookForm
from commentsvc.web.languages import ForReaders, translated
from commentsvc.web.message_pages import to_sign_in

webhooks = ForReaders("webhooks", __name__, url_prefix="/moderation/webhooks")


@webhooks.get("")
@described("The desk", {200: HTML, 303: None}, refusals=(403, 429), security=("session",))
def show() -> AnyResponse:
    """All webhooks, and the form to set one."""
    who = auth.person_of_page()
    return to_sign_in() if who is None else _page(who)


@webhooks.post("")
@described("The desk", {200: HTML, 303: None, 422: HTML}, refusals=(403, 404, 429), security=("session",))
def add() -> AnyResponse:
    """Set a webhook; the page shows its secret this once."""

    def added(who: SignedIn, form: WebhookForm) -> AnyResponse:
        hook = hooks.add_webhook(
            context.service_to_write(),
            (form.url.data or "").strip(),
            _events(),
            form.site.data or None,
            private=bool(form.private.data),
            moderator=who.moderator,
        )
        return _page(who, secret_of=hook)

    return _sent(added)


@webhooks.post("/test")
@described("The desk", {303: None, 422: HTML}, refusals=(403, 404, 429), security=("session",))
def test() -> AnyResponse:
    """Send a test now."""

    def tested(who: SignedIn, form: WebhookForm) -> AnyResponse:
        delivery = hooks.try_webhook(context.service_to_write(), form.hook.data or "", who.moderator)
        if delivery.error is None:
            tell(message("The test was taken (HTTP %(status)s).", status=delivery.status))
        else:
            tell(
                message(
                    "The test was not taken: %(error)s.", error=translated(labels.hook_error(delivery.error))
                )
            )
        return redirect(urls.webhooks(), 303)

    return _sent(tested)


@webhooks.post("/start")
@described("The desk", {303: None, 422: HTML}, refusals=(403, 404, 429), security=("session",))
def start() -> AnyResponse:
    """Start one again that is disabled."""

    def started(who: SignedIn, form: WebhookForm) -> AnyResponse:
        change = WebhookChange(disabled=False)
        hooks.change_webhook(context.service_to_write(), form.hook.data or "", change, who.moderator)
        tell(message("Started again."))
        return redirect(urls.webhooks(), 303)

    return _sent(started)


@webhooks.post("/rotate")
@described("The desk", {200: HTML, 303: None, 422: HTML}, refusals=(403, 404, 429), security=("session",))
def rotate() -> AnyResponse:
    """Give one a new secret; the page shows it this once."""

    def rotated(who: SignedIn, form: WebhookForm) -> AnyResponse:
        change = WebhookChange(rotate=True)
        hook = hooks.change_webhook(context.service_to_write(), form.hook.data or "", change, who.moderator)
        return _page(who, secret_of=hook, rotated=True)

    return _sent(rotated)


@webhooks.post("/remove")
@described("The desk", {303: None, 422: HTML}, refusals=(403, 404, 429), security=("session",))
def remove() -> AnyResponse:
    """Remove one; what waits for it is never sent."""

    def removed(who: SignedIn, form: WebhookForm) -> AnyResponse:
        hooks.remove_webhook(context.service_to_write(), form.hook.data or "", who.moderator)
        tell(message("Removed."))
        return redirect(urls.webhooks(), 303)

    return _sent(removed)


def _sent(done: Callable[[SignedIn, WebhookForm], AnyResponse]) -> AnyResponse:
    who = auth.person_of_page()
    if who is None:
        return to_sign_in()
    form = WebhookForm()
    try:
        if not form.validate():
            raise Invalid({"form": [STALE]})
        return done(who, form)
    except Problem as refused:
        return _page(who, refused, form)


def _events() -> list[HookEvent]:
    known = {str(event): event for event in HookEvent}
    return [known[name] for name in request.form.getlist("event") if name in known]


def _page(
    who: SignedIn,
    refused: Problem | None = None,
    form: WebhookForm | None = None,
    secret_of: Webhook | None = None,
    *,
    rotated: bool = False,
) -> Response:
    service, work = context.service(), context.reading()
    return page(
        "desk/webhooks.html",
        refused,
        who=who,
        form=form or WebhookForm(formdata=None),
        chosen=[] if form is None else _events(),
        secret_of=secret_of,
        rotated=rotated,
        hooks=[(hook, urlsplit(hook.url).hostname) for hook in hooks.list_webhooks(work, who.moderator)],
        events=list(HookEvent),
        sites=[site.slug for site in sites.all_sites(service, work)],
    )
