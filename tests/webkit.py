"""Real WebKit, Debian's WebKitGTK, driven by Selenium on a screen of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium.webdriver import Remote
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

DRIVER = "WebKitWebDriver"
BROWSERS = "lib/*/webkit2gtk-4.1/MiniBrowser"  # below /usr, in the folder of the machine's architecture
MISSING = "Debian's webkit2gtk-driver is missing: make test installs it"
SCREEN = "1280x1024x24"


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
    service = Service(driver, env=os.environ | {"DISPLAY": display})
    service.start()
    try:
        # Selenium's own class of this browser makes the connection in a manner that Selenium warns of.
        with Remote(
            RemoteConnection(client_config=ClientConfig(service.service_url)), options=options
        ) as running:
            yield running
    finally:
        service.stop()


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
