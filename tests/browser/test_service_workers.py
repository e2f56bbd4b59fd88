"""A site whose service worker keeps every answer for good, those of other origins too."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.widget import Embedded, Widget, embedded
from tests.running_service import wait_until

pytestmark = pytest.mark.sampled(12, of="file")

WORKERS = {
    "cache first": """
        addEventListener('install', () => skipWaiting());
        addEventListener('activate', (event) => event.waitUntil(clients.claim()));
        addEventListener('fetch', (event) => {
            if (event.request.method !== 'GET') return;
            event.respondWith((async () => {
                const cache = await caches.open('all');
                const found = await cache.match(event.request);
                if (found) return found;
                const answer = await fetch(event.request);
                await cache.put(event.request, answer.clone()).catch(() => {});
                return answer;
            })());
        });""",
    "as if nothing varied": """
        addEventListener('install', () => skipWaiting());
        addEventListener('activate', (event) => event.waitUntil(clients.claim()));
        const kept = new Map();
        addEventListener('fetch', (event) => {
            const { method, url } = event.request;
            if (method !== 'GET') return;
            event.respondWith((async () => {
                if (!kept.has(url)) kept.set(url, await fetch(event.request));
                return kept.get(url).clone();
            })());
        });""",
}


@pytest.fixture(scope="module")
def offline(at_free_site: Embedded) -> Embedded:
    """A service, and a site that may have workers."""
    return at_free_site


@pytest.fixture(params=WORKERS.values(), ids=WORKERS)
def kept(request: pytest.FixtureRequest, context: BrowserContext, offline: Embedded) -> Widget:
    """A reader whose pages of the site are the worker's."""
    return with_worker(Widget(context, offline), request.param)


def with_worker(widget: Widget, worker: str) -> Widget:
    widget.page.goto(widget.at.site.given("The front page."))
    widget.page.evaluate(
        """async (worker) => {
            await navigator.serviceWorker.register(worker, { scope: '/' });
            if (!navigator.serviceWorker.controller)
                await new Promise((resume) => { navigator.serviceWorker.oncontrollerchange = resume; });
        }""",
        widget.at.site.worker(worker),
    )
    return widget


def post(widget: Widget, text: str) -> None:
    widget.write(text)
    widget.send()
    expect(widget.page.locator("comment-thread").get_by_text(text)).to_be_visible()
    expect(widget.text).to_have_value("")


def article_of(request: pytest.FixtureRequest, name: str) -> str:
    return f"{name} {request.node.name}"


@pytest.mark.soak
def test_one_comment_after_another_is_taken_also_after_a_reload(
    kept: Widget, offline: Embedded, request: pytest.FixtureRequest
) -> None:
    article = article_of(request, "many")
    kept.open(article)
    post(kept, "The first one.")
    post(kept, "The second one.")
    kept.open(article)  # the worker's page, of before
    post(kept, "The third one.")

    assert kept.page.evaluate("Boolean(navigator.serviceWorker.controller)")
    assert offline.reader().texts(article) == ["The first one.", "The second one.", "The third one."]
    assert {name for name, _ in kept.events()} == {"comments:loaded", "comments:posted"}


@pytest.mark.soak
def test_ones_own_comments_stand_there_after_a_reload(kept: Widget, request: pytest.FixtureRequest) -> None:
    article = article_of(request, "own")
    kept.open(article)
    post(kept, "Here to stay.")

    kept.open(article)

    expect(kept.page.locator("comment-thread").get_by_text("Here to stay.")).to_be_visible()


def test_an_edit_shows_what_was_saved_last_and_a_deletion_that_it_is_gone(
    kept: Widget, offline: Embedded, request: pytest.FixtureRequest
) -> None:
    article = article_of(request, "edited")
    kept.open(article)
    post(kept, "Written once.")
    for text in ("Written twice.", "Written three times."):
        kept.button("Edit").click()
        kept.text.fill(text)
        kept.button("Save").click()
        expect(kept.comment("Ada Sample")).to_contain_text(text)

    kept.button("Delete").click()
    kept.page.evaluate("dispatchEvent(new Event('pagehide'))")  # nobody waits for the time to undo it

    expect(kept.comment("Ada Sample")).to_have_count(0)
    wait_until(
        lambda: offline.reader().thread(article)["count"] == 0
    )  # the page does not wait for the answer


def test_a_held_comment_that_was_approved_is_shown_as_that(context: BrowserContext, tmp_path: Path) -> None:
    with embedded(tmp_path, csp=None, MODERATION="all") as at:
        widget = with_worker(Widget(context, at), WORKERS["cache first"])
        widget.open("held")
        widget.write("Please.")
        widget.send()
        expect(widget.comment("Ada Sample")).to_contain_text("Your comment is awaiting moderation.")
        [(comment, _)] = json.loads(widget.kept()["edits"]).items()
        at.live.moderator().decide("approve", comment)

        widget.open("held")

        expect(widget.comment("Ada Sample")).to_contain_text("Please.")
        expect(widget.comment("Ada Sample")).not_to_contain_text("awaiting moderation")


def test_news_of_others_is_told_though_the_page_of_the_thread_is_an_old_one(
    kept: Widget, offline: Embedded, request: pytest.FixtureRequest
) -> None:
    article = article_of(request, "news")
    offline.reader().comment(article, "Before.", name="Ann")
    kept.page.clock.install()
    kept.open(article)
    expect(kept.comment("Ann")).to_be_visible()
    offline.reader().comment(article, "Meanwhile.", name="Bo")

    for _ in range(3):
        kept.page.clock.run_for(61_000)
    kept.button("1 new comment").click()

    expect(kept.comment("Bo")).to_be_visible()


def test_the_numbers_of_comments_are_those_of_now(
    kept: Widget, offline: Embedded, request: pytest.FixtureRequest
) -> None:
    article = article_of(request, "counted")
    page: Page = kept.page
    page.clock.install()
    page.goto(offline.site.counting(article))
    expect(page.locator("span")).to_have_text("0")
    offline.reader().comment(article)

    page.clock.run_for(61_000)
    page.goto(offline.site.counting(article))

    expect(page.locator("span")).to_have_text("1")


def test_a_token_of_another_article_is_exchanged_for_one_of_this(
    context: BrowserContext, offline: Embedded
) -> None:
    """What else keeps answers between us and the reader, by whatever name."""
    widget = Widget(context, offline)
    other = offline.reader().get("/api/v1/form", article="another").text
    handed: list[str] = []

    def hand_out(route, request):  # type: ignore[no-untyped-def]
        handed.append(request.url)
        if len(handed) > 1:
            return route.continue_()
        return route.fulfill(
            content_type="application/json", body=other, headers={"Access-Control-Allow-Origin": "*"}
        )

    widget.page.route(re.compile("/api/v1/form"), hand_out)
    widget.open("not made for this")
    post(widget, "Taken all the same.")

    assert len(handed) == len(set(handed)) == 2


@pytest.mark.soak
def test_each_request_for_a_token_is_its_own(context: BrowserContext, offline: Embedded) -> None:
    widget = Widget(context, offline).open("asked for")
    for number in range(3):
        post(widget, f"Number {number}.")
    widget.open("asked for")
    post(widget, "Another visit.")

    tokens = [url for url in widget.asked if "/api/v1/form" in url]
    assert len(set(tokens)) == len(tokens) >= 4
