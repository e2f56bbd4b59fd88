"""`commentsvc serve` on PostgreSQL, as the operator runs it."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.postgresql import Cluster
from tests.running_service import serving

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]


def test_the_first_start_makes_the_tables_and_many_posters_at_once_are_all_served(
    postgresql: Cluster, tmp_path: Path
) -> None:
    with (
        postgresql.database(template="template1") as where,
        serving(tmp_path / "data", "--workers", "2", **where) as live,
    ):
        reader = live.reader()
        submissions = [reader.submission("a", f"Number {n}.") for n in range(32)]

        with ThreadPoolExecutor(16) as pool:
            answers = Counter(answer.status_code for answer in pool.map(reader.send, submissions * 2))

        assert answers == {201: 32, 200: 32}
        assert reader.thread("a")["count"] == 32
        assert not (live.data_dir / "comments.db").exists()


@pytest.mark.soak
def test_nodes_that_share_the_database_alone_count_together(postgresql: Cluster, tmp_path: Path) -> None:
    """Of many posts of one client at both at once, as many are taken as one node would take."""
    shared = {"SECRET_KEY": "s" * 32, "ADDRESS_KEYS": f"k1:{'A' * 43}", "RATE_LIMIT_POST": "7 per hour"}
    with (
        postgresql.database() as where,
        serving(tmp_path / "one" / "data", **shared, **where) as one,
        serving(tmp_path / "two" / "data", **shared, **where) as two,
    ):
        readers = [one.reader(), two.reader()]
        submissions = [(readers[n % 2], readers[n % 2].submission("a", f"Number {n}.")) for n in range(24)]

        with ThreadPoolExecutor(12) as pool:
            answers = Counter(pool.map(lambda sent: sent[0].send(sent[1]).status_code, submissions))

        assert answers == {201: 7, 429: 17}
        assert not any((live.data_dir / "limits.db").exists() for live in (one, two))
