"""What each engine can be asked for: a tab with a page, its scripts, a mouse and a keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol

from playwright.sync_api import Browser, Error, Page, Playwright
from selenium.webdriver import ActionChains, Keys, Remote
from selenium.webdriver.common.actions.action_builder import ActionBuilder

from tests.firefox import WITHOUT_SCRIPTS, launch_firefox
from tests.webkit import webkit

WEBKIT_KEYS = {"Enter": Keys.ENTER, "Escape": Keys.ESCAPE}


class Tab(Protocol):
    """A script is the body of a function, which finds what it is given in `arguments`."""

    def open(self, url: str) -> None:
        """Load that page."""

    def run(self, script: str, *arguments: Any) -> Any:
        """Give what the script returns."""

    def click(self, x: float, y: float) -> None:
        """Click at that point of the window."""

    def type(self, text: str) -> None:
        """Type into what has the focus."""

    def press(self, key: str) -> None:
        """Press that key, `Enter` or `Escape`."""


class PlaywrightTab:
    """A tab of Chromium or Firefox."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def open(self, url: str) -> None:
        self._page.goto(url)

    def run(self, script: str, *arguments: Any) -> Any:
        try:
            return self._page.evaluate(_function(script), list(arguments))
        except Error as error:
            if "navigation" not in error.message:
                raise
            self._page.wait_for_load_state()  # it was left for the next page while it was asked
            return self.run(script, *arguments)

    def click(self, x: float, y: float) -> None:
        self._page.mouse.click(x, y)

    def type(self, text: str) -> None:
        self._page.keyboard.type(text)

    def press(self, key: str) -> None:
        self._page.keyboard.press(key)


class SeleniumTab:
    """A tab of WebKit."""

    def __init__(self, driver: Remote) -> None:
        self._driver = driver

    def open(self, url: str) -> None:
        self._driver.get(url)

    def run(self, script: str, *arguments: Any) -> Any:
        return self._driver.execute_script(script, *arguments)

    def click(self, x: float, y: float) -> None:
        actions = ActionBuilder(self._driver)
        actions.pointer_action.move_to_location(round(x), round(y)).click()
        actions.perform()

    def type(self, text: str) -> None:
        ActionChains(self._driver).send_keys(text).perform()

    def press(self, key: str) -> None:
        self.type(WEBKIT_KEYS[key])


@contextmanager
def chromium_tab(browser: Browser, *, scripts: bool = True) -> Iterator[Tab]:
    """A tab of somebody who was never there before; without *scripts* the page's own do not run."""
    with browser.new_context(locale="en-GB", java_script_enabled=scripts) as context:
        yield PlaywrightTab(context.new_page())


@contextmanager
def firefox_tab(playwright: Playwright, browser: Browser, *, scripts: bool = True) -> Iterator[Tab]:
    """The same in Firefox."""
    with ExitStack() as used:
        chosen = browser if scripts else used.enter_context(launch_firefox(playwright, **WITHOUT_SCRIPTS))
        yield PlaywrightTab(used.enter_context(chosen.new_context(locale="en-GB")).new_page())


@contextmanager
def webkit_tab(display: str, *, scripts: bool = True) -> Iterator[Tab]:
    """The same in WebKit."""
    with webkit(display, scripts=scripts) as driver:
        yield SeleniumTab(driver)


def _function(script: str) -> str:
    return f"(given) => {{ return (function () {{ {script} }}).apply(null, given); }}"
