"""`app`, for any WSGI server."""

from commentsvc.actions import keys
from commentsvc.actions.sites import begin_epoch
from commentsvc.app import create_app
from commentsvc.storage import database, schema

app = create_app()
with app.app_context():
    service = app.extensions["commentsvc"]
    schema.prepare(service.settings)
    keys.settle(service)
    begin_epoch()
    database.disconnect()  # a server that loaded this before it forks
