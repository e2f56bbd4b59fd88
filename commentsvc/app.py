"""The one place where the parts meet."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from commentsvc.model import Chance, Clock
from commentsvc.privacy.keys import load_keys
from commentsvc.service import Service
from commentsvc.settings import Settings
from commentsvc.storage import database
from commentsvc.storage import limits as limits_storage  # noqa: F401 - registers itself with `limits`
from commentsvc.web import caching, drawing, headers, languages, log, problems, signed_in
from commentsvc.web.account import account
from commentsvc.web.demo import demo
from commentsvc.web.desk import desk
from commentsvc.web.editing import editing
from commentsvc.web.front import Front, largest_body
from commentsvc.web.health import health
from commentsvc.web.hot_reads import HotReads
from commentsvc.web.kept import Kept
from commentsvc.web.limits import Limits
from commentsvc.web.moderating import moderating
from commentsvc.web.openapi import openapi
from commentsvc.web.pages import pages
from commentsvc.web.posting import posting
from commentsvc.web.reading import reading
from commentsvc.web.scripts import scripts


def create_app(
    settings: Settings | None = None,
    *,
    now: Clock = lambda: datetime.now(UTC),
    random_bytes: Chance = os.urandom,
) -> Flask:
    """Make the service; with no *settings* they are read from the environment.

    :raises BadSetting: a setting or a key file is wrong.
    """
    log.configure()
    settings = settings or Settings.from_environ(os.environ)
    keys, address_keys = load_keys(settings, random_bytes)
    service = Service(settings, keys, address_keys, now, random_bytes)

    app = Flask(__name__, template_folder=_templates())
    app.extensions["commentsvc"] = service
    app.url_map.merge_slashes = False  # Werkzeug would redirect to whatever `Host` says
    app.config["SECRET_KEY"] = keys.derive("session").hex()
    signed_in.configure(app, settings)
    app.config["MAX_FORM_MEMORY_SIZE"] = largest_body(settings)
    versions = database.connect(app, settings)
    app.extensions["commentsvc.versions"] = versions
    app.extensions["commentsvc.kept"] = kept = Kept(settings.cache_bytes)
    app.extensions["commentsvc.limits"] = Limits(app, service)

    log.install(app)
    caching.install(app, service)
    headers.install(app)
    problems.install(app)
    drawing.install(app)
    languages.install(app)
    for blueprint in (reading, posting, pages, editing, scripts, health, openapi, moderating, desk, account):
        app.register_blueprint(blueprint)

    front = Front(app.wsgi_app, settings)
    proxied = ProxyFix(front, x_for=settings.trusted_proxies, x_proto=0, x_host=0)
    app.wsgi_app = HotReads(proxied, kept, versions, settings)  # type: ignore[method-assign]
    return app


def create_demo_app() -> Flask:
    """Make the service with the demo's newspaper beside it; settings come from the environment."""
    app = create_app()
    app.register_blueprint(demo)
    return app


def _templates() -> str:
    """Those of the package, as installed; in a checkout they lie beside it."""
    package = Path(__file__).parent
    inside = package / "templates"
    return str(inside if inside.is_dir() else package.parent / "templates")
