"""What the HTML of a publisher's page holds that concerns the widget."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

from commentsvc.diagnosis.browser import Answer, joined
from commentsvc.origins import origin_of

WIDGET = re.compile(r"(.*)/embed(?:-[0-9a-f]{16})?\.js")
DIGESTS = frozenset({"sha256", "sha384", "sha512"})


@dataclass(frozen=True, slots=True)
class WidgetScript:
    """The `<script>` that loads the widget; `url` is absolute."""

    url: str
    nonce: str = ""
    integrity: str = ""
    is_cors: bool = (
        False  # it has `crossorigin`, without which a browser cannot look at what another origin sent
    )

    def base_url(self) -> str:
        """The service that it belongs to, as the widget takes it; the origin as browsers write it.

        :raises ValueError: no browser would reach its host.
        """
        parts = urlsplit(self.url)
        path = parts.path.rpartition("/")[0]
        return origin_of(parts.scheme, parts.hostname or "", parts.port) + path

    def is_as_pinned(self, text: bytes) -> bool:
        """Whether *text* is what `integrity` names, if it names anything (W3C Subresource Integrity §3.3)."""
        pins = [pin.partition("?")[0].partition("-") for pin in self.integrity.split()]
        known = [(name, digest) for name, _, digest in pins if name in DIGESTS]
        strongest = max((name for name, _ in known), default=None)
        named = [digest for name, digest in known if name == strongest]
        return not named or b64encode(hashlib.new(str(strongest), text).digest()).decode() in named


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
            self._base = joined(self.page.url, attributes["href"]) or self._base
        elif tag == "script" and (src := attributes.get("src", "").strip()):
            url = joined(self._base, src)
            if _is_widget(url):
                nonce, integrity = attributes.get("nonce", ""), attributes.get("integrity", "")
                self.page.scripts.append(WidgetScript(url, nonce, integrity, "crossorigin" in attributes))
        elif tag == "comment-thread":
            self.page.threads.append(attributes)
        elif tag == "meta" and attributes.get("http-equiv", "").lower() == "content-security-policy":
            self.page.policies.append(attributes.get("content", ""))

    def parse_marked_section(self, i: int, report: int = 1) -> int:
        """Pass over `<![…>`, as browsers do (WHATWG HTML §13.2.5.42); Python's own reading fails on unknown words."""
        return self.parse_bogus_comment(i, bool(report))


def _is_widget(url: str) -> bool:
    """Whether browsers would load the widget from that address."""
    try:
        parts = urlsplit(url)
        origin_of(parts.scheme, parts.hostname or "", parts.port)
    except (ValueError, KeyError):
        return False
    return WIDGET.fullmatch(parts.path) is not None
