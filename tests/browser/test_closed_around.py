"""A permalink opens all that its comment is in, as an anchor does; and a thread loads whatever box it has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.site import stranger_site
from tests.browser.widget import Embedded, Widget

pytestmark = pytest.mark.sampled(36, of="file")

THREAD = "<comment-thread article='closed around'></comment-thread>"
CLOSED = {
    "details": "<details><summary>More</summary>{}</details>",
    "details in details": "<details><summary>A</summary><details><summary>B</summary>"
    "<details><summary>C</summary><p>{}</p></details></details></details>",
    "until found": "<div hidden='until-found'>{}</div>",
    "until found, in capitals": "<div hidden='UNTIL-FOUND'>{}</div>",
    "until found in details": "<details><summary>A</summary><div hidden=until-found><b>{}</b></div></details>",
    "details in until found": "<div hidden=until-found><details><summary>A</summary>{}</details></div>",
    "details that wait to be found": "<details hidden=until-found><summary>A</summary>{}</details>",
    "a group of details": "<details name=g open><summary>A</summary>text</details>"
    "<details name=g><summary>B</summary>{}</details>",
    "the summary last": "<details>{}<summary>More</summary></details>",
    "a second summary": "<details><summary>More</summary><summary>{}</summary></details>",
    "slotted": "<div><template shadowrootmode=open><details><summary>A</summary><slot></slot></details></template>{}</div>",
    "slotted into what waits": "<div><template shadowrootmode=open><p hidden=until-found><slot></slot></p></template>{}</div>",
    "in a shadow root": "<details><summary>A</summary><div><template shadowrootmode=open>"
    "<details><summary>B</summary>{}</details></template></div></details>",
    "in a closed shadow root": "<details><summary>A</summary><div><template shadowrootmode=closed>"
    "<details><summary>B</summary>{}</details></template></div></details>",
    "beside what is closed": "<details><summary>A</summary>text</details>{}",
}
BOXES = [
    "display: contents",
    "display: inline",
    "display: flex",
    "display: grid",
    "float: left",
    "position: absolute",
]


@pytest.fixture(scope="module")
def comments(at: Embedded) -> list[str]:
    """The ids of a comment and of an answer to it."""
    first = at.reader().comment("closed around", "A first one.", name="Ann")
    return [first, at.reader().comment("closed around", "An answer.", name="Bo", parent=first)]


@pytest.fixture(scope="module")
def lax(at: Embedded) -> Iterator[Embedded]:
    """A site whose pages may have styles of their own."""
    with stranger_site(at.live.base_url, csp=None) as site:
        yield Embedded(at.live, site)


def page_of(at: Embedded, body: str) -> str:
    return at.site.given(f"<p>Some text.</p><script src='{at.live.base_url}/embed.js'></script>{body}")


@pytest.mark.parametrize("around", [name for name in CLOSED if "closed shadow" not in name])
def test_a_permalink_opens_what_its_comment_is_in(
    widget: Widget, at: Embedded, comments: list[str], around: str
) -> None:
    widget.page.goto(page_of(at, CLOSED[around].format(THREAD)) + f"#comment-{comments[1]}")

    expect(widget.comment("Bo")).to_be_focused()
    expect(widget.comment("Bo")).to_be_in_viewport()


@pytest.mark.parametrize("around", [name for name in CLOSED if "closed shadow" not in name])
def test_a_permalink_that_is_followed_on_the_page_opens_it_too(
    widget: Widget, at: Embedded, comments: list[str], around: str
) -> None:
    widget.page.goto(page_of(at, CLOSED[around].format(THREAD)))

    widget.page.evaluate("(id) => { location.hash = `comment-${id}`; }", comments[1])

    expect(widget.comment("Bo")).to_be_focused()
    expect(widget.comment("Bo")).to_be_in_viewport()


def test_a_closed_shadow_root_is_opened_as_far_as_it_can_be_known(
    widget: Widget, at: Embedded, comments: list[str]
) -> None:
    body = CLOSED["in a closed shadow root"].format(THREAD)
    widget.page.goto(page_of(at, body) + f"#comment-{comments[1]}")

    expect(widget.page.locator("details")).to_have_attribute("open", "")
    widget.wait_until("document.activeElement.localName === 'div'")


def test_what_waits_to_be_found_is_told_before_as_by_the_browser(
    widget: Widget, at: Embedded, comments: list[str]
) -> None:
    body = f"<div id=outer hidden=until-found><div id=inner hidden=until-found>{THREAD}</div></div>"
    widget.page.goto(page_of(at, body))
    widget.page.evaluate("""() => {
        window.told = [];
        addEventListener('beforematch', (event) => told.push([event.target.id, event.target.hidden, event.bubbles]));
    }""")

    widget.page.evaluate("(id) => { location.hash = `comment-${id}`; }", comments[0])

    expect(widget.comment("Ann")).to_be_focused()
    assert widget.page.evaluate("told") == [["inner", "until-found", True], ["outer", "until-found", True]]


@pytest.mark.parametrize("around", ["<div style='display: none'>{}</div>", "<div hidden>{}</div>"])
def test_what_the_page_hides_for_good_stays_hidden(
    widget: Widget, lax: Embedded, comments: list[str], around: str
) -> None:
    widget.page.goto(page_of(lax, around.format(THREAD)) + f"#comment-{comments[0]}")
    widget.wait_until("events.length === 1")
    widget.page.wait_for_load_state("networkidle")

    expect(widget.comment("Ann")).to_have_count(0)
    assert len(widget.asked_of_service()) == 3  # the widget, the thread, and once what would open it


def test_details_that_are_closed_again_are_opened_again(
    widget: Widget, at: Embedded, comments: list[str]
) -> None:
    widget.page.goto(page_of(at, CLOSED["details"].format(THREAD)) + f"#comment-{comments[0]}")
    expect(widget.comment("Ann")).to_be_focused()

    widget.page.get_by_text("More").click()
    expect(widget.comment("Ann")).to_be_hidden()
    widget.page.evaluate("(id) => { location.hash = `comment-${id}`; }", comments[1])

    expect(widget.comment("Bo")).to_be_focused()


@pytest.mark.parametrize("loading", ["lazy", "eager"])
@pytest.mark.parametrize("box", BOXES)
def test_a_thread_loads_whatever_box_its_element_has(
    widget: Widget, lax: Embedded, comments: list[str], box: str, loading: str
) -> None:
    style = f"<style>comment-thread {{ {box} }}</style>"
    widget.page.goto(page_of(lax, style + THREAD.replace(" ", f" loading={loading} ", 1)))

    expect(widget.comment("Bo")).to_be_visible()


def test_without_a_box_it_is_lazy_all_the_same(widget: Widget, lax: Embedded, comments: list[str]) -> None:
    style = "<style>body { padding-top: 8000px } comment-thread { display: contents }</style>"
    widget.page.goto(page_of(lax, style + THREAD))
    widget.page.wait_for_load_state("networkidle")
    assert widget.asked_of_service() == ["/embed.js"]

    widget.page.evaluate("scrollTo(0, 7500)")

    expect(widget.comment("Bo")).to_be_visible()
