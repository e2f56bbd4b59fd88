"""Render the text of a comment, before it is posted, saved or shown as a preview."""

from __future__ import annotations

from commentsvc.errors import Invalid, Unrenderable
from commentsvc.messages import message
from commentsvc.model import SafeHtml
from commentsvc.publishing import sanitise


def render_text(text: str) -> SafeHtml:
    """Give the HTML that *text*, which `intake` found valid, is shown as.

    :raises Invalid: it would take too long to render, or nothing of it would be seen.
    """
    if (objection := sanitise.objection(text)) is not None:
        raise Invalid({"text": [objection]})
    try:
        html = sanitise.render(text)
    except Unrenderable as refused:
        raise Invalid({"text": [refused.detail]}) from None
    if not sanitise.shows_something(html):
        raise Invalid({"text": [message("Nothing of this text would be seen. Please write a comment.")]})
    return html
