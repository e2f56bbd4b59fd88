"""The whole page in a frame, which tells the page around it how high it is."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Frame, Locator, Page, Route, expect

from tests.browser.site import stranger_site
from tests.browser.widget import Embedded
from tests.running_service import wait_until

pytestmark = pytest.mark.sampled(18, of="file")

LISTEN = "window.heard = []; addEventListener('message', ({ origin, data }) => heard.push([origin, data]));"
HEIGHT = "Math.ceil(document.documentElement.getBoundingClientRect().height)"


@pytest.fixture(scope="module")
def at(at_free_site: Embedded) -> Embedded:
    """A service, and a site that may frame its pages and has no policy of its own."""
    return at_free_site


@pytest.fixture(params=["knows the page around", "does not"])
def page(request: pytest.FixtureRequest, context: BrowserContext) -> Page:
    """In a browser that tells a frame who is around it, as Chromium does, and in one that does not."""
    page = context.new_page()
    page.add_init_script(LISTEN)

    def tell_nothing(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("location.ancestorOrigins", "undefined"))

    if request.param == "does not":
        page.route("**/frame.js", tell_nothing)
    return page


def framed(page: Page, address: str) -> Frame:
    page.goto(address)
    return page.frames[1]


def has_its_height(page: Page, frame: Frame) -> int:
    """Wait until the frame is as high as what it shows; give that height."""
    frame.wait_for_load_state()
    seen = page.locator("iframe")
    wait_until(lambda: seen.evaluate("(frame) => frame.offsetHeight") == frame.evaluate(HEIGHT))
    return int(seen.evaluate("(frame) => frame.offsetHeight"))


def click(frame: Frame, on: Locator) -> None:
    """Click by script: a frame of another site is drawn by another process, and a mouse that comes before that is lost."""
    expect(on).to_be_visible()
    frame.wait_for_load_state()
    on.evaluate("(element) => element.click()")


@pytest.mark.soak
def test_the_frame_is_as_high_as_the_discussion_whatever_happens_in_it(page: Page, at: Embedded) -> None:
    for number in range(12):
        at.reader().comment("framed", f"Number {number}.")
    frame = framed(page, at.site.framing("framed"))
    before = has_its_height(page, frame)
    assert before > 1000

    frame.get_by_role("textbox", name="Comment").fill("One\n\n" * 9 + f"of {time.time_ns()}")
    frame.get_by_label("Name").fill("Ada Sample")
    frame.get_by_label("Email").fill("ada@paper.example")
    click(frame, frame.get_by_role("button", name="Preview"))
    expect(frame.get_by_role("region", name="Preview")).to_be_visible()
    assert has_its_height(page, frame) > before
    click(frame, frame.get_by_role("button", name="Post comment"))
    click(frame, frame.get_by_role("button", name="Edit or delete your comment"))
    expect(frame.get_by_role("heading", name="Edit your comment")).to_be_visible()
    assert has_its_height(page, frame) < before

    page.set_viewport_size({"width": 320, "height": 600})
    has_its_height(page, frame)
    origins, kinds = zip(
        *((origin, data["commentsvc"]) for origin, data in page.evaluate("heard")), strict=True
    )
    assert (set(origins), set(kinds)) == ({at.live.base_url}, {"height"})


def test_a_page_that_may_not_frame_it_hears_nothing(page: Page, at: Embedded) -> None:
    with stranger_site(at.live.base_url, csp=None) as other:
        framed(page, other.framing("framed"))
        page.wait_for_load_state("networkidle")

        frame = page.frames[1]
        is_firefoxs_own = frame.url.startswith("about:neterror")  # and says in headings why
        assert is_firefoxs_own or frame.get_by_role("heading").count() == 0
        assert page.evaluate("heard") == []


def test_even_in_a_browser_without_policies_it_hears_nothing(page: Page, at: Embedded) -> None:
    def without_policy(route: Route) -> None:
        answer = route.fetch()
        headers = {n: v for n, v in answer.headers.items() if n != "content-security-policy"}
        route.fulfill(response=answer, headers=headers)

    page.route("**/thread?*", without_policy)
    with stranger_site(at.live.base_url, csp=None) as other:
        frame = framed(page, other.framing("framed"))
        expect(frame.get_by_role("heading", name="Leave a reply")).to_be_visible()
        page.wait_for_load_state("networkidle")
        page.set_viewport_size({"width": 320, "height": 600})
        page.wait_for_timeout(300)

        assert page.evaluate("heard") == []


def test_a_page_that_stands_alone_tells_nobody(page: Page, at: Embedded) -> None:
    page.goto(f"{at.live.base_url}/thread?article=framed")
    page.wait_for_timeout(300)

    assert page.evaluate("heard") == []


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Another site, whose pages may not be framed."""
    with stranger_site("", csp="frame-ancestors 'none'") as site:
        yield site.url


def talk(at: Embedded, article: str, elsewhere: str) -> None:
    """A discussion with links that lead away, and more comments than one page shows."""
    reader = at.reader()
    first = reader.comment(
        article, f"See {elsewhere}/text or [this]({elsewhere}/named).", name="Ann", url=elsewhere
    )
    reader.comment(article, "An answer.", name="Bo", parent=first)
    reader.comment(article, "The last.", name="Cy")


@pytest.mark.parametrize("name", ["Ann", "/text", "this"])
@pytest.mark.parametrize(
    "sandbox", [None, "allow-same-origin allow-forms allow-top-navigation-by-user-activation"]
)
def test_a_link_that_leads_away_opens_outside_the_frame(
    context: BrowserContext, at: Embedded, elsewhere: str, name: str, sandbox: str | None
) -> None:
    page = context.new_page()
    article = elsewhere.rpartition(":")[2]  # of this test alone
    talk(at, article, elsewhere)
    address = f"{at.live.base_url}/thread?article={article}"
    limits = f" sandbox='{sandbox}'" if sandbox else ""
    page.goto(at.site.given(f"<iframe{limits} width=800 height=900 src='{address}'></iframe>"))

    # By script in Firefox too, whose driver loses what is pressed in a frame of another site.
    click(page.frames[1], page.frames[1].get_by_role("link", name=name).first)

    page.wait_for_url(f"{elsewhere}/**")


def test_the_discussion_itself_stays_in_the_frame(
    context: BrowserContext, at: Embedded, elsewhere: str
) -> None:
    page = context.new_page()
    talk(at, "stays", elsewhere)
    around = at.site.given(
        f"<iframe width=800 height=900 src='{at.live.base_url}/thread?article=stays&limit=2'></iframe>"
    )
    page.goto(around)
    frame = page.frames[1]

    click(frame, frame.get_by_role("link", name="Show more comments"))
    expect(frame.get_by_role("article", name="Cy")).to_be_visible()
    frame.wait_for_load_state()
    click(frame, frame.get_by_role("link", name="Oldest first"))
    expect(frame.get_by_role("article", name="Ann")).to_be_visible()
    frame.wait_for_load_state()
    click(frame, frame.get_by_role("article", name="Ann").locator(".when"))
    expect(frame.get_by_role("article", name="Ann")).to_be_visible()
    frame.get_by_role("article", name="Bo").locator(".answers").evaluate("(link) => link.click()")
    click(frame, frame.get_by_role("link", name="Reply to Ann", exact=True))
    expect(frame.get_by_role("heading", name="Reply to Ann")).to_be_visible()
    click(frame, frame.get_by_role("link", name="Cancel reply"))
    expect(frame.get_by_role("heading", name="Leave a reply")).to_be_visible()
    frame.wait_for_load_state()
    frame.get_by_role("textbox", name="Comment").fill(f"Posted here, at {time.time_ns()}.")
    frame.get_by_label("Name").fill("Ada Sample")
    frame.get_by_label("Email").fill("ada@paper.example")
    click(frame, frame.get_by_role("button", name="Preview"))
    expect(frame.get_by_role("region", name="Preview")).to_be_visible()
    click(frame, frame.get_by_role("button", name="Post comment"))
    click(frame, frame.get_by_role("button", name="Edit or delete your comment"))
    click(frame, frame.get_by_role("button", name="Save"))
    click(frame, frame.get_by_role("button", name="Edit or delete your comment"))
    click(frame, frame.get_by_role("button", name="Delete", exact=True))
    click(frame, frame.get_by_role("button", name="Delete for good"))
    expect(frame.get_by_text("Your comment is deleted.")).to_be_visible()

    assert page.url == around


def test_every_link_and_form_of_the_page_says_where_it_opens(
    context: BrowserContext, at: Embedded, elsewhere: str
) -> None:
    talk(at, "all links", elsewhere)
    page = context.new_page()
    page.goto(f"{at.live.base_url}/thread?article=all+links&limit=2")

    stays = page.evaluate("""() => Object.fromEntries([...document.querySelectorAll('a, form')].map((e) =>
        [e.href ?? e.action, [new URL(e.href ?? e.action).origin === location.origin, e.getAttribute('target') ?? '']]))""")

    assert {target for own, target in stays.values() if own} == {"_self"}
    assert {target for own, target in stays.values() if not own} == {""}
    assert page.locator("base").get_attribute("target") == "_top"
