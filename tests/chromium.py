"""Real Chromium, Debian's, driven by Playwright."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, expect, sync_playwright

# The same engine without windows and what belongs to them takes a third of the time. `make soak` has the whole browser.
SHELL = "/usr/bin/chromium-headless-shell"
CHROMIUM = "/usr/bin/chromium" if {"HEADED", "WHOLE_BROWSER"} & os.environ.keys() else SHELL
PATIENCE_MS = 15_000  # nothing is measured by it: a busy machine may take long, and passes
FLAGS = ["--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update"]


expect.set_options(timeout=PATIENCE_MS)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the browser until the block ends."""
    with sync_playwright() as playwright, launch_chromium(playwright) as running:
        yield running


def launch_chromium(playwright: Playwright) -> Browser:
    assert Path(CHROMIUM).exists(), "Debian's chromium is missing: make test installs it"
    return playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=FLAGS,
        chromium_sandbox=os.geteuid() != 0,  # Chromium refuses to run as root within its sandbox
        headless="HEADED" not in os.environ,
    )
