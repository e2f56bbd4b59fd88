"""Nothing that is stored lies out of reach, however deep, on the smallest of screens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.widget import Embedded, Widget, embedded

pytestmark = pytest.mark.sampled(24)

QUOTES, LISTS = 19, 10  # as deep as Markdown is read
TEXTS = {
    "quotes": ">" * QUOTES + " Quoted by everybody.",
    "lists": "\n".join("  " * depth + f"- Level {depth}" for depth in range(LISTS)),
    "numbered lists": "\n".join("   " * depth + f"1. Level {depth}" for depth in range(LISTS)),
    "quotes in lists": "".join("- > " for _ in range(6)) + "Both by turns.",
    "large numbers": "987654321. A large number\n987654322. And the next",
    "many numbers": "\n".join(f"{number}. Item" for number in range(1, 121)),
    "code": "```\n" + "x" * 300 + " " + "y = z; " * 60 + "\n```",
    "code in lists": "\n".join("  " * depth + f"- {depth}" for depth in range(8)) + "\n\n" + " " * 20 + "w" * 120,
    "a long word": "Donau" * 60,
    "a long link": "https://paper.example/" + "a" * 300,
    "long code in a line": "`" + "q" * 300 + "`",
    "a heading, as it is shown": "# " + "H" * 200,
    "right to left": ">" * QUOTES + " مرحبا بكم في هذا النقاش",
    "lists right to left": "\n".join("  " * depth + "- مرحبا" for depth in range(LISTS)),
    "right to left within": ">" * 8 + " Some words שלום " + "ש" * 120,
    "rules in quotes": ">" * 10 + " ---\n\nAfter it.",
}  # fmt: skip
NARROW = 320

# Each piece of text that is drawn, save what is for screen readers alone: the boxes of its lines, against the
# column, or against the nearest ancestor that scrolls and takes the focus. To be cut off is to be out of reach.
OUTSIDE = """(within) => {
    const outside = [];
    const column = within.getBoundingClientRect();
    const walk = (root) => {
        for (const element of root.querySelectorAll('*')) if (element.shadowRoot) walk(element.shadowRoot);
        const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
        for (let text; (text = texts.nextNode()); ) {
            const element = text.parentElement;
            if (!element || !text.data.trim() || !element.checkVisibility() || element.closest('svg, style, .above')) continue;
            let frame = column;
            for (let outer = element; outer; outer = outer.parentElement) {
                if (!/auto|scroll/.test(getComputedStyle(outer).overflowX)) continue;
                if (outer.tabIndex >= 0) frame = { left: -Infinity, right: Infinity };
                break;
            }
            const range = document.createRange();
            range.selectNodeContents(text);
            for (const { left, right, width } of range.getClientRects()) {
                if (width > 0 && (left < frame.left - 1 || right > frame.right + 1))
                    outside.push([text.data.slice(0, 30), Math.round(left - frame.left), Math.round(right - frame.right)]);
            }
            if (element.clientWidth && element.getBoundingClientRect().width < 8)
                outside.push([text.data.slice(0, 30), 'squeezed']);
        }
    };
    walk(within.shadowRoot ?? within);
    if (document.documentElement.scrollWidth > innerWidth) outside.push(['the page', document.documentElement.scrollWidth]);
    return outside;
}"""


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """A service whose replies go deep, and a site without a policy."""
    with embedded(tmp_path_factory.mktemp("deep"), csp=None, MAX_DEPTH="12") as both:
        # A long link by itself is one of the texts, and each is posted twice.
        both.live.run("site", "set", "default", "--check", "link-only=off", "--check", "repeated=off")
        yield both


@pytest.fixture(scope="module")
def article(at: Embedded) -> str:
    """One in which each text stands at the beginning, and as the last of many answers."""
    reader = at.reader()
    above = ""
    for text in TEXTS.values():
        reader.comment("deep", text, name="N" * 60)
        parent = {"parent": above} if above else {}
        above = reader.comment("deep", text, name="Bo", **parent)
    return "deep"


@pytest.fixture(params=[(1, 1), (1, 2), (4, 1)], ids=["a phone", "large letters", "400 %"])
def narrow(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page of 320 pixels, with letters so many times as large."""
    zoom, letters = request.param
    context = browser.new_context(viewport={"width": NARROW, "height": 256 * zoom}, device_scale_factor=zoom)
    page = context.new_page()
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => {"
        f"document.documentElement.style.setProperty('font-size', '{letters * 16}px'); }});"
    )
    yield page
    context.close()


def outside(page: Page, selector: str) -> list[Any]:
    found: list[Any] = page.locator(selector).evaluate(OUTSIDE)
    return found


@pytest.mark.soak
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("style", ["", "--comments-indent: 5em", "width: 240px", "--comments-size: 1.5em"])
def test_all_of_a_thread_can_be_read_in_the_widget(
    narrow: Page, at: Embedded, article: str, style: str, direction: str
) -> None:
    language = "ar" if direction == "rtl" else "en"
    narrow.goto(
        at.site.given(
            f"<style>h1 {{ font-size: 1em }} comment-thread {{ {style} }}</style><script src='{at.live.base_url}/embed.js'></script>"
            f"<div dir={direction}><comment-thread article={article} lang={language} loading=eager></comment-thread></div>"
        )
    )
    expect(narrow.locator("comment-thread form")).to_be_visible()
    narrow.locator("comment-thread").evaluate(
        "(e) => e.shadowRoot.querySelectorAll('.comment').forEach((c) => c.style.setProperty('content-visibility', 'visible'))"
    )

    assert outside(narrow, "comment-thread") == []


@pytest.mark.soak
@pytest.mark.parametrize("language", ["en", "ar"])
def test_all_of_a_thread_can_be_read_on_its_page(
    narrow: Page, at: Embedded, article: str, language: str
) -> None:
    narrow.goto(f"{at.live.base_url}/thread?article={article}&lang={language}")
    narrow.add_style_tag(url=f"{at.live.base_url}/static/widget/comments.css")
    narrow.evaluate(
        "document.querySelectorAll('.comment').forEach((c) => c.style.setProperty('content-visibility', 'visible'))"
    )

    assert outside(narrow, "main") == []


@pytest.mark.soak
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_all_of_a_preview_can_be_read(browser: Browser, at: Embedded, article: str, text: str) -> None:
    context = browser.new_context(viewport={"width": NARROW, "height": 600})
    widget = Widget(context, at).open(article, loading="eager")
    widget.page.get_by_role("link", name="Reply to Bo").last.click()
    widget.text.fill(text)
    widget.button("Preview").click()
    expect(widget.page.get_by_role("region", name="Preview")).to_be_visible()

    assert outside(widget.page, "comment-thread") == []
    context.close()


@pytest.mark.soak
def test_all_of_a_comment_can_be_read_on_the_desk(browser: Browser, at: Embedded, article: str) -> None:
    password = "correct horse battery"
    at.live.run("user", "add", "editor@paper.example", input=password + "\n")
    context = browser.new_context(viewport={"width": NARROW, "height": 600})
    page = context.new_page()
    page.goto(f"{at.live.base_url}/moderation?state=approved")
    page.get_by_label("Email").fill("editor@paper.example")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{at.live.base_url}/moderation?state=approved")
    expect(page.locator(".queued")).to_have_count(2 * len(TEXTS))

    shown = (f".queued >> nth={number}" for number in range(2 * len(TEXTS)))
    assert [found for card in shown if (found := outside(page, card))] == []
    context.close()
