"""The nouns of moderating."""

from __future__ import annotations

import pytest

from tests.moderating.desk import EMAIL, PASSWORD, Desk
from tests.people import Moderator
from tests.running_service import InProcess


@pytest.fixture
def account(service: InProcess) -> str:
    """An account of all sites, as the operator makes it."""
    service.run("user", "add", EMAIL, "--role", "admin", input=PASSWORD + "\n")
    return EMAIL


@pytest.fixture
def desk(service: InProcess, account: str) -> Desk:
    """Somebody who is signed in."""
    desk = Desk(service.http())
    assert desk.sign_in().status_code == 303
    return desk


@pytest.fixture
def sports(service: InProcess) -> Moderator:
    """A moderator of the site `sports` alone, which is there beside the default one."""
    service.run("site", "add", "sports", "--origin", "https://sports.example")
    return service.moderator("sports")
