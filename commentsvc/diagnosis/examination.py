"""From a page's address to findings."""

from __future__ import annotations

from collections.abc import Iterator

from commentsvc.diagnosis.browser import Answer, Browser, Unreachable
from commentsvc.diagnosis.checks import CHECKS, Visit
from commentsvc.diagnosis.connection import prove
from commentsvc.diagnosis.findings import Fault, Finding, set_to
from commentsvc.diagnosis.page import read_page
from commentsvc.diagnosis.reaching import Service as Outside
from commentsvc.diagnosis.reaching import find_way
from commentsvc.service import Service

AT_PAGE = "the server of the page"


def examine(service: Service, page_url: str, browser: Browser) -> Iterator[Finding]:
    """Open the page as a browser does and look at all on which its comments depend.

    Where the page or the service cannot be read the other checks are not made: they would find the same.
    """
    try:
        opened = browser.open(page_url)
    except Unreachable as why:
        yield Finding("page", Fault(str(why), AT_PAGE))
        return
    fault = _fault_of_page(opened)
    yield Finding("page", fault)
    if fault is not None:
        return
    page = read_page(opened)
    outside = Outside(browser, service.settings.base_url, prove(service))
    way = find_way(outside, page)
    if isinstance(way, Fault):
        yield Finding("way to the service", way)
        return
    yield Finding("way to the service")
    visit = Visit(service.settings, service.now, outside, opened, page, *way)
    for name in CHECKS:
        yield Finding(name, _checked(name, visit))


def _fault_of_page(opened: Answer) -> Fault | None:
    if opened.status == 200 and opened.content_type() in {"text/html", "application/xhtml+xml"}:
        return None
    return Fault(f"{opened.url} is answered with HTTP {opened.status} {opened.content_type()}", AT_PAGE)


def _checked(name: str, visit: Visit) -> Fault | None:
    try:
        return CHECKS[name](visit)
    except Unreachable as why:  # it answered before
        return Fault(str(why), set_to("BASE_URL", "…, where all of the service can be reached"))
