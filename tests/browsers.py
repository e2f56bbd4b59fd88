"""The browser of the tests, Chromium or what BROWSER names; one for all tests of a process."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.chromium import PATIENCE_MS, launch_chromium
from tests.firefox import launch_firefox

LAUNCH = {"chromium": launch_chromium, "firefox": launch_firefox}
BROWSER = os.environ.get("BROWSER", "chromium")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The driver of both; a process can run but one."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    assert BROWSER in LAUNCH, f"BROWSER={BROWSER}: expected {' or '.join(LAUNCH)}"
    with LAUNCH[BROWSER](playwright) as running:
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-GB", timezone_id="UTC")
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
