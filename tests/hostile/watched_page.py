"""A page in Chromium without any CSP, watched for what must not happen.

The sanitiser is the only guard where the publisher's page has no policy, so the service's own
is taken off each answer before the browser sees it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Request, Route

from tests.hostile.safety import ATTRIBUTES, INSIDE

CALLS = ("canary", "alert", "confirm", "prompt", "print", "open")
WATCH = "window.__fired = [];" + "".join(
    f"window.{call} = (...sent) => {{ window.__fired.push('{call} ' + sent.join()); }};" for call in CALLS
)
# Every element below a shown text, in the document and in the widget's shadow root, with its attributes.
INVENTORY = """() => {
  const roots = [document, ...Array.from(document.querySelectorAll('*'), (e) => e.shadowRoot).filter(Boolean)];
  const found = new Set();
  for (const root of roots) {
    for (const text of root.querySelectorAll('.text')) {
      for (const element of text.querySelectorAll('*')) {
        found.add(element.localName + ' ' + element.getAttributeNames().sort().join(' '));
      }
    }
  }
  return Array.from(found, (entry) => entry.trim());
}"""
# Attributes that run script, and addresses that do, anywhere on the page. An address that the
# browser cannot read has the protocol ":", and leads nowhere.
GADGETS = """() => {
  const roots = [document, ...Array.from(document.querySelectorAll('*'), (e) => e.shadowRoot).filter(Boolean)];
  const found = [];
  for (const root of roots) {
    for (const element of root.querySelectorAll('*')) {
      for (const attribute of element.attributes) {
        if (/^on/i.test(attribute.name) || /^(srcdoc|formaction|xlink:href)$/i.test(attribute.name)) {
          found.push(element.localName + ' ' + attribute.name);
        }
      }
      if (element.matches('a[href], area[href]') && !/^(https?)?:$/.test(element.protocol)) {
        found.push('link ' + element.getAttribute('href'));
      }
    }
  }
  return found;
}"""


class WatchedPage:
    """Opens addresses of *allowed* origins and collects what ran, what was asked for and what stands there."""

    def __init__(self, context: BrowserContext, *allowed: str) -> None:
        self.page: Page = context.new_page()
        self.asked: list[str] = []
        self.errors: list[str] = []
        self._allowed = {urlsplit(url).netloc for url in allowed}
        self.page.add_init_script(WATCH)
        self.page.on("request", self._note)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.errors.append(dialog.message), dialog.dismiss()))
        self.page.route("**/*", self._without_policy)

    def _note(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.netloc not in self._allowed and address.scheme != "data":
            self.asked.append(request.url)

    def _without_policy(self, route: Route) -> None:
        if urlsplit(route.request.url).netloc not in self._allowed:
            route.abort()
            return
        answer = route.fetch(max_redirects=0)
        headers = {n: v for n, v in answer.headers.items() if n != "content-security-policy"}
        route.fulfill(response=answer, headers=headers)

    def assert_harmless(self) -> None:
        """Nothing ran, nothing was loaded, and nothing stands there that is not on the safelist."""
        assert self.page.evaluate("window.__fired") == []
        assert self.errors == []
        assert self.asked == []
        assert self.page.evaluate(GADGETS) == []
        for entry in self.page.evaluate(INVENTORY):
            name, *attributes = entry.split()
            assert name in INSIDE or name in {"br", "hr"}, entry
            assert set(attributes) <= ATTRIBUTES.get(name, set()), entry

    def count(self, selector: str) -> int:
        return self.page.locator(selector).count()

    def evaluate(self, script: str) -> Any:
        return self.page.evaluate(script)
