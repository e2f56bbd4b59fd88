"""Pages that were made for another version of the service."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.site import stranger_site
from tests.browser.widget import Embedded, Widget
from tests.command_line import create_service, typed
from tests.running_service import free_port, serving

ROOT = Path(__file__).parents[2]
START = "import sys; sys.path.insert(0, {folder!r}); from commentsvc.__main__ import main; main()"


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program whose scripts all differ: each tells the page that it is an old one."""
    folder = tmp_path_factory.mktemp("older")
    shutil.copytree(ROOT / "commentsvc", folder / "commentsvc")  # with what was compiled
    shutil.copytree(ROOT / "templates", folder / "templates")
    for script in (folder / "commentsvc/static/built").glob("*.js"):
        script.write_text(script.read_text() + f"(globalThis.older ??= []).push('{script.stem}');\n")
    return folder


@contextmanager
def version(folder: Path, data_dir: Path, port: int, site_port: int) -> Iterator[Embedded]:
    """A service of the program in *folder*, and a site that may post to it."""
    program = ("-c", START.format(folder=str(folder)))
    origin = f"http://localhost:{site_port}"
    with (
        serving(data_dir, port=port, program=program, ORIGINS=origin) as live,
        stranger_site(live.base_url, port=site_port) as site,
    ):
        yield Embedded(live, site)


@pytest.mark.soak
def test_a_page_that_pinned_a_version_works_after_an_upgrade(
    context: BrowserContext, older: Path, tmp_path: Path
) -> None:
    data_dir, port, site_port = tmp_path / "data", free_port(), free_port()
    with version(older, data_dir, port, site_port) as before:
        before.reader().comment("pinned", "From before.", name="Ann")
        before.reader().comment("pinned", "From before too.", name="Bo")
        widget = Widget(context, before).open("pinned")
        expect(widget.comment("Ann")).to_be_visible()
        page = widget.page.evaluate(
            """async (service) => {
                const script = await (await fetch(service + '/embed.js')).text();
                const digest = async (kind) =>
                    new Uint8Array(await crypto.subtle.digest(kind, new TextEncoder().encode(script)));
                const hex = [...await digest('SHA-256')].map((b) => b.toString(16).padStart(2, '0')).join('');
                return [hex.slice(0, 16), btoa(String.fromCharCode(...await digest('SHA-384')))];
            }""",
            before.live.base_url,
        )
    digest, integrity = page

    with version(ROOT, data_dir, port, site_port) as after:
        widget = Widget(context, after)
        widget.page.goto(
            after.site.given(
                f"<script async crossorigin src='{after.live.base_url}/embed-{digest}.js' "
                f"integrity='sha384-{integrity}'></script>"
                "<comment-thread article='pinned'></comment-thread>"
            )
        )
        expect(widget.comment("Ann")).to_contain_text("From before.")
        widget.write("Written later.")
        widget.send()
        expect(widget.comment("Ada Sample")).to_contain_text("Written later.")
        widget.button("Edit").click()
        widget.text.fill("Changed.")
        widget.button("Save").click()
        expect(widget.comment("Ada Sample")).to_contain_text("Changed.")
        widget.page.get_by_role("link", name="Newest first").click()
        expect(widget.page.get_by_role("article").last).to_have_accessible_name("Ann")

        loaded = set(widget.page.evaluate("older"))
        assert loaded - {"live"} == {"embed", "write", "follow"}  # that part comes when there is time
        assert widget.complaints == []
        current = Widget(context, after).open("pinned")
        expect(current.comment("Ann")).to_be_visible()
        assert current.page.evaluate("window.older") is None


@pytest.mark.soak
def test_pinning_says_what_that_means_apart_from_the_snippet(tmp_path: Path) -> None:
    create_service(tmp_path)
    before = sorted(tmp_path.iterdir())

    pinned = typed("embed-snippet", "a", "--pin", data_dir=tmp_path)
    following = typed("embed-snippet", "a", data_dir=tmp_path)

    assert pinned.exit_code == 0
    assert re.match(r'<script async src="\S+/embed-[0-9a-f]{16}\.js" integrity="sha384-', pinned.stdout)
    assert "this version of the widget" in pinned.stderr
    assert "Corrections" in pinned.stderr
    assert "Corrections" not in pinned.stdout
    assert following.stdout.startswith('<script async src="http://127.0.0.1:5000/embed.js"></script>\n')
    assert following.stderr == f"Database: {tmp_path}/comments.db\n"
    assert sorted(tmp_path.iterdir()) == before
