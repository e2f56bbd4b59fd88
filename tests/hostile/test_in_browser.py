"""The attacks as a browser shows them, without a CSP, in each place where a comment is shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.site import stranger_site
from tests.hostile.vectors import VECTORS, Vector
from tests.hostile.watched_page import WatchedPage
from tests.people import Reader
from tests.running_service import WHOLE, Live, make_in_process, serving

pytestmark = pytest.mark.slow

BATCH = 200  # a page of a thread
BATCHES = [VECTORS[start : start + BATCH] for start in range(0, len(VECTORS), BATCH)]
PASSWORD = "a long password"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Iterator[Live]:
    """A service to which attacks were sent, the first of them in `make test`: as texts, names and websites of the same comments, where each is taken."""
    data_dir: Path = tmp_path_factory.mktemp("attacked") / "data"
    with closing(make_in_process(data_dir, template)) as service:
        service.run("user", "add", "mo@paper.example", "--role", "admin", input=PASSWORD)
        attack(service.reader(), BATCHES if WHOLE else BATCHES[:1])
    with serving(data_dir) as running:
        yield running


def attack(reader: Reader, batches: list[list[Vector]]) -> None:
    for number, batch in enumerate(batches):
        for vector in batch:
            sent = reader.submission(f"attack-{number}", vector.text, name=vector.text, url=vector.text)
            answer = reader.send(sent)
            refused = answer.json().get("errors", {}).keys()
            if refused and "text" not in refused:
                usual = {"name": reader.name, "url": ""}
                answer = reader.send(sent | {field: usual[field] for field in refused})
            assert answer.status_code == 201 or "text" in refused, answer.text


@pytest.fixture
def watched(context: BrowserContext, live: Live) -> WatchedPage:
    return WatchedPage(context, live.base_url)


ARTICLES = [f"attack-{number}" for number in range(len(BATCHES))]


@pytest.mark.sampled(9)
@pytest.mark.parametrize("article", ARTICLES)
def test_the_page_shows_them_as_text(watched: WatchedPage, live: Live, article: str) -> None:
    watched.page.goto(f"{live.base_url}/thread?article={article}&limit=200")

    listed = live.reader().thread(article, limit=200)["comments"]
    assert watched.count("article.comment") == len(listed) > 5
    assert watched.count("form.respond") == 1
    watched.assert_harmless()


@pytest.mark.sampled(9)
@pytest.mark.parametrize("article", ARTICLES)
def test_the_widget_shows_them_as_text(context: BrowserContext, live: Live, article: str) -> None:
    with stranger_site(live.base_url, csp=None) as site:
        watched = WatchedPage(context, live.base_url, site.url)
        watched.page.goto(site.page(article, page_size="200"))
        watched.page.locator("comment-thread form.respond").wait_for()

        listed = live.reader().thread(article, limit=200)["comments"]
        assert watched.count("comment-thread article.comment") == len(listed) > 5
        watched.assert_harmless()


@pytest.mark.soak
def test_the_desk_shows_them_as_text(watched: WatchedPage, live: Live) -> None:
    page = watched.page
    page.goto(f"{live.base_url}/moderation/sign-in")
    page.get_by_label("Email").fill("mo@paper.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{live.base_url}/moderation?state=approved&limit=200")
    seen = 0

    while True:
        seen += watched.count("article.queued")
        watched.assert_harmless()
        following = page.locator("a[rel=next]")
        if not following.count():
            break
        page.goto(urljoin(page.url, following.get_attribute("href")))  # a click does not wait for all of it

    reader = live.reader()
    named = [one["author"] for article in ARTICLES for one in reader.thread(article, limit=200)["comments"]]
    assert seen == len(named) > 0.9 * len(VECTORS)
    assert len({one["name"] for one in named}) > 0.8 * len(VECTORS)
    assert sum(one["url"] is not None for one in named) > 5


@pytest.mark.soak
@pytest.mark.sampled(4)
@pytest.mark.parametrize("first", range(0, 28, 7))
def test_article_ids_and_titles_are_text(browser: Browser, live: Live, first: int) -> None:
    reader, moderator = live.reader(), live.moderator()
    watched = WatchedPage(browser.new_context(), live.base_url)

    for vector in VECTORS[first::28]:
        answer = reader.get("/thread", article=vector.text)
        if answer.status_code != 200:
            assert answer.status_code == 422
            continue
        reader.post(vector.text)
        moderator.set_thread(vector.text, title=vector.text)
        watched.page.goto(str(reader.get("/thread", article=vector.text).url))
        assert watched.count("form.respond") == 1, vector.name
        watched.assert_harmless()
