"""`app`, for any WSGI server."""

from commentsvc.actions.sites import begin_epoch
from commentsvc.app import create_app
from commentsvc.storage import database

app = create_app()
with app.app_context():
    database.prepare(app.extensions["commentsvc"].settings)
    begin_epoch()
