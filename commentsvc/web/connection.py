"""How a request reached the service: for `commentsvc doctor --page`, which proves that it has the key."""

from __future__ import annotations

from flask import Blueprint, Response, request

from commentsvc.diagnosis.connection import PATH, Connection, is_proof
from commentsvc.errors import NotAuthenticated, NotFound
from commentsvc.web import context, parameters
from commentsvc.web.descriptions import described
from commentsvc.web.message_pages import NOT_HERE
from commentsvc.web.schemas import private_json

connection = Blueprint("connection", __name__)


@connection.get(PATH)
@described("Running", {200: Connection}, refusals=(403, 404, 429))
def seen() -> Response:
    """This request as the service sees it, for `commentsvc doctor --page`; 404 for who has not its key."""
    service, proof = context.service(), parameters.bearer()
    if proof is None:
        raise NotAuthenticated("Send what proves that you have the service's key; “commentsvc doctor” does.")
    if not is_proof(service, proof):
        raise NotFound(NOT_HERE)
    forwarded = request.headers.get("X-Forwarded-For", "")
    return private_json(
        Connection(
            client=context.client().ip,
            peer=request.environ["werkzeug.proxy_fix.orig"]["REMOTE_ADDR"] or "",
            forwarded_for=[part.strip() for part in forwarded.split(",") if part.strip()],
            host=request.headers.get("Host", ""),
            server=request.environ.get("SERVER_SOFTWARE", ""),
            base_url=service.settings.base_url,
            trusted_proxies=service.settings.trusted_proxies,
            now=service.now(),
        )
    )
