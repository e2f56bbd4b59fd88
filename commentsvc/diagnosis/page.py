"""What the HTML of a publisher's page holds that concerns the widget."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from commentsvc.diagnosis.browser import Answer

WIDGET = re.compile(r"(.*)/embed(?:-[0-9a-f]{16})?\.js")


@dataclass(frozen=True, slots=True)
class WidgetScript:
    """The `<script>` that loads the widget; `url` is absolute."""

    url: str
    nonce: str
    integrity: str

    def base_url(self) -> str:
        """The service that it belongs to, as the widget takes it."""
        return self.url.partition("?")[0].rpartition("/")[0]


@dataclass(slots=True)
class Page:
    """A page as it is sent, before any script ran."""

    url: str
    scripts: list[WidgetScript] = field(default_factory=list)
    threads: list[dict[str, str]] = field(default_factory=list)  # the attributes of each element
    policies: list[str] = field(default_factory=list)


def read_page(answer: Answer) -> Page:
    """Read what came; bytes that are no UTF-8 are passed over."""
    reader = _Reader(answer.url)
    reader.page.policies += answer.headers.get_all("Content-Security-Policy", [])
    reader.feed(answer.body.decode(errors="replace"))
    return reader.page


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.page = Page(url)
        self._base = url

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the element says."""
        attributes = {name: value or "" for name, value in reversed(attrs)}  # the first of two counts
        if tag == "base" and "href" in attributes:
            self._base = urljoin(self.page.url, attributes["href"])
        elif tag == "script" and (src := attributes.get("src", "").strip()):
            url = urljoin(self._base, src)
            if WIDGET.fullmatch(urlsplit(url).path):
                script = WidgetScript(url, attributes.get("nonce", ""), attributes.get("integrity", ""))
                self.page.scripts.append(script)
        elif tag == "comment-thread":
            self.page.threads.append(attributes)
        elif tag == "meta" and attributes.get("http-equiv", "").lower() == "content-security-policy":
            self.page.policies.append(attributes.get("content", ""))
