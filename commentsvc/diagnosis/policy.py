"""Whether a page's Content-Security-Policy lets the widget work: CSP 3, as far as it concerns the widget."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import SplitResult, urlsplit

from commentsvc.diagnosis.page import Page, WidgetScript
from commentsvc.origins import DEFAULT_PORTS

Directives = dict[str, list[str]]
SOURCE = re.compile(
    r"(?:([a-z][a-z0-9+.-]*)://)?(\*|(?:\*\.)?[^:/\s]+|\[[^\]]+\])(?::(\d+|\*))?(/[^\s]*)?", re.I
)
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.I)


def blocked(page: Page, script: WidgetScript) -> Iterator[str]:
    """Give what the policies of *page* must hold and do not, such as `connect-src https://comments.example`."""
    parts = urlsplit(script.url)
    origin = f"{parts.scheme}://{parts.netloc}"
    for directives in map(_read, _each(page.policies)):
        sources = _sources(directives, "script-src-elem", "script-src", "default-src")
        if sources is not None and not _allows_script(sources, script, page.url):
            yield f"script-src {origin}"
        sources = _sources(directives, "connect-src", "default-src")
        fragment = f"{script.base_url()}/thread/fragment"
        if sources is not None and not _matches(sources, fragment, page.url):
            yield f"connect-src {origin}"
        if "sandbox" in directives:
            for word in ("allow-scripts", "allow-same-origin"):
                if word not in directives["sandbox"]:
                    yield f"sandbox {word}"


def _each(policies: Iterable[str]) -> Iterator[str]:
    """Policies may also stand in one header, with commas between; each of them must allow a thing."""
    for policy in policies:
        yield from policy.split(",")


def _read(policy: str) -> Directives:
    directives: Directives = {}
    for part in policy.split(";"):
        if words := part.split():
            directives.setdefault(words[0].lower(), words[1:])  # of two with one name the first counts
    return directives


def _sources(directives: Directives, *names: str) -> list[str] | None:
    return next((directives[name] for name in names if name in directives), None)


def _allows_script(sources: list[str], script: WidgetScript, page_url: str) -> bool:
    if script.nonce and f"'nonce-{script.nonce}'" in sources:
        return True
    hashes = {source.strip("'") for source in sources}
    if script.integrity and set(script.integrity.split()) <= hashes:
        return True
    is_strict = "'strict-dynamic'" in map(str.lower, sources)  # then addresses no longer count
    return not is_strict and _matches(sources, script.url, page_url)


def _matches(sources: list[str], url: str, page_url: str) -> bool:
    return any(_is_match(source, url, page_url) for source in sources)


def _is_match(source: str, url: str, page_url: str) -> bool:
    parts, page = urlsplit(url), urlsplit(page_url)
    if source.lower() == "'self'":
        return _is_self(parts, page)
    if source == "*":
        return True
    if only_scheme := SCHEME.fullmatch(source):
        return _is_scheme(only_scheme[1].lower(), parts.scheme)
    if not (named := SOURCE.fullmatch(source)):
        return False
    scheme, host, port, path = named.groups()
    scheme = (scheme or page.scheme).lower()
    return (
        _is_scheme(scheme, parts.scheme)
        and _is_host(host.lower(), parts.hostname or "")
        and _is_port(port, scheme, parts.scheme, parts.port)
        and _is_path(path or "", parts.path)
    )


def _is_self(parts: SplitResult, page: SplitResult) -> bool:
    """Whether it is of the page's own origin, or of the same by https, both at their default ports."""
    ports = _port(parts.scheme, parts.port), _port(page.scheme, page.port)
    same = (parts.scheme, ports[0]) == (page.scheme, ports[1])
    return parts.hostname == page.hostname and (same or (page.scheme, *ports) == ("http", 443, 80))


def _is_scheme(allowed: str, scheme: str) -> bool:
    """What allows http allows https as well (CSP 3 §6.7.2.9)."""
    return allowed == scheme or (allowed, scheme) == ("http", "https")


def _is_host(pattern: str, host: str) -> bool:
    if pattern == "*":
        return True
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern.strip("[]")


def _is_port(allowed: str | None, allowed_scheme: str, scheme: str, port: int | None) -> bool:
    if allowed == "*":
        return True
    actual = _port(scheme, port)
    if allowed is None:
        return actual == DEFAULT_PORTS[scheme]
    return int(allowed) == actual or (int(allowed), actual, allowed_scheme) == (80, 443, "http")


def _is_path(allowed: str, path: str) -> bool:
    if allowed in {"", "/"}:
        return True
    return path.startswith(allowed) if allowed.endswith("/") else path == allowed


def _port(scheme: str, port: int | None) -> int:
    return port or DEFAULT_PORTS.get(scheme, 0)
