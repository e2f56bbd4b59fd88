"""The engines, one after the other, and a publisher's site under a strict policy."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from hashlib import sha256

import pytest
from playwright.sync_api import Playwright

from tests.browser.site import STRICT
from tests.browser.widget import Embedded, embedded
from tests.chromium import launch_chromium
from tests.engines.pages import SCRIPTS
from tests.engines.tab import Tab, chromium_tab, firefox_tab, webkit_tab
from tests.engines.visitor import Visitor
from tests.firefox import launch_firefox
from tests.webkit import screen

OpenTab = Callable[..., AbstractContextManager[Tab]]


# `make test` drives Chromium in `tests/browser`, through more than this.
IN_SOAK = pytest.param("chromium", marks=pytest.mark.soak)


@pytest.fixture(scope="module", params=[IN_SOAK, "firefox", "webkit"])
def open_tab(request: pytest.FixtureRequest, playwright: Playwright) -> Iterator[OpenTab]:
    """Opens tabs of one engine."""
    match request.param:
        case "chromium":
            with launch_chromium(playwright) as browser:
                yield partial(chromium_tab, browser)
        case "firefox":
            with launch_firefox(playwright) as browser:
                yield partial(firefox_tab, playwright, browser)
        case "webkit":
            with screen() as display:
                yield partial(webkit_tab, display)


@pytest.fixture
def visitor(open_tab: OpenTab) -> Iterator[Visitor]:
    with open_tab() as tab:
        yield Visitor(tab)


@pytest.fixture
def without_scripts(open_tab: OpenTab) -> Iterator[Visitor]:
    """A visitor whose browser runs no script of a page."""
    with open_tab(scripts=False) as tab:
        yield Visitor(tab)


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """A service and a publisher's site, whose policy lets the scripts of `pages.py` run besides the widget's.

    It lets the browser look for an icon, too.
    """
    hashes = " ".join(f"'sha256-{b64encode(sha256(s.encode()).digest()).decode()}'" for s in SCRIPTS)
    policy = STRICT.replace("script-src {service}", f"img-src 'self'; script-src {{service}} {hashes}")
    with embedded(tmp_path_factory.mktemp("engines"), csp=policy) as both:
        yield both


@pytest.fixture
def article(request: pytest.FixtureRequest) -> str:
    """Of that test and that engine alone."""
    return re.sub(r"\W+", " ", request.node.name).strip()
