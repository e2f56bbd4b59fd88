"""Somebody with a second factor at the desk."""

from __future__ import annotations

import re

import httpx
import pyotp

from tests.moderating.desk import PASSWORD, Desk, csrf_token
from tests.running_service import InProcess


def send(desk: Desk, path: str, **fields: str) -> httpx.Response:
    """Send a form of one's account, with the password unless it is another one."""
    typed = {"password": PASSWORD, "csrf_token": csrf_token(desk.account())}
    return desk.http.post(f"/moderation/account/{path}", data=typed | fields)


def codes_of(page: httpx.Response) -> list[str]:
    return re.findall(r"<code>([\w-]{19})</code>", page.text)


def set_up_app(service: InProcess, desk: Desk) -> tuple[pyotp.TOTP, list[str]]:
    """Set up an authenticator app; give it, and the recovery codes that were shown."""
    assert send(desk, "app").headers["Location"] == "/moderation/account/app"
    page = desk.http.get("/moderation/account/app")
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page.text)
    assert secret is not None
    assert "<svg" in page.text
    app = pyotp.TOTP(secret[1].replace(" ", ""))
    shown = send(desk, "app/confirm", code=app.at(service.clock()))
    assert shown.status_code == 200, shown.text
    service.clock.move(minutes=2)
    return app, codes_of(shown)


def second_step(desk: Desk, code: str = "", **fields: str) -> httpx.Response:
    page = desk.http.get("/moderation/sign-in/second-factor")
    return desk.http.post(
        "/moderation/sign-in/second-factor", data={"code": code, "csrf_token": csrf_token(page)} | fields
    )


def half_signed_in(service: InProcess, desk: Desk | None = None) -> Desk:
    """Somebody who gave the right password, and nothing else yet."""
    desk = desk or Desk(service.http())
    assert desk.sign_in().headers["Location"] == "/moderation/sign-in/second-factor"
    return desk
