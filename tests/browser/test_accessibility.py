"""WCAG 2.2 AA, by axe-core, in every state, light and dark, on small and large screens."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.widget import Embedded, Widget

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NOT_OURS = ["landmark-one-main", "region"]  # of the stranger's page around it


@cache
def axe() -> str:
    return AXE.read_text()


def found_by_axe(widget: Widget) -> list[str]:
    widget.page.evaluate(axe())
    options = {"runOnly": RULES, "rules": {rule: {"enabled": False} for rule in NOT_OURS}}
    results: dict[str, Any] = widget.page.evaluate("(options) => axe.run('comment-thread', options)", options)
    return [f"{one['id']}: {node['html']}" for one in results["violations"] for node in one["nodes"]]


def empty(widget: Widget, _at: Embedded) -> None:
    widget.open("axe empty")
    expect(widget.page.get_by_text("No comments yet.")).to_be_visible()


def with_a_long_word(widget: Widget, _at: Embedded) -> None:
    widget.open("axe long")
    widget.text.fill("w" * 400)


def thread(widget: Widget, at: Embedded) -> None:
    if not at.reader().thread("axe")["count"]:
        reader = at.reader()
        root = reader.comment(
            "axe", "A *comment* with `code`, a https://link.example/ and\n\n> a quote", name="Ann"
        )
        reply = reader.comment("axe", name="Bo", parent=root, url="https://bo.example/")
        reader.comment("axe", name="Cy", parent=reply)
        removed = reader.comment("axe", name="Di", parent=root)
        reader.comment("axe", name="Ed", parent=removed)
        at.live.moderator().decide("trash", removed)
    widget.open("axe")
    expect(widget.comment("Ed")).to_be_visible()


def replying(widget: Widget, at: Embedded) -> None:
    thread(widget, at)
    widget.reply_to("Bo").click()
    expect(widget.text).to_be_focused()


def folded(widget: Widget, at: Embedded) -> None:
    thread(widget, at)
    widget.button("Hide 1 reply").first.click()


def with_errors(widget: Widget, at: Embedded) -> None:
    thread(widget, at)
    widget.text.fill("No name.")
    widget.send()
    expect(widget.field("Name")).to_be_focused()


def with_a_preview(widget: Widget, at: Embedded) -> None:
    thread(widget, at)
    widget.text.fill("*Soon.*")
    widget.button("Preview").click()
    expect(widget.page.get_by_role("region", name="Preview")).to_be_visible()


def editing(widget: Widget, _at: Embedded) -> None:
    widget.open("axe own")
    widget.write("My own.")
    widget.send()
    widget.button("Edit").first.click()
    expect(widget.text).to_be_focused()


def regretting(widget: Widget, at: Embedded) -> None:
    editing(widget, at)
    widget.page.keyboard.press("Escape")
    widget.button("Delete").first.click()
    expect(widget.button("Undo")).to_be_focused()


def closed(widget: Widget, _at: Embedded) -> None:
    widget.open("axe", closed="closed")
    expect(widget.page.get_by_text("This discussion is closed.")).to_be_visible()


def not_loaded(widget: Widget, _at: Embedded) -> None:
    widget.page.route("**/thread/fragment?*", lambda route: route.abort())
    widget.open("axe lost")
    expect(widget.button("Try again")).to_be_visible()


STATES = [
    empty,
    with_a_long_word,
    thread,
    replying,
    folded,
    with_errors,
    with_a_preview,
    editing,
    regretting,
    closed,
    not_loaded,
]
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "320 px": {"viewport": {"width": 320, "height": 640}},
    "forced colours": {"forced_colors": "active"},
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_axe_finds_nothing(
    browser: Browser, at: Embedded, state: Callable[[Widget, Embedded], None], look: str
) -> None:
    context = browser.new_context(locale="en-GB", timezone_id="UTC", reduced_motion="reduce", **LOOKS[look])
    context.set_default_timeout(10_000)
    widget = Widget(context, at)
    theme = {"dark": "dark"}.get(look)
    if theme:
        widget.page.add_init_script(
            "addEventListener('DOMContentLoaded', () => { document.querySelector('comment-thread').theme = 'dark'; })"
        )
    state(widget, at)

    assert found_by_axe(widget) == []
    wide = widget.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide
    context.close()
