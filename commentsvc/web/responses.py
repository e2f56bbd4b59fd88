"""What may be kept, and how its reader asks whether it changed (RFC 9110 §13, RFC 9111)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import NotAcceptable

import commentsvc
from commentsvc.cache.codings import IDENTITY, coding_for, encode, encode_well, etag_in
from commentsvc.cache.versions import Subject, Version
from commentsvc.http_terms import READ
from commentsvc.service import Service
from commentsvc.settings import Settings
from commentsvc.web import context

REVALIDATE = "public, max-age=0, must-revalidate"
UNACCEPTABLE = "This is sent in br, gzip or as it is (identity), and Accept-Encoding refuses all three."

PROGRAM = {".py", ".html", ".mo", ".css", ".js", ".txt", ".json"}
UNSEEN = {"data_dir", "cache_bytes", "trusted_proxies", "jobs"}  # settings in which nodes may differ


def install(app: Flask, service: Service) -> None:
    """Prepare what all ETags of *app* depend on: the key, the program, and the settings.

    An upgrade ends all that readers and proxies stored; a start of the same program ends nothing, so nodes
    that start beside others take nothing from them.
    """
    templates = Path(app.jinja_loader.searchpath[0])  # type: ignore[union-attr]
    shown = repr(sorted(_shown(service.settings)))
    app.extensions["commentsvc.validator"] = hashlib.blake2b(
        _program(templates) + shown.encode(), key=service.keys.derive("etag"), digest_size=32
    ).digest()


def _shown(settings: Settings) -> Iterator[tuple[str, str]]:
    """The settings that an answer may show: all but secrets and what is a node's own."""
    for setting in fields(settings):
        if not setting.metadata["secret"] and setting.name not in UNSEEN:
            yield setting.name, str(getattr(settings, setting.name))


@cache
def _program(templates: Path) -> bytes:
    """A digest of all that the program is made of: 20 ms, once a process."""
    digest = hashlib.sha256()
    for folder in (Path(commentsvc.__file__).parent, templates):
        for file in sorted(folder.rglob("*")):
            if file.suffix in PROGRAM:
                digest.update(file.read_bytes())
    return digest.digest()


def cacheable(
    body: bytes | str, content_type: str, subject: Subject | None = None, version: Version | None = None
) -> Response:
    """A public answer with a strong ETag, or 304 where the reader has it already.

    :param subject: what it was read from in this request; None if it is the same for the life of the process.
    :param version: of it, where that was looked up already.
    """
    raw = body.encode() if isinstance(body, str) else body
    if version is None:
        version = context.versions().within(context.reading(), subject) if subject is not None else ()
    opaque = _opaque(raw if subject is None else repr(version).encode())
    request.environ[READ] = (subject, version, opaque)
    coding = coding_for(request.headers.get("Accept-Encoding"))
    if coding is None:
        raise NotAcceptable(UNACCEPTABLE)
    coded = encode(raw, coding) if subject is not None else encode_well(raw, coding)
    response = Response(coded, content_type=content_type)
    response.headers["Cache-Control"] = REVALIDATE
    response.headers["ETag"] = etag_in(coding, opaque)
    response.headers["Vary"] = "Accept-Encoding"
    if coding != IDENTITY:
        response.headers["Content-Encoding"] = coding
    response.make_conditional(request)
    return response


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


def uncacheable(response: Response) -> Response:
    """An answer that is for this request alone."""
    response.headers["Cache-Control"] = "no-store"
    return response
