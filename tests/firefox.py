"""Real Firefox, Debian's, driven by Playwright over WebDriver BiDi."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Browser, Playwright

FIREFOX = "/usr/bin/firefox-esr"
PREFERENCES: dict[str, str | float | bool] = {
    # As in Chromium without a window: scroll bars take no room, and nobody asks for /favicon.ico.
    "ui.useOverlayScrollbars": 1,
    "widget.gtk.overlay-scrollbars.enabled": True,
    "browser.chrome.site_icons": False,
    "browser.chrome.favicons": False,
}
WITHOUT_SCRIPTS = {"javascript.enabled": False}  # a context's `java_script_enabled=False` has no effect here


def launch_firefox(playwright: Playwright, **preferences: str | float | bool) -> Browser:
    assert Path(FIREFOX).exists(), "Debian's firefox-esr is missing: make test installs it"
    return playwright.firefox.launch(
        executable_path=FIREFOX,
        channel="moz-firefox",  # a Firefox as it is released, not Playwright's own
        firefox_user_prefs=PREFERENCES | preferences,
        headless="HEADED" not in os.environ,
    )
