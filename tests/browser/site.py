"""A stranger's site: pages on another origin than the service's, which embed the widget."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

MODULES = Path(__file__).parents[2] / "node_modules"
PUBLISHER = Path(__file__).parents[2] / "docs" / "publisher.md"
STRICT = (
    "default-src 'none'; script-src {service}; connect-src {service}; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>A stranger's article</title></head>
<body><h1>A stranger's article</h1>
{body}
</body>
</html>"""
WIDGET = """<script async src="{service}/embed.js"></script>
<comment-thread{attributes}>
  <a href="{service}/thread?article={article}">Comments</a>
</comment-thread>"""


@dataclass(frozen=True)
class Site:
    """The site, as long as `stranger_site` keeps it open."""

    url: str

    def page(self, article: str, **attributes: str) -> str:
        """The address of a page with the widget; `page_size="3"` is the attribute page-size="3"."""
        return f"{self.url}/?{urlencode({'article': article} | attributes)}"

    def given(self, body: str) -> str:
        """The address of a page that consists of that HTML."""
        return f"{self.url}/given?{urlencode({'body': body})}"

    def whole(self, page: str, path: str = "/whole") -> str:
        """The address of that page, the HTML from its doctype on."""
        return f"{self.url}{path}?{urlencode({'page': page})}"

    def worker(self, script: str) -> str:
        """The address of that service worker, for all pages of the site."""
        return f"{self.url}/worker.js?{urlencode({'script': script})}"

    def module(self, file: str) -> str:
        """The address of a script of another's, as npm installed it."""
        return f"{self.url}/module?{urlencode({'file': file})}"

    def framing(self, article: str) -> str:
        """The address of a page that frames the whole page, as docs/publisher.md says."""
        return f"{self.url}/framed?{urlencode({'article': article})}"

    def counting(self, *articles: str) -> str:
        """The address of a page that lists the numbers of comments of those articles."""
        return f"{self.url}/counts?{urlencode([('article', article) for article in articles])}"


@contextmanager
def stranger_site(service: str, *, csp: str | None = STRICT, port: int = 0) -> Iterator[Site]:
    """Serve the site until the block ends, its pages with that policy or with none."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            query = parse_qsl(address.query)
            kind = "text/html"
            match address.path:
                case "/worker.js":
                    page, kind = dict(query)["script"], "text/javascript"
                case "/whole" | "/whole/one" | "/whole/two":
                    page = dict(query)["page"]
                case "/module":
                    page = (MODULES / dict(query)["file"]).read_text()
                    kind = "text/javascript"
                case "/counts":
                    page = PAGE.format(body=_counts(service, query))
                case "/given":
                    page = PAGE.format(body=dict(query)["body"])
                case "/framed":
                    page = PAGE.format(body=_framed(service, dict(query)))
                case _:
                    page = PAGE.format(body=_widget(service, dict(query)))
            sent = page.encode()
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(sent)))
            if csp is not None:
                self.send_header("Content-Security-Policy", csp.format(service=service))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        # Another host name than the service's 127.0.0.1, hence another site for the browser too.
        yield Site(f"http://localhost:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()


def _widget(service: str, attributes: dict[str, str]) -> str:
    spelled = "".join(f' {name.replace("_", "-")}="{escape(value)}"' for name, value in attributes.items())
    article = quote(attributes.get("article", ""), safe="")
    return WIDGET.format(service=service, attributes=spelled, article=article)


def _framed(service: str, query: dict[str, str]) -> str:
    found = re.search(r"^```html\n(<iframe.*?)^```", PUBLISHER.read_text(), re.MULTILINE | re.DOTALL)
    assert found, "docs/publisher.md shows how to frame the page"
    example = found[1].replace("https://comments.example", service)
    return example.replace("2019/04/kim-vladivostok", quote(query["article"], safe=""))


def _counts(service: str, query: list[tuple[str, str]]) -> str:
    listed = "".join(
        f'<li>{escape(article)}: <span data-comment-count="{escape(article)}">?</span></li>'
        for _, article in query
    )
    return f'<script async src="{service}/count.js"></script><ul>{listed}</ul>'
