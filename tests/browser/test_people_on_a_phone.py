"""People, their accounts and their invitations on a narrow phone: nothing is wider than the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.at_the_desk import PASSWORD, AtTheDesk
from tests.chromium import PATIENCE_MS
from tests.running_service import serving

EMAIL = "chief@paper.example"
LONG = "a-rather-long-address-of-somebody-from-abroad@newsroom.weekend.paper.example"


@pytest.mark.soak
@pytest.mark.chromium_only("how wide a page is")
def test_nothing_is_wider_than_a_narrow_phone(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path / "data") as live:
        live.run("user", "add", EMAIL, "--role", "admin", input=PASSWORD + "\n")
        live.run("site", "add", "weekend", "--origin", "https://weekend.example")
        live.run("token", "create", "--scope", "read", "--label", "L" * 100)
        context = browser.new_context(viewport={"width": 320, "height": 640})
        context.set_default_timeout(PATIENCE_MS)
        desk = AtTheDesk(context, live, EMAIL)
        desk.sign_in()
        page = desk.page

        page.goto(f"{live.base_url}/moderation/people")
        page.get_by_label("Email").fill(LONG)
        page.get_by_label("all of them").last.check()
        page.get_by_role("button", name="Invite").click()
        link = page.get_by_label("Link of the invitation").input_value()
        for summary in page.locator("main summary").all():
            summary.click()
        assert_fits(page)
        for path in ("/tokens", "/account"):
            page.goto(f"{live.base_url}/moderation{path}")
            assert_fits(page)

        page.goto(link)
        assert_fits(page)
        context.close()


def assert_fits(page: Page) -> None:
    wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1], page.url
