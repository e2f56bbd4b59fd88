"""The widget on a stranger's page, and what its readers do with it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.site import STRICT, Site, stranger_site
from tests.people import Reader
from tests.running_service import Live, free_port, serving

WATCH = """window.violations = []; window.events = [];
addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective));
for (const name of ['comments:loaded', 'comments:posted', 'comments:error'])
  addEventListener(name, (event) => events.push([name, event.detail]));"""


# What a page sends from now on, as not every driver tells it.
NOTE_SENT = """() => {
    const { fetch } = window;
    window.sent = [];
    window.fetch = (address, how) => {
        if (how?.body) sent.push(how.body);
        return fetch(address, how);
    };
}"""


@dataclass
class Embedded:
    """A service and a site whose pages may post to it."""

    live: Live
    site: Site

    def reader(self) -> Reader:
        return self.live.reader()


@contextmanager
def embedded(folder: Path, *, csp: str | None = STRICT, **settings: str) -> Iterator[Embedded]:
    """Serve both until the block ends."""
    with on_sites(folder, csp, **settings) as [one]:
        yield one


@contextmanager
def on_sites(folder: Path, *policies: str | None, **settings: str) -> Iterator[list[Embedded]]:
    """Serve one service and a site of each policy, all of which may embed it, until the block ends."""
    ports = [free_port() for _ in policies]
    origins = ",".join(f"http://localhost:{port}" for port in ports)
    with ExitStack() as served:
        live = served.enter_context(serving(folder / "data", ORIGINS=origins, **settings))
        yield [
            Embedded(live, served.enter_context(stranger_site(live.base_url, csp=csp, port=port)))
            for csp, port in zip(policies, ports, strict=True)
        ]


@dataclass
class Widget:
    """One reader's page with the widget; notes what the page asked for and what it complained of."""

    context: BrowserContext
    at: Embedded
    page: Page = field(init=False)
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page = self.context.new_page()
        self.page.add_init_script(WATCH)
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: self.complaints.append(said.text))

    def open(self, article: str, **attributes: str) -> Widget:
        self.page.goto(self.at.site.page(article, **attributes))
        return self

    def asked_of_service(self) -> list[str]:
        """The paths of all requests to the service."""
        service = urlsplit(self.at.live.base_url).netloc
        return [urlsplit(url).path for url in self.asked if urlsplit(url).netloc == service]

    @property
    def text(self) -> Locator:
        return self.page.get_by_role("textbox", name="Comment")

    @property
    def status(self) -> Locator:
        return self.page.locator("comment-thread").get_by_role("status")

    @property
    def alert(self) -> Locator:
        return self.page.locator("comment-thread").get_by_role("alert")

    def field(self, label: str) -> Locator:
        return self.page.get_by_role("textbox", name=label)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name)

    def comment(self, author: str) -> Locator:
        return self.page.get_by_role("article", name=author)

    def reply_to(self, author: str) -> Locator:
        return self.page.get_by_role("link", name=f"Reply to {author}", exact=True)

    def answer(self, author: str) -> None:
        """Press Reply. What is typed goes to where the focus is, and that moves once the part that writes has come."""
        self.reply_to(author).click()
        expect(self.text).to_be_focused()

    def write(self, text: str, name: str = "Ada Sample", email: str = "ada@paper.example") -> None:
        self.text.fill(text)
        self.field("Name").fill(name)
        self.field("Email").fill(email)

    def send(self) -> None:
        self.button("Post comment").click()

    def show_more(self) -> None:
        """Scroll to the link and press it once it stands still: it moves while what is above is drawn for the first time."""
        link = self.page.get_by_role("link", name="Show more comments")
        link.scroll_into_view_if_needed()
        before = None
        while (where := link.bounding_box()) != before:
            before = where
            self.page.wait_for_timeout(100)
        link.click()

    def wait_until(self, said: str) -> None:
        """Until that expression is true; asked from here, as the page's policy lets nobody wait in it."""
        until = time.monotonic() + 10
        while not self.page.evaluate(said):
            assert time.monotonic() < until, said
            self.page.wait_for_timeout(20)

    def kept(self) -> dict[str, str]:
        """What the browser keeps, by the names without the service's address."""
        kept = self.page.evaluate("({ ...localStorage })")
        return {name.split(" ", 1)[1]: value for name, value in kept.items()}

    def events(self) -> list[list[object]]:
        events: list[list[object]] = self.page.evaluate("window.events")
        return events
