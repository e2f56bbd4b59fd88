"""People, sessions and the audit trail on both databases, and how accounts of before come to have them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from commentsvc.storage import schema
from tests.conftest import MakeService
from tests.databases import on_both
from tests.moderating.desk import EMAIL, PASSWORD, Desk
from tests.running_service import InProcess
from tests.storage.plans import engine_of

__all__ = ["on_both"]

NEW = "another horse battery"


def migrate(service: InProcess, version: str, *, back: bool = False) -> None:
    config = Config()
    config.set_main_option("script_location", schema.MIGRATIONS)
    with engine_of(service).connect().execution_options(write=True) as connection:
        config.attributes["connection"] = connection
        move = command.downgrade if back else command.upgrade
        move(config, version)


@pytest.fixture
def people(make_service: MakeService) -> InProcess:
    service = make_service()
    service.run("site", "add", "sports", "--origin", "https://sports.example")
    service.run("user", "add", EMAIL, "--role", "admin", "--name", "Edda Sample", input=PASSWORD + "\n")
    service.run("user", "add", "bo@paper.example", "--site", "sports", input=PASSWORD + "\n")
    return service


@pytest.mark.slow_on_postgresql
def test_people_sign_in_change_their_password_and_leave_a_trail(people: InProcess) -> None:
    desk, elsewhere = Desk(people.http()), Desk(people.http())
    assert (desk.sign_in().status_code, elsewhere.sign_in().status_code) == (303, 303)
    assert len(desk.http.get("/api/v1/moderation/sessions").json()["sessions"]) == 2

    assert desk.change_password(PASSWORD, NEW).status_code == 303

    assert elsewhere.queue().status_code == 303
    kinds = [e["kind"] for e in desk.http.get("/api/v1/moderation/audit").json()["entries"]]
    assert kinds[:4] == ["sign-in", "password-changed", "sign-in", "sign-in"]
    people.run("token", "create", "--scope", "moderate", "--label", "Bot", "--expires", "30d")
    people.run("token", "revoke", people.run("token", "list").split()[0])
    people.run("user", "remove", EMAIL)
    assert desk.queue().status_code == 303


@pytest.mark.soak
def test_accounts_of_before_go_on_and_can_go_back(people: InProcess) -> None:
    listed = people.run("user", "list")
    token = people.moderator()

    migrate(people, "0002", back=True)
    with engine_of(people).connect() as connection:
        keys = connection.execute(sa.text("SELECT session_key FROM account")).scalars().all()
        limited = connection.execute(sa.text("SELECT count(*) FROM account_site")).scalar()
    people.run("db", "upgrade")

    assert (len(set(keys)), limited) == (2, 1)
    assert people.run("user", "list") == listed.replace("  Edda Sample", "")
    assert Desk(people.http()).sign_in().status_code == 303
    assert token.queue() == []
