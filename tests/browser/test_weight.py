"""What the widget costs a page: bytes, requests, jumps, and time in which it can do nothing else."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.slow_device import busy_tasks
from tests.browser.widget import Embedded, Widget

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "commentsvc" / "static" / "built"
SCRIPTS = [
    ("embed", 6144),
    ("follow", 2048),
    ("live", 3072),
    ("write", 5120),
    ("publisher", 1024),
    ("words", 1024),
    ("count", 1024),
]


@pytest.mark.whole
@pytest.mark.parametrize(("script", "most"), SCRIPTS)
def test_a_script_weighs_no_more_over_the_wire(at: Embedded, script: str, most: int) -> None:
    with httpx.stream(
        "GET", f"{at.live.base_url}/{script}.js", headers={"Accept-Encoding": "br, gzip"}
    ) as answer:
        sent = b"".join(answer.iter_raw())

    assert answer.headers["Content-Encoding"] == "br"
    assert len(sent) <= most


def test_the_small_scripts_are_made_of_those_one_reads(tmp_path: Path) -> None:
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    build = json.loads((ROOT / "package.json").read_text())["scripts"]["build"]
    for command in build.split(" && "):
        words = [word for word in command.split()[1:] if not word.startswith("--outdir=")]
        subprocess.run([esbuild, *words, f"--outdir={tmp_path}"], cwd=ROOT, check=True, capture_output=True)

    made = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert made == {file.name: file.read_text() for file in BUILT.iterdir()}, "run: make scripts"


def snippet_of(at: Embedded, *words: str) -> str:
    """What the command prints where it is told the service's address, as `serve` tells itself."""
    told = replace(at.live, environ=at.live.environ | {"COMMENTSVC_BASE_URL": at.live.base_url})
    return told.run("embed-snippet", *words)


def test_a_pinned_snippet_names_a_script_for_ever_and_its_integrity(widget: Widget, at: Embedded) -> None:
    at.reader().comment("2026/snippet & more", name="Ann")
    snippet = snippet_of(at, "2026/snippet & more", "--pin")
    assert re.search(r'src="\S+/embed-[0-9a-f]{16}\.js" integrity="sha384-\S{64}"', snippet)

    widget.page.goto(at.site.given(snippet))

    expect(widget.comment("Ann")).to_be_visible()
    script, fragment = widget.asked_of_service()
    assert (re.sub("[0-9a-f]{16}", "#", script), fragment) == ("/embed-#.js", "/thread/fragment")
    answer = at.live.http().get(script)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.text == at.live.http().get("/embed.js").text


@pytest.mark.parametrize("words", [(), ("--follow-upgrades",)], ids=["unless told", "told"])
def test_a_snippet_that_follows_upgrades_has_the_address_that_stays(
    at: Embedded, words: tuple[str, ...]
) -> None:
    snippet = snippet_of(at, "a", *words)

    assert f'<script async src="{at.live.base_url}/embed.js"></script>' in snippet


@pytest.mark.soak
def test_nothing_jumps_while_one_scrolls_down_to_it(widget: Widget, at: Embedded) -> None:
    for number in range(5):
        at.reader().comment("jumps", f"Number {number}.", name=f"Reader {number}")
    widget.page.add_init_script("""
        window.jumped = 0;
        new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) window.jumped += entry.value;
        }).observe({ type: 'layout-shift', buffered: true });
        addEventListener('DOMContentLoaded', () => {
            document.querySelector('h1').style.height = '3000px';
            const footer = document.createElement('footer');
            footer.textContent = 'The end.';
            footer.style.height = '300px';
            document.body.append(footer);
        });
    """)
    widget.open("jumps")

    for _ in range(60):
        widget.page.mouse.wheel(0, 100)
        widget.page.wait_for_timeout(16)
    expect(widget.comment("Reader 4")).to_be_visible()
    widget.page.wait_for_timeout(300)

    assert widget.page.evaluate("window.jumped") <= 0.02


def long_thread(at: Embedded, article: str, comments: int) -> None:
    """Replies six deep, each of 300 characters."""
    above: list[str] = []
    for number in range(comments):
        parent = {"parent": above[-1]} if above else {}
        above.append(
            at.reader().comment(
                article, f"Number {number}. " + "Some words. " * 25, name=f"Reader {number}", **parent
            )
        )
        above = [] if len(above) == 6 else above


@pytest.mark.alone
@pytest.mark.chromium_only("makes a device slow by Chromium's own protocol")
@pytest.mark.soak  # a ratio of times, which other work on the machine moves
def test_two_hundred_comments_keep_a_slow_device_busy_for_no_50_ms_at_a_time(
    browser: Browser, at: Embedded
) -> None:
    long_thread(at, "two hundred", 200)
    tried = []

    for _ in range(5):
        tasks = busy_tasks(
            browser, at.site.page("two hundred", page_size="200"), "/embed.js", "comments:loaded"
        )
        at_once = busy_tasks(
            browser, f"{at.live.base_url}/thread?article=two+hundred&limit=200", "/thread", "load"
        )
        # Processes beside it make each task dearer: that of the page which shows all of it at once too.
        tried.append((max(tasks), max(50, max(at_once) / 4)))
        if tried[-1][0] <= tried[-1][1]:
            return

    pytest.fail(f"The longest tasks took, and might have taken: {tried}")


@pytest.mark.soak
def test_a_comment_far_down_a_long_thread_is_scrolled_to_and_stays_there(
    widget: Widget, at: Embedded
) -> None:
    long_thread(at, "far down", 120)
    last = at.reader().thread("far down", limit="200")["comments"][110]

    widget.page.goto(at.site.page("far down", page_size="200") + f"#comment-{last['id']}")

    comment = widget.comment(last["author"]["name"]).and_(widget.page.locator(f"#comment-{last['id']}"))
    expect(comment).to_be_focused()
    widget.page.wait_for_load_state("networkidle")
    expect(comment).to_be_in_viewport(ratio=1)
    assert widget.asked_of_service() == ["/embed.js", "/thread/fragment"]


def test_two_elements_on_a_page_do_not_meet(widget: Widget, at: Embedded) -> None:
    at.reader().comment("one", name="Ann")
    at.reader().comment("two", name="Bo")
    widget.open("one")
    widget.page.evaluate("""() => {
        const other = document.createElement('comment-thread');
        other.article = 'two';
        document.body.append(other);
    }""")

    expect(widget.comment("Ann")).to_be_visible()
    expect(widget.comment("Bo")).to_be_visible()
    second = widget.page.locator("comment-thread").nth(1)
    second.get_by_role("textbox", name="Comment").fill("For the second.")
    expect(widget.page.locator("comment-thread").first.get_by_role("textbox", name="Comment")).to_have_value(
        ""
    )
