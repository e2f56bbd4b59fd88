"""Make the pictures of the documentation: `make screenshots`."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.running_service import serving

IMAGES = Path(__file__).parent / "images"
ARTICLE = "night-ferry"


def main() -> None:
    """Run the demo and take a picture of each thing that the documentation shows."""
    IMAGES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder) / "data", command="demo", MODERATION="first") as live,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", chromium_sandbox=os.geteuid() != 0
        )
        page = chromium.new_page(viewport={"width": 1100, "height": 1000}, locale="en-GB")
        page.goto(f"{live.base_url}/demo/{ARTICLE}".replace("127.0.0.1", "localhost"))
        page.locator("comment-thread").scroll_into_view_if_needed()
        page.get_by_role("article").nth(4).wait_for()
        page.evaluate("document.querySelector('comment-thread').scrollIntoView()")
        page.mouse.wheel(0, -220)
        page.wait_for_timeout(300)
        page.screenshot(path=IMAGES / "widget.png")

        said = re.search(r"(\S+@\S+)\s+(\S+)", live.log.read_text())
        assert said, "the demo prints an account"
        page.goto(f"{live.base_url}/moderation")
        page.get_by_label("Email").fill(said[1])
        page.get_by_label("Password").fill(said[2])
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Sign out").wait_for()
        page.screenshot(path=IMAGES / "desk.png")
        chromium.close()


if __name__ == "__main__":
    main()
