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


@pytest.mark.parametrize("redis", [{}, {"REDIS_URL": "redis://127.0.0.1:1/0"}], ids=["without", "with"])
def test_a_node_says_at_its_start_if_it_counts_alone(
    postgresql: Cluster, tmp_path: Path, redis: dict[str, str]
) -> None:
    with (
        postgresql.database() as where,
        serving(tmp_path / "data", "--workers", "2", **where, **redis) as live,
    ):
        said = live.log.read_text()

    assert said.count("limits are counted by each node alone") == (0 if redis else 1)
