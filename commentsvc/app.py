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
from commentsvc.web import drawing, headers, log, problems
from commentsvc.web.front import Front
from commentsvc.web.health import health
from commentsvc.web.limits import Limits
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
    app.config["SECRET_KEY"] = keys.derive("session").hex()
    app.json.sort_keys = False  # type: ignore[attr-defined]
    database.connect(app, settings)
    app.extensions["commentsvc.limits"] = Limits(app, service)

    log.install(app)
    headers.install(app)
    problems.install(app)
    drawing.install(app)
    for blueprint in (reading, posting, pages, scripts, health):
        app.register_blueprint(blueprint)

    app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
        Front(app.wsgi_app, settings), x_for=settings.trusted_proxies, x_proto=0, x_host=0
    )
    return app


def _templates() -> str:
    """Those of the package, as installed; in a checkout they lie beside it."""
    package = Path(__file__).parent
    inside = package / "templates"
    return str(inside if inside.is_dir() else package.parent / "templates")
