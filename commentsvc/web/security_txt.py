"""Whom to tell of a weakness: `/.well-known/security.txt` (RFC 9116), where the operator set it."""

from __future__ import annotations

from flask import Blueprint, Response

from commentsvc.errors import NotFound
from commentsvc.web import context
from commentsvc.web.descriptions import described
from commentsvc.web.responses import uncacheable

security_txt = Blueprint("security_txt", __name__)


@security_txt.get("/.well-known/security.txt")
@described("Running", {200: "text/plain"}, refusals=(404, 429))
def contact() -> Response:
    """Whom to tell of a weakness of this service; 404 where the operator did not say."""
    text = context.service().settings.security_txt
    if text is None:
        raise NotFound("The operator did not say whom to tell; the setting is SECURITY_TXT.")
    return uncacheable(Response(text, content_type="text/plain; charset=utf-8"))
