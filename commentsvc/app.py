"""The one place where the parts meet."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from commentsvc.backends import check_installed
from commentsvc.cache.middleware import HotReads
from commentsvc.cache.store import ResponseCache
from commentsvc.cache.versions import Versions
from commentsvc.metrics import Metrics
from commentsvc.model import Clock, RandomBytes
from commentsvc.privacy.keys import load_keys
from commentsvc.screening import plugins
from commentsvc.service import Service
from commentsvc.serving import logs
from commentsvc.serving.bounded_headers import BoundedHeaders
from commentsvc.serving.gate import RequestGate, largest_body
from commentsvc.serving.streams import Streams
from commentsvc.settings import Settings
from commentsvc.storage import database
from commentsvc.storage.presence import require_service
from commentsvc.storage.replica import connect_replica
from commentsvc.template_folder import template_folder
from commentsvc.web import auth, context, counting, headers, languages, problems, responses, template_filters
from commentsvc.web.blueprints import BLUEPRINTS
from commentsvc.web.desk import labels, outbox
from commentsvc.web.limits import Limits
from commentsvc.web.pages.demo import demo
from commentsvc.web.requests import Request


def create_app(
    settings: Settings | None = None,
    *,
    create: bool = True,
    now: Clock = lambda: datetime.now(UTC),
    random_bytes: RandomBytes = os.urandom,
) -> Flask:
    """Make the service; with no *settings* they are read from the environment.

    :param create: False refuses where there is no service yet; else its keys are made then.
    :raises NoService: there is none.
    :raises BadSetting: a setting or a key file is wrong, or names what is not installed.
    """
    settings = settings or Settings.from_environ(os.environ)
    logs.begin(settings)
    check_installed(settings.database_url, settings.redis_url, settings.notify_urls)
    app = Flask(__name__, template_folder=str(template_folder()))
    app.request_class = Request
    connected = database.connect(app, settings)
    if not create:
        require_service(connected, settings)
    keys, address_keys = load_keys(settings, connected, random_bytes)
    versions = Versions(connected, settings.database_timeout)
    metrics = Metrics(settings.data_dir / "metrics")
    service = Service(
        settings,
        connected,
        keys,
        address_keys,
        now,
        random_bytes,
        versions,
        metrics,
        plugins.installed(),
        connect_replica(settings, connected),
    )
    app.extensions["commentsvc"] = service
    app.url_map.merge_slashes = False  # Werkzeug would redirect to whatever `Host` says
    session_keys = [one.derive("session").hex() for one in keys.each()]
    app.config.update(SECRET_KEY=session_keys[0], SECRET_KEY_FALLBACKS=session_keys[1:])
    auth.configure(app, settings)
    app.config["MAX_FORM_MEMORY_SIZE"] = largest_body(settings)
    app.extensions["commentsvc.response_cache"] = response_cache = ResponseCache(settings.cache_bytes)
    app.extensions["commentsvc.limits"] = Limits(app, service)

    context.install(app)
    responses.install(app, service)
    headers.install(app)
    counting.install(app)
    problems.install(app)
    template_filters.install(app)
    languages.install(app)
    labels.install(app)
    outbox.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)

    streams = Streams(versions, metrics, settings.events_per_client)
    app.extensions["commentsvc.streams"] = streams
    gate = RequestGate(app.wsgi_app, settings, connected.outage, streams)
    proxied = BoundedHeaders(ProxyFix(gate, x_for=settings.trusted_proxies, x_proto=0, x_host=0))
    app.wsgi_app = HotReads(proxied, response_cache, versions, settings, metrics)  # type: ignore[method-assign]
    return app


def create_demo_app() -> Flask:
    """Make the service with the demo's newspaper beside it; settings come from the environment."""
    app = create_app()
    app.register_blueprint(demo)
    return app
