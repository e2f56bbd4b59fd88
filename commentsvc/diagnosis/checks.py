"""The checks of `commentsvc doctor --page`, a function each: a `Fault`, or None where all is well.

They begin once the page is read and the service answers at its base URL.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from commentsvc.diagnosis.browser import Answer, Unreachable
from commentsvc.diagnosis.connection import Connection
from commentsvc.diagnosis.findings import Fault, set_to
from commentsvc.diagnosis.page import Page, WidgetScript, read_page
from commentsvc.diagnosis.policy import blocked
from commentsvc.diagnosis.reaching import Service, twin_of
from commentsvc.http_terms import PROBLEM
from commentsvc.model import Clock
from commentsvc.origins import origin_of
from commentsvc.settings import Settings

FORGED = "203.0.113.7"  # of documentation (RFC 5737): nobody has it
STRANGER = "https://doctor.invalid"  # an origin that no site has (RFC 6761 §6.4), so that nothing is posted
BYTES_A_CHARACTER = 12  # at most, in a form and in JSON
MOST_SKEW = timedelta(minutes=2)
IN_PROXY = "in the proxy's settings"
ON_PAGE = "in the page's HTML"


@dataclass(frozen=True, slots=True)
class Visit:
    """What is known once the page and the service answered."""

    settings: Settings
    now: Clock
    service: Service
    opened: Answer
    page: Page
    answer: Answer  # of the service, with what it saw
    seen: Connection

    def script(self) -> WidgetScript | None:
        return self.page.scripts[0] if self.page.scripts else None

    def origin(self) -> str:
        """The page's."""
        parts = urlsplit(self.page.url)
        return origin_of(parts.scheme, parts.hostname or "", parts.port)

    def is_own(self, script: WidgetScript) -> bool:
        """Whether the script is of the page's own origin."""
        return script.base_url().startswith(f"{self.origin()}/") or script.base_url() == self.origin()

    def site(self) -> str:
        """The slug of the site whose thread the page shows."""
        return next((thread["site"] for thread in self.page.threads if thread.get("site")), "default")


def same_settings(visit: Visit) -> Fault | None:
    """The running service has the settings that this command was given."""
    for name in ("base_url", "trusted_proxies"):
        runs_with, given = getattr(visit.seen, name), getattr(visit.settings, name)
        if runs_with != given:
            return Fault(
                f"the service runs with {runs_with}, and this command was told {given}; restart the service, or "
                "run this with its environment",
                set_to(name.upper(), runs_with),
            )
    return None


def proxies(visit: Visit) -> Fault | None:
    """As many addresses arrive as there are trusted proxies; each of them writes one."""
    trusted, arrived = visit.seen.trusted_proxies, len(visit.seen.forwarded_for)
    if arrived and trusted != arrived:
        return Fault(
            f"{arrived} {'proxy writes' if arrived == 1 else 'proxies write'} into X-Forwarded-For, and the service "
            f"trusts {trusted}: it takes {visit.seen.client} for the reader",
            set_to("TRUSTED_PROXIES", arrived),
        )
    if not arrived and _is_behind_proxy(visit):
        return Fault(
            "a proxy stands in front and does not say for whom it asks: all readers share one limit",
            f"X-Forwarded-For {IN_PROXY} (proxy_set_header X-Forwarded-For $remote_addr)",
        )
    if not arrived and trusted:
        return Fault(
            "no proxy stands in front, so everybody may write an address of his own",
            set_to("TRUSTED_PROXIES", 0),
        )
    return None


def _is_behind_proxy(visit: Visit) -> bool:
    """Whether something stands between: it speaks TLS, as the service does not, or answers in its own name."""
    server = visit.seen.server.partition("/")[0].lower()
    return (
        visit.answer.url.startswith("https:")
        or server not in visit.answer.header("Server").lower()
        or bool(visit.answer.header("Via"))
    )


def forged_address(visit: Visit) -> Fault | None:
    """What a client writes into the header is not believed; a wrong number of proxies is told by `proxies`."""
    if proxies(visit) is not None:
        return None
    for name in ("X-Forwarded-For", "X_Forwarded_For"):
        _, seen = visit.service.connection({name: FORGED})
        if seen is not None and seen.client == FORGED:
            return Fault(
                f"the service believes the address that a client writes into {name}: nobody can be limited",
                f"{name} {IN_PROXY}: what a client sends of it must be dropped",
            )
    return None


def client_address(visit: Visit) -> Fault | None:
    """The service sees this machine's own address, where that can be compared.

    Between networks of different kinds addresses are translated, and prove nothing.
    """
    ours, seen = visit.answer.own_address, visit.seen.client
    if ours == seen or _kind(ours) is None or _kind(ours) != _kind(seen):
        return None
    return Fault(
        f"this machine asked from {ours}, and the service saw {seen}: a proxy replaces what the one before it wrote",
        f"X-Forwarded-For {IN_PROXY}: the last one must add to it (proxy_set_header X-Forwarded-For "
        "$proxy_add_x_forwarded_for)",
    )


def _kind(raw: str) -> str | None:
    address = ip_address(raw.partition("%")[0]) if raw else None
    if address is None:
        return None
    if address.is_loopback:
        return "loopback"
    return f"global {address.version}" if address.is_global else None


def shared_with_pages(visit: Visit) -> Fault | None:
    """Pages of other origins may read the answers: browsers want that header exactly once."""
    allowed = visit.service.ask("GET", "/embed.js", {"Origin": visit.origin()}).header(
        "Access-Control-Allow-Origin"
    )
    if allowed == "*":
        return None
    return Fault(
        f"answers have Access-Control-Allow-Origin: {allowed or 'nothing'} instead of *, so no page may read them",
        f"Access-Control-Allow-Origin {IN_PROXY}: the service sets it, the proxy must not",
    )


def long_texts(visit: Visit) -> Fault | None:
    """The longest comment passes."""
    length = BYTES_A_CHARACTER * visit.settings.max_text
    body = msgspec.json.encode({"text": "x" * length, "site": visit.site()})
    headers = {"Content-Type": "application/json", "Origin": STRANGER}
    answer = visit.service.ask("POST", "/api/v1/comments", headers, body)
    if answer.content_type() == PROBLEM and answer.status != 413:
        return None
    return Fault(
        f"a comment of {len(body) // 1024} kB, as long as MAX_TEXT allows, is answered with HTTP {answer.status}",
        f"the size of bodies {IN_PROXY} (client_max_body_size {len(body) // 1024 + 64}k)",
    )


def all_methods(visit: Visit) -> Fault | None:
    """Editing and deleting pass, which are PATCH and DELETE."""
    for method in ("PATCH", "DELETE"):
        headers = {"Content-Type": "application/json", "Authorization": "Bearer none"}
        answer = visit.service.ask(method, "/api/v1/comments/none", headers, b"{}")
        if answer.content_type() != PROBLEM or answer.status == 405:
            return Fault(
                f"{method} does not reach the service (HTTP {answer.status}): nobody can edit or delete",
                f"the methods {IN_PROXY} (limit_except): GET, HEAD, POST, PATCH, DELETE and OPTIONS pass",
            )
    return None


def clock(visit: Visit) -> Fault | None:
    """The clocks of this machine, of the service and of the page's host agree."""
    here = visit.now()
    others = {"the service": visit.seen.now, "the page's host": _date_of(visit.opened)}
    for whose, at in others.items():
        if at is not None and abs(at - here) > MOST_SKEW:
            return Fault(
                f"the clock of {whose} says {at:%Y-%m-%d %H:%M:%S}, and that of this machine "
                f"{here:%Y-%m-%d %H:%M:%S} (UTC)",
                "the clock of the one that is wrong (timedatectl set-ntp true)",
            )
    return None


def _date_of(answer: Answer) -> datetime | None:
    """When it was said; caches tell in `Age` for how long they have had it."""
    try:
        date = parsedate_to_datetime(answer.header("Date"))
        age = timedelta(seconds=int(answer.header("Age") or 0))
        return (date if date.tzinfo else date.replace(tzinfo=UTC)) + age
    except (ValueError, OverflowError):
        return None


def script_of_page(visit: Visit) -> Fault | None:
    """The page loads the widget, from this service."""
    script, base_url = visit.script(), visit.settings.base_url
    wanted = f'<script async src="{base_url}/embed.js"> {ON_PAGE}'
    if script is None:
        return Fault("the page does not load embed.js", wanted)
    if visit.page.url.startswith("https:") and script.url.startswith("http:"):
        return Fault(f"a page of https loads {script.url}, which browsers refuse", wanted)
    if script.base_url() not in _own_base_urls(visit.settings):
        return Fault(f"the page loads the widget from {script.base_url()} instead of {base_url}", wanted)
    answer = visit.service.browser.ask("GET", script.url)
    if answer.status != 200 or answer.content_type() != "text/javascript":
        return Fault(f"{script.url} is answered with HTTP {answer.status} {answer.content_type()}", wanted)
    return None


def _own_base_urls(settings: Settings) -> set[str]:
    """On loopback the service has three names."""
    return {origin + settings.base_path() for origin in settings.own_origins()}


def pinned_script(visit: Visit) -> Fault | None:
    """A script that the page pins is the one that is served, and a browser may look at it."""
    script = visit.script()
    if script is None or not script.integrity:
        return None
    wanted = f"the snippet {ON_PAGE}, as commentsvc embed-snippet ARTICLE --pin prints it"
    if not script.is_cors and not visit.is_own(script):
        return Fault("the page pins the script without crossorigin, so browsers refuse it", wanted)
    if not script.is_as_pinned(visit.service.browser.ask("GET", script.url).body):
        return Fault(f"{script.url} is not what the page's integrity names, so browsers refuse it", wanted)
    return None


def thread_of_page(visit: Visit) -> Fault | None:
    """The page has a `<comment-thread>` that can be read."""
    if not visit.page.threads:
        return Fault("the page has no <comment-thread>", f'<comment-thread article="…"> {ON_PAGE}')
    for thread in visit.page.threads:
        article, site = thread.get("article", ""), thread.get("site")
        if not article:
            return Fault("a <comment-thread> names no article", f'article="…" of <comment-thread> {ON_PAGE}')
        query = urlencode({"article": article} | ({"site": site} if site else {}), quote_via=quote)
        answer = visit.service.ask("GET", f"/thread/fragment?{query}", {"Origin": visit.origin()})
        if answer.status == 404 and site:
            return Fault(f"there is no site “{site}”", f'site="…" of <comment-thread> {ON_PAGE}')
        if answer.status != 200:
            return Fault(
                f"the comments of {article!r} are answered with HTTP {answer.status}",
                f'article="…" of <comment-thread> {ON_PAGE}',
            )
    return None


def policy_of_page(visit: Visit) -> Fault | None:
    """The page's Content-Security-Policy lets the widget load, read and post."""
    script = visit.script()
    missing = next(blocked(visit.page, script), None) if script else None
    if missing is None:
        return None
    return Fault(
        "the page's Content-Security-Policy keeps the widget from working",
        f"Content-Security-Policy of the page: {missing}",
    )


def origin_of_page(visit: Visit) -> Fault | None:
    """Pages of this origin may post to the site."""
    return _fault_of_origin(visit, visit.origin())


def twin_of_page(visit: Visit) -> Fault | None:
    """If the page can also be had with or without `www.`, it may post from there as well."""
    parts = urlsplit(visit.page.url)
    if not _can_have_www(parts.hostname or ""):
        return None
    twin = _page_at(visit, parts._replace(netloc=twin_of(parts.netloc)).geturl())
    return _fault_of_origin(visit, twin) if twin else None


def _can_have_www(host: str) -> bool:
    return "." in host and ":" not in host and not host.replace(".", "").isdecimal()


def page_by_http(visit: Visit) -> Fault | None:
    """A page of https is not there by http as well: that is another origin, from which nobody may post."""
    parts = urlsplit(visit.page.url)
    if parts.scheme != "https" or parts.port is not None:
        return None
    twin = _page_at(visit, parts._replace(scheme="http").geturl())
    if twin is None or _fault_of_origin(visit, twin) is None:
        return None
    return Fault(
        f"the page is there as {twin} as well, from where nobody may post",
        "a redirect from http to https on the server of the page",
    )


def _page_at(visit: Visit, url: str) -> str | None:
    """The origin at which a page with comments is shown to who asks for *url*; None if there is none."""
    try:
        opened = visit.service.browser.open(url)
    except Unreachable:
        return None
    if opened.status != 200 or not read_page(opened).threads:
        return None
    parts = urlsplit(opened.url)
    return origin_of(parts.scheme, parts.hostname or "", parts.port)


def _fault_of_origin(visit: Visit, origin: str) -> Fault | None:
    body = msgspec.json.encode({"site": visit.site()})
    headers = {"Content-Type": "application/json", "Origin": origin}
    answer = visit.service.ask("POST", "/api/v1/comments", headers, body)
    if answer.status != 403:
        return None
    return Fault(
        f"pages of {origin} may not post to the site “{visit.site()}”",
        f"commentsvc site set {visit.site()} --add-origin {origin}",
    )


CHECKS: dict[str, Callable[[Visit], Fault | None]] = {
    "settings of the service": same_settings,
    "number of proxies": proxies,
    "forged address": forged_address,
    "address of the client": client_address,
    "cross-origin reading": shared_with_pages,
    "long texts": long_texts,
    "methods": all_methods,
    "clock": clock,
    "script of the page": script_of_page,
    "pinned script": pinned_script,
    "threads of the page": thread_of_page,
    "policy of the page": policy_of_page,
    "origin of the page": origin_of_page,
    "page with and without www": twin_of_page,
    "page by http": page_by_http,
}
