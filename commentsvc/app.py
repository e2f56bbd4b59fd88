"""The one place where the parts meet."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from commentsvc.backends import check_installed
from commentsvc.model import Chance, Clock
from commentsvc.privacy.keys import load_keys
from commentsvc.service import Service
from commentsvc.settings import Settings
from commentsvc.storage import database
from commentsvc.web import caching, counting, drawing, headers, languages, log, problems
from commentsvc.web.bounded_headers import BoundedHeaders
from commentsvc.web.demo import demo
from commentsvc.web.desk import desk
from commentsvc.web.editing import editing
from commentsvc.web.front import Front, largest_body
from commentsvc.web.health import health
from commentsvc.web.hot_reads import HotReads
from commentsvc.web.kept import Kept
from commentsvc.web.limits import Limits
from commentsvc.web.message_pages import root
from commentsvc.web.moderating import moderating
from commentsvc.web.openapi import openapi
from commentsvc.web.pages import pages
from commentsvc.web.posting import posting
from commentsvc.web.reading import reading
from commentsvc.web.requests import Request
from commentsvc.web.scripts import scripts
from commentsvc.web.security_txt import security_txt
from commentsvc.web.signed_in import DeskSessions

SESSION_SECONDS = 12 * 3600  # a moderator's day


def create_app(
    settings: Settings | None = None,
    *,
    now: Clock = lambda: datetime.now(UTC),
    random_bytes: Chance = os.urandom,
) -> Flask:
    """Make the service; with no *settings* they are read from the environment.

    :raises BadSetting: a setting or a key file is wrong, or names what is not installed.
    """
    log.configure()
    settings = settings or Settings.from_environ(os.environ)
    check_installed(settings.database_url, settings.redis_url)
    app = Flask(__name__, template_folder=_templates())
    app.request_class = Request
    versions = database.connect(app, settings)
    with app.app_context():
        keys, address_keys = load_keys(settings, random_bytes)
    service = Service(settings, keys, address_keys, now, random_bytes)
    app.extensions["commentsvc"] = service
    app.url_map.merge_slashes = False  # Werkzeug would redirect to whatever `Host` says
    _configure_sessions(app, service)
    app.config["MAX_FORM_MEMORY_SIZE"] = largest_body(settings)
    app.extensions["commentsvc.versions"] = versions
    app.extensions["commentsvc.kept"] = kept = Kept(settings.cache_bytes)
    app.extensions["commentsvc.limits"] = Limits(app, service)

    log.install(app)
    caching.install(app, service)
    headers.install(app)
    counting.install(app)
    problems.install(app)
    drawing.install(app)
    languages.install(app)
    for blueprint in (
        root,
        reading,
        posting,
        pages,
        editing,
        scripts,
        health,
        security_txt,
        openapi,
        moderating,
        desk,
    ):
        app.register_blueprint(blueprint)

    front = Front(app.wsgi_app, settings)
    proxied = ProxyFix(front, x_for=settings.trusted_proxies, x_proto=0, x_host=0)
    app.wsgi_app = BoundedHeaders(HotReads(proxied, kept, versions, settings))  # type: ignore[method-assign]
    return app


def create_demo_app() -> Flask:
    """Make the service with the demo's newspaper beside it; settings come from the environment."""
    app = create_app()
    app.register_blueprint(demo)
    return app


def _configure_sessions(app: Flask, service: Service) -> None:
    """Only the desk has a session; its cookie reaches no other host and no script."""
    base_url = service.settings.base_url
    session_keys = [keys.derive("session").hex() for keys in service.keys.each()]
    app.session_interface = DeskSessions()
    app.config.update(
        SECRET_KEY=session_keys[0],
        SECRET_KEY_FALLBACKS=session_keys[1:],
        SESSION_COOKIE_NAME="commentsvc_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=base_url.startswith("https:"),
        SESSION_COOKIE_PATH=service.settings.base_path() or "/",
        PERMANENT_SESSION_LIFETIME=SESSION_SECONDS,
        WTF_CSRF_TIME_LIMIT=None,  # a form of the desk is good as long as its session
    )


def _templates() -> str:
    """Those of the package, as installed; in a checkout they lie beside it."""
    package = Path(__file__).parent
    inside = package / "templates"
    return str(inside if inside.is_dir() else package.parent / "templates")
