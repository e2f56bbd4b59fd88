"""Passkeys and invitations in a browser, on the demo, which has a name: the only scripts of the desk, under its strict policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.at_the_desk import open_menu
from tests.moderating.desk import EMAIL, PASSWORD
from tests.running_service import Live, serving

pytestmark = [
    pytest.mark.chromium_only("its devices that hold passkeys are made by Chromium's own protocol"),
    pytest.mark.any_database,
]
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("named") / "data", command="demo") as running:
        running.run("user", "add", EMAIL, "--role", "admin", input=PASSWORD + "\n")
        yield running


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser found wrong: a policy that was broken, a script that failed."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on(
        "console",
        lambda message: found.append(message.text) if "Security Policy" in message.text else None,
    )
    return found


def sign_in(page: Page, at: str) -> None:
    page.goto(f"{at}/sign-in")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


@pytest.mark.soak
def test_a_passkey_is_made_and_used_by_keyboard(live: Live, page: Page, complaints: list[str]) -> None:
    at = live.base_url.replace("127.0.0.1", "localhost") + "/moderation"
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    added: Any = device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    sign_in(page, at)
    expect(page.get_by_role("navigation", name="States")).to_be_visible()

    page.goto(f"{at}/account")
    form = page.locator("form[data-passkey]")
    form.get_by_label("Name, to know it again").fill("Laptop")
    form.get_by_label("Your password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    page.get_by_role("link", name="I have them").click()
    expect(page.get_by_text("Laptop", exact=True)).to_be_visible()
    open_menu(page)
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_label("Email")).to_be_visible()

    sign_in(page, at)
    button = page.get_by_role("button", name="Use a passkey")
    expect(button).to_be_visible()
    device.send(
        "WebAuthn.setUserVerified",
        {"authenticatorId": added["authenticatorId"], "isUserVerified": True},
    )
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="States")).to_be_visible()

    device.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": added["authenticatorId"]})
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    page.goto(f"{at}/account")
    open_menu(page)
    page.get_by_role("button", name="Sign out everywhere").click()
    sign_in(page, at)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("No passkey was used.")
    assert complaints == []


@pytest.mark.soak
def test_the_link_of_an_invitation_fills_in_its_key_and_leaves_the_address(
    live: Live, page: Page, complaints: list[str]
) -> None:
    link = live.run("user", "invite", "kim@paper.example").split()[-1]

    page.goto(link.replace("http://127.0.0.1:5000", live.base_url))
    expect(page.get_by_label("Your invitation")).to_be_hidden()
    assert "key" not in page.url
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password, once more").fill(PASSWORD)
    page.keyboard.press("Enter")

    expect(page.get_by_role("article").first).to_be_visible()
    assert complaints == []
    assert link.partition("#key=")[2] not in live.log.read_text()
