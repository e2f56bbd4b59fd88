"""Real WebKit, Debian's WebKitGTK, driven by Selenium on a screen of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Remote
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service
from urllib3.exceptions import HTTPError

DRIVER = "WebKitWebDriver"
BROWSERS = "lib/*/webkit2gtk-4.1/MiniBrowser"  # below /usr, in the folder of the machine's architecture
MISSING = "Debian's webkit2gtk-driver is missing: make test installs it"
SCREEN = "1280x1024x24"
ANSWER_SECONDS = 40  # for each command; a page of ours is there in one
TRIES = 3


@contextmanager
def webkit(display: str, *, scripts: bool = True) -> Iterator[Remote]:
    """Run the browser on that display until the block ends; without *scripts* the pages' own do not run."""
    driver, browser = shutil.which(DRIVER), next(Path("/usr").glob(BROWSERS), None)
    assert driver, MISSING
    assert browser, MISSING
    options = Options()
    options.binary_location = str(browser)
    options.add_argument("--automation")
    options.add_argument(f"--enable-javascript={str(scripts).lower()}")
    with ExitStack() as used:
        yield used.enter_context(_started(driver, options, display, used))


def _started(driver: str, options: Options, display: str, used: ExitStack) -> Remote:
    """Start the browser. On a busy machine it may end at once, and its driver waits for it for ever: then once more."""
    for _ in range(TRIES - 1):
        with suppress(HTTPError, WebDriverException):
            return _session(driver, options, display, used)
    return _session(driver, options, display, used)


def _session(driver: str, options: Options, display: str, used: ExitStack) -> Remote:
    service = Service(driver, env=os.environ | {"DISPLAY": display})
    service.start()
    used.callback(service.stop)
    # Selenium's own class of this browser makes the connection in a manner that Selenium warns of.
    connection = RemoteConnection(client_config=ClientConfig(service.service_url, timeout=ANSWER_SECONDS))
    try:
        return Remote(connection, options=options)
    except (HTTPError, WebDriverException):
        service.process.kill()
        raise


@contextmanager
def screen() -> Iterator[str]:
    """A display on which nobody looks, until the block ends; with HEADED the one that is there."""
    if "HEADED" in os.environ:
        yield os.environ["DISPLAY"]
        return
    program = shutil.which("Xvfb")
    assert program, "Debian's xvfb is missing: make test installs it"
    with subprocess.Popen(
        [program, "-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as server:  # fmt: skip
        assert server.stdout
        try:
            yield f":{server.stdout.readline().strip()}"  # once it is ready
        finally:
            server.terminate()
