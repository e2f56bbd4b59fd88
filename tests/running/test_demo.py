"""`commentsvc demo`: a newspaper to try the service with, the same at each start."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from tests.moderating.desk import Desk, shown
from tests.running_service import Live, serving

pytestmark = pytest.mark.slow
ARTICLES = r'href="(/demo/[^"#]+)"'


def printed(live: Live) -> tuple[str, str]:
    """The address and the password that it shows at its start."""
    found = re.search(r"Email: (\S+@\S+)\n\s+Password: (\S+)\n", live.log.read_text())
    assert found is not None, live.log.read_text()
    return found[1], found[2]


@pytest.mark.alone
@pytest.mark.soak
def test_it_is_ready_in_seconds(tmp_path: Path) -> None:
    began = time.monotonic()
    with serving(tmp_path / "data", command="demo"):
        assert time.monotonic() - began < 20  # a few seconds, on a machine that has nothing else to do


@pytest.mark.soak
def test_it_is_the_same_at_the_next_start(tmp_path: Path) -> None:
    with serving(tmp_path / "data", command="demo") as live:
        first = printed(live)
        reader = live.reader()
        front = reader.get("/demo/").text
        pages = sorted(set(re.findall(ARTICLES, front)) - {"/demo/demo.css"})
        assert len(pages) == 3
        assert all("<comment-thread" in reader.get(page).text for page in pages)
        article = re.search(r'<comment-thread[^>]* article="([^"]+)"', reader.get(pages[0]).text)
        assert article is not None
        count = reader.thread(article[1])["count"]
        reader.comment(article[1], "I was here.")
        desk = Desk(live.reader().http, *first)
        assert desk.sign_in().status_code == 303
        assert shown(desk.queue())

    with serving(tmp_path / "data", command="demo") as again:
        assert printed(again) == first
        assert again.reader().thread(article[1])["count"] == count + 1
        assert "I was here." in str(again.reader().thread(article[1]))
