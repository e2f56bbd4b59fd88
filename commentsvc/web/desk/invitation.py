"""The page of an invitation: the person who has its link chooses a password, and is signed in."""

from __future__ import annotations

from flask import Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from commentsvc.access.invitations import key_of
from commentsvc.access.passwords import LONGEST_PASSWORD, SHORTEST_PASSWORD
from commentsvc.actions import people
from commentsvc.errors import Invalid, Problem
from commentsvc.http_terms import HTML
from commentsvc.messages import message
from commentsvc.web import auth, context, urls
from commentsvc.web.descriptions import described
from commentsvc.web.desk.pages import STALE, page
from commentsvc.web.forms import InvitationForm
from commentsvc.web.languages import ForReaders

invitations = ForReaders("invitations", __name__, url_prefix="/moderation/invitation")


@invitations.get("")
@described("The desk", {200: HTML})
def show() -> AnyResponse:
    """The form to accept an invitation. The key stands behind the `#`; a script puts it into the form."""
    return _page(InvitationForm(formdata=None))


@invitations.post("")
@described("The desk", {303: None, 422: HTML})
def accept() -> AnyResponse:
    """Accept an invitation, and begin a session."""
    form = InvitationForm()
    try:
        if not form.validate():
            raise Invalid({"form": [STALE]})
        key = key_of(form.key.data or "")
        if form.new.data != form.again.data:
            raise Invalid({"again": [message("This is not the same as the password above.")]})
        secret = people.accept(
            context.service_to_write(), key, form.new.data or "", form.name.data, auth.browser()
        )
    except Problem as refused:
        return _page(form, refused)
    auth.begin(secret)
    return redirect(urls.queue(), 303)


def _page(form: InvitationForm, refused: Problem | None = None) -> Response:
    return page(
        "desk/invitation.html",
        refused,
        script="invitation.js",
        form=form,
        shortest=SHORTEST_PASSWORD,
        longest=LONGEST_PASSWORD,
    )
