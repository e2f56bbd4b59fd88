"""Browsers that signed in before. An attack on an account does not use up their tries to sign in.

The cookie is a random name of the browser and a signature for each account that signed in there
(https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies). It opens
nothing, and names no account: it only gives the browser a count of its own.
"""

from __future__ import annotations

import re
import secrets

from commentsvc.service import Service

MOST_ACCOUNTS = 5  # of one browser; the oldest is forgotten
SECONDS = 400 * 24 * 3600  # browsers keep no cookie for longer

_COOKIE = re.compile(r"([\w-]{22})((?:\.[\w-]{22})*)", re.ASCII)


def known_to(service: Service, cookie: str, login: str) -> str | None:
    """The browser's name, if that account signed in there before."""
    name, signatures = _parts(cookie)
    mine = {keys.sign("device", _signed(name, login)) for keys in service.keys.each()}
    return name if mine & set(signatures) else None


def with_account(service: Service, cookie: str, login: str) -> str:
    """The cookie of a browser on which that account signed in; *cookie* is the one it had, or empty."""
    name, signatures = _parts(cookie)
    name = name or secrets.token_urlsafe(16)
    mine = _signature(service, name, login)
    others = [one for one in signatures if one != mine]
    return ".".join((name, *others[-(MOST_ACCOUNTS - 1) :], mine))


def _parts(cookie: str) -> tuple[str, list[str]]:
    match = _COOKIE.fullmatch(cookie)
    return (match[1], match[2].split(".")[1:]) if match else ("", [])


def _signature(service: Service, name: str, login: str) -> str:
    return service.keys.sign("device", _signed(name, login))


def _signed(name: str, login: str) -> str:
    return f"{name}\0{login}"
