"""What may be kept, and how its reader asks whether it changed (RFC 9110 §13, RFC 9111)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import NotAcceptable

import commentsvc
from commentsvc.cache.codings import GZIP, GZIP_FIRST, IDENTITY, coding_for, encode, encode_well, etag_in
from commentsvc.cache.gapped import GappedPage
from commentsvc.http_terms import READ
from commentsvc.model import Subject, Version, Versioned
from commentsvc.service import Service
from commentsvc.settings import Settings

REVALIDATE = "public, max-age=0, must-revalidate"
SHARED = "public, max-age=0, s-maxage={fresh}, stale-while-revalidate={stale}, stale-if-error={stale}"
"""Both times of RFC 5861 begin where `s-maxage` ends, and a browser asks each time (RFC 9111 §5.2.2.10)."""
UNACCEPTABLE = "This is sent in br, gzip or as it is (identity), and Accept-Encoding refuses all three."

PROGRAM = {".py", ".html", ".mo", ".css", ".js", ".txt", ".json"}


def install(app: Flask, service: Service) -> None:
    """Prepare what all ETags of *app* depend on: the key, the program, and the settings.

    An upgrade ends all that readers and proxies stored; a start of the same program ends nothing, so nodes
    that start beside others take nothing from them.
    """
    app.extensions["commentsvc.cache_control"] = _cache_control(service.settings)
    templates = Path(app.jinja_loader.searchpath[0])  # type: ignore[union-attr]
    shown = repr(sorted(_shown(service.settings)))
    app.extensions["commentsvc.validator"] = hashlib.blake2b(
        _program(templates) + shown.encode(), key=service.keys.derive("etag"), digest_size=32
    ).digest()


def _cache_control(settings: Settings) -> str:
    """What caches may do with a public answer."""
    if not settings.shared_max_age:
        return REVALIDATE
    return SHARED.format(fresh=settings.shared_max_age, stale=settings.stale_seconds)


def _shown(settings: Settings) -> Iterator[tuple[str, str]]:
    """The settings that an answer may show: all but secrets and what is a node's own."""
    for setting in fields(settings):
        if not setting.metadata["secret"] and not setting.metadata["of_node"]:
            yield setting.name, str(getattr(settings, setting.name))
    yield "mail", str(settings.smtp_url is not None)  # forms ask then whether to tell of replies


@cache
def _program(templates: Path) -> bytes:
    """A digest of all that the program is made of: 20 ms, once a process."""
    digest = hashlib.sha256()
    for folder in (Path(commentsvc.__file__).parent, templates):
        for file in sorted(folder.rglob("*")):
            if file.suffix in PROGRAM:
                digest.update(file.read_bytes())
    return digest.digest()


def cacheable(read: Versioned[Any], body: bytes | str, content_type: str) -> Response:
    """A public answer made from what was *read*, with a strong ETag, or 304 where the reader has it already."""
    opaque = _opaque(repr(read.version).encode())
    return _tagged(_bytes(body), content_type, opaque, encode, read.subject, read.version)


def constant(body: bytes | str, content_type: str) -> Response:
    """As `cacheable`, for what is the same for the life of the process, whatever the database holds."""
    raw = _bytes(body)
    return _tagged(raw, content_type, _opaque(raw), encode_well)


def _tagged(
    raw: bytes,
    content_type: str,
    opaque: str,
    encoder: Callable[[bytes, str], bytes],
    subject: Subject | None = None,
    version: Version = (),
) -> Response:
    request.environ[READ] = (subject, version, opaque)
    coding = coding_for(request.headers.get("Accept-Encoding"))
    if coding is None:
        raise NotAcceptable(UNACCEPTABLE)
    response = Response(encoder(raw, coding), content_type=content_type)
    response.headers["Cache-Control"] = current_app.extensions["commentsvc.cache_control"]
    response.headers["ETag"] = etag_in(coding, opaque)
    response.headers["Vary"] = "Accept-Encoding"
    if coding != IDENTITY:
        response.headers["Content-Encoding"] = coding
    response.make_conditional(request)
    return response


def _bytes(body: bytes | str) -> bytes:
    return body.encode() if isinstance(body, str) else body


def _opaque(seen: bytes) -> str:
    """A tag for what was *seen* at this address: it tells nothing, and nobody can make one."""
    key: bytes = current_app.extensions["commentsvc.validator"]
    asked = f"{request.path}?".encode() + request.query_string
    return hashlib.blake2b(key + seen + asked, digest_size=12).hexdigest()


def compressed(response: Response) -> Response:
    """*response* as small as its reader can take it; for what holds no secret that lasts (decision 33)."""
    coding = coding_for(request.headers.get("Accept-Encoding")) or IDENTITY
    response.headers["Vary"] = "Accept-Encoding"
    if coding != IDENTITY:
        response.set_data(encode(response.get_data(), coding))
        response.headers["Content-Encoding"] = coding
    return response


def with_text(page: GappedPage, text: str, content_type: str) -> Response:
    """*page* with a *text* for this request alone, best in gzip, of which all but the text is ready."""
    coding = coding_for(request.headers.get("Accept-Encoding"), GZIP_FIRST) or IDENTITY
    own = text.encode()
    body = page.gzip(own) if coding == GZIP else encode(page.plain(own), coding)
    response = Response(body, content_type=content_type)
    response.headers["Vary"] = "Accept-Encoding"
    if coding != IDENTITY:
        response.headers["Content-Encoding"] = coding
    return uncacheable(response)


def uncacheable(response: Response) -> Response:
    """An answer that is for this request alone."""
    response.headers["Cache-Control"] = "no-store"
    return response
