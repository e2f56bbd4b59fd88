"""64 people post at the same moment, on one thread and on many: each is answered, and each comment stands once."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.databases import NewDatabase, on_both
from tests.running_service import Live, serving

__all__ = ["on_both"]
pytestmark = pytest.mark.slow

POSTERS, EACH = 64, 2


@pytest.fixture(scope="module")
def live(database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    data = tmp_path_factory.mktemp("posters") / "data"
    with database() as where, serving(data, "--workers", "2", **where) as running:
        yield running


@pytest.mark.soak
@pytest.mark.slow_on_postgresql
@pytest.mark.sampled(2)  # on one thread, where they meet
@pytest.mark.parametrize("articles", [1, POSTERS])
def test_all_who_post_at_once_are_taken_once(live: Live, articles: int) -> None:
    begin = threading.Barrier(POSTERS)

    def post(number: int) -> list[int]:
        reader, article = live.reader(), f"of-{articles}-{number % articles}"
        sent = [reader.submission(article, f"Poster {number}, text {text}.") for text in range(EACH)]
        begin.wait(60)
        return [reader.send(submission).status_code for submission in sent]

    with ThreadPoolExecutor(POSTERS) as pool:
        statuses = [status for of_one in pool.map(post, range(POSTERS)) for status in of_one]

    assert Counter(statuses) == {201: POSTERS * EACH}
    texts = Counter(
        text for number in range(articles) for text in everything(live, f"of-{articles}-{number}")
    )
    assert set(texts.values()) == {1}
    assert len(texts) == POSTERS * EACH
    assert "locked" not in live.log.read_text()


def everything(live: Live, article: str) -> list[str]:
    """The texts of a whole thread, page after page; its count must be their number."""
    reader, found, cursor = live.reader(), [], {}
    while True:
        page = reader.thread(article, limit=200, **cursor)
        found += [comment["html"] for comment in page["comments"]]
        if page["next"] is None:
            assert page["count"] == len(found)
            return found
        cursor = {"cursor": page["next"]}


@pytest.mark.slow_on_postgresql
def test_the_log_names_no_error(live: Live) -> None:
    lines = [json.loads(line) for line in live.log.read_text().splitlines() if line.startswith("{")]

    assert not [line for line in lines if line["level"] == "error"]
