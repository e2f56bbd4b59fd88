"""What somebody types in a field stays in the widget: the page's shortcuts hear nothing of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from tests.browser.site import Site, stranger_site
from tests.browser.widget import Embedded, Widget

pytestmark = pytest.mark.sampled(27, of="file")

# How pages listen for their shortcuts: each notes the keys that it heard.
LISTENERS = {
    f"{event} on {target}, {'capture' if capture else 'bubble'}": (
        f"{target}.addEventListener('{event}', (event) => heard.push(event.key), {str(capture).lower()});"
    )
    for event in ("keydown", "keypress", "keyup")
    for target in ("window", "document", "document.documentElement")
    for capture in (True, False)
} | {
    f"on{event} of document": f"document.on{event} = (event) => heard.push(event.key);"
    for event in ("keydown", "keyup")
}

# Sphinx's default theme, documentation_options.js and sphinx_highlight.js: “/” goes to the search, arrows leave the page.
SPHINX = """document.addEventListener('keydown', (event) => {
    if (['TEXTAREA', 'INPUT', 'SELECT', 'BUTTON'].includes(document.activeElement.tagName)) return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === '/') { document.querySelector('#search').focus(); event.preventDefault(); }
    if (event.key === 'ArrowLeft') location.href = '/?article=previous';
    if (event.key === 'ArrowRight') location.href = '/?article=next';
});"""
# What many libraries ask before they act: the target is the host, which is no field.
LIBRARY = """document.addEventListener('keydown', (event) => {
    const { tagName, isContentEditable } = event.target;
    if (isContentEditable || /INPUT|SELECT|TEXTAREA/.test(tagName)) return;
    heard.push(event.key);
    event.preventDefault();
}, true);"""


@pytest.fixture(scope="module")
def open_site(at: Embedded) -> Iterator[Site]:
    """A site without a policy, whose pages have scripts of their own; it may not post."""
    with stranger_site(at.live.base_url, csp=None) as site:
        yield site


def with_script(context: BrowserContext, at: Embedded, site: Site, script: str, article: str) -> Widget:
    """The widget on a page that runs *script* while it is being parsed, before the widget's own comes."""
    widget = Widget(context, Embedded(at.live, site))
    service = at.live.base_url
    widget.page.goto(
        site.given(
            f"<input id='search'><script>window.heard = [];</script>"
            f"<script defer src='{service}/embed.js'></script><script>{script}</script>"
            f"<comment-thread article='{article}'></comment-thread>"
        )
    )
    return widget


def heard(widget: Widget) -> list[str]:
    keys: list[str] = widget.page.evaluate("window.heard")
    return keys


def type_into(field: Locator) -> None:
    field.press_sequentially("a/b?")
    for key in ("ArrowLeft", "ArrowRight", "Home", "End", "Backspace", "Escape", "Shift+G", "Control+z"):
        field.press(key)


# A listener on the window that captures and was there before the widget cannot be kept from hearing.
KEPT = [name for name in LISTENERS if "window, capture" not in name]


@pytest.mark.parametrize("listener", KEPT)
def test_no_listener_of_the_page_hears_what_is_typed(
    context: BrowserContext, at: Embedded, open_site: Site, listener: str
) -> None:
    widget = with_script(context, at, open_site, LISTENERS[listener], "keys")

    for field in (widget.text, widget.field("Name"), widget.field("Email"), widget.field("Website")):
        field.click()
        type_into(field)

    assert heard(widget) == []
    widget.page.locator("#search").press("x")
    assert heard(widget) == ["x"]


@pytest.mark.parametrize("event", ["keydown", "keypress", "keyup"])
def test_no_listener_hears_it_that_came_after_the_widget(
    context: BrowserContext, at: Embedded, open_site: Site, event: str
) -> None:
    widget = with_script(context, at, open_site, "", "keys")
    expect(widget.text).to_be_visible()
    widget.page.evaluate(LISTENERS[f"{event} on window, capture"])

    type_into(widget.text)

    assert heard(widget) == []


@pytest.mark.parametrize("script", [SPHINX, LIBRARY], ids=["Sphinx", "a library"])
def test_and_or_is_typed_where_the_page_has_a_shortcut_for_it(
    context: BrowserContext, at: Embedded, open_site: Site, script: str
) -> None:
    widget = with_script(context, at, open_site, script, "and/or")

    widget.text.press_sequentially("and/or")
    widget.text.press("ArrowLeft")
    widget.text.press("ArrowRight")
    widget.text.press_sequentially("!")

    expect(widget.text).to_have_value("and/or!")
    expect(widget.text).to_be_focused()


def test_the_first_key_stays_too_while_the_rest_of_the_script_is_away(
    context: BrowserContext, at: Embedded, open_site: Site
) -> None:
    context.route("**/write-*", lambda route: route.abort())
    widget = with_script(context, at, open_site, SPHINX, "keys away")

    widget.text.press_sequentially("/ and /")

    expect(widget.text).to_have_value("/ and /")


def test_an_answer_and_an_edit_keep_their_keys(context: BrowserContext, at: Embedded) -> None:
    at.reader().comment("keys of an answer", name="Bo")
    widget = Widget(context, at).open("keys of an answer")
    widget.page.evaluate(f"window.heard = []; {LISTENERS['keydown on document, capture']}")
    widget.reply_to("Bo").click()
    widget.text.press_sequentially("/?")
    widget.field("Name").fill("Ada Sample")
    widget.field("Email").fill("ada@paper.example")
    widget.send()
    widget.button("Edit").click()

    widget.text.press_sequentially("g/")

    assert heard(widget) == []
    widget.text.press("Escape")
    expect(widget.button("Edit")).to_be_focused()


@pytest.mark.parametrize("mode", ["open", "closed"])
def test_keys_stay_where_the_widget_stands_in_another_shadow_root(
    context: BrowserContext, at: Embedded, mode: str
) -> None:
    widget = Widget(context, at).open("keys in a root")
    widget.page.evaluate(f"window.heard = []; {LISTENERS['keydown on document, capture']}")
    widget.page.evaluate(f"""() => {{
        const host = document.body.appendChild(document.createElement('div'));
        const thread = document.querySelector('comment-thread');
        host.attachShadow({{ mode: '{mode}' }}).append(thread);
        thread.loading = 'eager';
        window.box = () => thread.shadowRoot.querySelector('textarea');
    }}""")
    widget.wait_until("Boolean(box())")
    widget.page.evaluate("box().focus()")

    widget.page.keyboard.type("a/b")

    widget.wait_until("box().value === 'a/b'")
    assert heard(widget) == []


@pytest.mark.soak
@pytest.mark.parametrize("chord", ["Control+k", "Control+/", "Control+Shift+P", "Meta+s", "F2", "Tab"])
def test_a_chord_that_a_field_does_not_use_reaches_the_page(
    context: BrowserContext, at: Embedded, open_site: Site, chord: str
) -> None:
    widget = with_script(context, at, open_site, LISTENERS["keydown on document, bubble"], "chords")

    widget.text.press(chord)

    assert heard(widget)[-1].lower() == chord.split("+")[-1].lower()


@pytest.mark.parametrize(
    "chord", ["Control+a", "Control+c", "Control+V", "Meta+z", "Control+ArrowLeft", "Control+Backspace"]
)
def test_a_chord_that_a_field_uses_does_not(
    context: BrowserContext, at: Embedded, open_site: Site, chord: str
) -> None:
    widget = with_script(context, at, open_site, LISTENERS["keydown on document, bubble"], "chords")

    widget.text.press(chord)

    assert heard(widget) == []


def test_letters_that_are_written_with_alt_stay(
    context: BrowserContext, at: Embedded, open_site: Site
) -> None:
    widget = with_script(context, at, open_site, LISTENERS["keydown on document, bubble"], "alt")

    for chord in ("Alt+l", "Control+Alt+q"):  # @ on a Mac, and on Windows
        widget.text.press(chord)

    assert heard(widget) == []


def test_keys_elsewhere_in_the_widget_reach_the_page(
    context: BrowserContext, at: Embedded, open_site: Site
) -> None:
    widget = with_script(context, at, open_site, LISTENERS["keydown on document, bubble"], "buttons")

    widget.button("Preview").press("j")

    assert heard(widget) == ["j"]


def test_what_a_script_sends_to_another_part_of_the_page_arrives(
    context: BrowserContext, at: Embedded, open_site: Site
) -> None:
    widget = with_script(context, at, open_site, LISTENERS["keydown on document, bubble"], "synthetic")
    widget.text.focus()

    widget.page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', { key: 'j' }))")

    assert heard(widget) == ["j"]
