"""Whether a Content-Security-Policy lets the widget work, as browsers read it (CSP 3)."""

from __future__ import annotations

import pytest

from commentsvc.diagnosis.page import Page, WidgetScript
from commentsvc.diagnosis.policy import blocked

pytestmark = pytest.mark.unit

BASE = "https://comments.example"
SCRIPT = f"script-src {BASE}"
CONNECT = f"connect-src {BASE}"
INTEGRITY = "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC"


@pytest.mark.parametrize(
    ("policy", "missing"),
    [
        ("", []),
        ("img-src 'self'", []),
        ("default-src 'none'", [SCRIPT, CONNECT]),
        ("default-src *", []),
        ("default-src https:", []),
        ("default-src http:", []),
        ("default-src data: blob:", [SCRIPT, CONNECT]),
        ("default-src 'self'", [SCRIPT, CONNECT]),
        (f"default-src {BASE}", []),
        (f"DEFAULT-SRC {BASE.upper()}/", []),
        ("script-src comments.example; connect-src http://comments.example", []),
        ("script-src http://comments.example:80; connect-src comments.example:*", []),
        ("script-src comments.example:8443; connect-src https://comments.example:443", [SCRIPT]),
        ("script-src *.example; connect-src *.comments.example", [CONNECT]),
        (
            "script-src https://comments.example/embed.js; connect-src https://comments.example/api/",
            [CONNECT],
        ),
        (
            "script-src https://comments.example/count.js; connect-src https://comments.example/thread/",
            [SCRIPT],
        ),
        (f"script-src 'none'; script-src-elem {BASE}", []),
        (f"script-src {BASE}; script-src 'none'", []),
        ("script-src 'nonce-a1'", []),
        ("script-src 'nonce-b2'", [SCRIPT]),
        (f"script-src '{INTEGRITY}'", []),
        (f"script-src 'strict-dynamic' {BASE}", [SCRIPT]),
        ("script-src 'strict-dynamic' 'nonce-a1'", []),
        (f"default-src {BASE}, connect-src 'none'", [CONNECT]),
        ("sandbox allow-scripts", ["sandbox allow-same-origin"]),
        ("sandbox allow-scripts allow-same-origin allow-forms", []),
        ("default-src [::1] ; ;", [SCRIPT, CONNECT]),
    ],
)
def test_what_a_policy_lacks_is_named(policy: str, missing: list[str]) -> None:
    page = Page("https://news.example/a", policies=[policy])

    assert list(blocked(page, WidgetScript(f"{BASE}/embed.js", "a1", INTEGRITY))) == missing


@pytest.mark.parametrize(
    ("page", "script", "allowed"),
    [
        ("https://news.example/a", "https://news.example/talk/embed.js", True),
        ("http://news.example/a", "https://news.example/talk/embed.js", True),
        ("https://news.example/a", "http://news.example/talk/embed.js", False),
        ("http://news.example:8080/a", "http://news.example:8080/embed.js", True),
        ("http://news.example:8080/a", "http://news.example:5000/embed.js", False),
    ],
)
def test_self_is_the_page_s_own_origin(page: str, script: str, allowed: bool) -> None:
    missing = list(blocked(Page(page, policies=["default-src 'self'"]), WidgetScript(script)))

    assert (missing == []) is allowed
