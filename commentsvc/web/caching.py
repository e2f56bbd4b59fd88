"""What may be kept, and how its reader asks whether it changed (RFC 9110 §13, RFC 9111)."""

from __future__ import annotations

from flask import Response, request

REVALIDATE = "public, max-age=0, must-revalidate"


def cacheable(body: bytes | str, content_type: str) -> Response:
    """A public answer with a strong ETag, or 304 where the reader has it already."""
    response = Response(body, content_type=content_type)
    response.headers["Cache-Control"] = REVALIDATE
    response.add_etag()
    response.make_conditional(request)
    return response


def uncacheable(response: Response) -> Response:
    """An answer that is for this request alone."""
    response.headers["Cache-Control"] = "no-store"
    return response
