"""A connection that is lost once an answer is ready takes nothing of it."""

from __future__ import annotations

import pytest
from flask import Response
from sqlalchemy.engine import make_url

from tests.databases import on_postgresql
from tests.postgresql import SERVICE, Cluster
from tests.running_service import InProcess

__all__ = ["on_postgresql"]  # found here by the tests


@pytest.fixture
def service(service: InProcess, postgresql: Cluster) -> InProcess:
    """Each of its answers loses the connection when it is ready, before the session is ended."""
    name = make_url(service.app.extensions["commentsvc"].settings.database_url).database
    cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND usename = '{SERVICE}'"

    def cut_off(response: Response) -> Response:
        postgresql.admin.execute(cut)
        return response

    service.app.after_request(cut_off)
    return service


@pytest.mark.slow_on_postgresql
def test_it_is_sent(service: InProcess) -> None:
    reader = service.reader()

    assert reader.thread("a")["count"] == 0
    posted = reader.posted("a", "First.")
    comment, key = posted["comment"]["id"], posted["edit_key"]
    assert reader.texts("a") == ["First."]
    assert reader.edit(comment, key, "Edited.").status_code == 200
    assert reader.get("/thread", article="a").status_code == 200
    assert reader.get(f"/api/v1/comments/{comment}").json()["html"] == "<p>Edited.</p>"
    assert reader.delete(comment, key).status_code == 204
    assert reader.get("/readyz").text == "ok"
    assert reader.get("/nowhere").status_code == 404
