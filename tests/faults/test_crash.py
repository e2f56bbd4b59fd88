"""A crash in the middle of posting: what was answered is there, and a resend makes nothing twice."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.people import Reader
from tests.running_service import Live, serving

pytestmark = pytest.mark.slow
WRITERS = 8
Submission = dict[str, Any]


def write_until_it_falls(
    live: Live, writer: int, enough: threading.Event
) -> tuple[list[Submission], list[Submission]]:
    """Post one after the other until nobody answers; give what was acknowledged, and what was not."""
    reader = live.reader(name=f"Writer {writer}", email=f"writer-{writer}@paper.example")
    acknowledged: list[Submission] = []
    for number in range(10_000):
        try:
            submission = reader.submission(f"article {number % 3}", f"{writer}-{number}")
        except httpx.TransportError:
            return acknowledged, []
        try:
            answer = reader.send(submission)
        except httpx.TransportError:
            return acknowledged, [submission]
        if answer.status_code != 201:
            return acknowledged, [submission]
        acknowledged.append(submission)
        if number == 15:
            enough.set()
    raise AssertionError("it never fell")


def all_texts(reader: Reader) -> Counter[str]:
    texts: Counter[str] = Counter()
    for article in ("article 0", "article 1", "article 2"):
        cursor: dict[str, str] = {}
        while True:
            page = reader.thread(article, limit=200, **cursor)
            texts.update(c["html"].removeprefix("<p>").removesuffix("</p>") for c in page["comments"])
            if page["next"] is None:
                break
            cursor = {"cursor": page["next"]}
    return texts


def test_each_comment_is_there_exactly_once_after_all_processes_were_killed(tmp_path: Path) -> None:
    enough = threading.Event()
    with serving(tmp_path / "data", "--workers", "4") as live, ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(write_until_it_falls, live, n, enough) for n in range(WRITERS)]
        assert enough.wait(60)
        live.kill()
        results = [writer.result(60) for writer in writers]
    acknowledged = [submission for taken, _ in results for submission in taken]
    in_doubt = [submission for _, lost in results for submission in lost]
    assert len(acknowledged) > 30

    with serving(tmp_path / "data", "--workers", "4") as again:
        reader = again.reader()
        kept = all_texts(reader)
        assert set(kept.values()) == {1}
        assert {submission["text"] for submission in acknowledged} <= set(kept)

        for submission in acknowledged[:20] + in_doubt:
            expected = 200 if submission["text"] in kept else 201
            assert reader.send(submission).status_code == expected
            assert reader.send(submission).status_code == 200

        whole = {submission["text"] for submission in acknowledged + in_doubt}
        assert all_texts(reader) == dict.fromkeys(whole, 1)
        assert sum(reader.thread(f"article {n}")["count"] for n in range(3)) == len(whole)


@pytest.mark.soak
def test_the_same_post_sent_by_ten_at_once_makes_one_comment(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--workers", "4") as live:
        submission = live.reader().submission("a", "Once.")

        with ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(lambda _: live.reader().send(submission), range(10)))

        assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 9}
        assert len({answer.content for answer in answers}) == 1
        assert live.reader().texts("a") == ["Once."]
