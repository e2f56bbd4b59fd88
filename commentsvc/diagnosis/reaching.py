"""Does the running service answer at its BASE_URL, and if not, where does it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

from commentsvc.diagnosis.browser import REDIRECTS, Answer, Browser, Unreachable, Why, joined
from commentsvc.diagnosis.connection import PATH, Connection
from commentsvc.diagnosis.findings import Fault, set_to
from commentsvc.diagnosis.page import Page
from commentsvc.http_terms import PROBLEM

GATEWAY = frozenset({502, 503, 504})
SETTINGS_OF_PROXY = {
    Why.CERTIFICATE: "the certificate in the proxy's settings (ssl_certificate)",
    Why.NO_TLS: "the port in the proxy's settings at which it speaks TLS (listen … ssl)",
}


@dataclass(frozen=True, slots=True)
class Service:
    """The running service as the outside reaches it."""

    browser: Browser
    base_url: str
    proof: str

    def connection(self, headers: Mapping[str, str] | None = None) -> tuple[Answer, Connection | None]:
        """Ask what the service sees of a request with these headers; None where something else answered.

        :raises Unreachable: nothing answered.
        """
        sent = {"Authorization": f"Bearer {self.proof}", **(headers or {})}
        answer = self.ask("GET", PATH, sent)
        try:
            return answer, msgspec.json.decode(answer.body, type=Connection) if answer.status == 200 else None
        except msgspec.DecodeError:
            return answer, None

    def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """Ask for *path* below the base URL.

        :raises Unreachable: nothing answered.
        """
        return self.browser.ask(method, self.base_url + path, headers, body)


def find_way(service: Service, page: Page) -> tuple[Answer, Connection] | Fault:
    """What the service answers at its base URL, or why it does not."""
    try:
        answer, connection = service.connection()
    except Unreachable as why:
        return _moved(service, page, None) or _unreachable(service, why)
    if connection is not None:
        return answer, connection
    return _moved(service, page, answer) or _answered_by_another(service, answer)


def _moved(service: Service, page: Page, answer: Answer | None) -> Fault | None:
    """Look for the service where it may be instead."""
    for base_url in dict.fromkeys(_alternatives(service.base_url, page, answer)):
        try:
            _, connection = Service(service.browser, base_url, service.proof).connection()
        except Unreachable:
            continue
        if connection is not None:
            return Fault(
                f"the service does not answer at {service.base_url}, but at {base_url}",
                set_to("BASE_URL", base_url),
            )
    return None


def _alternatives(base_url: str, page: Page, answer: Answer | None) -> Iterator[str]:
    """Where a redirect leads, where the page looks, and the same with another scheme, name or path."""
    if answer is not None and answer.status in REDIRECTS:
        target = joined(answer.url, answer.header("Location"))
        if target.endswith(PATH):
            yield target.removesuffix(PATH)
    for script in page.scripts:
        if script.base_url() != base_url:
            yield script.base_url()
    parts = urlsplit(base_url)
    other = "http" if parts.scheme == "https" else "https"
    twin = twin_of(parts.netloc)
    yield f"{other}://{parts.netloc}{parts.path}"
    yield f"{parts.scheme}://{twin}{parts.path}"
    if parts.port is not None:
        yield f"https://{parts.hostname}{parts.path}"
    if parts.path:
        yield f"{parts.scheme}://{parts.netloc}"


def twin_of(host: str) -> str:
    """The same host with or without `www.`."""
    return host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"


def _unreachable(service: Service, why: Unreachable) -> Fault:
    return Fault(
        str(why), SETTINGS_OF_PROXY.get(why.why, set_to("BASE_URL", "…, where readers reach the service"))
    )


def _answered_by_another(service: Service, answer: Answer) -> Fault:
    at = f"at {service.base_url} HTTP {answer.status} was answered"
    if answer.content_type() == PROBLEM:
        return _refused(service, answer, at)
    if answer.status == 401:
        return Fault(
            f"{at}: the proxy asks for a password", "the password in the proxy's settings (auth_basic)"
        )
    if answer.status in GATEWAY:
        return Fault(
            f"{at}: the proxy is there and reaches no service",
            "the service's address in the proxy's settings (proxy_pass)",
        )
    if answer.status in REDIRECTS:
        return Fault(
            f"{at}, a redirect to {answer.header('Location')}", "the redirect in the proxy's settings"
        )
    return Fault(
        f"{at}, and not by commentsvc: another site answers under that name",
        f"the name in the proxy's settings (server_name {urlsplit(service.base_url).hostname})",
    )


def _refused(service: Service, answer: Answer, at: str) -> Fault:
    """A commentsvc answered, and did not say what it sees."""
    if answer.status == 403:
        return Fault(
            f"{at}: the header Authorization does not arrive, so nobody can edit or delete",
            "the header Authorization in the proxy's settings: it must be passed on",
        )
    if service.ask("GET", "/healthz").body != b"ok":
        return Fault(
            f"{at}: the path of the address does not arrive as readers ask for it",
            "the path in the proxy's settings (proxy_pass without a path)",
        )
    return Fault(
        f"{at}: the service there has another key than this command",
        set_to("DATA_DIR", "…, that of the running service"),
    )
