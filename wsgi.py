"""`app`, for any WSGI server."""

from commentsvc.actions.scripts import store_scripts
from commentsvc.actions.sites import begin_epoch
from commentsvc.app import create_app
from commentsvc.storage import database, schema

app = create_app()
with app.app_context():
    schema.prepare(app.extensions["commentsvc"].settings)
    begin_epoch()
    store_scripts()
    database.disconnect()  # a server that loaded this before it forks
