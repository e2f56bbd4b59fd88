"""A moderator on a narrow phone reads a mail, opens its link, and decides by one press, without signing in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.at_the_desk import PASSWORD, AtTheDesk
from tests.chromium import PATIENCE_MS
from tests.running_service import serving
from tests.smtp_server import SmtpServer

EMAIL = "mo@paper.example"


@pytest.mark.soak
@pytest.mark.chromium_only("how wide a page is")
def test_one_press_on_a_phone_decides(browser: Browser, tmp_path: Path, smtp: SmtpServer) -> None:
    with serving(tmp_path / "data", **smtp.settings) as live:
        live.run("site", "set", "default", "--moderation", "all")
        live.run("site", "add", "weekend", "--origin", "https://weekend.example")
        live.run("user", "add", EMAIL, input=PASSWORD + "\n")
        reader = live.reader()
        reader.comment("a", f"Waits, with a [link](https://shop.example/) and {'W' * 80}.", name="Ada " * 8)
        [mail] = smtp.wait_for(1)
        context = browser.new_context(viewport={"width": 320, "height": 640})
        context.set_default_timeout(PATIENCE_MS)
        asked: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()

        page.set_content(mail.html)
        assert_fits(page)
        page.get_by_role("link", name="Approve").click()
        expect(page.get_by_role("heading", name="Decide about a comment")).to_be_visible()
        page.wait_for_load_state("load")
        assert_fits(page)
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_role("status")).to_have_text("Approved.")
        assert len(reader.texts("a")) == 1
        assert all(url.startswith(live.base_url) for url in asked)
        token = re.search(r"decide\?t=([\w-]+)", mail.text)
        assert token
        assert token[1] not in live.log.read_text(errors="replace")

        desk = AtTheDesk(context, live, EMAIL)
        desk.sign_in()
        desk.page.goto(f"{live.base_url}/moderation/account")
        desk.page.get_by_label("Comments that wait").select_option("daily")
        desk.page.get_by_label("all of them").uncheck()
        desk.page.get_by_label("weekend").check()
        desk.page.get_by_role("button", name="Save").click()
        expect(desk.page.get_by_role("status")).to_have_text("Saved: this is what you are told of by email.")
        expect(desk.page.get_by_label("weekend")).to_be_checked()
        assert_fits(desk.page)
        context.close()


def assert_fits(page: Page) -> None:
    wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1], page.url
