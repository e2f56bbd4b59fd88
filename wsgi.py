"""`app`, for any WSGI server."""

import sys

from commentsvc.actions import keys
from commentsvc.actions.scripts import store_scripts
from commentsvc.app import create_app
from commentsvc.errors import Problem
from commentsvc.service import Service
from commentsvc.serving.data_lock import share
from commentsvc.storage import schema

try:
    app = create_app()
    service: Service = app.extensions["commentsvc"]
    schema.prepare(service.database, service.settings)
    keys.settle(service)
    share(service.settings.data_dir)
    store_scripts(service)
    service.database.disconnect()  # a server that loaded this before it forks
except Problem as wrong:  # a setting, or the database: one line says what to do
    sys.exit(f"Error: {wrong.detail}")
