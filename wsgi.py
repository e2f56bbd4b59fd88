"""`app`, for any WSGI server."""

import sys

from commentsvc.actions import keys
from commentsvc.actions.scripts import store_scripts
from commentsvc.actions.sites import begin_epoch
from commentsvc.app import create_app
from commentsvc.errors import Problem
from commentsvc.storage import database, schema

try:
    app = create_app()
    with app.app_context():
        service = app.extensions["commentsvc"]
        schema.prepare(service.settings)
        keys.settle(service)
        begin_epoch()
        store_scripts()
        database.disconnect()  # a server that loaded this before it forks
except Problem as wrong:  # a setting, or the database: one line says what to do
    sys.exit(f"Error: {wrong.detail}")
