"""A note about a comment, from the form beside it."""

from __future__ import annotations

from flask import redirect
from werkzeug.wrappers import Response as AnyResponse

from commentsvc.actions import notes
from commentsvc.errors import Invalid
from commentsvc.http_terms import HTML
from commentsvc.messages import message
from commentsvc.web import auth, context, urls
from commentsvc.web.descriptions import described
from commentsvc.web.desk.entries import here
from commentsvc.web.desk.live import comment_page
from commentsvc.web.desk.queue import chosen_here
from commentsvc.web.forms import NoteForm
from commentsvc.web.languages import ForReaders
from commentsvc.web.message_pages import to_sign_in

noting = ForReaders("noting", __name__, url_prefix="/moderation")

STALE = message("This form has expired. Please submit it again.")


@noting.post("/comments/<comment>/notes")
@described("The desk", {303: None, 422: HTML}, refusals=(403, 404, 429), security=("session",))
def add(comment: str) -> AnyResponse:
    """Add a note, and show the list again at its comment; what is refused is shown with what was typed."""
    moderator = auth.of_session()
    if moderator is None:
        return to_sign_in()
    form, chosen = NoteForm(), chosen_here()
    text = (form.text.data or "").replace("\r\n", "\n")
    try:
        if not form.validate():
            raise Invalid({"form": [STALE]})
        if text.strip():
            notes.add_note(context.service_to_write(), moderator, comment, text)
    except Invalid as refused:
        return comment_page(moderator, comment, refused, text)
    page = here(chosen) if chosen else urls.desk_comment(comment)
    return redirect(f"{page}#comment-{comment}", 303)
