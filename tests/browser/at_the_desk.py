"""A moderator in a browser, at the desk of a service that runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.people import Moderator, Reader
from tests.running_service import Live

PASSWORD = "correct horse battery"


@dataclass
class AtTheDesk:
    """Somebody who is signed in; `complaints` are what the browser says is wrong with the page."""

    context: BrowserContext
    live: Live
    email: str
    page: Page = field(init=False)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._note)

    def _note(self, message: Any) -> None:
        if "Content Security Policy" in message.text or "Trusted" in message.text:
            self.complaints.append(message.text)

    def sign_in(self) -> None:
        self.page.goto(f"{self.live.base_url}/moderation/sign-in")
        self.page.get_by_label("Email").fill(self.email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("navigation", name="States")).to_be_visible()

    def open(self, **query: str) -> None:
        words = "&".join(f"{name}={value}" for name, value in query.items())
        self.page.goto(f"{self.live.base_url}/moderation?{words}")
        wait_for_script(self.page)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def entry(self, comment: str) -> Locator:
        return self.page.locator(f"#comment-{comment}")

    @property
    def current(self) -> str:
        """The comment that keys are about."""
        named = self.page.locator("article[aria-current]").get_attribute("data-id")
        assert named is not None
        return named

    @property
    def announced(self) -> Locator:
        return self.page.locator(".announced")

    @property
    def sending(self) -> Locator:
        return self.page.locator(".sending")

    def waiting(self) -> list[dict[str, str]]:
        """What is saved in the browser, by name."""
        saved: list[dict[str, str]] = self.page.evaluate(
            "Object.entries(localStorage).filter(([name]) => name.startsWith('commentsvc desk'))"
            ".map(([name, value]) => ({ name, value }))"
        )
        return saved


def wait_for_script(page: Page) -> None:
    """Until the script of the queue has begun, which shows how keys are told of; fingers alone are not told."""
    expect(page.locator(".shortcuts")).to_have_js_property("hidden", False)


def open_menu(page: Page) -> None:
    """Open what the head of the desk has under “More”."""
    page.get_by_role("banner").get_by_text("More", exact=True).click()


def waiting_comments(reader: Reader, moderator: Moderator, many: int, article: str) -> list[str]:
    """Comments that wait, oldest first."""
    posted = [reader.comment(article, f"Number {n} at {article}.", name=f"Reader {n}") for n in range(many)]
    moderator.decide("hold", *posted)
    return posted


def by_people(moderator: Moderator, comments: Sequence[str]) -> list[tuple[str, str]]:
    """The log's lines about these comments but their first hold, the oldest first: the comment, and what was done."""
    lines: list[tuple[str, str]] = []
    cursor: str | None = None
    while True:
        query: dict[str, Any] = {"limit": 200} | ({"cursor": cursor} if cursor else {})
        page = moderator.request("GET", "/decisions", params=query).json()
        lines += [(one["comment"], one["action"]) for one in page["decisions"] if one["by"] != "api"]
        cursor = page["next"]
        if cursor is None:
            return [line for line in reversed(lines) if line[0] in set(comments) and line[1] != "hold"]


def eventually(page: Page, is_so: Callable[[], bool]) -> None:
    """Wait for what is expected, while the page goes on."""
    for _ in range(600):
        if is_so():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it does not come")
