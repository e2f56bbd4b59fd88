"""Who comes to moderate: admins by an API token, and people who accept an invitation."""

from __future__ import annotations

import re

import httpx

from tests.moderating.desk import PASSWORD, Desk, csrf_token
from tests.people import Json, Moderator
from tests.running_service import InProcess

LINK = r"http://127\.0\.0\.1:5000/moderation/invitation#key=[\w-]{43}"


def admin_of(service: InProcess) -> Moderator:
    """A program that may do what admins do."""
    return Moderator(service.http(), service.run("token", "create", "--scope", "admin").strip())


def invited(admin: Moderator, email: str, role: str = "moderator", **more: object) -> Json:
    """Invite somebody; give the answer."""
    answer = admin.request("POST", "/people", json={"email": email, "role": role} | more)
    assert answer.status_code == 201, answer.text
    person: Json = answer.json()
    assert re.fullmatch(LINK, person["invitation"])
    return person


def accept(desk: Desk, link: str, password: str = PASSWORD, **typed: str) -> httpx.Response:
    """Open the link, fill in the form and send it."""
    page = desk.http.get("/moderation/invitation")
    fields = {"key": link, "new": password, "again": password, "csrf_token": csrf_token(page)}
    return desk.http.post("/moderation/invitation", data=fields | typed)


def proof(desk: Desk, page: str = "/moderation/account") -> dict[str, str]:
    """The header that a session's writes carry."""
    return {"X-CSRFToken": csrf_token(desk.http.get(page))}
